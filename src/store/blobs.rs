//! The blob store, read: contents named by the BLAKE3 of their uncompressed bytes.
//!
//! How a content is compressed never enters its name. A reader gets the content or an error, never other bytes.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::base::Place;
use super::contents::{Contents, ReadError};
use super::sqlite::{self, Kind, SqliteError};
use crate::model::BlobId;

pub(super) const KIND: Kind = Kind {
    name: "a blob store of Recension",
    application_id: 0x5243_4e42, // RCNB
    format: 3,
    schema: include_str!("../../schema/blobs.sql"),
};

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
    /// A blob that should go can't, because another that builds on it can't be read, and so can't be compressed anew.
    #[error("blob {blob} is not taken away yet: blob {by} builds on it and is damaged")]
    BuiltOn {
        /// The blob that should go.
        blob: BlobId,
        /// The other.
        by: BlobId,
    },
    /// Someone still reads the state before a blob went, so that the write-ahead log has to keep it.
    #[error("what was taken out of {} is not gone from the disk yet: somebody is reading it", path.display())]
    StillRead {
        /// The store.
        path: PathBuf,
    },
    /// zstd refuses to compress.
    #[error("blob {blob} can't be compressed: {reason}")]
    Compress {
        /// The blob.
        blob: BlobId,
        /// Why.
        reason: String,
    },
}

/// Reads blobs.
#[derive(Debug)]
pub struct Blobs {
    path: PathBuf,
    pub(super) connection: Connection,
    contents: Contents,
    /// Which state of the store the contents in memory are of, as SQLite counts what others change.
    state: Cell<i64>,
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
            contents: Contents::default(),
            state: Cell::default(),
        })
    }

    /// Whether there is a row of a blob, whole or not.
    ///
    /// # Errors
    /// [`BlobError::Sqlite`].
    pub fn has(&self, blob: BlobId) -> Result<bool, BlobError> {
        let row = row_of(&self.connection, blob).map_err(|source| self.sql(source))?;
        Ok(row.is_some())
    }

    /// Whether a blob is there and whole.
    ///
    /// # Errors
    /// [`BlobError::Sqlite`].
    pub fn can_read(&self, blob: BlobId) -> Result<bool, BlobError> {
        match self.get(blob) {
            Ok(_) => Ok(true),
            Err(BlobError::Missing { .. } | BlobError::Damaged { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Reads the content of a blob; what it returns has that name.
    ///
    /// # Errors
    /// [`BlobError::Missing`], [`BlobError::Damaged`], [`BlobError::Sqlite`].
    pub fn get(&self, blob: BlobId) -> Result<Vec<u8>, BlobError> {
        let transaction = self.begin()?;
        let row = row_of(&transaction, blob).map_err(|source| self.sql(source))?;
        let Some(row) = row else {
            let path = self.path.clone();
            return Err(BlobError::Missing { blob, path });
        };
        self.read(&transaction, row, blob)?
            .map(|content| Arc::try_unwrap(content).unwrap_or_else(|shared| shared.to_vec()))
            .map_err(|reason| self.damaged(blob, reason))
    }

    /// The series, by their rows, for [`Self::each_of`]; the last is that of the blobs without one.
    ///
    /// # Errors
    /// [`BlobError::Sqlite`].
    pub fn series(&self) -> Result<Vec<Option<i64>>, BlobError> {
        self.connection
            .prepare("SELECT series FROM series ORDER BY series")
            .and_then(|mut statement| {
                statement
                    .query_map([], |row| row.get(0).map(Some))?
                    .chain([Ok(None)])
                    .collect()
            })
            .map_err(|source| self.sql(source))
    }

    /// Reads all blobs of a series, each of which is decoded once, and gives the content or what is wrong with it.
    ///
    /// # Errors
    /// [`BlobError::Sqlite`].
    pub fn each_of(
        &self,
        series: Option<i64>,
        mut visit: impl FnMut(BlobId, Result<&[u8], String>),
    ) -> Result<(), BlobError> {
        let rows: Vec<(i64, [u8; 32])> = self
            .connection
            .prepare_cached("SELECT id, digest FROM blob WHERE series IS ?1 ORDER BY id")
            .and_then(|mut statement| {
                statement
                    .query_map([series], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect()
            })
            .map_err(|source| self.sql(source))?;
        for (row, digest) in rows {
            let blob = BlobId(digest);
            match self.read(&self.begin()?, row, blob)? {
                Ok(content) => visit(blob, Ok(&content)),
                Err(reason) => visit(blob, Err(self.damaged(blob, reason).to_string())),
            }
        }
        Ok(())
    }

    /// Copies all blobs as they are now into a new file.
    ///
    /// # Errors
    /// [`BlobError::Sqlite`].
    pub fn copy_to(&self, path: &Path) -> Result<(), BlobError> {
        Ok(sqlite::copy(&self.connection, path)?)
    }

    /// The length of all stored frames, as the store has them now.
    ///
    /// # Errors
    /// [`BlobError::Sqlite`].
    pub fn stored_bytes(&self) -> Result<u64, BlobError> {
        stored_bytes(&self.connection).map_err(|source| self.sql(source))
    }

    /// Asks SQLite whether the file's structure is whole; says nothing about contents.
    ///
    /// # Errors
    /// [`BlobError::Sqlite`] where it isn't.
    pub fn check_structure(&self) -> Result<Vec<String>, BlobError> {
        sqlite::check_structure(&self.connection).map_err(|source| self.sql(source))
    }

    /// Begins to read one state of the store, whatever a writer does meanwhile: a row and those on its way to the root.
    fn begin(&self) -> Result<Transaction<'_>, BlobError> {
        let transaction = self
            .connection
            .unchecked_transaction()
            .map_err(|source| self.sql(source))?;
        // A row that went may be given to another content.
        let state = transaction
            .pragma_query_value(None, "data_version", |row| row.get(0))
            .map_err(|source| self.sql(source))?;
        if self.state.replace(state) != state {
            self.contents.forget();
        }
        Ok(transaction)
    }

    /// The content of a row, or why it isn't what `blob` stands for.
    fn read(
        &self,
        transaction: &Transaction<'_>,
        row: i64,
        blob: BlobId,
    ) -> Result<Result<Arc<Vec<u8>>, String>, BlobError> {
        match self.contents.read(transaction, row, blob) {
            Ok(content) => Ok(Ok(content)),
            Err(ReadError::Damaged(reason)) => Ok(Err(reason)),
            Err(ReadError::Sqlite(source)) => Err(self.sql(source)),
        }
    }

    fn damaged(&self, blob: BlobId, reason: String) -> BlobError {
        BlobError::Damaged {
            blob,
            path: self.path.clone(),
            reason,
        }
    }

    pub(super) fn sql(&self, source: rusqlite::Error) -> BlobError {
        sqlite::sqlite_error(&self.path, source).into()
    }
}

/// A row of the store without its frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) id: i64,
    pub(super) blob: BlobId,
    pub(super) size_bytes: u64,
    pub(super) place: Place,
    /// Whether it is compressed for good.
    pub(super) is_compact: bool,
}

/// The level of what is compacted.
pub(super) const COMPACT_LEVEL: i32 = 22;

/// The columns of a [`Node`].
pub(super) const NODE_COLUMNS: &str = "id, digest, size_bytes, base, tier, steps, level";

pub(super) fn read_node(row: &rusqlite::Row<'_>) -> rusqlite::Result<Node> {
    Ok(Node {
        id: row.get(0)?,
        blob: BlobId(row.get(1)?),
        size_bytes: row.get(2)?,
        place: Place {
            base: row.get(3)?,
            tier: row.get(4)?,
            steps: row.get(5)?,
        },
        is_compact: row.get::<_, i32>(6)? >= COMPACT_LEVEL,
    })
}

/// The row of a blob, if there is one of that name.
pub(super) fn row_of(connection: &Connection, blob: BlobId) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM blob WHERE digest = ?1")?
        .query_row([blob.as_bytes()], |row| row.get(0))
        .optional()
}

/// The length of all frames.
pub(super) fn stored_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row(
        "SELECT coalesce(sum(length(frame)), 0) FROM blob",
        [],
        |row| row.get(0),
    )
}
