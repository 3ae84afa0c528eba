//! The views, written: events in the log's order become rows. The same events give the same rows, in batches of any size.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::sqlite::{self, Durability, sqlite_error};
use super::views::{
    self, KIND, State, ViewsError, add_digest, document_query, read_document, read_standing,
    standing_query, subtract_digest,
};
use crate::model::{Event, Fact, Instant, Sha256, StreamId};
use crate::project::{self, Document, Entry, Look, Sight, Standing, TextKey};
use crate::prove::tree_hash;

/// How many documents are kept in memory between batches.
const DOCUMENTS_IN_MEMORY: usize = 4096;

/// Writes the views.
#[derive(Debug)]
pub struct ViewsWriter {
    path: PathBuf,
    connection: Connection,
    state: State,
    known: HashMap<StreamId, Known>,
}

/// A document in memory, and how it differs from what is stored.
#[derive(Debug)]
struct Known {
    document: Document,
    /// The digest of the stored row; none before there is one.
    stored_digest: Option<[u8; 32]>,
    /// The last sight; it is stored when the next one comes or the batch ends.
    tail: Option<Standing>,
    tail_is_stored: bool,
}

impl ViewsWriter {
    /// Opens the views for writing, or makes empty ones where there is no file.
    ///
    /// # Errors
    /// [`ViewsError::Sqlite`], [`ViewsError::Damaged`].
    pub fn open(path: &Path) -> Result<Self, ViewsError> {
        let made = !path.exists();
        let connection = sqlite::open_writable(path, &KIND, Durability::Relaxed, true)?;
        let state = if made {
            let state = State::empty(tree_hash(&[]));
            store_state(&connection, &state).map_err(|source| sqlite_error(path, source))?;
            state
        } else {
            views::read_state(&connection, path)?
        };
        Ok(Self {
            path: path.to_owned(),
            connection,
            state,
            known: HashMap::new(),
        })
    }

    /// How far the views have come.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Takes up the next events, in one transaction; `root` is that of the log's tree after the last of them.
    ///
    /// Events that another process has brought in since are passed over; where it has brought in all of them, nothing
    /// is written.
    ///
    /// # Errors
    /// A [`ViewsError`]; nothing of the batch is then stored.
    pub fn apply(&mut self, events: &[Event], root: Sha256) -> Result<(), ViewsError> {
        let path = self.path.clone();
        let sql = |source| ViewsError::from(sqlite_error(&path, source));
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql)?;
        let stored = views::read_state(&transaction, &path)?;
        if stored != self.state {
            self.known.clear();
            self.state = stored;
        }
        // The other process may have come further than `root` is the root of.
        if events.last().is_none_or(|last| last.seq < stored.cursor) {
            return Ok(());
        }
        let mut batch = Batch {
            connection: &transaction,
            path: &path,
            state: stored,
            known: &mut self.known,
        };
        let written = events
            .iter()
            .try_for_each(|event| batch.take(event))
            .and_then(|()| batch.finish(root));
        let state = batch.state;
        if let Err(error) = written {
            self.known.clear();
            return Err(error);
        }
        transaction.commit().map_err(sql)?;
        self.state = state;
        if self.known.len() > DOCUMENTS_IN_MEMORY {
            self.known.clear();
        }
        Ok(())
    }

    /// Writes everything into the one file, without a log beside it.
    ///
    /// # Errors
    /// [`ViewsError::Sqlite`].
    pub fn close(self) -> Result<(), ViewsError> {
        self.connection
            .close()
            .map_err(|(_, source)| sqlite_error(&self.path, source).into())
    }
}

/// One transaction's worth of events.
struct Batch<'a> {
    connection: &'a Connection,
    path: &'a Path,
    state: State,
    known: &'a mut HashMap<StreamId, Known>,
}

impl Batch<'_> {
    fn take(&mut self, event: &Event) -> Result<(), ViewsError> {
        match event.seq.cmp(&self.state.cursor) {
            Ordering::Less => return Ok(()),
            Ordering::Equal => {}
            Ordering::Greater => {
                return Err(ViewsError::Gap {
                    expected: self.state.cursor,
                    found: event.seq,
                });
            }
        }
        if let Fact::DocumentDeclared { document } = &event.fact {
            let declared = Document::declared(self.state.documents, document.clone(), event.seq);
            self.state.documents += 1;
            let known = Known {
                document: declared,
                stored_digest: None,
                tail: None,
                tail_is_stored: true,
            };
            self.known.insert(event.stream, known);
        }
        for (stream, entry) in project::entries(event) {
            self.load(stream, event.seq)?;
            let Some(known) = self.known.get_mut(&stream) else {
                continue;
            };
            let (connection, path) = (self.connection, self.path);
            let sql = |source| ViewsError::from(sqlite_error(path, source));
            store_entry(connection, known.document.number, &entry).map_err(sql)?;
            known.document.apply(&entry);
            if let Some(sight) = sight(connection, path, known, &entry, event)? {
                known.see(connection, path, sight)?;
            }
        }
        self.state.cursor = event.seq + 1;
        Ok(())
    }

    /// Has the document of a stream in memory.
    fn load(&mut self, stream: StreamId, seq: u64) -> Result<(), ViewsError> {
        if self.known.contains_key(&stream) {
            return Ok(());
        }
        let sql = |source| ViewsError::from(sqlite_error(self.path, source));
        let document = self
            .connection
            .prepare_cached(&document_query())
            .and_then(|mut statement| {
                statement
                    .query_row([stream.as_bytes()], read_document)
                    .optional()
            })
            .map_err(sql)?
            .ok_or(ViewsError::Undeclared { seq })?
            .map_err(|what| views::damaged(self.path, &what))?;
        let tail = standing(
            self.connection,
            self.path,
            document.number,
            "ORDER BY observed_at DESC, seq DESC",
            &[],
        )?;
        let stored_digest = Some(document.digest());
        self.known.insert(
            stream,
            Known {
                document,
                stored_digest,
                tail,
                tail_is_stored: true,
            },
        );
        Ok(())
    }

    fn finish(&mut self, root: Sha256) -> Result<(), ViewsError> {
        let sql = |source| ViewsError::from(sqlite_error(self.path, source));
        for (stream, known) in self.known.iter_mut() {
            known.store_tail(self.connection).map_err(sql)?;
            let digest = known.document.digest();
            if known.stored_digest == Some(digest) {
                continue;
            }
            if let Some(stored) = known.stored_digest.replace(digest) {
                subtract_digest(&mut self.state.documents_digest, &stored);
            }
            add_digest(&mut self.state.documents_digest, &digest);
            store_document(self.connection, stream, &known.document, &digest).map_err(sql)?;
        }
        self.state.root = root;
        store_state(self.connection, &self.state).map_err(sql)
    }
}

impl Known {
    /// Puts a sight in its place.
    fn see(
        &mut self,
        connection: &Connection,
        path: &Path,
        sight: Sight,
    ) -> Result<(), ViewsError> {
        let sql = |source| ViewsError::from(sqlite_error(path, source));
        let number = self.document.number;
        if self
            .tail
            .is_none_or(|tail| tail.sight.order() < sight.order())
        {
            let mut before = self.tail;
            let (placed, _) = project::insert(
                sight,
                before.as_mut(),
                std::iter::empty::<Result<_, ViewsError>>(),
            )?;
            if let Some(before) = before {
                store_standing(connection, number, &before).map_err(sql)?;
            }
            self.tail = Some(placed);
            self.tail_is_stored = false;
            return Ok(());
        }
        // An observation out of order: correct what stands around its place in the table.
        self.store_tail(connection).map_err(sql)?;
        let place = [sight.observed_at.micros(), sight.seq.cast_signed()];
        let earlier = "AND (observed_at, seq) < (?2, ?3) ORDER BY observed_at DESC, seq DESC";
        let mut before = standing(connection, path, number, earlier, &place)?;
        let later = standing_query("AND (observed_at, seq) > (?2, ?3) ORDER BY observed_at, seq");
        let mut statement = connection.prepare_cached(&later).map_err(sql)?;
        let after = statement
            .query_map((number, place[0], place[1]), |row| {
                read_standing(row, number)
            })
            .map_err(sql)?
            .map(|row| {
                row.map_err(sql)?
                    .map_err(|what| views::damaged(path, &what))
            });
        let (placed, corrected) = project::insert(sight, before.as_mut(), after)?;
        for standing in before.iter().chain([&placed]).chain(&corrected) {
            store_standing(connection, number, standing).map_err(sql)?;
        }
        if let Some(last) = corrected
            .last()
            .filter(|last| self.tail.is_some_and(|tail| tail.sight == last.sight))
        {
            self.tail = Some(*last);
        }
        Ok(())
    }

    fn store_tail(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        match self.tail.filter(|_| !self.tail_is_stored) {
            Some(tail) => {
                self.tail_is_stored = true;
                store_standing(connection, self.document.number, &tail)
            }
            None => Ok(()),
        }
    }
}

/// The sight that an entry stands for, if it is one.
fn sight(
    connection: &Connection,
    path: &Path,
    known: &Known,
    entry: &Entry,
    event: &Event,
) -> Result<Option<Sight>, ViewsError> {
    let (observed_at, seq) = (entry.observed_at, entry.seq);
    Ok(match (&entry.look, &event.fact) {
        (Look::Version, Fact::VersionRecorded(version)) => Some(Sight {
            observed_at,
            seq,
            version_seq: seq,
            text: TextKey::of(version.text.blob),
        }),
        (Look::Unchanged { version_seq }, _) => {
            let version_seq = *version_seq;
            let tail = known
                .tail
                .filter(|tail| tail.sight.version_seq == version_seq);
            let version = match tail {
                Some(tail) => Some(tail),
                None => {
                    let parameter = [version_seq.cast_signed()];
                    standing(
                        connection,
                        path,
                        known.document.number,
                        "AND seq = ?2 AND version_seq = ?2",
                        &parameter,
                    )?
                }
            };
            let text = version
                .ok_or(ViewsError::NoVersion { seq, version_seq })?
                .sight
                .text;
            Some(Sight {
                observed_at,
                seq,
                version_seq,
                text,
            })
        }
        _ => None,
    })
}

/// The first standing of a document that a query finds.
fn standing(
    connection: &Connection,
    path: &Path,
    document: u64,
    rest: &str,
    parameters: &[i64],
) -> Result<Option<Standing>, ViewsError> {
    let all = std::iter::once(document.cast_signed()).chain(parameters.iter().copied());
    connection
        .prepare_cached(&standing_query(&format!("{rest} LIMIT 1")))
        .and_then(|mut statement| {
            statement
                .query_row(rusqlite::params_from_iter(all), |row| {
                    read_standing(row, document)
                })
                .optional()
        })
        .map_err(|source| sqlite_error(path, source))?
        .transpose()
        .map_err(|what| views::damaged(path, &what))
}

fn store_state(connection: &Connection, state: &State) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO state VALUES (1, ?1, ?2, ?3, ?4, ?5)")?
        .execute(params![
            state.cursor,
            state.root.0,
            state.documents,
            state.documents_digest,
            state.digest()
        ])
        .map(|_| ())
}

fn store_document(
    connection: &Connection,
    stream: &StreamId,
    document: &Document,
    digest: &[u8; 32],
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO document VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)")?
        .execute(params![
            document.number,
            stream.as_bytes(),
            document.name.platform(),
            document.name.document_type(),
            document.name.key(),
            document.declared_seq,
            document.versions,
            document.looks,
            document.first_observed_at.map(Instant::micros),
            document.last_observed_at.map(Instant::micros),
            document.last_retired_at.map(Instant::micros),
            document.timeline_digest,
            digest,
        ])
        .map(|_| ())
}

fn store_entry(connection: &Connection, document: u64, entry: &Entry) -> rusqlite::Result<()> {
    let version_seq = match entry.look {
        Look::Unchanged { version_seq } => Some(version_seq),
        Look::Version | Look::Failed | Look::Retired => None,
    };
    connection
        .prepare_cached("INSERT INTO timeline VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((
            document,
            entry.observed_at.micros(),
            entry.seq,
            entry.look.code(),
            version_seq,
        ))
        .map(|_| ())
}

fn store_standing(
    connection: &Connection,
    document: u64,
    standing: &Standing,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO as_of VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?
        .execute(params![
            document,
            standing.sight.observed_at.micros(),
            standing.sight.seq,
            standing.sight.version_seq,
            standing.sight.text.0,
            standing.first_seen.micros(),
            standing.next.map(|next| next.observed_at.micros()),
            standing.next.map(|next| next.same_text),
            &standing.digest(document)[..8],
        ])
        .map(|_| ())
}
