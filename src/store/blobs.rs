//! The blob store: contents named by the BLAKE3 of their uncompressed bytes, compressed with zstd.
//!
//! How a content is compressed never enters its name. A reader gets the content or an error, never other bytes. What
//! is put is durable after [`BlobWriter::commit`], and only then may an event name it.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, params};

use super::sqlite::{self, Durability, Kind, SqliteError};
use crate::model::{BlobId, StreamId};

const KIND: Kind = Kind {
    name: "a blob store of Recension",
    application_id: 0x5243_4e42, // RCNB
    format: 1,
    schema: include_str!("../../schema/blobs.sql"),
};

/// The compression on arrival: the level at which zstd still outruns everything else of an import.
const LEVEL: i32 = 3;

/// The largest content that a blob may have, in bytes.
pub const MAX_BLOB_BYTES: u64 = 1 << 29;

/// A blob can't be stored or had.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The database can't be opened or used.
    #[error(transparent)]
    Sqlite(#[from] SqliteError),
    /// There is no such blob.
    #[error("blob {blob} is not in {}", path.display())]
    Missing {
        /// The blob.
        blob: BlobId,
        /// The store.
        path: PathBuf,
    },
    /// The stored bytes don't give the content that the name stands for.
    #[error("blob {blob} in {} is damaged: {reason}", path.display())]
    Damaged {
        /// The blob.
        blob: BlobId,
        /// The store.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// zstd refuses to compress.
    #[error("blob {blob} can't be compressed: {source}")]
    Compress {
        /// The blob.
        blob: BlobId,
        /// Why.
        source: std::io::Error,
    },
}

/// Reads blobs.
#[derive(Debug)]
pub struct Blobs {
    path: PathBuf,
    connection: Connection,
}

impl Blobs {
    /// Opens the store for reading.
    ///
    /// # Errors
    /// [`BlobError::Sqlite`].
    pub fn open(path: &Path) -> Result<Self, BlobError> {
        Ok(Self {
            path: path.to_owned(),
            connection: sqlite::open_read_only(path, &KIND)?,
        })
    }

    /// Reads the content of a blob; what it returns has that name.
    ///
    /// # Errors
    /// [`BlobError::Missing`], [`BlobError::Damaged`], [`BlobError::Sqlite`].
    pub fn get(&self, blob: BlobId) -> Result<Vec<u8>, BlobError> {
        let row = self
            .connection
            .prepare_cached("SELECT size_bytes, frame FROM blob WHERE digest = ?1")
            .and_then(|mut statement| {
                statement
                    .query_row([blob.as_bytes()], |row| {
                        Ok((row.get::<_, u64>(0)?, row.get::<_, Vec<u8>>(1)?))
                    })
                    .optional()
            })
            .map_err(|source| sqlite::sqlite_error(&self.path, source))?;
        let Some((size_bytes, frame)) = row else {
            return Err(BlobError::Missing {
                blob,
                path: self.path.clone(),
            });
        };
        decompress(&frame, size_bytes)
            .and_then(|content| {
                if BlobId::of(&content) == blob {
                    Ok(content)
                } else {
                    Err("its content has another hash".to_owned())
                }
            })
            .map_err(|reason| BlobError::Damaged {
                blob,
                path: self.path.clone(),
                reason,
            })
    }

    /// The length of all stored frames, as the store has them now.
    ///
    /// # Errors
    /// [`BlobError::Sqlite`].
    pub fn stored_bytes(&self) -> Result<u64, BlobError> {
        self.connection
            .query_row(
                "SELECT coalesce(sum(length(frame)), 0) FROM blob",
                [],
                |row| row.get(0),
            )
            .map_err(|source| sqlite::sqlite_error(&self.path, source).into())
    }

    /// Asks SQLite whether the file's structure is whole; says nothing about contents.
    ///
    /// # Errors
    /// [`BlobError::Sqlite`] where it isn't.
    pub fn check_structure(&self) -> Result<Vec<String>, BlobError> {
        sqlite::check_structure(&self.connection)
            .map_err(|source| sqlite::sqlite_error(&self.path, source).into())
    }
}

fn decompress(frame: &[u8], size_bytes: u64) -> Result<Vec<u8>, String> {
    if size_bytes > MAX_BLOB_BYTES {
        return Err(format!(
            "its length of {size_bytes} bytes is over the limit of {MAX_BLOB_BYTES}"
        ));
    }
    // The limit above makes the conversion safe on every machine that has memory for it.
    let capacity =
        usize::try_from(size_bytes).map_err(|_| "it is too large for this machine".to_owned())?;
    let content = zstd::bulk::decompress(frame, capacity).map_err(|error| error.to_string())?;
    if content.len() == capacity {
        Ok(content)
    } else {
        Err(format!("{} bytes instead of {size_bytes}", content.len()))
    }
}

/// Adds blobs, in one transaction between two commits.
#[derive(Debug)]
pub struct BlobWriter {
    path: PathBuf,
    connection: Connection,
    in_transaction: bool,
}

impl BlobWriter {
    /// Opens the store for writing, or makes it.
    ///
    /// # Errors
    /// [`BlobError::Sqlite`].
    pub fn open(path: &Path, create: bool) -> Result<Self, BlobError> {
        let connection = sqlite::open_writable(path, &KIND, Durability::Full, create)?;
        Ok(Self {
            path: path.to_owned(),
            connection,
            in_transaction: false,
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
        let sql = |source| sqlite::sqlite_error(&self.path, source);
        if !self.in_transaction {
            self.connection
                .execute_batch("BEGIN IMMEDIATE")
                .map_err(sql)?;
            self.in_transaction = true;
        }
        let known = self
            .connection
            .prepare_cached("SELECT 1 FROM blob WHERE digest = ?1")
            .and_then(|mut statement| statement.exists([blob.as_bytes()]))
            .map_err(sql)?;
        if known {
            return Ok(());
        }
        let frame = zstd::bulk::compress(content, LEVEL)
            .map_err(|source| BlobError::Compress { blob, source })?;
        self.connection
            .prepare_cached(
                "INSERT INTO blob (digest, document, size_bytes, frame) VALUES (?1, ?2, ?3, ?4)",
            )
            .and_then(|mut statement| {
                let document = document.as_ref().map(StreamId::as_bytes);
                statement.execute(params![
                    blob.as_bytes(),
                    document,
                    content.len() as u64,
                    frame
                ])
            })
            .map_err(sql)?;
        Ok(())
    }

    /// Makes everything put so far durable.
    ///
    /// # Errors
    /// [`BlobError::Sqlite`]; what was put since the last commit is then not stored.
    pub fn commit(&mut self) -> Result<(), BlobError> {
        if self.in_transaction {
            self.in_transaction = false;
            self.connection
                .execute_batch("COMMIT")
                .map_err(|source| sqlite::sqlite_error(&self.path, source))?;
        }
        Ok(())
    }
}
