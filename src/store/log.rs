//! The event log, read: every event is proven to be in the tree of the newest signed checkpoint before it is decoded.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _};

use super::bundle::{Bundle, Recent, WIDTH};
use super::files::FileError;
use super::sealed::{self, BundleError, LookUps};
use super::sqlite::{self, Kind, SqliteError, sqlite_error};
use crate::codec::{self, CodecError};
use crate::model::{Event, EventId, Instant, Sha256, StreamId};
use crate::prove::{
    Checkpoint, CheckpointError, KeyError, Note, NoteError, TileError, Tiles, Tree, TreeError,
    VerifierKey, leaf_hash, parse_tile, tree_hash, verify_inclusion,
};

pub(super) const KIND: Kind = Kind {
    name: "an event log of Recension",
    application_id: 0x5243_4e4c, // RCNL
    format: 2,
    schema: include_str!("../../schema/log.sql"),
};

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
    /// The leaves of a bundle are not those that were signed, or can't be had at all.
    #[error("the bundle of events {first} to {last} in {} is damaged: {reason}", path.display())]
    Bundle {
        /// Its first event.
        first: u64,
        /// Its last event.
        last: u64,
        /// The database.
        path: PathBuf,
        /// What was found.
        reason: String,
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
    /// The tables that find sealed events lost or changed a row.
    #[error(
        "the look-up tables of {} are damaged: a sealed event may not be found by its id, so that it could be recorded twice",
        path.display()
    )]
    LookUps {
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
    /// It would follow from a bundle, which can't be read.
    #[error("{0}")]
    Bundle(#[from] BundleError),
}

/// The log up to its newest signed checkpoint.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    connection: Connection,
    note: Note,
    checkpoint: Checkpoint,
    id: Sha256,
    /// Bundles that were proven.
    recent: Recent,
    /// The roots of bundles that one tile of the tree holds, with its position, once they are proven.
    bundle_roots: RefCell<(u64, Vec<Sha256>)>,
    /// The tile of the events that are not sealed, with its position, once it is proven.
    open_tile: RefCell<Option<(u64, Arc<[Sha256]>)>>,
}

/// The tiles of a log's tree in its database. That of a bundle is computed from its leaves.
pub(super) struct StoredTiles<'a>(pub(super) &'a Connection);

impl StoredTiles<'_> {
    /// The tile that has a row.
    fn row(&self, level: u32, index: u64) -> Result<Option<Vec<Sha256>>, TileReadError> {
        let hashes: Option<Vec<u8>> = self
            .0
            .prepare_cached("SELECT hashes FROM tile WHERE level = ?1 AND position = ?2")?
            .query_row((level, index), |row| row.get(0))
            .optional()?;
        Ok(hashes.map(|hashes| parse_tile(&hashes)).transpose()?)
    }
}

impl Tiles for StoredTiles<'_> {
    type Error = TileReadError;

    fn tile(&self, level: u32, index: u64) -> Result<Vec<Sha256>, TileReadError> {
        // Events are sealed and never the reverse: looking in this order, one of the two is there.
        if let Some(hashes) = self.row(level, index)? {
            return Ok(hashes);
        }
        if level > 0 {
            return Err(TileReadError::Missing);
        }
        let bundle = sealed::bundle(self.0, index)?.ok_or(TileReadError::Missing)?;
        Ok(bundle.hashes().to_vec())
    }
}

/// The same, but that of a bundle is proven, so that what is wrong with one is told of it and not of the tree.
struct ProvenTiles<'a>(&'a Log);

impl Tiles for ProvenTiles<'_> {
    type Error = TileReadError;

    fn tile(&self, level: u32, index: u64) -> Result<Vec<Sha256>, TileReadError> {
        if let Some(hashes) = StoredTiles(&self.0.connection).row(level, index)? {
            return Ok(hashes);
        }
        if level > 0 {
            return Err(TileReadError::Missing);
        }
        let bundle = self.0.bundle(index).map_err(|error| {
            BundleError::Damaged(match error {
                LogError::Bundle { reason, .. } => reason,
                error => error.to_string(),
            })
        })?;
        let bundle = bundle.ok_or(TileReadError::Missing)?;
        Ok(bundle.hashes().to_vec())
    }
}

/// Tiles of which that of one bundle is known.
struct WithBundle<'a> {
    tiles: StoredTiles<'a>,
    position: u64,
    hashes: &'a [Sha256],
    /// The tile above the bundle, once it was read.
    above: RefCell<Vec<Sha256>>,
}

impl Tiles for WithBundle<'_> {
    type Error = TileReadError;

    fn tile(&self, level: u32, index: u64) -> Result<Vec<Sha256>, TileReadError> {
        if (level, index) == (0, self.position) {
            return Ok(self.hashes.to_vec());
        }
        let tile = self.tiles.tile(level, index)?;
        if (level, index) == (1, self.position / WIDTH) {
            self.above.borrow_mut().clone_from(&tile);
        }
        Ok(tile)
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
            recent: Recent::default(),
            bundle_roots: RefCell::default(),
            open_tile: RefCell::default(),
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
        Tree::new(ProvenTiles(self), size)
            .root()
            .map_err(|source| tree_error(&self.path, source))
    }

    /// Proves that the event at `seq` is in the tree of the checkpoint: the siblings from the leaf upwards.
    ///
    /// # Errors
    /// [`LogError::Tree`].
    pub fn inclusion_proof(&self, seq: u64) -> Result<Vec<Sha256>, LogError> {
        Tree::new(ProvenTiles(self), self.size())
            .inclusion_proof(seq)
            .map_err(|source| tree_error(&self.path, source))
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
        let position = seq / WIDTH;
        if let Some(bundle) = self.recent.get(position) {
            return bundle.leaf(seq).map(<[u8]>::to_vec).ok_or_else(no_event);
        }
        // Events are sealed and never the reverse: looking in this order, one of the two is there.
        let open = open_leaf(&self.connection, seq).map_err(|source| self.sql(source))?;
        if let Some(leaf) = open {
            self.check_open(seq, &leaf)?;
            return Ok(leaf);
        }
        let bundle = self.bundle(position)?;
        let leaf = bundle.as_ref().and_then(|bundle| bundle.leaf(seq));
        leaf.map(<[u8]>::to_vec).ok_or_else(no_event)
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
        for seq in first..end.min(self.size()) {
            let leaf = self.leaf(seq)?;
            take(self.decode(seq, &leaf)?, &leaf)?;
        }
        Ok(())
    }

    /// Finds the seq of an event by its id, among the signed ones.
    ///
    /// # Errors
    /// [`LogError::Sqlite`], [`LogError::Bundle`].
    pub fn find(&self, event_id: EventId) -> Result<Option<u64>, LogError> {
        let found = find_event(&self.connection, &self.path, event_id, |position| {
            self.bundle(position)
        })?;
        Ok(found.filter(|seq| *seq < self.size()))
    }

    /// The signed events of a stream in their order, each read when it is asked for.
    ///
    /// # Errors
    /// [`LogError::Sqlite`]; of each event those of [`Self::event`].
    pub fn stream(
        &self,
        stream: StreamId,
    ) -> Result<impl DoubleEndedIterator<Item = Result<Event, LogError>>, LogError> {
        self.stream_from(stream, 0)
    }

    /// The same from the seq `first` on.
    ///
    /// # Errors
    /// Those of [`Self::stream`].
    pub fn stream_from(
        &self,
        stream: StreamId,
        first: u64,
    ) -> Result<impl DoubleEndedIterator<Item = Result<Event, LogError>>, LogError> {
        let sql = "SELECT DISTINCT seq / 256 FROM event WHERE stream = ?1";
        let read = || {
            // Events are sealed and never the reverse: looking in this order, none is passed over.
            let mut positions: Vec<u64> = self
                .connection
                .prepare_cached(sql)?
                .query_map([stream.as_bytes()], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            positions.extend(sealed::positions(&self.connection, stream)?);
            positions.retain(|position| *position >= first / WIDTH);
            positions.sort_unstable();
            positions.dedup();
            Ok(positions)
        };
        let positions = read().map_err(|source| self.sql(source))?;
        Ok(positions.into_iter().flat_map(move |position| {
            let seqs = (position * WIDTH).max(first)..((position + 1) * WIDTH).min(self.size());
            seqs.filter_map(|seq| self.event_of(stream, seq).transpose())
                .collect::<Vec<_>>()
        }))
    }

    /// The event of that seq, if it is of that stream.
    fn event_of(&self, stream: StreamId, seq: u64) -> Result<Option<Event>, LogError> {
        let leaf = self.leaf(seq)?;
        let is_of_stream = codec::address(&leaf).is_ok_and(|address| address.stream == stream);
        is_of_stream.then(|| self.decode(seq, &leaf)).transpose()
    }

    /// Counts the events that the log had taken by `known_at`: those with a seq below were known then.
    ///
    /// # Errors
    /// Those of [`Self::event`].
    pub fn size_at(&self, known_at: Instant) -> Result<u64, LogError> {
        let (low, high) = self
            .bundle_at(known_at)
            .map_err(|source| self.sql(source))?;
        let found = self.size_between(low, high, known_at)?;
        // What the rows of bundles say is proven by nobody; the events on both sides of what was found are.
        let is_right = (found == 0 || self.was_known(found - 1, known_at)?)
            && (found == self.size() || !self.was_known(found, known_at)?);
        if is_right {
            Ok(found)
        } else {
            self.size_between(0, self.size(), known_at)
        }
    }

    /// Between which sizes [`Self::size_at`] lies, as the rows of the bundles have it.
    fn bundle_at(&self, known_at: Instant) -> rusqlite::Result<(u64, u64)> {
        let sealed = sealed::count(&self.connection)?.min(self.size() / WIDTH);
        let (mut low, mut high) = (0, sealed);
        while low < high {
            let middle = low + (high - low) / 2;
            let began = sealed::recorded_at(&self.connection, middle)?;
            if began.is_some_and(|began| began <= known_at.micros()) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let end = if low == sealed {
            self.size()
        } else {
            low * WIDTH
        };
        Ok((low.saturating_sub(1) * WIDTH, end))
    }

    fn size_between(&self, low: u64, high: u64, known_at: Instant) -> Result<u64, LogError> {
        let (mut low, mut high) = (low, high);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.was_known(middle, known_at)? {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    fn was_known(&self, seq: u64, known_at: Instant) -> Result<bool, LogError> {
        Ok(self.event(seq)?.recorded_at <= known_at)
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

    /// Reads a bundle and proves all of it; none where its events are not sealed or not signed.
    ///
    /// # Errors
    /// [`LogError::Bundle`], [`LogError::Tree`], [`LogError::Sqlite`].
    pub(super) fn bundle(&self, position: u64) -> Result<Option<Arc<Bundle>>, LogError> {
        if position * WIDTH >= self.size() {
            return Ok(None);
        }
        if let Some(bundle) = self.recent.get(position) {
            return Ok(Some(bundle));
        }
        let bundle = sealed::bundle(&self.connection, position)
            .map_err(|error| bundle_error(&self.path, position, error))?;
        let damaged = |reason: &str| {
            let error = BundleError::Damaged(reason.to_owned());
            Err(bundle_error(&self.path, position, error))
        };
        let Some(bundle) = bundle else {
            let is_full = (position + 1) * WIDTH <= self.size();
            return if is_full {
                damaged("it is missing")
            } else {
                Ok(None)
            };
        };
        if self.proves(position, bundle.hashes())? {
            return Ok(Some(self.recent.keep(position, bundle)));
        }
        damaged("its leaves are not those that were signed")
    }

    /// Whether these are the leaf hashes at the position of a bundle, as far as they were signed.
    ///
    /// # Errors
    /// [`LogError::Tree`], [`LogError::Bundle`].
    pub(super) fn proves(&self, position: u64, hashes: &[Sha256]) -> Result<bool, LogError> {
        // The place within the tile above is below 256.
        let place = (position % WIDTH) as usize;
        let bundle_root = tree_hash(hashes);
        let is_root = |roots: &[Sha256]| roots.get(place) == Some(&bundle_root);
        let mut proven = self.bundle_roots.borrow_mut();
        if proven.0 == position / WIDTH && is_root(&proven.1) {
            return Ok(true);
        }
        let tiles = WithBundle {
            tiles: StoredTiles(&self.connection),
            position,
            hashes,
            above: RefCell::default(),
        };
        let tile = proven_tile(&tiles, position, self.size(), self.checkpoint.root())
            .map_err(|source| tree_error(&self.path, source))?;
        // The proof was computed from all the other roots of the tile above, as far as they were signed, and so proves
        // them too; that of this bundle it takes from the bundle.
        let mut roots = tiles.above.into_inner();
        let signed = (self.size() / WIDTH).saturating_sub(position - position % WIDTH);
        roots.truncate(usize::try_from(signed).unwrap_or(usize::MAX));
        if tile.is_some() && is_root(&roots) {
            *proven = (position / WIDTH, roots);
        }
        Ok(tile.is_some())
    }

    /// Checks what the database says of a bundle beside its leaves.
    ///
    /// # Errors
    /// [`LogError::LookUps`], and those of reading the bundle.
    pub fn check_bundle(&self, position: u64) -> Result<(), LogError> {
        let Some(bundle) = self.bundle(position)? else {
            return Ok(());
        };
        let right = LookUps::of(position, &bundle)
            .map_or(Ok(false), |of| of.are_in_row(&self.connection, position))
            .map_err(|source| self.sql(source))?;
        self.look_ups_if(right)
    }

    /// Checks that the tables that find sealed events have the rows of all bundles, going by what the bundles' own rows
    /// say of them.
    ///
    /// # Errors
    /// [`LogError::LookUps`], [`LogError::Sqlite`].
    pub fn check_look_ups(&self) -> Result<(), LogError> {
        let right = sealed::look_ups_are_whole(&self.connection);
        self.look_ups_if(right.map_err(|source| self.sql(source))?)
    }

    fn look_ups_if(&self, right: bool) -> Result<(), LogError> {
        let path = self.path.clone();
        right.then_some(()).ok_or(LogError::LookUps { path })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Checks the bytes of an event that is not sealed against the proven hash of its leaf.
    fn check_open(&self, seq: u64, leaf: &[u8]) -> Result<(), LogError> {
        let tile = self.open_tile(seq / WIDTH)?;
        // The place within the tile is below 256.
        if tile.get((seq % WIDTH) as usize) == Some(&leaf_hash(leaf)) {
            Ok(())
        } else {
            Err(self.altered(seq))
        }
    }

    fn open_tile(&self, position: u64) -> Result<Arc<[Sha256]>, LogError> {
        if let Some((kept, tile)) = &*self.open_tile.borrow()
            && *kept == position
        {
            return Ok(Arc::clone(tile));
        }
        let tiles = StoredTiles(&self.connection);
        let tile = proven_tile(&tiles, position, self.size(), self.checkpoint.root())
            .map_err(|source| tree_error(&self.path, source))?
            .ok_or_else(|| self.altered(position * WIDTH))?;
        let tile: Arc<[Sha256]> = tile.into();
        *self.open_tile.borrow_mut() = Some((position, Arc::clone(&tile)));
        Ok(tile)
    }

    fn altered(&self, seq: u64) -> LogError {
        LogError::Altered {
            seq,
            path: self.path.clone(),
        }
    }

    fn sql(&self, source: rusqlite::Error) -> LogError {
        sqlite_error(&self.path, source).into()
    }
}

/// Reads a tile of leaf hashes and proves all of it: the proof for its first leaf is computed from all the others. None
/// where it is not the one of the tree of `size` leaves with that root.
pub(super) fn proven_tile<T: Tiles>(
    tiles: &T,
    position: u64,
    size: u64,
    root: &Sha256,
) -> Result<Option<Vec<Sha256>>, TreeError<T::Error>> {
    let (level, index) = (0, position);
    let tile = tiles.tile(level, index).map_err(|source| TreeError::Read {
        level,
        index,
        source,
    })?;
    let first = position * WIDTH;
    let proof = Tree::new(tiles, size).inclusion_proof(first)?;
    let is_proven = tile
        .first()
        .is_some_and(|leaf| verify_inclusion(leaf, first, size, &proof, root).is_ok());
    Ok(is_proven.then_some(tile))
}

pub(super) fn tree_error(path: &Path, source: TreeError<TileReadError>) -> LogError {
    match source {
        TreeError::Read {
            index,
            source: TileReadError::Bundle(error),
            ..
        } => bundle_error(path, index, error),
        source => LogError::Tree {
            path: path.to_owned(),
            source,
        },
    }
}

pub(super) fn bundle_error(path: &Path, position: u64, error: BundleError) -> LogError {
    match error {
        BundleError::Sqlite(source) => sqlite_error(path, source).into(),
        BundleError::Damaged(reason) => LogError::Bundle {
            first: position * WIDTH,
            last: position * WIDTH + WIDTH - 1,
            path: path.to_owned(),
            reason,
        },
    }
}

/// The log id of an origin, as it stands in every envelope.
pub(super) fn log_id(origin: &str) -> Sha256 {
    Sha256::of(&[origin.as_bytes()])
}

/// The leaf of an event that is not sealed.
pub(super) fn open_leaf(connection: &Connection, seq: u64) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .prepare_cached("SELECT leaf FROM event WHERE seq = ?1")?
        .query_row([seq], |row| row.get(0))
        .optional()
}

/// Finds the seq of an event by its id; `bundle` reads the bundles in which it may be.
pub(super) fn find_event(
    connection: &Connection,
    path: &Path,
    event_id: EventId,
    bundle: impl Fn(u64) -> Result<Option<Arc<Bundle>>, LogError>,
) -> Result<Option<u64>, LogError> {
    // Events are sealed and never the reverse: looking in this order, none is passed over.
    let find = || {
        let open = connection
            .prepare_cached("SELECT seq FROM event WHERE event_id = ?1")?
            .query_row([event_id.as_bytes()], |row| row.get(0))
            .optional()?;
        match open {
            Some(seq) => Ok((Some(seq), Vec::new())),
            None => Ok((None, sealed::candidates(connection, event_id)?)),
        }
    };
    let (open, sealed) = find().map_err(|source| sqlite_error(path, source))?;
    for seq in sealed {
        let found = bundle(seq / WIDTH)?
            .and_then(|bundle| codec::address(bundle.leaf(seq)?).ok())
            .is_some_and(|address| address.event_id == event_id);
        if found {
            return Ok(Some(seq));
        }
    }
    Ok(open)
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
