//! The views, written: events in the log's order become rows. The same events give the same rows, in batches of any size.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use super::files::ViewsLock;
use super::sqlite::{self, Durability, sqlite_error};
use super::views::{self, KIND, State, ViewsError, add_digest, subtract_digest};
use super::views_rows::Rows;
use crate::model::{Event, Fact, Sha256, StreamId};
use crate::project::{self, Document, Entry, Look, Sight, Standing, TextKey, Withholding};
use crate::prove::tree_hash;

/// How many documents are kept in memory between batches.
const DOCUMENTS_IN_MEMORY: usize = 4096;

/// Writes the views.
#[derive(Debug)]
pub struct ViewsWriter {
    path: PathBuf,
    connection: Connection,
    /// Whether the file is thrown away unless it is closed.
    scratch: bool,
    state: State,
    known: HashMap<StreamId, Known>,
    // Dropped last: the lock outlasts the connection. A file that is being built needs none.
    _lock: Option<ViewsLock>,
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
        Self::open_as(path, Durability::Relaxed)
    }

    /// Makes empty views where there is no file, to be built in one go: they are good for nothing before they are closed,
    /// nor after an error.
    ///
    /// # Errors
    /// [`ViewsError::Sqlite`].
    pub fn create(path: &Path) -> Result<Self, ViewsError> {
        Self::open_as(path, Durability::Scratch)
    }

    fn open_as(path: &Path, durability: Durability) -> Result<Self, ViewsError> {
        let lock = (durability != Durability::Scratch)
            .then(|| ViewsLock::share(path))
            .transpose()?;
        let made = !path.exists();
        let connection = sqlite::open_writable(path, &KIND, durability, true)?;
        let state = if made {
            let state = State::empty(tree_hash(&[]));
            Rows::new(&connection, path).store_state(&state)?;
            state
        } else {
            views::read_state(&connection, path)?
        };
        Ok(Self {
            path: path.to_owned(),
            connection,
            scratch: durability == Durability::Scratch,
            state,
            known: HashMap::new(),
            _lock: lock,
        })
    }

    /// How far the views have come.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Writes the file anew, without the room that was left between its rows as they came.
    ///
    /// # Errors
    /// [`ViewsError::Sqlite`].
    pub fn compact(&self) -> Result<(), ViewsError> {
        // Where someone still reads, the write-ahead log is emptied later.
        sqlite::write_anew(&self.connection)
            .map(|_| ())
            .map_err(|source| sqlite_error(&self.path, source).into())
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
            state: stored,
            known: &mut self.known,
            rows: Rows::new(&transaction, &path),
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
        if self.scratch {
            return Ok(sqlite::finish_scratch(self.connection, &self.path)?);
        }
        self.connection
            .close()
            .map_err(|(_, source)| sqlite_error(&self.path, source).into())
    }
}

/// One transaction's worth of events.
struct Batch<'a> {
    state: State,
    known: &'a mut HashMap<StreamId, Known>,
    rows: Rows<'a>,
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
        if let Fact::DeclarationChanged { .. } = &event.fact {
            self.load(event.stream, event.seq)?;
            if let Some(known) = self.known.get_mut(&event.stream) {
                known.document.declaration_seq = Some(event.seq);
            }
        }
        if let Some(withholding) = Withholding::of(event) {
            let digest = withholding.digest();
            self.state.withheld += 1;
            add_digest(&mut self.state.withheld_digest, &digest);
            self.rows.store_withholding(&withholding, &digest)?;
        }
        for (stream, entry) in project::entries(event) {
            self.load(stream, event.seq)?;
            let Some(known) = self.known.get_mut(&stream) else {
                continue;
            };
            self.rows.put_entry(known.document.number, entry);
            known.document.apply(&entry);
            if let Some(sight) = known.sight(&mut self.rows, &entry, event)? {
                known.see(&mut self.rows, sight)?;
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
        let document = self
            .rows
            .document(stream)?
            .ok_or(ViewsError::Undeclared { seq })?;
        let tail =
            self.rows
                .standing(document.number, "ORDER BY observed_at DESC, seq DESC", &[])?;
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
        for (stream, known) in self.known.iter_mut() {
            known.put_tail(&mut self.rows);
            let digest = known.document.digest();
            if known.stored_digest == Some(digest) {
                continue;
            }
            if let Some(stored) = known.stored_digest.replace(digest) {
                subtract_digest(&mut self.state.documents_digest, &stored);
            }
            add_digest(&mut self.state.documents_digest, &digest);
            self.rows.store_document(stream, &known.document, &digest)?;
        }
        self.rows.store()?;
        self.state.root = root;
        self.rows.store_state(&self.state)
    }
}

impl Known {
    /// The sight that an entry of the document stands for, if it is one.
    fn sight(
        &self,
        rows: &mut Rows<'_>,
        entry: &Entry,
        event: &Event,
    ) -> Result<Option<Sight>, ViewsError> {
        let (observed_at, seq) = (entry.observed_at, entry.seq);
        let (version_seq, text) = match (&entry.look, &event.fact) {
            (Look::Version, Fact::VersionRecorded(version)) => {
                (seq, TextKey::of(version.text.blob))
            }
            (Look::Unchanged { version_seq }, _) => {
                let version_seq = *version_seq;
                let tail = self
                    .tail
                    .filter(|tail| tail.sight.version_seq == version_seq);
                let version = match tail {
                    Some(tail) => Some(tail),
                    None => rows.standing(
                        self.document.number,
                        "AND seq = ?2 AND version_seq = ?2",
                        &[version_seq.cast_signed()],
                    )?,
                };
                let version = version.ok_or(ViewsError::NoVersion { seq, version_seq })?;
                (version_seq, version.sight.text)
            }
            _ => return Ok(None),
        };
        Ok(Some(Sight {
            observed_at,
            seq,
            version_seq,
            text,
        }))
    }

    /// Puts a sight in its place.
    fn see(&mut self, rows: &mut Rows<'_>, sight: Sight) -> Result<(), ViewsError> {
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
                rows.put_standing(number, before);
            }
            self.tail = Some(placed);
            self.tail_is_stored = false;
            return Ok(());
        }
        // An observation out of order: correct what stands around its place in the table.
        self.put_tail(rows);
        let place = [sight.observed_at.micros(), sight.seq.cast_signed()];
        let earlier = "AND (observed_at, seq) < (?2, ?3) ORDER BY observed_at DESC, seq DESC";
        let mut before = rows.standing(number, earlier, &place)?;
        let later = "AND (observed_at, seq) > (?2, ?3) ORDER BY observed_at, seq";
        let (placed, corrected) = rows.standings(number, later, &place, |after| {
            project::insert(sight, before.as_mut(), after)
        })?;
        for standing in before.iter().chain([&placed]).chain(&corrected) {
            rows.put_standing(number, *standing);
        }
        if let Some(last) = corrected
            .last()
            .filter(|last| self.tail.is_some_and(|tail| tail.sight == last.sight))
        {
            self.tail = Some(*last);
        }
        Ok(())
    }

    fn put_tail(&mut self, rows: &mut Rows<'_>) {
        if let Some(tail) = self.tail.filter(|_| !self.tail_is_stored) {
            self.tail_is_stored = true;
            rows.put_standing(self.document.number, tail);
        }
    }
}
