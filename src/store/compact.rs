//! Compaction: what was compressed in haste on arrival is compressed anew, with more bases tried and at a high level.
//!
//! A row's content is what others build on, and it stays; so each row can be done by itself, in any state of the others,
//! while readers read. What was done is marked by its level: a compaction that was stopped goes on where it was.

use std::path::Path;

use super::blob_writer::{BlobWriter, CANDIDATES, Compressed, MAX_BASE_BYTES, compress, shorter};
use super::blobs::{BlobError, NODE_COLUMNS, Node, read_node, stored_bytes};
use super::log::{self, LogError};
use super::similar::{Similar, passages};
use super::sqlite::{self, Durability, sqlite_error};

/// The level of what is compacted.
const LEVEL: i32 = 22;
/// How many bases of the same document are tried.
const TRIED: usize = 6;
/// How many more where these give a frame that is not [`GOOD_RATIO`] times smaller than its content.
const TRIED_IF_BAD: usize = 16;
const GOOD_RATIO: usize = 100;
/// How many blobs of other documents are tried for what the document's own compress badly.
const TRIED_ELSEWHERE: usize = 6;
/// A frame less than so many times smaller than its content is one that compressed badly.
const BAD_RATIO: usize = 12;
/// A transaction ends at so many bytes of contents.
const BATCH_BYTES: u64 = 16 << 20;

/// What a compaction did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Blobs compressed anew.
    pub blobs: u64,
    /// Blobs left as they are because they are damaged.
    pub damaged: u64,
    /// The length of all frames before, in bytes.
    pub frame_bytes_before: u64,
    /// The length of all frames after.
    pub frame_bytes_after: u64,
    /// The length of the file before.
    pub file_bytes_before: u64,
    /// The length of the file after.
    pub file_bytes_after: u64,
}

/// A row that is to be compressed anew.
struct Todo {
    node: Node,
    series: Option<i64>,
    frame_bytes: u64,
}

impl BlobWriter {
    /// Compresses anew what has not been since it came; `progress` gets the blobs done and their number.
    ///
    /// # Errors
    /// [`BlobError::Sqlite`], [`BlobError::Compress`]; what was done until then stays.
    pub fn compact(&mut self, mut progress: impl FnMut(u64, u64)) -> Result<Compacted, BlobError> {
        let todo = self.todo()?;
        let mut compacted = Compacted {
            frame_bytes_before: self.frame_bytes()?,
            file_bytes_before: self.file_bytes()?,
            ..Compacted::default()
        };
        let mut batch = 0;
        let mut similar = Similar::default();
        for (done, todo_row) in todo.iter().enumerate() {
            self.begin()?;
            match self.compact_row(todo_row, &mut similar)? {
                Some(size_bytes) => {
                    compacted.blobs += 1;
                    batch += size_bytes;
                }
                None => compacted.damaged += 1,
            }
            if batch >= BATCH_BYTES {
                self.commit()?;
                batch = 0;
            }
            progress(done as u64 + 1, todo.len() as u64);
        }
        self.commit()?;
        if compacted.blobs > 0 {
            // Where someone still reads, the write-ahead log is emptied later.
            sqlite::write_anew(&self.connection).map_err(|source| self.sql(source))?;
        }
        compacted.frame_bytes_after = self.frame_bytes()?;
        compacted.file_bytes_after = self.file_bytes()?;
        Ok(compacted)
    }

    /// Compresses one row anew and returns the length of its content; none where it can't be read.
    fn compact_row(&self, todo: &Todo, similar: &mut Similar) -> Result<Option<u64>, BlobError> {
        let Todo { node, .. } = todo;
        let Some(content) = self.content(node.id, node.blob)? else {
            return Ok(None);
        };
        let best_of = |bases: &[Node]| self.best_of(node.blob, &content, bases.iter().copied());
        let bases = self.bases(todo)?;
        let (near, far) = bases.split_at(TRIED.min(bases.len()));
        let mut best = best_of(near)?;
        if best
            .as_ref()
            .is_some_and(|best| best.frame.len() > content.len() / GOOD_RATIO)
        {
            best = shorter(best, best_of(far)?);
        }
        let is_bad = |best: &Compressed| best.frame.len() > content.len() / BAD_RATIO;
        if best.as_ref().is_none_or(is_bad) {
            let passages = passages(&content);
            let bases = self.elsewhere(&similar.before(node.id, &passages, TRIED_ELSEWHERE))?;
            best = shorter(best, best_of(&bases)?);
            similar.add(node.id, &passages);
        }
        let place = best.map_or(node.place, |best| best.place);
        let base = self.base_content(place)?;
        let frame = compress(
            node.blob,
            &content,
            base.as_ref().map(|base| base.as_slice()),
            LEVEL,
        )?;
        if (frame.len() as u64) < todo.frame_bytes && (place.base.is_none() || base.is_some()) {
            let compressed = Compressed {
                place,
                frame,
                level: LEVEL,
            };
            self.store(node.blob, &content, todo.series, &compressed)?;
        } else {
            self.execute("UPDATE blob SET level = ?2 WHERE id = ?1", (node.id, LEVEL))?;
        }
        Ok(Some(content.len() as u64))
    }

    /// The bases worth trying for a row, the likeliest first: the content before, the base that it has, then those
    /// nearest in length.
    fn bases(&self, Todo { node, series, .. }: &Todo) -> Result<Vec<Node>, BlobError> {
        let Some(series) = *series else {
            return Ok(Vec::new());
        };
        let recent = self.before(series, node.id, CANDIDATES)?;
        let mut bases: Vec<Node> = recent.first().copied().into_iter().collect();
        if let Some(base) = node.place.base {
            bases.push(self.node(base)?);
        }
        let mut near = recent;
        near.retain(|one| bases.iter().all(|base| base.id != one.id));
        near.sort_by_key(|other| other.size_bytes.abs_diff(node.size_bytes));
        bases.extend(near.into_iter().take(TRIED_IF_BAD));
        Ok(bases)
    }

    /// Those of these rows that may be bases.
    fn elsewhere(&self, rows: &[i64]) -> Result<Vec<Node>, BlobError> {
        let mut bases = Vec::new();
        for base in rows {
            let node = self.node(*base)?;
            if node.size_bytes <= MAX_BASE_BYTES {
                bases.push(node);
            }
        }
        Ok(bases)
    }

    /// The rows to do, one series after another, which is how their bases are at hand.
    fn todo(&self) -> Result<Vec<Todo>, BlobError> {
        self.connection
            .prepare(&format!(
                "SELECT {NODE_COLUMNS}, series, length(frame) FROM blob WHERE level < ?1 ORDER BY series, id"
            ))
            .and_then(|mut statement| {
                statement
                    .query_map([LEVEL], |row| {
                        Ok(Todo {
                            node: read_node(row)?,
                            series: row.get("series")?,
                            frame_bytes: row.get("length(frame)")?,
                        })
                    })?
                    .collect()
            })
            .map_err(|source| self.sql(source))
    }

    fn frame_bytes(&self) -> Result<u64, BlobError> {
        stored_bytes(&self.connection).map_err(|source| self.sql(source))
    }

    fn file_bytes(&self) -> Result<u64, BlobError> {
        sqlite::file_bytes(&self.connection).map_err(|source| self.sql(source))
    }
}

/// Gives back what is free in the file of a log, and returns its length in bytes before and after. The caller holds the
/// archive's lock.
///
/// # Errors
/// [`LogError::Sqlite`].
pub fn compact_log(path: &Path) -> Result<(u64, u64), LogError> {
    let connection = sqlite::open_writable(path, &log::KIND, Durability::Full, false)?;
    let compact = || {
        let before = sqlite::file_bytes(&connection)?;
        if connection.pragma_query_value(None, "freelist_count", |row| row.get::<_, u64>(0))? > 0 {
            // Where someone still reads, the write-ahead log is emptied later.
            sqlite::write_anew(&connection)?;
        }
        Ok((before, sqlite::file_bytes(&connection)?))
    };
    compact().map_err(|source| sqlite_error(path, source).into())
}
