//! The event log, read: every event is proven to be in the tree of the newest signed checkpoint before it is decoded.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _};

use super::files::FileError;
use super::sqlite::{self, Kind, SqliteError, sqlite_error};
use crate::codec::{self, CodecError};
use crate::model::{Event, EventId, Instant, Sha256, StreamId};
use crate::prove::{
    Checkpoint, CheckpointError, KeyError, Note, NoteError, TileError, Tiles, Tree, TreeError,
    VerifierKey, leaf_hash, parse_tile, verify_inclusion,
};

pub(super) const KIND: Kind = Kind {
    name: "an event log of Recension",
    application_id: 0x5243_4e4c, // RCNL
    format: 1,
    schema: include_str!("../../schema/log/0001_events.sql"),
};

/// How many tiles of leaf hashes are kept in memory once proven: 8 KiB each.
const TILES_IN_MEMORY: usize = 512;

/// The log can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The database can't be opened or used.
    #[error(transparent)]
    Sqlite(#[from] SqliteError),
    /// A file beside it can't be.
    #[error(transparent)]
    File(#[from] FileError),
    /// The log is another one than the archive says.
    #[error("{} is the log {found:?}, not {expected:?}", path.display())]
    OtherLog {
        /// The database.
        path: PathBuf,
        /// The origin that the archive names.
        expected: String,
        /// The origin in the log.
        found: String,
    },
    /// The log holds no checkpoint that can be believed.
    #[error("{} holds no checkpoint signed by this archive's key: {reason}", path.display())]
    NoCheckpoint {
        /// The database.
        path: PathBuf,
        /// What is wrong with the newest.
        reason: String,
    },
    /// The stored tree doesn't give the root that was signed.
    #[error("{} was altered: its first {size} events have the root {found}, and {signed} was signed", path.display())]
    OtherRoot {
        /// The database.
        path: PathBuf,
        /// How many events the checkpoint covers.
        size: u64,
        /// The root that was signed.
        signed: Sha256,
        /// The root of what is stored.
        found: Sha256,
    },
    /// The stored tree isn't whole.
    #[error("the tree of {} is damaged: {source}", path.display())]
    Tree {
        /// The database.
        path: PathBuf,
        /// What is missing.
        source: TreeError<TileReadError>,
    },
    /// There is no such event, or not any more.
    #[error("event {seq} is not in {} (it has {size} signed events)", path.display())]
    NoEvent {
        /// The seq asked for.
        seq: u64,
        /// How many events are signed.
        size: u64,
        /// The database.
        path: PathBuf,
    },
    /// The bytes of an event are not those that were signed.
    #[error("event {seq} in {} was altered: its bytes are not those that were signed", path.display())]
    Altered {
        /// The event.
        seq: u64,
        /// The database.
        path: PathBuf,
    },
    /// The bytes of an event are those that were signed and yet are no event.
    #[error("event {seq} in {} can't be read: {source}", path.display())]
    Decode {
        /// The event.
        seq: u64,
        /// The database.
        path: PathBuf,
        /// Why.
        source: CodecError,
    },
    /// A new event can't be written.
    #[error("the event {event_id} can't be written: {source}")]
    Encode {
        /// The event.
        event_id: EventId,
        /// Why.
        source: CodecError,
    },
    /// An event of that id is in the log and says something else.
    #[error("event {event_id} is in the log already (seq {seq}) and says something else")]
    Conflict {
        /// The event.
        event_id: EventId,
        /// Where it is.
        seq: u64,
    },
    /// The index that finds events by their ids doesn't find one.
    #[error(
        "the index of {} is damaged: event {seq} is not found by its id, so that it could be recorded twice",
        path.display()
    )]
    Index {
        /// The event.
        seq: u64,
        /// The database.
        path: PathBuf,
    },
    /// An earlier commit failed, so that nothing is known of what is on disk.
    #[error("writing to {} failed before; start again to see what is on disk", path.display())]
    Poisoned {
        /// The database.
        path: PathBuf,
    },
    /// A key or note can't be made.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// A checkpoint can't be made.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A key can't be used.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A stored tile can't be read.
#[derive(Debug, thiserror::Error)]
pub enum TileReadError {
    /// SQLite refuses.
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    /// There is no such tile.
    #[error("it is missing")]
    Missing,
    /// Its bytes are no tile.
    #[error("{0}")]
    Form(#[from] TileError),
}

/// The log up to its newest signed checkpoint.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    connection: Connection,
    note: Note,
    checkpoint: Checkpoint,
    id: Sha256,
    proven: RefCell<HashMap<u64, Arc<[Sha256]>>>,
}

/// The tiles of a log's tree in its database.
pub(super) struct StoredTiles<'a>(pub(super) &'a Connection);

impl Tiles for StoredTiles<'_> {
    type Error = TileReadError;

    fn tile(&self, level: u32, index: u64) -> Result<Vec<Sha256>, TileReadError> {
        let hashes: Option<Vec<u8>> = self
            .0
            .prepare_cached("SELECT hashes FROM tile WHERE level = ?1 AND position = ?2")?
            .query_row((level, index), |row| row.get(0))
            .optional()?;
        Ok(parse_tile(&hashes.ok_or(TileReadError::Missing)?)?)
    }
}

impl Log {
    /// Opens the log named `origin` up to its newest checkpoint, which `key` must have signed.
    ///
    /// # Errors
    /// A [`LogError`] that says what is missing, altered or damaged.
    pub fn open(path: &Path, origin: &str, key: &VerifierKey) -> Result<Self, LogError> {
        let connection = sqlite::open_read_only(path, &KIND)?;
        check_origin(&connection, path, origin)?;
        let (note, checkpoint) = newest_checkpoint(&connection, path, key)?;
        let log = Self {
            path: path.to_owned(),
            connection,
            id: log_id(origin),
            note,
            checkpoint,
            proven: RefCell::default(),
        };
        let (size, signed) = (log.size(), *log.checkpoint.root());
        let found = log.root_at(size)?;
        if found == signed {
            Ok(log)
        } else {
            Err(LogError::OtherRoot {
                path: log.path,
                size,
                signed,
                found,
            })
        }
    }

    /// How many events are signed; the seqs are those below.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.checkpoint.size()
    }

    /// SHA-256 of the log's origin.
    #[must_use]
    pub fn id(&self) -> Sha256 {
        self.id
    }

    /// The newest checkpoint.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The newest checkpoint as it was signed.
    #[must_use]
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// Computes the root of the first `size` events from the stored tiles.
    ///
    /// # Errors
    /// [`LogError::Tree`].
    pub fn root_at(&self, size: u64) -> Result<Sha256, LogError> {
        Tree::new(StoredTiles(&self.connection), size)
            .root()
            .map_err(|source| self.tree_error(source))
    }

    /// Proves that the event at `seq` is in the tree of the checkpoint: the siblings from the leaf upwards.
    ///
    /// # Errors
    /// [`LogError::Tree`].
    pub fn inclusion_proof(&self, seq: u64) -> Result<Vec<Sha256>, LogError> {
        Tree::new(StoredTiles(&self.connection), self.size())
            .inclusion_proof(seq)
            .map_err(|source| self.tree_error(source))
    }

    /// Reads the bytes of an event and proves that they were signed.
    ///
    /// # Errors
    /// [`LogError::NoEvent`], [`LogError::Altered`], or what else is wrong.
    pub fn leaf(&self, seq: u64) -> Result<Vec<u8>, LogError> {
        let no_event = || LogError::NoEvent {
            seq,
            size: self.size(),
            path: self.path.clone(),
        };
        if seq >= self.size() {
            return Err(no_event());
        }
        let leaf: Vec<u8> = self
            .connection
            .prepare_cached("SELECT leaf FROM event WHERE seq = ?1")
            .and_then(|mut statement| statement.query_row([seq], |row| row.get(0)).optional())
            .map_err(|source| sqlite_error(&self.path, source))?
            .ok_or_else(no_event)?;
        self.check_leaf(seq, &leaf)?;
        Ok(leaf)
    }

    /// Reads an event, proven and decoded.
    ///
    /// # Errors
    /// Those of [`Self::leaf`], and [`LogError::Decode`].
    pub fn event(&self, seq: u64) -> Result<Event, LogError> {
        let leaf = self.leaf(seq)?;
        self.decode(seq, &leaf)
    }

    /// Calls `take` with each event from `first` up to and without `end`, proven and decoded, with its bytes.
    ///
    /// # Errors
    /// Those of [`Self::event`] and those of `take`.
    pub fn scan<E: From<LogError>>(
        &self,
        first: u64,
        end: u64,
        mut take: impl FnMut(Event, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = |source| LogError::from(sqlite_error(&self.path, source));
        // A cursor may lie beyond the end, and beyond what SQLite can count.
        let first = first.min(self.size());
        let mut statement = self
            .connection
            .prepare_cached("SELECT seq, leaf FROM event WHERE seq >= ?1 AND seq < ?2 ORDER BY seq")
            .map_err(sql)?;
        let mut rows = statement
            .query((first, end.min(self.size())))
            .map_err(sql)?;
        let mut expected = first;
        while let Some(row) = rows.next().map_err(sql)? {
            let leaf = row
                .get_ref(1)
                .map_err(sql)?
                .as_blob()
                .map_err(|error| sql(error.into()))?;
            if row.get::<_, u64>(0).map_err(sql)? != expected {
                break;
            }
            self.check_leaf(expected, leaf)?;
            take(self.decode(expected, leaf)?, leaf)?;
            expected += 1;
        }
        if expected < end.min(self.size()) {
            return Err(LogError::NoEvent {
                seq: expected,
                size: self.size(),
                path: self.path.clone(),
            }
            .into());
        }
        Ok(())
    }

    /// Finds the seq of an event by its id, among the signed ones.
    ///
    /// # Errors
    /// [`LogError::Sqlite`].
    pub fn find(&self, event_id: EventId) -> Result<Option<u64>, LogError> {
        let found = find_event(&self.connection, event_id)
            .map_err(|source| sqlite_error(&self.path, source))?;
        Ok(found.filter(|seq| *seq < self.size()))
    }

    /// The seqs of a stream's signed events, in their order.
    ///
    /// # Errors
    /// [`LogError::Sqlite`].
    pub fn stream(&self, stream: StreamId) -> Result<Vec<u64>, LogError> {
        let sql = "SELECT seq FROM event WHERE stream = ?1 AND seq < ?2 ORDER BY stream_seq";
        let read = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement
                .query_map((stream.as_bytes(), self.size()), |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(|source| sqlite_error(&self.path, source).into())
    }

    /// Counts the events that the log had taken by `known_at`: those with a seq below were known then.
    ///
    /// # Errors
    /// Those of [`Self::event`].
    pub fn size_at(&self, known_at: Instant) -> Result<u64, LogError> {
        let (mut low, mut high) = (0, self.size());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.event(middle)?.recorded_at <= known_at {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// All checkpoints in the log, the smallest first, as signed.
    ///
    /// # Errors
    /// [`LogError::Sqlite`].
    pub fn checkpoint_notes(&self) -> Result<Vec<(u64, String)>, LogError> {
        let read = || {
            let mut statement = self
                .connection
                .prepare("SELECT size, note FROM checkpoint ORDER BY size")?;
            statement
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(|source| sqlite_error(&self.path, source).into())
    }

    /// Asks SQLite whether the file's structure is whole; says nothing about contents.
    ///
    /// # Errors
    /// [`LogError::Sqlite`] where it can't even be walked.
    pub fn check_structure(&self) -> Result<Vec<String>, LogError> {
        sqlite::check_structure(&self.connection)
            .map_err(|source| sqlite_error(&self.path, source).into())
    }

    /// Copies the log as it is now into a new file; the copy may hold later checkpoints than this one.
    ///
    /// # Errors
    /// [`LogError::Sqlite`].
    pub fn copy_to(&self, path: &Path) -> Result<(), LogError> {
        Ok(sqlite::copy(&self.connection, path)?)
    }

    /// Decodes the bytes of an event that [`Self::leaf`] has proven.
    ///
    /// # Errors
    /// [`LogError::Decode`].
    pub fn decode(&self, seq: u64, leaf: &[u8]) -> Result<Event, LogError> {
        codec::decode(self.id, leaf).map_err(|source| LogError::Decode {
            seq,
            path: self.path.clone(),
            source,
        })
    }

    /// Checks the bytes of an event against the proven hash of its leaf.
    fn check_leaf(&self, seq: u64, leaf: &[u8]) -> Result<(), LogError> {
        let tile = self.proven_tile(seq / 256)?;
        // The place within the tile is below 256.
        if tile.get((seq % 256) as usize) == Some(&leaf_hash(leaf)) {
            Ok(())
        } else {
            Err(LogError::Altered {
                seq,
                path: self.path.clone(),
            })
        }
    }

    /// Reads a tile of leaf hashes and proves all of it: the proof for its first leaf is computed from all the others.
    fn proven_tile(&self, index: u64) -> Result<Arc<[Sha256]>, LogError> {
        if let Some(tile) = self.proven.borrow().get(&index) {
            return Ok(Arc::clone(tile));
        }
        let first = index * 256;
        let tile = StoredTiles(&self.connection)
            .tile(0, index)
            .map_err(|source| {
                self.tree_error(TreeError::Read {
                    level: 0,
                    index,
                    source,
                })
            })?;
        let proof = self.inclusion_proof(first)?;
        let altered = || LogError::Altered {
            seq: first,
            path: self.path.clone(),
        };
        let leaf = tile.first().ok_or_else(altered)?;
        verify_inclusion(leaf, first, self.size(), &proof, self.checkpoint.root())
            .map_err(|_| altered())?;
        let tile: Arc<[Sha256]> = tile.into();
        let mut proven = self.proven.borrow_mut();
        if proven.len() >= TILES_IN_MEMORY {
            proven.clear();
        }
        proven.insert(index, Arc::clone(&tile));
        Ok(tile)
    }

    fn tree_error(&self, source: TreeError<TileReadError>) -> LogError {
        LogError::Tree {
            path: self.path.clone(),
            source,
        }
    }
}

/// The log id of an origin, as it stands in every envelope.
pub(super) fn log_id(origin: &str) -> Sha256 {
    Sha256::of(&[origin.as_bytes()])
}

pub(super) fn find_event(
    connection: &Connection,
    event_id: EventId,
) -> rusqlite::Result<Option<u64>> {
    connection
        .prepare_cached("SELECT seq FROM event WHERE event_id = ?1")?
        .query_row([event_id.as_bytes()], |row| row.get(0))
        .optional()
}

pub(super) fn check_origin(
    connection: &Connection,
    path: &Path,
    expected: &str,
) -> Result<(), LogError> {
    let found: String = connection
        .query_row("SELECT origin FROM log WHERE id = 1", [], |row| row.get(0))
        .map_err(|source| sqlite_error(path, source))?;
    if found == expected {
        Ok(())
    } else {
        Err(LogError::OtherLog {
            path: path.to_owned(),
            expected: expected.to_owned(),
            found,
        })
    }
}

/// Reads the newest checkpoint in the log and verifies its signature.
pub(super) fn newest_checkpoint(
    connection: &Connection,
    path: &Path,
    key: &VerifierKey,
) -> Result<(Note, Checkpoint), LogError> {
    let newest: Option<(u64, String)> = connection
        .query_row(
            "SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()
        .map_err(|source| sqlite_error(path, source))?;
    let no_checkpoint = |reason: String| LogError::NoCheckpoint {
        path: path.to_owned(),
        reason,
    };
    let (size, text) = newest.ok_or_else(|| no_checkpoint("there is none at all".to_owned()))?;
    let (note, checkpoint) = read_checkpoint(text.as_bytes(), key)
        .map_err(|reason| no_checkpoint(reason.to_string()))?;
    if checkpoint.size() == size {
        Ok((note, checkpoint))
    } else {
        Err(no_checkpoint(format!(
            "the one for {size} events says {}",
            checkpoint.size()
        )))
    }
}

/// A note isn't a checkpoint to believe.
#[derive(Debug, thiserror::Error)]
pub enum SignedCheckpointError {
    /// It isn't a note, or not signed by the key.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Its text isn't a checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// It speaks of another log.
    #[error("it is a checkpoint of the log {found:?}, not of {expected:?}")]
    OtherLog {
        /// The log whose key it was verified with.
        expected: String,
        /// The log that it names.
        found: String,
    },
}

/// Reads a checkpoint that `key` must have signed, for the log that the key is named after.
///
/// # Errors
/// A [`SignedCheckpointError`] that says what is wrong with it.
pub fn read_checkpoint(
    bytes: &[u8],
    key: &VerifierKey,
) -> Result<(Note, Checkpoint), SignedCheckpointError> {
    let note = Note::parse(bytes)?;
    let checkpoint: Checkpoint = note.verify(key)?.parse()?;
    if checkpoint.origin() == key.name() {
        Ok((note, checkpoint))
    } else {
        Err(SignedCheckpointError::OtherLog {
            expected: key.name().to_owned(),
            found: checkpoint.origin().to_owned(),
        })
    }
}
