//! Contents by their rows, decoded from the roots on.

use std::cell::RefCell;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _};

use super::blobs::MAX_BLOB_BYTES;
use super::content_cache::ContentCache;
use super::way::{self, Broken, Content, Step};
use crate::model::BlobId;

/// A content can't be read from its row.
#[derive(Debug)]
pub(super) enum ReadError {
    Sqlite(rusqlite::Error),
    Damaged(String),
}

impl From<rusqlite::Error> for ReadError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Contents by their rows: decoded from the root on, and kept for a while, since neighbours share their way.
///
/// What is kept is not checked against its name; what is given out is.
#[derive(Debug, Default)]
pub(super) struct Contents {
    cache: RefCell<ContentCache>,
}

impl Contents {
    /// The content of the row of a blob.
    pub(super) fn read(
        &self,
        connection: &Connection,
        row: i64,
        blob: BlobId,
    ) -> Result<Arc<Vec<u8>>, ReadError> {
        let content = self.decode(connection, row)?;
        if BlobId::of(&content) == blob {
            return Ok(content);
        }
        // Whichever blob on the way is to blame, it must not stay in the way of what is repaired.
        self.forget();
        Err(ReadError::Damaged(
            "its content has another hash".to_owned(),
        ))
    }

    fn decode(&self, connection: &Connection, row: i64) -> Result<Arc<Vec<u8>>, ReadError> {
        content_of(&mut self.cache.borrow_mut(), connection, row, row, 0)
    }

    /// Keeps a content that was just stored.
    pub(super) fn keep(&self, row: i64, content: Arc<Vec<u8>>) {
        self.cache.borrow_mut().put(row, content);
    }

    /// Forgets everything: what is stored in those rows may be something else now.
    pub(super) fn forget(&self) {
        *self.cache.borrow_mut() = ContentCache::default();
    }
}

/// How many blobs with several bases a way may lead through: each is a call within another.
const DEEPEST: u32 = 512;

/// The content of a row on the way to the row that was asked for.
fn content_of(
    cache: &mut ContentCache,
    connection: &Connection,
    row: i64,
    asked: i64,
    depth: u32,
) -> Result<Arc<Vec<u8>>, ReadError> {
    let mut way = Vec::new();
    let mut base = None;
    let mut next = Some(row);
    while let Some(id) = next.take() {
        base = cache.get(id);
        if base.is_some() {
            break;
        }
        let (step, before) = read_step(connection, id)?;
        let bases = bases(connection, id, before)?;
        if let Some(late) = bases.iter().find(|base| **base >= id) {
            let blob = step.blob;
            let reason = format!("blob {blob} has a base after it (row {late})");
            return Err(ReadError::Damaged(reason));
        }
        match bases.as_slice() {
            [] => {}
            [before] => next = Some(*before),
            _ if depth == DEEPEST => {
                let reason = format!("blob {} lies too deep", step.blob);
                return Err(ReadError::Damaged(reason));
            }
            joint => base = Some(prefix_of(cache, connection, joint, asked, depth)?),
        }
        way.push(step);
    }
    way::decode(way, base, |step, content| cache.put(step, content.clone()))
        .map_err(|broken| damaged(broken, asked))?
        .ok_or_else(|| ReadError::Damaged(format!("row {row} is missing")))
}

/// The contents of several bases, one after another.
fn prefix_of(
    cache: &mut ContentCache,
    connection: &Connection,
    bases: &[i64],
    asked: i64,
    depth: u32,
) -> Result<Content, ReadError> {
    let mut prefix = Vec::new();
    for base in bases {
        prefix.extend_from_slice(&content_of(cache, connection, *base, asked, depth + 1)?);
    }
    Ok(Arc::new(prefix))
}

/// What a step that can't be decoded says of the row that was asked for.
fn damaged((step, blob, reason): Broken, asked: i64) -> ReadError {
    ReadError::Damaged(if step == asked {
        reason
    } else {
        format!("blob {blob}, on which it builds: {reason}")
    })
}

/// All bases of a row, in the order of their contents: the one that the row names, or those beside it.
pub(super) fn bases(
    connection: &Connection,
    row: i64,
    base: Option<i64>,
) -> rusqlite::Result<Vec<i64>> {
    if let Some(base) = base {
        return Ok(vec![base]);
    }
    connection
        .prepare_cached("SELECT base FROM joint_base WHERE blob = ?1 ORDER BY place")?
        .query_map([row], |row| row.get(0))?
        .collect()
}

/// A row as a step of a way, and its base.
fn read_step(connection: &Connection, id: i64) -> Result<(Step, Option<i64>), ReadError> {
    let (digest, size_bytes, frame, base) = connection
        .prepare_cached("SELECT digest, size_bytes, frame, base FROM blob WHERE id = ?1")?
        .query_row([id], |row| {
            let size_bytes: u64 = row.get(1)?;
            Ok((row.get(0)?, size_bytes, row.get(2)?, row.get(3)?))
        })
        .optional()?
        .ok_or_else(|| {
            ReadError::Damaged(format!("a blob on which it builds (row {id}) is missing"))
        })?;
    if size_bytes > MAX_BLOB_BYTES {
        return Err(ReadError::Damaged(format!(
            "its length of {size_bytes} bytes is over the limit of {MAX_BLOB_BYTES}"
        )));
    }
    // The limit above makes the conversion safe on every machine that has memory for it.
    let size = usize::try_from(size_bytes)
        .map_err(|_| ReadError::Damaged("it is too large for this machine".to_owned()))?;
    let step = Step {
        row: id,
        blob: BlobId(digest),
        size,
        frame,
    };
    Ok((step, base))
}
