//! The search index, read. SQLite's FTS5 says which wordings have some words; what it says is never shown unchecked.

use std::path::{Path, PathBuf};

use blake3::hazmat::hash_derive_key_context;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::files::{FileError, ViewsLock};
use super::search_rows::{self, Place};
use super::sqlite::{self, Kind, SqliteError, sqlite_error};
use crate::model::{ReadingDigest, Sha256};
use crate::project::DigestContext;
use crate::search::{Nearness, Query, Sought};

static STATE: DigestContext =
    DigestContext::new(|| hash_derive_key_context("recension 2026-11 search state digest"));

pub(super) const KIND: Kind = Kind {
    name: "a search index of Recension",
    application_id: 0x5243_4e53, // RCNS
    format: 1,
    schema: include_str!("../../schema/search.sql"),
};

/// Memory for pages that queries come back to, in KiB, and one transaction for the whole life of the reader.
const CACHE_AND_BEGIN: &str = "PRAGMA cache_size = -32768; BEGIN";

/// How many words may lie between words that stand near each other, as FTS5 counts.
const NEAR: usize = 10;

/// The search index can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SearchIndexError {
    /// The database can't be opened or used.
    #[error(transparent)]
    Sqlite(#[from] SqliteError),
    /// A row is not what was stored.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A file beside it can't be had.
    #[error(transparent)]
    File(#[from] FileError),
}

impl SearchIndexError {
    /// Whether a later program wrote the file; any other that can't be read is built again.
    #[must_use]
    pub fn is_newer_format(&self) -> bool {
        matches!(self, Self::Sqlite(SqliteError::NewerFormat { .. }))
    }
}

/// How far a search index has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexState {
    /// How many events it has taken up.
    pub cursor: u64,
    /// The root of the log's tree at that size.
    pub root: Sha256,
    /// How many wordings it has, which are numbered from 1.
    pub wordings: i64,
}

impl IndexState {
    pub(super) fn digest(&self) -> [u8; 32] {
        STATE.digest(&[
            &self.cursor.to_be_bytes(),
            &self.root.0,
            &self.wordings.to_be_bytes(),
        ])
    }
}

/// Reads the search index.
#[derive(Debug)]
pub struct SearchIndex {
    path: PathBuf,
    connection: Connection,
    state: IndexState,
}

impl SearchIndex {
    /// Opens the index for reading, in the state that it is in now.
    ///
    /// # Errors
    /// A [`SearchIndexError`].
    pub fn open(path: &Path) -> Result<Self, SearchIndexError> {
        // Where no lock can be had, as on read-only media, nobody replaces the index either.
        let _lock = ViewsLock::share(path);
        let connection = sqlite::open_read_only(path, &KIND)?;
        connection
            .execute_batch(CACHE_AND_BEGIN)
            .map_err(|source| sqlite_error(path, source))?;
        let state = read_state(&connection, path)?;
        Ok(Self {
            path: path.to_owned(),
            connection,
            state,
        })
    }

    /// How far the index has come.
    #[must_use]
    pub fn state(&self) -> IndexState {
        self.state
    }

    /// Calls `take` with the numbers of the wordings that answer a query, in which its words stand at least so near, the
    /// newest first from `newest` on, until it says that it has enough.
    ///
    /// # Errors
    /// [`SearchIndexError::Sqlite`] and those of `take`.
    pub fn each<E: From<SearchIndexError>>(
        &self,
        query: &Query,
        nearness: Nearness,
        newest: i64,
        mut take: impl FnMut(i64) -> Result<bool, E>,
    ) -> Result<(), E> {
        let sql = |source| E::from(self.sql(source));
        let mut found = self
            .connection
            .prepare_cached(
                "SELECT rowid FROM words WHERE words MATCH ?1 AND rowid <= ?2 ORDER BY rowid DESC",
            )
            .map_err(sql)?;
        let mut rows = found
            .query((expression(query, nearness), newest))
            .map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            if !take(row.get(0).map_err(sql)?)? {
                break;
            }
        }
        Ok(())
    }

    /// The number of a wording by the digest of its reading, if a clause ever had it.
    ///
    /// # Errors
    /// [`SearchIndexError::Sqlite`].
    pub fn wording(&self, reading: ReadingDigest) -> Result<Option<i64>, SearchIndexError> {
        wording(&self.connection, reading).map_err(|source| self.sql(source))
    }

    /// Where a wording stands.
    ///
    /// # Errors
    /// [`SearchIndexError::Damaged`], [`SearchIndexError::Sqlite`].
    pub fn places(&self, wording: i64) -> Result<Vec<Place>, SearchIndexError> {
        let sql =
            "SELECT document, runs, spans, digest FROM place WHERE wording = ?1 ORDER BY document";
        let rows = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| {
                statement
                    .query_map([wording], |row| read_row(row, wording))?
                    .collect::<rusqlite::Result<Vec<Option<Place>>>>()
            })
            .map_err(|source| self.sql(source))?;
        let places: Option<Vec<Place>> = rows.into_iter().collect();
        places.ok_or_else(|| damaged(&self.path, wording))
    }

    /// What is damaged, as an error.
    #[must_use]
    pub fn damaged(&self, what: String) -> SearchIndexError {
        SearchIndexError::Damaged {
            path: self.path.clone(),
            what,
        }
    }

    /// Asks SQLite whether the file's structure is whole, that of the words included.
    ///
    /// # Errors
    /// [`SearchIndexError::Sqlite`] where it can't even be walked.
    pub fn check_structure(&self) -> Result<Vec<String>, SearchIndexError> {
        sqlite::check_structure(&self.connection).map_err(|source| self.sql(source))
    }

    fn sql(&self, source: rusqlite::Error) -> SearchIndexError {
        sqlite_error(&self.path, source).into()
    }
}

pub(super) fn read_state(
    connection: &Connection,
    path: &Path,
) -> Result<IndexState, SearchIndexError> {
    let read = connection.query_row(
        "SELECT cursor, root, wordings, digest FROM state",
        [],
        |row| {
            let state = IndexState {
                cursor: row.get(0)?,
                root: Sha256(row.get(1)?),
                wordings: row.get(2)?,
            };
            Ok((state, row.get::<_, [u8; 32]>(3)?))
        },
    );
    match read {
        Ok((state, digest)) if digest == state.digest() => Ok(state),
        Ok(_) | Err(rusqlite::Error::QueryReturnedNoRows) => Err(SearchIndexError::Damaged {
            path: path.to_owned(),
            what: "its state is not what was stored".to_owned(),
        }),
        Err(source) => Err(sqlite_error(path, source).into()),
    }
}

/// A query as FTS5 reads it. All of it is in quotes and made of letters and digits: nothing else can be meant.
fn expression(query: &Query, nearness: Nearness) -> String {
    let wanted: Vec<String> = query.wanted.iter().map(string).collect();
    let mut expression = match nearness {
        Nearness::Adjacent => wanted.join(" + "),
        Nearness::Near => format!("NEAR({}, {NEAR})", wanted.join(" ")),
        Nearness::Anywhere => wanted.join(" AND "),
    };
    if !query.excluded.is_empty() {
        let excluded: Vec<String> = query.excluded.iter().map(string).collect();
        expression = format!("({expression}) NOT ({})", excluded.join(" OR "));
    }
    expression
}

/// Where a wording stands in a document, if it ever did.
pub(super) fn read_place(
    connection: &Connection,
    path: &Path,
    wording: i64,
    document: u64,
) -> Result<Option<Place>, SearchIndexError> {
    let sql =
        "SELECT document, runs, spans, digest FROM place WHERE wording = ?1 AND document = ?2";
    let row = connection
        .prepare_cached(sql)
        .and_then(|mut statement| {
            statement
                .query_row((wording, document), |row| read_row(row, wording))
                .optional()
        })
        .map_err(|source| sqlite_error(path, source))?;
    row.map(|place| place.ok_or_else(|| damaged(path, wording)))
        .transpose()
}

/// A row of `place`; none where it is not what was stored.
fn read_row(row: &Row<'_>, wording: i64) -> rusqlite::Result<Option<Place>> {
    let document: u64 = row.get(0)?;
    let (runs, spans) = (row.get_ref(1)?.as_blob()?, row.get_ref(2)?.as_blob()?);
    let is_whole =
        row.get_ref(3)?.as_blob()? == search_rows::digest(wording, document, runs, spans);
    Ok(Place::read(document, runs, spans).filter(|_| is_whole))
}

fn damaged(path: &Path, wording: i64) -> SearchIndexError {
    SearchIndexError::Damaged {
        path: path.to_owned(),
        what: format!("where wording {wording} stands is not what was stored"),
    }
}

/// The number of a wording.
pub(super) fn wording(
    connection: &Connection,
    reading: ReadingDigest,
) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT wording FROM wording WHERE reading = ?1")?
        .query_row([reading.0], |row| row.get(0))
        .optional()
}

fn string(sought: &Sought) -> String {
    let star = if sought.is_prefix { " *" } else { "" };
    format!("\"{}\"{star}", sought.words.join(" "))
}
