//! The event log, written: batches of events in one transaction, then a signed checkpoint over what is on disk.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};

use super::files;
use super::log::{self, KIND, LogError, StoredTiles};
use super::sqlite::{self, Durability, sqlite_error};
use crate::codec;
use crate::model::{Event, EventId, Fact, Instant, Sha256, StreamId};
use crate::prove::{Checkpoint, RightEdge, SigningKey, Tile, leaf_hash};

/// An event to be appended; the log gives it its place and its time.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Its name, derived from what it records.
    pub event_id: EventId,
    /// The stream that it belongs to.
    pub stream: StreamId,
    /// When what it tells was observed.
    pub observed_at: Instant,
    /// What it tells.
    pub fact: Fact,
}

/// What became of an event to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// It is in the log now.
    New(Box<Event>),
    /// It was there already, with the same content.
    Already {
        /// Where.
        seq: u64,
    },
}

/// The one writer of a log; the caller holds the archive's lock.
#[derive(Debug)]
pub struct LogWriter {
    path: PathBuf,
    sidecar: PathBuf,
    connection: Connection,
    key: SigningKey,
    id: Sha256,
    edge: RightEdge,
    recorded_at: Instant,
    signed: Checkpoint,
    poisoned: bool,
}

impl LogWriter {
    /// Makes a new log named after the key, with a checkpoint over nothing.
    ///
    /// # Errors
    /// A [`LogError`].
    pub fn create(
        path: &Path,
        sidecar: &Path,
        key: &SigningKey,
        now: Instant,
    ) -> Result<(), LogError> {
        let connection = sqlite::open_writable(path, &KIND, Durability::Full, true)?;
        let origin = key.verifier().name();
        let root = RightEdge::default().root();
        let note = key.sign(&Checkpoint::new(origin, 0, root)?.to_string())?;
        let insert = || {
            connection.execute("INSERT INTO log VALUES (1, ?1, ?2)", (origin, now.micros()))?;
            connection.execute("INSERT INTO checkpoint VALUES (0, ?1)", [note.to_string()])
        };
        insert().map_err(|source| sqlite_error(path, source))?;
        files::replace(sidecar, note.to_string().as_bytes(), false)?;
        Ok(())
    }

    /// Opens the log for writing. Events behind the newest checkpoint, which a crash may leave, are checked against the
    /// tree and signed; every event must be found by its id.
    ///
    /// # Errors
    /// A [`LogError`] that says what is missing, altered or damaged.
    pub fn open(path: &Path, sidecar: &Path, key: SigningKey) -> Result<Self, LogError> {
        let connection = sqlite::open_writable(path, &KIND, Durability::Full, false)?;
        let origin = key.verifier().name();
        log::check_origin(&connection, path, origin)?;
        check_index(&connection, path)?;
        let (_, signed) = log::newest_checkpoint(&connection, path, key.verifier())?;
        let last: Option<(u64, Vec<u8>)> = connection
            .query_row(
                "SELECT seq, leaf FROM event ORDER BY seq DESC LIMIT 1",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()
            .map_err(|source| sqlite_error(path, source))?;
        let id = log::log_id(origin);
        let (size, recorded_at) = match last {
            None => (0, Instant::MIN),
            Some((seq, leaf)) => {
                let last = codec::decode(id, &leaf).map_err(|source| LogError::Decode {
                    seq,
                    path: path.to_owned(),
                    source,
                })?;
                (seq + 1, last.recorded_at)
            }
        };
        let edge =
            RightEdge::load(&StoredTiles(&connection), size).map_err(|source| LogError::Tree {
                path: path.to_owned(),
                source,
            })?;
        let (path, sidecar) = (path.to_owned(), sidecar.to_owned());
        let mut writer = Self {
            path,
            sidecar,
            connection,
            key,
            id,
            edge,
            recorded_at,
            signed,
            poisoned: false,
        };
        writer.sign()?;
        Ok(writer)
    }

    /// How many events the log has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    /// Appends events in one transaction: all or none. Blobs that they name must be durable already.
    ///
    /// An event whose id is in the log and that says the same is left alone, so that a batch may be repeated.
    ///
    /// # Errors
    /// [`LogError::Conflict`] if an id is there with another content; [`LogError::Sqlite`] if the disk is full, say.
    /// After a failed commit the writer refuses to go on: what is on disk is then only known by opening it again.
    pub fn append(&mut self, events: &[NewEvent], now: Instant) -> Result<Vec<Appended>, LogError> {
        if self.poisoned {
            return Err(LogError::Poisoned {
                path: self.path.clone(),
            });
        }
        let sql = |source| LogError::from(sqlite_error(&self.path, source));
        let recorded_at = self.recorded_at.max(now);
        let mut edge = self.edge.clone();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql)?;
        let mut appended = Vec::with_capacity(events.len());
        for event in events {
            let found = log::find_event(&transaction, event.event_id).map_err(sql)?;
            appended.push(match found {
                Some(seq) => {
                    check_same(&transaction, self.id, seq, event)
                        .map_err(sql)?
                        .then_some(())
                        .ok_or(LogError::Conflict {
                            event_id: event.event_id,
                            seq,
                        })?;
                    Appended::Already { seq }
                }
                None => {
                    let stream_seq = next_stream_seq(&transaction, event.stream).map_err(sql)?;
                    let event = placed(event, edge.size(), stream_seq, recorded_at);
                    let leaf =
                        codec::encode(self.id, &event).map_err(|source| LogError::Encode {
                            event_id: event.event_id,
                            source,
                        })?;
                    insert(&transaction, event.seq, &leaf, &mut edge).map_err(sql)?;
                    Appended::New(Box::new(event))
                }
            });
        }
        edge.partial()
            .try_for_each(|tile| store_tile(&transaction, &tile))
            .map_err(sql)?;
        // Whether a failed commit reached the disk can't be known: no second try.
        if let Err(source) = transaction.commit() {
            self.poisoned = true;
            return Err(sql(source));
        }
        if edge.size() > self.edge.size() {
            self.recorded_at = recorded_at;
            self.edge = edge;
        }
        Ok(appended)
    }

    /// Signs a checkpoint over all events, after reading them again and hashing them, and writes it into the log and
    /// into the sidecar.
    ///
    /// # Errors
    /// [`LogError::OtherRoot`] if what is on disk is not what was appended.
    pub fn sign(&mut self) -> Result<(), LogError> {
        if self.poisoned {
            return Err(LogError::Poisoned {
                path: self.path.clone(),
            });
        }
        let size = self.edge.size();
        if size == self.signed.size() {
            return self.renew_sidecar();
        }
        let (root, found) = (self.edge.root(), self.root_on_disk()?);
        if found != root {
            self.poisoned = true;
            return Err(LogError::OtherRoot {
                path: self.path.clone(),
                size,
                signed: root,
                found,
            });
        }
        let checkpoint = Checkpoint::new(self.key.verifier().name(), size, root)?;
        let note = self.key.sign(&checkpoint.to_string())?;
        let inserted = self.connection.execute(
            "INSERT INTO checkpoint VALUES (?1, ?2)",
            (size, note.to_string()),
        );
        if let Err(source) = inserted {
            self.poisoned = true;
            return Err(sqlite_error(&self.path, source).into());
        }
        self.signed = checkpoint;
        files::replace(&self.sidecar, note.to_string().as_bytes(), false)?;
        Ok(())
    }

    /// Hashes what another connection reads of the events behind the last checkpoint, on top of that checkpoint's tree.
    fn root_on_disk(&self) -> Result<Sha256, LogError> {
        let sql = |source| LogError::from(sqlite_error(&self.path, source));
        let connection = sqlite::open_read_only(&self.path, &KIND)?;
        let mut edge =
            RightEdge::load(&StoredTiles(&connection), self.signed.size()).map_err(|source| {
                LogError::Tree {
                    path: self.path.clone(),
                    source,
                }
            })?;
        if edge.root() != *self.signed.root() {
            return Ok(edge.root());
        }
        let mut statement = connection
            .prepare("SELECT leaf FROM event WHERE seq >= ?1 ORDER BY seq")
            .map_err(sql)?;
        let mut rows = statement.query([self.signed.size()]).map_err(sql)?;
        let mut recorded_at = Instant::MIN;
        while let Some(row) = rows.next().map_err(sql)? {
            let leaf = row
                .get_ref(0)
                .map_err(sql)?
                .as_blob()
                .map_err(|error| sql(error.into()))?;
            let (seq, path) = (edge.size(), &self.path);
            let event = codec::decode(self.id, leaf).map_err(|source| LogError::Decode {
                seq,
                path: path.clone(),
                source,
            })?;
            if event.seq != seq || event.recorded_at < recorded_at {
                let path = path.clone();
                return Err(LogError::Altered { seq, path });
            }
            recorded_at = event.recorded_at;
            // The tiles are stored already; here only the root is wanted.
            let _full = edge.append(leaf_hash(leaf));
        }
        Ok(edge.root())
    }

    /// Brings the sidecar up to the newest checkpoint, where a crash came between the two.
    fn renew_sidecar(&self) -> Result<(), LogError> {
        let (note, _) = log::newest_checkpoint(&self.connection, &self.path, self.key.verifier())?;
        let note = note.to_string();
        if files::read_small(&self.sidecar, 1 << 16).is_ok_and(|sidecar| sidecar == note.as_bytes())
        {
            return Ok(());
        }
        Ok(files::replace(&self.sidecar, note.as_bytes(), false)?)
    }

    /// The newest checkpoint.
    #[must_use]
    pub fn signed(&self) -> &Checkpoint {
        &self.signed
    }

    /// Finds the seq of an event by its id.
    ///
    /// # Errors
    /// [`LogError::Sqlite`].
    pub fn find(&self, event_id: EventId) -> Result<Option<u64>, LogError> {
        log::find_event(&self.connection, event_id)
            .map_err(|source| sqlite_error(&self.path, source).into())
    }
}

/// Looks up every event by its id: what the index doesn't find would be appended once more.
fn check_index(connection: &Connection, path: &Path) -> Result<(), LogError> {
    let sql = "SELECT seq FROM event AS stored NOT INDEXED WHERE seq IS NOT \
               (SELECT seq FROM event WHERE event_id = stored.event_id) LIMIT 1";
    let lost = connection
        .query_row(sql, [], |row| row.get(0))
        .optional()
        .map_err(|source| sqlite_error(path, source))?;
    match lost {
        None => Ok(()),
        Some(seq) => Err(LogError::Index {
            seq,
            path: path.to_owned(),
        }),
    }
}

/// The event with its place in the log.
fn placed(new: &NewEvent, seq: u64, stream_seq: u64, recorded_at: Instant) -> Event {
    Event {
        seq,
        event_id: new.event_id,
        stream: new.stream,
        stream_seq,
        recorded_at,
        observed_at: new.observed_at,
        fact: new.fact.clone(),
    }
}

fn insert(
    transaction: &Transaction<'_>,
    seq: u64,
    leaf: &[u8],
    edge: &mut RightEdge,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("INSERT INTO event (seq, leaf) VALUES (?1, ?2)")?
        .execute((seq, leaf))?;
    edge.append(leaf_hash(leaf))
        .iter()
        .try_for_each(|tile| store_tile(transaction, tile))
}

fn store_tile(transaction: &Transaction<'_>, tile: &Tile) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO tile (level, position, hashes) VALUES (?1, ?2, ?3)",
        )?
        .execute((tile.level, tile.index, tile.to_bytes()))
        .map(|_| ())
}

/// Whether the stored event of that seq says what `new` says.
fn check_same(
    transaction: &Transaction<'_>,
    id: Sha256,
    seq: u64,
    new: &NewEvent,
) -> rusqlite::Result<bool> {
    let leaf: Vec<u8> = transaction
        .prepare_cached("SELECT leaf FROM event WHERE seq = ?1")?
        .query_row([seq], |row| row.get(0))?;
    Ok(codec::decode(id, &leaf).is_ok_and(|stored| {
        let as_new = placed(new, stored.seq, stored.stream_seq, stored.recorded_at);
        codec::encode(id, &as_new).is_ok_and(|bytes| bytes == leaf)
    }))
}

fn next_stream_seq(transaction: &Transaction<'_>, stream: StreamId) -> rusqlite::Result<u64> {
    let last: Option<[u8; 8]> = transaction
        .prepare_cached(
            "SELECT stream_seq FROM event WHERE stream = ?1 ORDER BY stream_seq DESC LIMIT 1",
        )?
        .query_row([stream.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(last.map_or(0, |last| u64::from_be_bytes(last) + 1))
}
