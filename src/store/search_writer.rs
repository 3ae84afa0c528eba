//! The search index, written: a fold over the versions of all documents in the order of the log. The same log gives the
//! same rows, whether it is taken up at once or in pieces.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _};

use super::search::{IndexState, KIND, SearchIndexError, read_place, read_state, wording};
use super::search_rows::{Place, Run, digest};
use super::sqlite::{self, Durability, sqlite_error};
use crate::model::{Clause, Clauses, ReadingDigest, Sha256};
use crate::prove::tree_hash;
use crate::search;

/// Writes the search index, in one transaction from the opening to the closing.
#[derive(Debug)]
pub struct SearchIndexWriter {
    path: PathBuf,
    connection: Connection,
    scratch: bool,
    state: IndexState,
    known: HashMap<u64, Known>,
}

/// What is known of a document.
#[derive(Debug, Default)]
struct Known {
    /// The newest version.
    newest_seq: Option<u64>,
    /// The wordings in it, by their readings.
    held: HashMap<ReadingDigest, i64>,
}

impl SearchIndexWriter {
    /// Makes an empty index, to be built in one go: it is good for nothing before it is closed, nor after an error.
    ///
    /// # Errors
    /// [`SearchIndexError::Sqlite`].
    pub fn create(path: &Path) -> Result<Self, SearchIndexError> {
        let connection = sqlite::open_writable(path, &KIND, Durability::Scratch, true)?;
        let state = IndexState {
            cursor: 0,
            root: tree_hash(&[]),
            wordings: 0,
        };
        Self::begin(path, connection, true, state)
    }

    /// Opens an index to take up more.
    ///
    /// # Errors
    /// A [`SearchIndexError`].
    pub fn open(path: &Path) -> Result<Self, SearchIndexError> {
        let connection = sqlite::open_writable(path, &KIND, Durability::Relaxed, false)?;
        let state = read_state(&connection, path)?;
        Self::begin(path, connection, false, state)
    }

    fn begin(
        path: &Path,
        connection: Connection,
        scratch: bool,
        state: IndexState,
    ) -> Result<Self, SearchIndexError> {
        connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(|source| sqlite_error(path, source))?;
        Ok(Self {
            path: path.to_owned(),
            connection,
            scratch,
            state,
            known: HashMap::new(),
        })
    }

    /// How far the index has come.
    #[must_use]
    pub fn state(&self) -> IndexState {
        self.state
    }

    /// The newest version of a document that was taken up, if it must be given to [`Self::recall`] before the next is taken
    /// up.
    ///
    /// # Errors
    /// [`SearchIndexError::Sqlite`].
    pub fn newest_to_recall(&self, document: u64) -> Result<Option<u64>, SearchIndexError> {
        if self.known.contains_key(&document) {
            return Ok(None);
        }
        self.connection
            .prepare_cached("SELECT newest_seq FROM document WHERE document = ?1")
            .and_then(|mut statement| statement.query_row([document], |row| row.get(0)).optional())
            .map_err(|source| self.sql(source))
    }

    /// Takes the clauses of the version that [`Self::newest_to_recall`] tells.
    ///
    /// # Errors
    /// [`SearchIndexError::Sqlite`].
    pub fn recall(
        &mut self,
        document: u64,
        newest_seq: u64,
        clauses: &Clauses,
    ) -> Result<(), SearchIndexError> {
        let mut held = HashMap::new();
        for clause in clauses.all() {
            let number = wording(&self.connection, clause.digest);
            if let Some(number) = number.map_err(|source| self.sql(source))? {
                held.insert(clause.digest, number);
            }
        }
        let newest_seq = Some(newest_seq);
        self.known.insert(document, Known { newest_seq, held });
        Ok(())
    }

    /// Takes up the next version of a document, with its clauses; of those that read the same, the first counts.
    ///
    /// # Errors
    /// [`SearchIndexError::Sqlite`], [`SearchIndexError::Damaged`].
    pub fn take(
        &mut self,
        document: u64,
        seq: u64,
        clauses: &Clauses,
    ) -> Result<(), SearchIndexError> {
        let mut known = self.known.remove(&document).unwrap_or_default();
        let mut held = HashMap::with_capacity(clauses.all().len());
        for clause in clauses.all() {
            if held.contains_key(&clause.digest) {
                continue;
            }
            let number = match known.held.remove(&clause.digest) {
                Some(number) => number,
                None => match self.number(clauses, clause)? {
                    Some(number) => {
                        self.begin_run(number, document, seq, clauses, clause)?;
                        number
                    }
                    // Signs alone are not looked for.
                    None => continue,
                },
            };
            held.insert(clause.digest, number);
        }
        for number in known.held.into_values() {
            self.end_run(number, document, known.newest_seq)?;
        }
        let newest_seq = Some(seq);
        self.known.insert(document, Known { newest_seq, held });
        Ok(())
    }

    /// The number of a clause's wording, which is stored if it is new; none where it has no words.
    fn number(
        &mut self,
        clauses: &Clauses,
        clause: &Clause,
    ) -> Result<Option<i64>, SearchIndexError> {
        let known = wording(&self.connection, clause.digest).map_err(|source| self.sql(source))?;
        if known.is_some() {
            return Ok(known);
        }
        let words = search::words(clauses.reading(clause)).join(" ");
        if words.is_empty() {
            return Ok(None);
        }
        let number = self.state.wordings + 1;
        let store = || {
            self.connection
                .prepare_cached("INSERT INTO words (rowid, text) VALUES (?1, ?2)")?
                .execute((number, &words))?;
            self.connection
                .prepare_cached("INSERT INTO wording VALUES (?1, ?2)")?
                .execute((clause.digest.0, number))?;
            Ok(())
        };
        store().map_err(|source| self.sql(source))?;
        self.state.wordings = number;
        Ok(Some(number))
    }

    fn begin_run(
        &self,
        number: i64,
        document: u64,
        seq: u64,
        clauses: &Clauses,
        clause: &Clause,
    ) -> Result<(), SearchIndexError> {
        let mut headings = Vec::new();
        let mut above = clause.heading;
        while let Some(heading) = above.and_then(|place| clauses.all().get(place)) {
            headings.push(heading.span);
            above = heading.heading;
        }
        headings.reverse();
        let mut place = Place {
            document,
            runs: Vec::new(),
            span: clause.span,
            headings,
        };
        if let Some(before) = read_place(&self.connection, &self.path, number, document)? {
            place.runs = before.runs;
        }
        place.runs.push(Run {
            first_seq: seq,
            last_seq: None,
        });
        self.store_place(number, &place)
    }

    fn end_run(
        &self,
        number: i64,
        document: u64,
        last_seq: Option<u64>,
    ) -> Result<(), SearchIndexError> {
        let place = read_place(&self.connection, &self.path, number, document)?;
        let Some(mut place) = place else {
            return Ok(());
        };
        if let Some(run) = place.runs.last_mut() {
            run.last_seq = last_seq;
        }
        self.store_place(number, &place)
    }

    fn store_place(&self, number: i64, place: &Place) -> Result<(), SearchIndexError> {
        let (runs, spans) = (place.runs_bytes(), place.spans_bytes());
        let digest = digest(number, place.document, &runs, &spans);
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO place VALUES (?1, ?2, ?3, ?4, ?5)")
            .and_then(|mut statement| {
                statement.execute((number, place.document, runs, spans, digest))
            })
            .map_err(|source| self.sql(source))?;
        Ok(())
    }

    /// Ends the taking up: all events before `cursor` were, and `root` is that of the log's tree there. The index is then
    /// whole; without this call it is as it was.
    ///
    /// # Errors
    /// [`SearchIndexError::Sqlite`].
    pub fn close(self, cursor: u64, root: Sha256) -> Result<(), SearchIndexError> {
        let state = IndexState {
            cursor,
            root,
            wordings: self.state.wordings,
        };
        self.store(state).map_err(|source| self.sql(source))?;
        if self.scratch {
            // Readings come in no order, and leave room between them.
            sqlite::write_anew(&self.connection).map_err(|source| self.sql(source))?;
            return Ok(sqlite::finish_scratch(self.connection, &self.path)?);
        }
        self.connection
            .close()
            .map_err(|(_, source)| sqlite_error(&self.path, source).into())
    }

    /// What is damaged, as an error.
    #[must_use]
    pub fn damaged(&self, what: String) -> SearchIndexError {
        SearchIndexError::Damaged {
            path: self.path.clone(),
            what,
        }
    }

    fn store(&self, state: IndexState) -> rusqlite::Result<()> {
        let mut newest = self
            .connection
            .prepare("INSERT OR REPLACE INTO document VALUES (?1, ?2)")?;
        for (document, known) in &self.known {
            newest.execute((document, known.newest_seq))?;
        }
        self.connection.execute(
            "INSERT OR REPLACE INTO state VALUES (1, ?1, ?2, ?3, ?4)",
            (state.cursor, state.root.0, state.wordings, state.digest()),
        )?;
        if self.scratch {
            // One tree of words in place of several: less to store, and less to look through.
            self.connection
                .execute("INSERT INTO words (words) VALUES ('optimize')", [])?;
        }
        self.connection.execute_batch("COMMIT")
    }

    fn sql(&self, source: rusqlite::Error) -> SearchIndexError {
        sqlite_error(&self.path, source).into()
    }
}
