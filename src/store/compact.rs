//! Compaction: what was compressed in haste on arrival is compressed anew, with more bases tried and at a high level.
//!
//! A row's content is what others build on, and it stays; so each row can be done by itself, in any state of the others,
//! while readers read. What was done is marked by its level: a compaction that was stopped goes on where it was.

use std::path::Path;

use super::base::Place;
use super::base_search::{BaseSearch, Ways};
use super::blob_writer::{BlobWriter, CANDIDATES, Compressed, MAX_BASE_BYTES, compress};
use super::blobs::{BlobError, COMPACT_LEVEL, NODE_COLUMNS, Node, read_node, stored_bytes};
use super::log::{self, LogError};
use super::similar::{self, Similar, passages};
use super::sqlite::{self, Durability, sqlite_error};

/// How many contents of the same document are tried for being near in length.
const TRIED: usize = 8;
/// How many blobs of other documents are tried for what the document's own compress badly.
const TRIED_ELSEWHERE: usize = 6;
/// How many are tried beside the best.
const TRIED_BESIDE: usize = 4;
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
        let mut ways = Ways::default();
        let mut similar = if todo.is_empty() {
            Similar::default()
        } else {
            self.similar()?
        };
        for (done, todo_row) in todo.iter().enumerate() {
            self.begin()?;
            match self.compact_row(todo_row, &mut ways, &mut similar)? {
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
    fn compact_row(
        &self,
        todo: &Todo,
        ways: &mut Ways,
        similar: &mut Similar,
    ) -> Result<Option<u64>, BlobError> {
        let Todo { node, .. } = todo;
        let Some(content) = self.content(node.id, node.blob)? else {
            return Ok(None);
        };
        let mut search = BaseSearch::new(self, ways, node.blob, &content);
        for base in self.bases(todo)? {
            search.try_base(base)?;
        }
        if search.is_bad(BAD_RATIO) {
            self.search_elsewhere(&mut search, node.id, &passages(&content), similar)?;
        }
        let (bases, prefix) = match search.best() {
            Some(best) => (best.bases, Some(best.prefix)),
            None => (Vec::new(), None),
        };
        let prefix = prefix.as_ref().map(|prefix| prefix.as_slice());
        let compressed = Compressed {
            frame: compress(node.blob, &content, prefix, COMPACT_LEVEL)?,
            place: Place::settled(match bases.as_slice() {
                [base] => Some(*base),
                _ => None,
            }),
            joint: if bases.len() > 1 { bases } else { Vec::new() },
            level: COMPACT_LEVEL,
        };
        self.store(node.blob, &content, todo.series, &compressed)?;
        ways.forget(node.id);
        Ok(Some(content.len() as u64))
    }

    /// The passages of what earlier compactions could not make small: others may have them too.
    fn similar(&self) -> Result<Similar, BlobError> {
        let mut similar = Similar::default();
        let rows: Vec<Node> = self
            .connection
            .prepare(&format!(
                "SELECT {NODE_COLUMNS} FROM blob
                 WHERE level >= ?1 AND size_bytes <= {MAX_BASE_BYTES} AND length(frame) > size_bytes / ?2
                 ORDER BY id"
            ))
            .and_then(|mut statement| {
                let rows = statement.query_map((COMPACT_LEVEL, BAD_RATIO), read_node)?;
                rows.collect()
            })
            .map_err(|source| self.sql(source))?;
        for node in rows {
            if let Some(content) = self.content(node.id, node.blob)? {
                similar.add(node.id, &passages(&content));
            }
        }
        Ok(similar)
    }

    /// Searches in all documents for what shares passages with a row, and then for what shares those that are left.
    fn search_elsewhere(
        &self,
        search: &mut BaseSearch<'_>,
        row: i64,
        passages: &[u64],
        similar: &mut Similar,
    ) -> Result<(), BlobError> {
        for base in similar.before(row, passages, TRIED_ELSEWHERE) {
            search.try_base(self.node(base)?)?;
        }
        let mut left = passages.to_vec();
        let mut found = search.prefix().cloned();
        while let Some(content) = found.take() {
            let known = similar::passages(&content);
            left.retain(|passage| known.binary_search(passage).is_err());
            for base in similar.before(row, &left, TRIED_BESIDE) {
                found = search.join(self.node(base)?)?;
                if found.is_some() {
                    break;
                }
            }
        }
        similar.add(row, passages);
        Ok(())
    }

    /// The bases worth trying for a row, the likeliest first: the content before, those that it builds on, step by step
    /// twice as far, and those nearest in length.
    fn bases(&self, Todo { node, series, .. }: &Todo) -> Result<Vec<Node>, BlobError> {
        let Some(series) = *series else {
            return Ok(Vec::new());
        };
        let mut near = self.before(series, node.id, CANDIDATES)?;
        let mut bases: Vec<Node> = near.first().copied().into_iter().collect();
        let mut next = bases.first().and_then(|before| before.place.base);
        let mut steps: usize = 0;
        while let Some(base) = next {
            let base = self.node(base)?;
            steps += 1;
            if steps.is_power_of_two() || base.place.base.is_none() {
                bases.push(base);
            }
            next = base.place.base;
        }
        near.sort_by_key(|other| other.size_bytes.abs_diff(node.size_bytes));
        for other in near.into_iter().take(TRIED) {
            if bases.iter().all(|base| base.id != other.id) {
                bases.push(other);
            }
        }
        Ok(bases)
    }

    /// The rows to do, one series after another, which is how their bases are at hand.
    fn todo(&self) -> Result<Vec<Todo>, BlobError> {
        self.connection
            .prepare(&format!(
                "SELECT {NODE_COLUMNS}, series FROM blob WHERE level < ?1 ORDER BY series, id"
            ))
            .and_then(|mut statement| {
                statement
                    .query_map([COMPACT_LEVEL], |row| {
                        Ok(Todo {
                            node: read_node(row)?,
                            series: row.get("series")?,
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
