//! What is kept of the histories of documents, so that each need not be followed from its first version again. It is a
//! cache: whatever is wrong with it, nothing is lost.

use std::path::{Path, PathBuf};

use blake3::hazmat::hash_derive_key_context;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::delta::{self, Decoder};
use super::sqlite::{self, Durability, Kind, SqliteError, sqlite_error};
use crate::model::{Sha256, StreamId};
use crate::project::DigestContext;

static ROW: DigestContext =
    DigestContext::new(|| hash_derive_key_context("recension 2026-11 history row digest"));

const KIND: Kind = Kind {
    name: "a file of histories of Recension",
    application_id: 0x5243_4e48, // RCNH
    format: 1,
    schema: include_str!("../../schema/histories.sql"),
};

/// The level of zstd's: most of a state are digests, which no level makes smaller.
const LEVEL: i32 = 3;

/// What is kept of a document's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// The document's stream.
    pub stream: StreamId,
    /// How many events of the log it knows.
    pub cursor: u64,
    /// The root of the log's tree at that size.
    pub root: Sha256,
    /// A digest of what made it.
    pub maker: [u8; 16],
    /// How many versions of the document it knows.
    pub versions: u64,
    /// Whether no look can change what is said of them.
    pub is_complete: bool,
    /// The state.
    pub state: HistoryFrame,
}

/// A compressed state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryFrame {
    size_bytes: usize,
    frame: Vec<u8>,
}

impl HistoryFrame {
    /// Compresses a state; none where zstd refuses.
    #[must_use]
    pub fn of(state: &[u8]) -> Option<Self> {
        Some(Self {
            size_bytes: state.len(),
            frame: delta::compress(state, None, LEVEL).ok()?,
        })
    }

    /// The state; none where the frame holds no such.
    #[must_use]
    pub fn state(&self) -> Option<Vec<u8>> {
        Decoder::new()
            .decompress(&self.frame, None, self.size_bytes)
            .ok()
    }
}

impl HistoryRow {
    fn digest(&self) -> [u8; 32] {
        ROW.digest(&[
            &self.stream.0,
            &self.cursor.to_be_bytes(),
            &self.root.0,
            &self.maker,
            &self.versions.to_be_bytes(),
            &[u8::from(self.is_complete)],
            &(self.state.size_bytes as u64).to_be_bytes(),
            &self.state.frame,
        ])
    }

    /// Reads a row; none where it is not what was stored.
    fn read(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
        let read = Self {
            stream: StreamId(row.get(0)?),
            cursor: row.get(1)?,
            root: Sha256(row.get(2)?),
            maker: row.get(3)?,
            versions: row.get(4)?,
            is_complete: row.get(5)?,
            state: HistoryFrame {
                size_bytes: row.get(6)?,
                frame: row.get(7)?,
            },
        };
        let digest: [u8; 32] = row.get(8)?;
        Ok((digest == read.digest()).then_some(read))
    }
}

const COLUMNS: &str =
    "stream, cursor, root, maker, versions, is_complete, size_bytes, state, digest";

/// The file of histories. Only who holds the writer's lock uses it.
#[derive(Debug)]
pub struct Histories {
    path: PathBuf,
    connection: Connection,
}

impl Histories {
    /// Opens the file, and makes it where there is none.
    ///
    /// # Errors
    /// A [`SqliteError`]: it is to be deleted then.
    pub fn open(path: &Path) -> Result<Self, SqliteError> {
        let connection = sqlite::open_writable(path, &KIND, Durability::Relaxed, true)?;
        Ok(Self {
            path: path.to_owned(),
            connection,
        })
    }

    /// What is kept of a document's history; none where nothing is that can be read.
    #[must_use]
    pub fn row(&self, stream: StreamId) -> Option<HistoryRow> {
        let sql = format!("SELECT {COLUMNS} FROM history WHERE stream = ?1");
        let mut statement = self.connection.prepare_cached(&sql).ok()?;
        let row = statement.query_row([stream.0], HistoryRow::read).optional();
        row.ok().flatten().flatten()
    }

    /// Keeps rows in place of those of their documents.
    ///
    /// # Errors
    /// A [`SqliteError`]; then none of them is kept.
    pub fn keep(&mut self, rows: &[HistoryRow]) -> Result<(), SqliteError> {
        let keep = |connection: &mut Connection| {
            let transaction = connection.transaction()?;
            for row in rows {
                let (state, digest) = (&row.state, row.digest());
                transaction
                    .prepare_cached(
                        "INSERT OR REPLACE INTO history VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    )?
                    .execute((
                        row.stream.0,
                        row.cursor,
                        row.root.0,
                        row.maker,
                        row.versions,
                        row.is_complete,
                        state.size_bytes,
                        &state.frame,
                        digest,
                    ))?;
            }
            transaction.commit()
        };
        keep(&mut self.connection).map_err(|source| sqlite_error(&self.path, source))
    }

    /// What is wrong with the file at `path`: with its structure as SQLite sees it, and how many rows are not what was
    /// stored.
    ///
    /// # Errors
    /// A [`SqliteError`].
    pub fn check(path: &Path) -> Result<Vec<String>, SqliteError> {
        let connection = sqlite::open_read_only(path, &KIND)?;
        let check = || {
            let mut found = sqlite::check_structure(&connection)?;
            let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM history"))?;
            let rows = statement.query_map([], HistoryRow::read)?;
            let damaged = rows.filter(|row| !matches!(row, Ok(Some(_)))).count();
            if damaged > 0 {
                found.push(format!("{damaged} rows are not what was stored"));
            }
            Ok(found)
        };
        check().map_err(|source| sqlite_error(path, source))
    }
}
