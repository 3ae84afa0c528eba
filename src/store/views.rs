//! The views, read: every row is checked against its digest, and a miss against the digest over all rows, so that
//! damage is found and never answered from.

use std::path::{Path, PathBuf};

use blake3::hazmat::hash_derive_key_context;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::files::{FileError, ViewsLock};
use super::sqlite::{self, Kind, SqliteError, sqlite_error};
use crate::model::{BlobId, DocumentName, Instant, Sha256};
use crate::project::{
    DigestContext, Document, Entry, Look, Next, Sight, Standing, TextKey, Withholding,
};

static STATE: DigestContext =
    DigestContext::new(|| hash_derive_key_context("recension 2026-11 views state digest"));
static VIEWS: DigestContext =
    DigestContext::new(|| hash_derive_key_context("recension 2026-11 views digest"));

pub(super) const KIND: Kind = Kind {
    name: "a file of views of Recension",
    application_id: 0x5243_4e56, // RCNV
    format: 3,
    schema: include_str!("../../schema/views.sql"),
};

/// How many bytes of rows are gathered before they are hashed: many blocks at once go several times faster.
const DIGESTED_AT_ONCE: usize = 1 << 16;

/// The tables, in two halves that have about as many rows.
const DIGESTED_TABLES: (&[&str], &[&str]) =
    (&["state", "document", "withheld", "timeline"], &["as_of"]);

/// The views can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ViewsError {
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
    /// An event speaks of a document that none before it declares.
    #[error("event {seq} speaks of a document that no event before it declares")]
    Undeclared {
        /// The event.
        seq: u64,
    },
    /// The lock on the file can't be had.
    #[error(transparent)]
    Lock(#[from] FileError),
    /// Events are missing between those that the views have and the ones that they are given.
    #[error("event {expected} is due, and {found} was given")]
    Gap {
        /// The next event that the views need.
        expected: u64,
        /// The one given.
        found: u64,
    },
    /// An observation refers to a version that is none of the document's.
    #[error(
        "event {seq} refers to event {version_seq} as a version of the document, which it isn't"
    )]
    NoVersion {
        /// The event.
        seq: u64,
        /// What it refers to.
        version_seq: u64,
    },
}

impl ViewsError {
    /// Whether the file is one of an older format, which is built again and never migrated.
    #[must_use]
    pub fn is_older_format(&self) -> bool {
        matches!(self, Self::Sqlite(SqliteError::OlderFormat { .. }))
    }
}

/// How far the views have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// How many events have been replayed.
    pub cursor: u64,
    /// The root of the log's tree at that size.
    pub root: Sha256,
    /// How many documents there are.
    pub documents: u64,
    /// The sum of their digests.
    pub documents_digest: [u8; 32],
    /// How many blobs are withheld.
    pub withheld: u64,
    /// The sum of the digests of what says so.
    pub withheld_digest: [u8; 32],
}

impl State {
    /// Before the first event.
    pub(super) fn empty(root: Sha256) -> Self {
        Self {
            cursor: 0,
            root,
            documents: 0,
            documents_digest: [0; 32],
            withheld: 0,
            withheld_digest: [0; 32],
        }
    }

    pub(super) fn digest(&self) -> [u8; 32] {
        STATE.digest(&[
            &self.cursor.to_be_bytes(),
            &self.root.0,
            &self.documents.to_be_bytes(),
            &self.documents_digest,
            &self.withheld.to_be_bytes(),
            &self.withheld_digest,
        ])
    }
}

/// Adds up digests so that the order doesn't matter and one can be taken out again.
pub(super) fn add_digest(sum: &mut [u8; 32], digest: &[u8; 32]) {
    combine(sum, digest, u64::wrapping_add);
}

/// Takes a digest out of a sum.
pub(super) fn subtract_digest(sum: &mut [u8; 32], digest: &[u8; 32]) {
    combine(sum, digest, u64::wrapping_sub);
}

fn combine(sum: &mut [u8; 32], digest: &[u8; 32], with: impl Fn(u64, u64) -> u64) {
    for (lane, other) in sum.as_chunks_mut().0.iter_mut().zip(digest.as_chunks().0) {
        *lane = with(u64::from_le_bytes(*lane), u64::from_le_bytes(*other)).to_le_bytes();
    }
}

/// Reads the views.
#[derive(Debug)]
pub struct Views {
    path: PathBuf,
    connection: Connection,
    state: State,
}

const DOCUMENT_COLUMNS: &str = "document, platform, document_type, declared_seq, declaration_seq, versions, looks, \
     first_observed_at, last_observed_at, last_retired_at, timeline_digest, digest";
const STANDING_COLUMNS: &str =
    "observed_at, seq, version_seq, text, first_seen, next_observed_at, next_same_text, digest";

impl Views {
    /// Opens the views for reading.
    ///
    /// # Errors
    /// [`ViewsError::Sqlite`] where the file is missing or of another format, [`ViewsError::Damaged`].
    pub fn open(path: &Path) -> Result<Self, ViewsError> {
        // Where no lock can be had, as on read-only media, nobody replaces the views either.
        let _lock = ViewsLock::share(path);
        let connection = sqlite::open_read_only(path, &KIND)?;
        // One transaction for the whole life of the reader: all answers show the same state.
        connection
            .execute_batch("BEGIN")
            .map_err(|source| sqlite_error(path, source))?;
        let state = read_state(&connection, path)?;
        Ok(Self {
            path: path.to_owned(),
            connection,
            state,
        })
    }

    /// How far the views have come.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// All documents, in the order of declaration, checked to be all.
    ///
    /// # Errors
    /// [`ViewsError::Damaged`], [`ViewsError::Sqlite`].
    pub fn documents(&self) -> Result<Vec<Document>, ViewsError> {
        let sql = format!("SELECT {DOCUMENT_COLUMNS} FROM document ORDER BY document");
        let expected = (self.state.documents, self.state.documents_digest);
        self.all(&sql, read_document, Document::digest, expected)?
            .ok_or_else(|| self.damaged("the documents are not all there"))
    }

    /// The documents whose name matches `key` as people may type it; several if names differ only in what the key
    /// leaves out. None is no proof that there is none: ask [`Self::documents`].
    ///
    /// # Errors
    /// [`ViewsError::Damaged`], [`ViewsError::Sqlite`].
    pub fn documents_like(&self, key: &str) -> Result<Vec<Document>, ViewsError> {
        let sql = format!(
            "SELECT {DOCUMENT_COLUMNS} FROM document WHERE matching_key = ?1 ORDER BY document"
        );
        let rows = self.rows(&sql, [key], read_document)?;
        rows.into_iter()
            .map(|row| row.map_err(|what| self.damaged(&what)))
            .collect()
    }

    /// What is withheld, in the order of the log, checked to be all.
    ///
    /// # Errors
    /// [`ViewsError::Damaged`], [`ViewsError::Sqlite`].
    pub fn withheld(&self) -> Result<Vec<Withholding>, ViewsError> {
        let sql = "SELECT seq, blob, digest FROM withheld ORDER BY seq";
        let expected = (self.state.withheld, self.state.withheld_digest);
        self.all(sql, read_withholding, Withholding::digest, expected)?
            .ok_or_else(|| self.damaged("what is withheld is not all there"))
    }

    /// The timeline of a document in the order of observation, checked to be whole.
    ///
    /// # Errors
    /// [`ViewsError::Damaged`], [`ViewsError::Sqlite`].
    pub fn timeline(&self, document: &Document) -> Result<Vec<Entry>, ViewsError> {
        let sql = "SELECT observed_at, seq, look, version_seq FROM timeline WHERE document = ?1 ORDER BY seq, observed_at";
        let rows = self.rows(sql, [document.number], read_entry)?;
        let mut entries = rows
            .into_iter()
            .map(|row| row.map_err(|what| self.damaged(&what)))
            .collect::<Result<Vec<Entry>, _>>()?;
        let chain = entries
            .iter()
            .fold([0; 32], |before, entry| entry.chain(&before));
        if chain != document.timeline_digest {
            return Err(self.damaged(&format!("the timeline of {} is not whole", document.name)));
        }
        entries.sort_by_key(|entry| (entry.observed_at, entry.seq));
        Ok(entries)
    }

    /// The sight that answers for a document as of `instant`, with its bracket; none before its first observation.
    ///
    /// # Errors
    /// [`ViewsError::Damaged`], [`ViewsError::Sqlite`].
    pub fn standing_as_of(
        &self,
        document: &Document,
        instant: Instant,
    ) -> Result<Option<Standing>, ViewsError> {
        if document
            .first_observed_at
            .is_none_or(|first| first > instant)
        {
            return Ok(None);
        }
        let rest = "AND observed_at <= ?2 ORDER BY observed_at DESC, seq DESC LIMIT 1";
        let found = self
            .standings(rest, document, (document.number, instant.micros()))?
            .pop();
        match found {
            Some(standing) if standing.covers(instant) => Ok(Some(standing)),
            _ => Err(self.damaged(&format!("no sight of {} covers {instant}", document.name))),
        }
    }

    /// The sight of a document that an event tells of, with its bracket.
    ///
    /// # Errors
    /// [`ViewsError::Damaged`] also where there is none, [`ViewsError::Sqlite`].
    pub fn standing_of(
        &self,
        document: &Document,
        observed_at: Instant,
        seq: u64,
    ) -> Result<Standing, ViewsError> {
        let place = (document.number, observed_at.micros(), seq);
        self.standings("AND observed_at = ?2 AND seq = ?3", document, place)?
            .pop()
            .ok_or_else(|| self.damaged(&format!("the sight of event {seq} is missing")))
    }

    /// All sights of a document that the first `log_size` events tell of, in the order of observation.
    ///
    /// # Errors
    /// [`ViewsError::Damaged`], [`ViewsError::Sqlite`].
    pub fn sights(&self, document: &Document, log_size: u64) -> Result<Vec<Sight>, ViewsError> {
        let seen = |entry: &&Entry| matches!(entry.look, Look::Version | Look::Unchanged { .. });
        let timeline = self.timeline(document)?;
        let standings = self.standings("ORDER BY observed_at, seq", document, [document.number])?;
        let same = timeline
            .iter()
            .filter(seen)
            .map(|entry| (entry.observed_at, entry.seq))
            .eq(standings.iter().map(|standing| standing.sight.order()));
        if !same {
            return Err(self.damaged(&format!(
                "the sights of {} are not all there",
                document.name
            )));
        }
        Ok(standings
            .into_iter()
            .map(|s| s.sight)
            .filter(|sight| sight.seq < log_size)
            .collect())
    }

    /// Asks SQLite whether the file's structure is whole; says nothing about contents.
    ///
    /// # Errors
    /// [`ViewsError::Sqlite`] where it can't even be walked.
    pub fn check_structure(&self) -> Result<Vec<String>, ViewsError> {
        sqlite::check_structure(&self.connection)
            .map_err(|source| sqlite_error(&self.path, source).into())
    }

    /// A digest over every row of every table, for telling two files of views apart.
    ///
    /// # Errors
    /// [`ViewsError::Sqlite`].
    pub fn digest(&self) -> Result<[u8; 32], ViewsError> {
        let (one, other) = DIGESTED_TABLES;
        Ok(VIEWS.digest(&[&self.digest_of(one)?, &self.digest_of(other)?]))
    }

    /// The same of a file that nobody writes, by two threads, and how far its views have come.
    ///
    /// # Errors
    /// As [`Self::open`] and [`Self::digest`].
    pub fn digest_at_rest(path: &Path) -> Result<(u64, [u8; 32]), ViewsError> {
        let (one, other) = DIGESTED_TABLES;
        std::thread::scope(|scope| {
            let other = scope.spawn(|| Self::open(path)?.digest_of(other));
            let views = Self::open(path)?;
            let one = views.digest_of(one)?;
            let other = other
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            Ok((views.state.cursor, VIEWS.digest(&[&one, &other])))
        })
    }

    fn digest_of(&self, tables: &[&str]) -> Result<[u8; 32], ViewsError> {
        let read = || {
            let mut hasher = VIEWS.hasher();
            let mut bytes = Vec::new();
            for table in tables {
                let mut statement = self
                    .connection
                    .prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2, 3"))?;
                let columns = statement.column_count();
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    for column in 0..columns {
                        put_value(&mut bytes, row.get_ref(column)?);
                    }
                    if bytes.len() >= DIGESTED_AT_ONCE {
                        hasher.update(&bytes);
                        bytes.clear();
                    }
                }
            }
            hasher.update(&bytes);
            Ok(*hasher.finalize().as_bytes())
        };
        read().map_err(|source| sqlite_error(&self.path, source).into())
    }

    fn standings(
        &self,
        rest: &str,
        document: &Document,
        parameters: impl rusqlite::Params,
    ) -> Result<Vec<Standing>, ViewsError> {
        let rows = self.rows(&standing_query(rest), parameters, |row| {
            read_standing(row, document.number)
        })?;
        rows.into_iter()
            .map(|row| row.map_err(|what| self.damaged(&what)))
            .collect()
    }

    /// The rows of a whole table; none where their number or the sum of their digests is another than expected.
    fn all<T>(
        &self,
        sql: &str,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<Checked<T>>,
        digest: impl Fn(&T) -> [u8; 32],
        expected: (u64, [u8; 32]),
    ) -> Result<Option<Vec<T>>, ViewsError> {
        let all = self
            .rows(sql, (), read)?
            .into_iter()
            .map(|row| row.map_err(|what| self.damaged(&what)))
            .collect::<Result<Vec<T>, _>>()?;
        let mut sum = [0; 32];
        for one in &all {
            add_digest(&mut sum, &digest(one));
        }
        Ok(Some(all).filter(|all| (all.len() as u64, sum) == expected))
    }

    fn rows<T>(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, ViewsError> {
        let query = || {
            self.connection
                .prepare_cached(sql)?
                .query_map(parameters, read)?
                .collect::<rusqlite::Result<_>>()
        };
        query().map_err(|source| sqlite_error(&self.path, source).into())
    }

    fn damaged(&self, what: &str) -> ViewsError {
        damaged(&self.path, what)
    }
}

pub(super) fn damaged(path: &Path, what: &str) -> ViewsError {
    ViewsError::Damaged {
        path: path.to_owned(),
        what: what.to_owned(),
    }
}

pub(super) fn read_state(connection: &Connection, path: &Path) -> Result<State, ViewsError> {
    let row: Option<(State, [u8; 32])> = connection
        .query_row(
            "SELECT cursor, root, documents, documents_digest, withheld, withheld_digest, digest
             FROM state WHERE id = 1",
            [],
            |row| {
                let state = State {
                    cursor: row.get(0)?,
                    root: Sha256(row.get(1)?),
                    documents: row.get(2)?,
                    documents_digest: row.get(3)?,
                    withheld: row.get(4)?,
                    withheld_digest: row.get(5)?,
                };
                Ok((state, row.get(6)?))
            },
        )
        .optional()
        .map_err(|source| sqlite_error(path, source))?;
    match row {
        Some((state, digest)) if state.digest() == digest => Ok(state),
        _ => Err(damaged(path, "its state is not what was stored")),
    }
}

/// What a stored row says, or what is wrong with it.
type Checked<T> = Result<T, String>;

pub(super) fn read_document(row: &Row<'_>) -> rusqlite::Result<Checked<Document>> {
    let number: u64 = row.get(0)?;
    let (platform, document_type): (String, String) = (row.get(1)?, row.get(2)?);
    let Ok(name) = DocumentName::new(&platform, &document_type) else {
        return Ok(Err(format!("document {number} has no proper name")));
    };
    let document = Document {
        number,
        name,
        declared_seq: row.get(3)?,
        declaration_seq: row.get(4)?,
        versions: row.get(5)?,
        looks: row.get(6)?,
        first_observed_at: instant(row, 7)?,
        last_observed_at: instant(row, 8)?,
        last_retired_at: instant(row, 9)?,
        timeline_digest: row.get(10)?,
    };
    let digest: [u8; 32] = row.get(11)?;
    Ok(if document.digest() == digest {
        Ok(document)
    } else {
        Err(format!(
            "the row of document {number} is not what was stored"
        ))
    })
}

fn read_withholding(row: &Row<'_>) -> rusqlite::Result<Checked<Withholding>> {
    let (seq, blob) = (row.get(0)?, BlobId(row.get(1)?));
    let withholding = Withholding { seq, blob };
    let digest: [u8; 32] = row.get(2)?;
    Ok(if withholding.digest() == digest {
        Ok(withholding)
    } else {
        Err(format!(
            "the withholding of event {seq} is not what was stored"
        ))
    })
}

fn read_entry(row: &Row<'_>) -> rusqlite::Result<Checked<Entry>> {
    let (Some(observed_at), seq) = (instant(row, 0)?, row.get(1)?) else {
        return Ok(Err("an entry of a timeline has no time".to_owned()));
    };
    let look = match (row.get::<_, i64>(2)?, row.get::<_, Option<u64>>(3)?) {
        (0, None) => Look::Version,
        (1, Some(version_seq)) => Look::Unchanged { version_seq },
        (2, None) => Look::Failed,
        (3, None) => Look::Retired,
        _ => {
            return Ok(Err(format!(
                "the timeline's entry of event {seq} is not what was stored"
            )));
        }
    };
    Ok(Ok(Entry {
        observed_at,
        seq,
        look,
    }))
}

pub(super) fn read_standing(row: &Row<'_>, document: u64) -> rusqlite::Result<Checked<Standing>> {
    let seq = row.get(1)?;
    let damaged = || {
        Ok(Err(format!(
            "the sight of event {seq} is not what was stored"
        )))
    };
    let (Some(observed_at), Some(first_seen)) = (instant(row, 0)?, instant(row, 4)?) else {
        return damaged();
    };
    let next = match (instant(row, 5)?, row.get::<_, Option<bool>>(6)?) {
        (Some(observed_at), Some(same_text)) => Some(Next {
            observed_at,
            same_text,
        }),
        (None, None) => None,
        _ => return damaged(),
    };
    let sight = Sight {
        observed_at,
        seq,
        version_seq: row.get(2)?,
        text: TextKey(row.get(3)?),
    };
    let standing = Standing {
        sight,
        first_seen,
        next,
    };
    let digest: [u8; 8] = row.get(7)?;
    if standing.digest(document)[..8] == digest {
        Ok(Ok(standing))
    } else {
        damaged()
    }
}

/// Appends a value's type, its length where that varies, and its bytes.
fn put_value(bytes: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => bytes.push(0),
        ValueRef::Integer(number) => {
            bytes.push(1);
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        ValueRef::Real(number) => {
            bytes.push(2);
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        ValueRef::Text(content) | ValueRef::Blob(content) => {
            bytes.push(3);
            bytes.extend_from_slice(&(content.len() as u64).to_be_bytes());
            bytes.extend_from_slice(content);
        }
    }
}

fn instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Instant>> {
    Ok(row
        .get::<_, Option<i64>>(column)?
        .and_then(Instant::from_micros))
}

/// Selects standings of document ?1, as [`read_standing`] takes them.
pub(super) fn standing_query(rest: &str) -> String {
    format!("SELECT {STANDING_COLUMNS} FROM as_of WHERE document = ?1 {rest}")
}

/// Selects the document of a stream, as [`read_document`] takes it.
pub(super) fn document_query() -> String {
    format!("SELECT {DOCUMENT_COLUMNS} FROM document WHERE stream = ?1")
}
