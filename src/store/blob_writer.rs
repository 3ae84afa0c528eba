//! The blob store, written: a new content is compressed against one like it.
//!
//! What is put is durable after [`BlobWriter::commit`], and only then may an event name it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Params, params};

use super::base::{self, Place};
use super::blobs::{BlobError, KIND, NODE_COLUMNS, Node, read_node, row_of};
use super::contents::{self, Contents, ReadError};
use super::delta;
use super::sqlite::{self, Durability};
use crate::model::{BlobId, StreamId};

/// The level on arrival: what it takes is less than what the rest of an import takes.
pub(super) const ARRIVAL_LEVEL: i32 = 6;
/// How many of a document's latest contents may be a base.
pub(super) const CANDIDATES: u32 = 64;
/// The largest base.
pub(super) const MAX_BASE_BYTES: u64 = 1 << 24;
/// A frame this many times smaller than its content is good enough: no other base is tried.
const GOOD_RATIO: usize = 64;

/// Adds blobs, in one transaction between two commits.
#[derive(Debug)]
pub struct BlobWriter {
    pub(super) path: PathBuf,
    pub(super) connection: Connection,
    in_transaction: bool,
    contents: Contents,
    /// The row of the content that was put last in each series, new or not.
    latest: HashMap<i64, i64>,
}

/// A content, compressed, and where it hangs.
pub(super) struct Compressed {
    pub(super) place: Place,
    /// Its bases, where it has several.
    pub(super) joint: Vec<i64>,
    pub(super) frame: Vec<u8>,
    /// The level that made the frame.
    pub(super) level: i32,
}

impl BlobWriter {
    /// Opens the store for writing, or makes it.
    ///
    /// # Errors
    /// [`BlobError::Sqlite`].
    pub fn open(path: &Path, create: bool) -> Result<Self, BlobError> {
        Ok(Self {
            path: path.to_owned(),
            connection: sqlite::open_writable(path, &KIND, Durability::Full, create)?,
            in_transaction: false,
            contents: Contents::default(),
            latest: HashMap::new(),
        })
    }

    /// Stores a content under the name `blob`, which the caller has computed from it; nothing happens if it is there.
    ///
    /// `document` is the stream of the document that it is a text of: its neighbours compress it better.
    ///
    /// # Errors
    /// [`BlobError::Compress`], [`BlobError::Sqlite`].
    pub fn put(
        &mut self,
        blob: BlobId,
        content: &[u8],
        document: Option<StreamId>,
    ) -> Result<(), BlobError> {
        self.begin()?;
        let series = document.map(|stream| self.series(stream)).transpose()?;
        let row = match row_of(&self.connection, blob).map_err(|source| self.sql(source))? {
            Some(row) => row,
            None => self.add(blob, content, series)?,
        };
        if let Some(series) = series {
            self.latest.insert(series, row);
        }
        Ok(())
    }

    /// Stores a content whose blob is lost or damaged, whatever is there under its name.
    ///
    /// It stands alone then: what it built on may be damaged as well, and what builds on it finds it where it was.
    ///
    /// # Errors
    /// [`BlobError::Compress`], [`BlobError::Sqlite`].
    pub fn restore(
        &mut self,
        blob: BlobId,
        content: &[u8],
        document: Option<StreamId>,
    ) -> Result<(), BlobError> {
        self.begin()?;
        self.contents.forget();
        let series = document.map(|stream| self.series(stream)).transpose()?;
        self.store(blob, content, series, &alone(blob, content)?)
            .map(|_| ())
    }

    /// Makes everything put so far durable.
    ///
    /// # Errors
    /// [`BlobError::Sqlite`]; what was put since the last commit is then not stored.
    pub fn commit(&mut self) -> Result<(), BlobError> {
        if self.in_transaction {
            self.in_transaction = false;
            if let Err(source) = self.connection.execute_batch("COMMIT") {
                // The rows of what is not stored will be given to others.
                self.forget();
                return Err(self.sql(source));
            }
        }
        Ok(())
    }

    /// Forgets what is known of rows.
    pub(super) fn forget(&mut self) {
        self.contents.forget();
        self.latest.clear();
    }

    /// Stores a content that isn't there yet, and returns its row.
    fn add(&mut self, blob: BlobId, content: &[u8], series: Option<i64>) -> Result<i64, BlobError> {
        let compressed = self.compress(blob, content, series)?;
        let row = self.store(blob, content, series, &compressed)?;
        if series.is_some() {
            self.contents.keep(row, Arc::new(content.to_vec()));
        }
        Ok(row)
    }

    /// Stores a content as it is compressed, in place of how it was if it is there, and returns its row.
    pub(super) fn store(
        &self,
        blob: BlobId,
        content: &[u8],
        series: Option<i64>,
        compressed: &Compressed,
    ) -> Result<i64, BlobError> {
        let Compressed {
            place,
            joint,
            frame,
            level,
        } = compressed;
        let row = self
            .connection
            .prepare_cached(
                "INSERT INTO blob (digest, series, size_bytes, base, tier, steps, level, frame)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (digest) DO UPDATE SET
                     size_bytes = excluded.size_bytes, base = excluded.base, tier = excluded.tier,
                     steps = excluded.steps, level = excluded.level, frame = excluded.frame
                 RETURNING id",
            )
            .and_then(|mut statement| {
                let row = params![
                    blob.as_bytes(),
                    series,
                    content.len() as u64,
                    place.base,
                    place.tier,
                    place.steps,
                    level,
                    frame
                ];
                statement.query_row(row, |row| row.get(0))
            })
            .map_err(|source| self.sql(source))?;
        self.execute("DELETE FROM joint_base WHERE blob = ?1", [row])?;
        for (place, base) in joint.iter().enumerate() {
            let sql = "INSERT INTO joint_base (blob, place, base) VALUES (?1, ?2, ?3)";
            self.execute(sql, (row, place as u64, base))?;
        }
        Ok(row)
    }

    pub(super) fn begin(&mut self) -> Result<(), BlobError> {
        if !self.in_transaction {
            self.connection
                .execute_batch("BEGIN IMMEDIATE")
                .map_err(|source| self.sql(source))?;
            self.in_transaction = true;
        }
        Ok(())
    }

    /// Compresses a content against the content before, and where that gives little, also against the one of the latest
    /// that is the nearest in length, since a page that changes and changes back has the length of what it was.
    fn compress(
        &self,
        blob: BlobId,
        content: &[u8],
        series: Option<i64>,
    ) -> Result<Compressed, BlobError> {
        let mut best = None;
        if let Some(series) = series {
            let before = self.latest_of(series)?;
            best = self.best_of(blob, content, before)?;
            let is_good = |best: &Compressed| best.frame.len() < content.len() / GOOD_RATIO;
            if !best.as_ref().is_some_and(is_good) {
                let nearest = self.nearest(series, content.len() as u64, before)?;
                best = shorter(best, self.best_of(blob, content, nearest)?);
            }
        }
        match best {
            Some(best) => Ok(best),
            None => alone(blob, content),
        }
    }

    /// Compresses a content against each of these bases, and returns the shortest frame; none where no base can be read.
    pub(super) fn best_of(
        &self,
        blob: BlobId,
        content: &[u8],
        bases: impl IntoIterator<Item = Node>,
    ) -> Result<Option<Compressed>, BlobError> {
        let mut best = None;
        for wanted in bases {
            let place = base::place(wanted, content.len() as u64, |row| self.node(row))?;
            let Some(base) = self.base_content(place)? else {
                continue;
            };
            let one = Compressed {
                place,
                joint: Vec::new(),
                frame: compress(blob, content, Some(&base), ARRIVAL_LEVEL)?,
                level: ARRIVAL_LEVEL,
            };
            best = shorter(best, Some(one));
        }
        Ok(best)
    }

    /// The content that was put last in a series, if it may be a base.
    fn latest_of(&self, series: i64) -> Result<Option<Node>, BlobError> {
        match self.latest.get(&series) {
            Some(row) => {
                Ok(Some(self.node(*row)?).filter(|node| node.size_bytes <= MAX_BASE_BYTES))
            }
            None => Ok(self.before(series, i64::MAX, 1)?.pop()),
        }
    }

    /// Of the latest contents of a series, the one nearest in length, if it is nearer than `before`.
    fn nearest(
        &self,
        series: i64,
        size_bytes: u64,
        before: Option<Node>,
    ) -> Result<Option<Node>, BlobError> {
        let distance = |node: &Node| node.size_bytes.abs_diff(size_bytes);
        let nearest = self
            .before(series, i64::MAX, CANDIDATES)?
            .into_iter()
            .min_by_key(distance);
        Ok(nearest
            .filter(|nearest| before.is_none_or(|before| distance(nearest) < distance(&before))))
    }

    /// The latest blobs of a series before a row that may be bases, at most so many, the last first.
    pub(super) fn before(&self, series: i64, row: i64, most: u32) -> Result<Vec<Node>, BlobError> {
        self.connection
            .prepare_cached(&format!(
                "SELECT {NODE_COLUMNS} FROM blob WHERE series = ?1 AND id < ?2 AND size_bytes <= {MAX_BASE_BYTES}
                 ORDER BY id DESC LIMIT ?3"
            ))
            .and_then(|mut statement| statement.query_map((series, row, most), read_node)?.collect())
            .map_err(|source| self.sql(source))
    }

    /// The content of a place's base; none where it isn't what its name stands for, which is for `verify` to tell: what
    /// were compressed against it could not be read any more once it is repaired.
    pub(super) fn base_content(&self, place: Place) -> Result<Option<Arc<Vec<u8>>>, BlobError> {
        let Some(row) = place.base else {
            return Ok(None);
        };
        let blob = self.node(row)?.blob;
        self.content(row, blob)
    }

    /// The content of a row; none where it isn't what its name stands for.
    pub(super) fn content(
        &self,
        row: i64,
        blob: BlobId,
    ) -> Result<Option<Arc<Vec<u8>>>, BlobError> {
        match self.contents.read(&self.connection, row, blob) {
            Ok(content) => Ok(Some(content)),
            Err(ReadError::Damaged(_)) => Ok(None),
            Err(ReadError::Sqlite(source)) => Err(self.sql(source)),
        }
    }

    /// All bases of a blob, in the order of their contents in the prefix.
    pub(super) fn bases_of(&self, node: Node) -> Result<Vec<i64>, BlobError> {
        contents::bases(&self.connection, node.id, node.place.base)
            .map_err(|source| self.sql(source))
    }

    pub(super) fn node(&self, row: i64) -> Result<Node, BlobError> {
        self.connection
            .prepare_cached(&format!("SELECT {NODE_COLUMNS} FROM blob WHERE id = ?1"))
            .and_then(|mut statement| statement.query_row([row], read_node))
            .map_err(|source| self.sql(source))
    }

    /// The series of a document, made where it is new.
    fn series(&self, stream: StreamId) -> Result<i64, BlobError> {
        let find = || {
            let found = self
                .connection
                .prepare_cached("SELECT series FROM series WHERE stream = ?1")?
                .query_row([stream.as_bytes()], |row| row.get(0))
                .optional()?;
            if let Some(series) = found {
                return Ok(series);
            }
            self.connection
                .prepare_cached("INSERT INTO series (stream) VALUES (?1)")?
                .execute([stream.as_bytes()])?;
            Ok(self.connection.last_insert_rowid())
        };
        find().map_err(|source| self.sql(source))
    }

    pub(super) fn execute(
        &self,
        statement: &str,
        parameters: impl Params,
    ) -> Result<(), BlobError> {
        self.connection
            .prepare_cached(statement)
            .and_then(|mut statement| statement.execute(parameters))
            .map_err(|source| self.sql(source))
            .map(|_| ())
    }

    pub(super) fn sql(&self, source: rusqlite::Error) -> BlobError {
        sqlite::sqlite_error(&self.path, source).into()
    }
}

/// The shorter of two frames.
pub(super) fn shorter(one: Option<Compressed>, other: Option<Compressed>) -> Option<Compressed> {
    one.into_iter()
        .chain(other)
        .min_by_key(|compressed| compressed.frame.len())
}

/// A content that stands alone.
pub(super) fn alone(blob: BlobId, content: &[u8]) -> Result<Compressed, BlobError> {
    Ok(Compressed {
        place: Place::ROOT,
        joint: Vec::new(),
        frame: compress(blob, content, None, ARRIVAL_LEVEL)?,
        level: ARRIVAL_LEVEL,
    })
}

pub(super) fn compress(
    blob: BlobId,
    content: &[u8],
    base: Option<&[u8]>,
    level: i32,
) -> Result<Vec<u8>, BlobError> {
    delta::compress(content, base, level).map_err(|reason| BlobError::Compress { blob, reason })
}

/// Brings a store of the format before to this program's, and leaves any other as it is. The caller holds the archive's
/// lock.
///
/// # Errors
/// [`BlobError::Sqlite`]; the store then stays as it was.
pub fn migrate_blobs(path: &Path) -> Result<(), BlobError> {
    let statements = include_str!("../../schema/blobs/0003_joint_bases.sql");
    sqlite::migrate(path, &KIND, 2, |transaction| {
        let run = transaction.execute_batch(statements);
        run.map_err(|source| sqlite::sqlite_error(path, source).into())
    })
}
