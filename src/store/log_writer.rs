//! The event log, written: batches of events in one transaction, then a signed checkpoint over what is on disk.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use super::bundle::{Bundle, Recent, WIDTH};
use super::files;
use super::log::{self, KIND, LogError, StoredTiles};
use super::log_rows::{Rows, check_index, last_leaf, placed, store_tile};
use super::sealed;
use super::sqlite::{self, Durability, sqlite_error};
use crate::codec;
use crate::model::{Event, EventId, Fact, Instant, Sha256, StreamId};
use crate::prove::{Checkpoint, RightEdge, SigningKey, leaf_hash};

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
    /// Bundles as they are on disk.
    recent: Recent,
    /// How many events the streams have that were written to.
    streams: HashMap<StreamId, u64>,
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
        let id = log::log_id(origin);
        let (size, recorded_at) = match last_leaf(&connection, path)? {
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
        let edge = RightEdge::load(&StoredTiles(&connection), size)
            .map_err(|source| log::tree_error(path, source))?;
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
            recent: Recent::default(),
            streams: HashMap::new(),
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
        let appended = self.try_append(events, now);
        if appended.is_err() {
            // What was read or counted may not have been committed.
            self.recent.forget();
            self.streams.clear();
        }
        appended
    }

    fn try_append(&mut self, events: &[NewEvent], now: Instant) -> Result<Vec<Appended>, LogError> {
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
        let rows = Rows {
            connection: &transaction,
            path: &self.path,
            recent: &self.recent,
        };
        let mut appended = Vec::with_capacity(events.len());
        for event in events {
            let event_id = event.event_id;
            if let Some(seq) = rows.find(event_id)? {
                if !rows.says(self.id, seq, event)? {
                    return Err(LogError::Conflict { event_id, seq });
                }
                appended.push(Appended::Already { seq });
                continue;
            }
            let stream_seq = match self.streams.get(&event.stream) {
                Some(count) => *count,
                None => rows.next_stream_seq(event.stream)?,
            };
            let event = placed(event, edge.size(), stream_seq, recorded_at);
            let leaf = codec::encode(self.id, &event)
                .map_err(|source| LogError::Encode { event_id, source })?;
            rows.insert(event.seq, &leaf, &mut edge)?;
            self.streams.insert(event.stream, stream_seq + 1);
            appended.push(Appended::New(Box::new(event)));
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
        let edge = RightEdge::load(&StoredTiles(&connection), self.signed.size())
            .map_err(|source| log::tree_error(&self.path, source))?;
        if edge.root() != *self.signed.root() {
            return Ok(edge.root());
        }
        let mut tail = Tail {
            id: self.id,
            path: &self.path,
            edge,
            recorded_at: Instant::MIN,
        };
        let first = tail.edge.size();
        for position in first / WIDTH..sealed::count(&connection).map_err(sql)? {
            let bundle = sealed::bundle(&connection, position)
                .map_err(|error| log::bundle_error(&self.path, position, error))?;
            let skipped = (first.saturating_sub(position * WIDTH)).min(WIDTH);
            for leaf in bundle
                .iter()
                .flat_map(Bundle::leaves)
                .skip(skipped as usize)
            {
                tail.take(leaf)?;
            }
        }
        let mut statement = connection
            .prepare("SELECT leaf FROM event WHERE seq >= ?1 ORDER BY seq")
            .map_err(sql)?;
        let mut rows = statement.query([tail.edge.size()]).map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            let leaf = row.get_ref(0).map_err(sql)?;
            tail.take(leaf.as_blob().map_err(|error| sql(error.into()))?)?;
        }
        Ok(tail.edge.root())
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
    /// [`LogError::Sqlite`], [`LogError::Bundle`].
    pub fn find(&self, event_id: EventId) -> Result<Option<u64>, LogError> {
        let rows = Rows {
            connection: &self.connection,
            path: &self.path,
            recent: &self.recent,
        };
        rows.find(event_id)
    }
}

/// The events behind a checkpoint as they are read again, on top of that checkpoint's tree.
struct Tail<'a> {
    id: Sha256,
    path: &'a Path,
    edge: RightEdge,
    recorded_at: Instant,
}

impl Tail<'_> {
    fn take(&mut self, leaf: &[u8]) -> Result<(), LogError> {
        let (seq, path) = (self.edge.size(), self.path.to_owned());
        let event = match codec::decode(self.id, leaf) {
            Ok(event) => event,
            Err(source) => return Err(LogError::Decode { seq, path, source }),
        };
        if event.seq != seq || event.recorded_at < self.recorded_at {
            return Err(LogError::Altered { seq, path });
        }
        self.recorded_at = event.recorded_at;
        // The tiles are stored already; here only the root is wanted.
        let _full = self.edge.append(leaf_hash(leaf));
        Ok(())
    }
}
