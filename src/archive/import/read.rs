//! The reading side of an import: the history, commit by commit and content by content.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use crate::archive::ArchiveError;
use crate::import::ota::{self, Named, PathMeaning};
use crate::import::{Change, ChangeKind, Commit, GitError, History, ObjectId};
use crate::model::{BlobId, CommitId, Event, EventId, Fact, HistoryKind, Outcome, StreamId};
use crate::store::{Blobs, Log};

/// A step of the history, as it is read: a commit, then each of its changes.
pub(super) enum Step {
    /// The commit, its changes taken out, and whether any of them is one of a document.
    Commit(Arc<Commit>, bool),
    /// A change of a commit.
    Change(Box<Changed>),
}

/// A change, with all that is needed to take it up.
pub(super) struct Changed {
    pub(super) commit: Arc<Commit>,
    pub(super) change: Change,
    pub(super) meaning: PathMeaning,
    pub(super) body: Body,
}

/// The content that a change brings.
pub(super) enum Body {
    /// None, or one that no document needs.
    None,
    /// One whose event is in the log already.
    Recorded {
        /// Whether it has no bytes.
        is_empty: bool,
        /// The snapshot that has these bytes, if it is one.
        snapshot: Option<KnownSnapshot>,
        /// The bytes, where the archive has lost them.
        lost: Option<Vec<u8>>,
    },
    /// The bytes.
    Bytes(Vec<u8>),
    /// More bytes than are allowed.
    TooLarge(u64),
}

/// A snapshot whose event is in the log, or on its way there.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownSnapshot {
    /// Its bytes.
    pub(super) blob: BlobId,
    /// The event that records it.
    pub(super) event_id: EventId,
}

/// What a reading goes by.
pub(super) struct Reading {
    /// What the history consists of.
    pub(super) kind: HistoryKind,
    /// The most bytes of a content.
    pub(super) limit: u64,
    /// The log as it was when the import began.
    pub(super) recorded: Log,
    /// The blobs, where it is to be seen whether they are whole.
    pub(super) blobs: Option<Blobs>,
    /// The blobs that are gone for good.
    pub(super) withheld: HashSet<BlobId>,
    /// Where the steps go.
    pub(super) sender: SyncSender<Result<Step, ArchiveError>>,
}

impl Reading {
    /// Reads commits one after the other and sends them on, a content at a time, so that memory is bounded by the
    /// contents that wait; ends at the first error or when nobody listens any more.
    pub(super) fn commits(&self, history: &mut History, commits: &[CommitId]) {
        for commit in commits {
            match self.commit(history, *commit) {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    // If nobody listens, an earlier error has ended the import.
                    drop(self.sender.send(Err(error)));
                    return;
                }
            }
        }
    }

    /// Reads a commit and sends it and its changes on; tells whether somebody still listens.
    fn commit(&self, history: &mut History, id: CommitId) -> Result<bool, ArchiveError> {
        let send = |step| self.sender.send(Ok(step)).is_ok();
        let mut commit = history.commit(id)?;
        let changes: Vec<(Change, PathMeaning)> = std::mem::take(&mut commit.changes)
            .into_iter()
            .map(|change| {
                let meaning = ota::path_meaning(self.kind, &change.path);
                (change, meaning)
            })
            .collect();
        let of_document =
            |(_, meaning): &(Change, PathMeaning)| matches!(meaning, PathMeaning::Content(_));
        let commit = Arc::new(commit);
        let touches_document = changes.iter().any(of_document);
        if !send(Step::Commit(Arc::clone(&commit), touches_document)) {
            return Ok(false);
        }
        for (change, meaning) in changes {
            let body = match (&meaning, new_blob(&change.kind)) {
                (PathMeaning::Content(named), Some(blob)) => {
                    self.body(history, event_id(self.kind, named, id), blob)?
                }
                _ => Body::None,
            };
            let step = Changed {
                commit: Arc::clone(&commit),
                change,
                meaning,
                body,
            };
            if !send(Step::Change(Box::new(step))) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn body(
        &self,
        history: &mut History,
        event_id: EventId,
        blob: ObjectId,
    ) -> Result<Body, ArchiveError> {
        if let Some(seq) = self.recorded.find(event_id)? {
            let lost = if self.has_lost(seq)? {
                self.bytes(history, blob)?.ok()
            } else {
                None
            };
            return Ok(Body::Recorded {
                lost,
                is_empty: blob == ObjectId::EMPTY_BLOB,
                snapshot: match self.kind {
                    HistoryKind::Versions => None,
                    HistoryKind::Snapshots => self.known_snapshot(seq)?,
                },
            });
        }
        Ok(match self.bytes(history, blob)? {
            Ok(bytes) => Body::Bytes(bytes),
            Err(size) => Body::TooLarge(size),
        })
    }

    /// The bytes of a content, or its size where that is more than is allowed.
    fn bytes(
        &self,
        history: &mut History,
        blob: ObjectId,
    ) -> Result<Result<Vec<u8>, u64>, ArchiveError> {
        let mut bytes = Vec::new();
        match history.read_blob(blob, self.limit, &mut bytes) {
            Ok(()) => Ok(Ok(bytes)),
            Err(GitError::TooLarge { bytes, .. }) => Ok(Err(bytes)),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the content that an event recorded can't be read any more.
    fn has_lost(&self, seq: u64) -> Result<bool, ArchiveError> {
        let Some(blobs) = &self.blobs else {
            return Ok(false);
        };
        match self.recorded.event(seq)?.fact.content() {
            Some(content) if !self.withheld.contains(&content.blob) => {
                Ok(!blobs.can_read(content.blob)?)
            }
            _ => Ok(false),
        }
    }

    /// The snapshot that an event records, or that it tells of as seen again.
    fn known_snapshot(&self, seq: u64) -> Result<Option<KnownSnapshot>, ArchiveError> {
        let event = self.recorded.event(seq)?;
        let Fact::ObservationsRecorded { observations, .. } = &event.fact else {
            return Ok(known(&event));
        };
        let seen = observations.iter().find_map(|one| match one.outcome {
            Outcome::SnapshotUnchanged { snapshot_seq } => Some(snapshot_seq),
            Outcome::Unchanged { .. } | Outcome::Failed { .. } => None,
        });
        let snapshot = seen.map(|seq| self.recorded.event(seq)).transpose()?;
        Ok(snapshot.as_ref().and_then(known))
    }
}

/// The snapshot that an event records, if it records one.
pub(super) fn known(event: &Event) -> Option<KnownSnapshot> {
    match &event.fact {
        Fact::SnapshotRecorded(snapshot) => Some(KnownSnapshot {
            blob: snapshot.content.blob,
            event_id: event.event_id,
        }),
        _ => None,
    }
}

/// The event that tells of a content of a commit.
pub(super) fn event_id(kind: HistoryKind, named: &Named, commit: CommitId) -> EventId {
    let stream = StreamId::of_document(&named.document);
    match kind {
        HistoryKind::Versions => EventId::imported_version(stream, commit),
        HistoryKind::Snapshots => {
            EventId::imported_snapshot(stream, named.part.as_ref(), &named.media_type, commit)
        }
    }
}

fn new_blob(kind: &ChangeKind) -> Option<ObjectId> {
    match kind {
        ChangeKind::Added { blob }
        | ChangeKind::Modified { blob }
        | ChangeKind::Renamed { blob, .. } => Some(*blob),
        ChangeKind::Deleted => None,
    }
}
