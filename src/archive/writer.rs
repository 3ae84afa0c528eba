//! Writing to an archive: blobs first, then the events that name them, then the checkpoint, then the views.
//!
//! What is withheld is never stored again, whoever brings it.

use std::collections::HashSet;
use std::path::Path;

use super::layout::Layout;
use super::{Archive, ArchiveError};
use crate::model::{
    BlobId, Content, Event, EventId, Fact, HistoryImported, Instant, Sha256, StreamId,
};
use crate::project::Withholding;
use crate::store::{
    Appended, BlobError, BlobWriter, Blobs, Log, LogError, LogWriter, NewEvent, ViewsWriter,
    WriterLock,
};

/// The one writer of an archive.
#[derive(Debug)]
pub struct Writer {
    layout: Layout,
    log: LogWriter,
    blobs: BlobWriter,
    views: ViewsWriter,
    /// The blobs that are gone for good.
    withheld: HashSet<BlobId>,
    failed: bool,
    // Dropped last: the lock outlasts the connections.
    _lock: WriterLock,
}

impl Writer {
    /// Opens the archive in `folder` for writing.
    ///
    /// # Errors
    /// [`ArchiveError::ReadOnly`] where the log and its sidecar disagree, [`ArchiveError::File`] where another process
    /// writes, and what else is wrong.
    pub fn open(folder: &Path) -> Result<Self, ArchiveError> {
        let layout = Layout::new(folder);
        let manifest = layout.read_manifest()?;
        let lock = WriterLock::take(&layout.lock())?;
        layout.migrate()?;
        let archive = Archive::open(folder)?;
        if let Some(alarm) = archive.alarm {
            return Err(ArchiveError::ReadOnly(alarm));
        }
        let key = layout.read_key(&manifest)?;
        let log = LogWriter::open(&layout.log(), &layout.sidecar(), key)?;
        let blobs = BlobWriter::open(&layout.blobs(), false)?;
        // Events that a crash left unsigned were signed just now: the views must have them too.
        let withheld = Archive::open(folder)?.withheld_set()?;
        let views = ViewsWriter::open(&layout.views())?;
        Ok(Self {
            layout,
            log,
            blobs,
            views,
            withheld,
            failed: false,
            _lock: lock,
        })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.layout.folder()
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The blobs that are gone for good.
    pub(super) fn withheld(&self) -> &HashSet<BlobId> {
        &self.withheld
    }

    /// How many events the log has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.log.size()
    }

    /// The size of the log and the root of its tree, as they were signed last.
    pub(super) fn signed(&self) -> (u64, Sha256) {
        let signed = self.log.signed();
        (signed.size(), *signed.root())
    }

    /// The seq of the event of that id, if it is in the log.
    ///
    /// # Errors
    /// [`ArchiveError::Log`].
    pub fn find(&self, event_id: EventId) -> Result<Option<u64>, ArchiveError> {
        Ok(self.log.find(event_id)?)
    }

    /// Opens the log for reading, as of its newest checkpoint.
    ///
    /// # Errors
    /// [`ArchiveError::Log`].
    pub(super) fn reader(&self) -> Result<Log, ArchiveError> {
        let manifest = self.layout.read_manifest()?;
        Ok(self.layout.open_log(&manifest)?)
    }

    /// Opens the blobs for reading.
    ///
    /// # Errors
    /// [`ArchiveError::Blob`].
    pub(super) fn blobs(&self) -> Result<Blobs, ArchiveError> {
        Ok(Blobs::open(&self.layout.blobs())?)
    }

    /// The imports of histories that the log tells of, the earliest first.
    ///
    /// # Errors
    /// [`ArchiveError::Log`].
    pub fn histories(&self) -> Result<Vec<HistoryImported>, ArchiveError> {
        let log = self.reader()?;
        let mut histories = Vec::new();
        for event in log.stream(StreamId::of_archive())? {
            if let Fact::HistoryImported(imported) = event?.fact {
                histories.push(imported);
            }
        }
        Ok(histories)
    }

    /// Stores a content of a document, unless it is withheld. It is durable when the next [`Self::record`] returns.
    ///
    /// # Errors
    /// [`ArchiveError::Blob`].
    pub fn put(&mut self, stream: StreamId, bytes: &[u8]) -> Result<Content, ArchiveError> {
        let content = Content::of(bytes);
        if self.withheld.contains(&content.blob) {
            return Ok(content);
        }
        self.try_blobs(|blobs| blobs.put(content.blob, bytes, Some(stream)))?;
        Ok(content)
    }

    /// Stores a content again whose blob is lost or damaged, unless it is withheld. It is durable when the next
    /// [`Self::record`] returns.
    ///
    /// # Errors
    /// [`ArchiveError::Blob`].
    pub fn restore(&mut self, stream: StreamId, bytes: &[u8]) -> Result<BlobId, ArchiveError> {
        let blob = BlobId::of(bytes);
        if !self.withheld.contains(&blob) {
            self.try_blobs(|blobs| blobs.restore(blob, bytes, Some(stream)))?;
        }
        Ok(blob)
    }

    /// Takes a blob out of the store that an event withholds; see [`BlobWriter::withhold`].
    ///
    /// # Errors
    /// [`ArchiveError::Blob`].
    pub(super) fn take_away(&mut self, blob: BlobId) -> Result<u64, ArchiveError> {
        let mut rebased = 0;
        self.try_blobs(|blobs| {
            rebased = blobs.withhold(blob)?;
            Ok(())
        })?;
        Ok(rebased)
    }

    /// Makes the contents put so far durable, without an event.
    ///
    /// # Errors
    /// [`ArchiveError::Blob`].
    pub(super) fn commit_contents(&mut self) -> Result<(), ArchiveError> {
        self.try_blobs(BlobWriter::commit)
    }

    /// Writes to the blobs, and remembers a failure.
    fn try_blobs(
        &mut self,
        write: impl FnOnce(&mut BlobWriter) -> Result<(), BlobError>,
    ) -> Result<(), ArchiveError> {
        self.check_usable()?;
        let written = write(&mut self.blobs);
        self.failed |= written.is_err();
        Ok(written?)
    }

    /// After a failure nothing is known of what is on disk: only opening the archive again tells.
    fn check_usable(&self) -> Result<(), ArchiveError> {
        if self.failed {
            let path = self.folder().to_owned();
            return Err(LogError::Poisoned { path }.into());
        }
        Ok(())
    }

    /// Appends a batch of events, signs a checkpoint over it and brings the views up to it. Everything is durable when
    /// it returns; after an error, the log holds all of the batch or nothing.
    ///
    /// # Errors
    /// What the disk or the log says. Except where an event could not be one, the writer then refuses to go on.
    pub fn record(
        &mut self,
        events: &[NewEvent],
        now: Instant,
    ) -> Result<Vec<Appended>, ArchiveError> {
        self.check_usable()?;
        let recorded = self.try_record(events, now);
        self.failed = match &recorded {
            Ok(_) | Err(ArchiveError::Log(LogError::Conflict { .. } | LogError::Encode { .. })) => {
                false
            }
            Err(_) => true,
        };
        recorded
    }

    fn try_record(
        &mut self,
        events: &[NewEvent],
        now: Instant,
    ) -> Result<Vec<Appended>, ArchiveError> {
        self.blobs.commit()?;
        let appended = self.log.append(events, now)?;
        self.log.sign()?;
        let new: Vec<Event> = appended
            .iter()
            .filter_map(|one| match one {
                Appended::New(event) => Some(Event::clone(event)),
                Appended::Already { .. } => None,
            })
            .collect();
        let withheld = new.iter().filter_map(Withholding::of);
        self.withheld.extend(withheld.map(|one| one.blob));
        if !new.is_empty() {
            self.views.apply(&new, *self.log.signed().root())?;
        }
        Ok(appended)
    }
}
