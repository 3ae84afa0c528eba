//! The blob store, written: a new content is compressed against one like it.
//!
//! What is put is durable after [`BlobWriter::commit`], and only then may an event name it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::base::{self, Place};
use super::blobs::{BlobError, Contents, KIND, NODE_COLUMNS, Node, ReadError, read_node};
use super::delta;
use super::sqlite::{self, Durability};
use crate::model::{BlobId, StreamId};

/// The level on arrival: what it takes is less than what the rest of an import takes.
const LEVEL: i32 = 6;
/// How many of a document's latest contents may be a base.
const CANDIDATES: u32 = 64;
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
    pub(super) contents: Contents,
    /// The row of the content that was put last in each series, new or not.
    latest: HashMap<i64, i64>,
}

/// A content, compressed, and where it hangs.
pub(super) struct Compressed {
    pub(super) place: Place,
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
        let row = match self.row_of(blob)? {
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
        let alone = Compressed {
            place: Place::ROOT,
            frame: compress(blob, content, None, LEVEL)?,
            level: LEVEL,
        };
        match self.row_of(blob)? {
            Some(row) => self.replace(row, content, &alone),
            None => self.insert(blob, content, series, &alone).map(|_| ()),
        }
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
                self.contents.forget();
                self.latest.clear();
                return Err(self.sql(source));
            }
        }
        Ok(())
    }

    /// Stores a content that isn't there yet, and returns its row.
    fn add(&mut self, blob: BlobId, content: &[u8], series: Option<i64>) -> Result<i64, BlobError> {
        let compressed = self.compress(blob, content, series)?;
        let row = self.insert(blob, content, series, &compressed)?;
        if series.is_some() {
            self.contents.keep(row, Arc::new(content.to_vec()));
        }
        Ok(row)
    }

    fn insert(
        &self,
        blob: BlobId,
        content: &[u8],
        series: Option<i64>,
        compressed: &Compressed,
    ) -> Result<i64, BlobError> {
        let Compressed {
            place,
            frame,
            level,
        } = compressed;
        self.connection
            .prepare_cached(
                "INSERT INTO blob (digest, series, size_bytes, base, tier, steps, level, frame)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    blob.as_bytes(),
                    series,
                    content.len() as u64,
                    place.base,
                    place.tier,
                    place.steps,
                    level,
                    frame
                ])
            })
            .map_err(|source| self.sql(source))?;
        Ok(self.connection.last_insert_rowid())
    }

    pub(super) fn replace(
        &self,
        row: i64,
        content: &[u8],
        compressed: &Compressed,
    ) -> Result<(), BlobError> {
        let Compressed {
            place,
            frame,
            level,
        } = compressed;
        self.connection
            .prepare_cached(
                "UPDATE blob SET size_bytes = ?2, base = ?3, tier = ?4, steps = ?5, level = ?6, frame = ?7
                 WHERE id = ?1",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    row,
                    content.len() as u64,
                    place.base,
                    place.tier,
                    place.steps,
                    level,
                    frame
                ])
            })
            .map_err(|source| self.sql(source))
            .map(|_| ())
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

    /// Compresses a content against the best of the bases that it might have.
    fn compress(
        &self,
        blob: BlobId,
        content: &[u8],
        series: Option<i64>,
    ) -> Result<Compressed, BlobError> {
        let bases = self.candidates(content.len() as u64, series)?;
        match self.best_of(blob, content, bases, content.len() / GOOD_RATIO)? {
            Some(best) => Ok(best),
            None => Ok(Compressed {
                place: Place::ROOT,
                frame: compress(blob, content, None, LEVEL)?,
                level: LEVEL,
            }),
        }
    }

    /// Compresses a content against each of these bases, until a frame is shorter than `good` bytes, and returns the
    /// shortest frame; none where no base can be read.
    pub(super) fn best_of(
        &self,
        blob: BlobId,
        content: &[u8],
        bases: impl IntoIterator<Item = Node>,
        good: usize,
    ) -> Result<Option<Compressed>, BlobError> {
        let mut best: Option<Compressed> = None;
        for wanted in bases {
            let place = base::place(wanted, content.len() as u64, |row| self.node(row))?;
            let Some(base) = self.base_content(place)? else {
                continue;
            };
            let frame = compress(blob, content, Some(&base), LEVEL)?;
            if best
                .as_ref()
                .is_none_or(|best| frame.len() < best.frame.len())
            {
                best = Some(Compressed {
                    place,
                    frame,
                    level: LEVEL,
                });
            }
            if best.as_ref().is_some_and(|best| best.frame.len() < good) {
                break;
            }
        }
        Ok(best)
    }

    /// The bases worth trying: the content before, and of the latest ones the nearest in length, since a page that
    /// changes and changes back has the length of what it was.
    fn candidates(&self, size_bytes: u64, series: Option<i64>) -> Result<Vec<Node>, BlobError> {
        let Some(series) = series else {
            return Ok(Vec::new());
        };
        let recent = self.before(series, i64::MAX)?;
        let before = match self.latest.get(&series) {
            Some(row) => Some(self.node(*row)?).filter(|node| node.size_bytes <= MAX_BASE_BYTES),
            None => recent.first().copied(),
        };
        let distance = |node: &Node| node.size_bytes.abs_diff(size_bytes);
        let nearest = recent
            .into_iter()
            .min_by_key(distance)
            .filter(|nearest| before.is_none_or(|before| distance(nearest) < distance(&before)));
        Ok(before.into_iter().chain(nearest).collect())
    }

    /// The latest blobs of a series before a row that may be bases, the last first.
    pub(super) fn before(&self, series: i64, row: i64) -> Result<Vec<Node>, BlobError> {
        self.connection
            .prepare_cached(&format!(
                "SELECT {NODE_COLUMNS} FROM blob WHERE series = ?1 AND id < ?2 AND size_bytes <= {MAX_BASE_BYTES}
                 ORDER BY id DESC LIMIT {CANDIDATES}"
            ))
            .and_then(|mut statement| statement.query_map([series, row], read_node)?.collect())
            .map_err(|source| self.sql(source))
    }

    /// The content of a place's base; none where it isn't what its name stands for, which is for `verify` to tell: what
    /// were compressed against it could not be read any more once it is repaired.
    pub(super) fn base_content(&self, place: Place) -> Result<Option<Arc<Vec<u8>>>, BlobError> {
        let Some(row) = place.base else {
            return Ok(None);
        };
        let content = match self.contents.read(&self.connection, row) {
            Ok(content) => content,
            Err(ReadError::Damaged(_)) => return Ok(None),
            Err(ReadError::Sqlite(source)) => return Err(self.sql(source)),
        };
        let digest: [u8; 32] = self
            .connection
            .prepare_cached("SELECT digest FROM blob WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([row], |row| row.get(0)))
            .map_err(|source| self.sql(source))?;
        Ok((BlobId::of(&content) == BlobId(digest)).then_some(content))
    }

    pub(super) fn node(&self, row: i64) -> Result<Node, BlobError> {
        self.connection
            .prepare_cached(&format!("SELECT {NODE_COLUMNS} FROM blob WHERE id = ?1"))
            .and_then(|mut statement| statement.query_row([row], read_node))
            .map_err(|source| self.sql(source))
    }

    fn row_of(&self, blob: BlobId) -> Result<Option<i64>, BlobError> {
        self.connection
            .prepare_cached("SELECT id FROM blob WHERE digest = ?1")
            .and_then(|mut statement| {
                statement
                    .query_row([blob.as_bytes()], |row| row.get(0))
                    .optional()
            })
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

    pub(super) fn sql(&self, source: rusqlite::Error) -> BlobError {
        sqlite::sqlite_error(&self.path, source).into()
    }
}

pub(super) fn compress(
    blob: BlobId,
    content: &[u8],
    base: Option<&[u8]>,
    level: i32,
) -> Result<Vec<u8>, BlobError> {
    delta::compress(content, base, level).map_err(|reason| BlobError::Compress { blob, reason })
}
