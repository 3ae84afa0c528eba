//! Legal removal: the bytes of a blob are taken out of the archive for good, and the log says that they were, and why.
//!
//! The event comes first, so that from then on no answer shows the content and every answer says why; then the bytes go.
//! A stop in between leaves bytes that nothing shows and that a verification finds: doing it again takes them away.

use std::collections::BTreeSet;
use std::path::Path;

use super::changes::remove_histories;
use super::layout::Layout;
use super::named::{named, one};
use super::search::remove_index;
use super::{Archive, ArchiveError, Writer};
use crate::model::{
    BlobWithheld, CommitId, Content, DocumentName, Event, EventId, Fact, Instant, Origin, StreamId,
};
use crate::project::Withheld;
use crate::store::{BlobWriter, NewEvent, WriterLock};

/// A blob, and the events that name it.
#[derive(Debug, Clone)]
pub struct Use {
    /// The blob as they name it.
    pub content: Content,
    /// The versions and snapshots whose content it is, each with its document, in the order of the log.
    pub named: Vec<(DocumentName, Event)>,
    /// The snapshots that these versions were taken from and the versions taken from these snapshots, by their events:
    /// other blobs, which may hold the same words.
    pub related: BTreeSet<u64>,
    /// What took its bytes out of the archive, if anything did.
    pub withheld: Option<Withheld>,
}

/// What a withholding did.
#[derive(Debug, Clone)]
pub struct Withdrawn {
    /// The event that says so, which may be older.
    pub withheld: Withheld,
    /// How many other blobs were compressed anew without this one.
    pub rebased: u64,
}

impl Archive {
    /// Finds a blob by its name or the first digits of it, and the events that name it.
    ///
    /// # Errors
    /// [`ArchiveError::BlobName`], [`ArchiveError::NoBlob`], [`ArchiveError::SeveralBlobs`], and what is wrong with the
    /// archive.
    pub fn use_of(&self, name: &str) -> Result<Use, ArchiveError> {
        let (name, blobs) = named(name)?;
        let mut found: Vec<(Content, Event)> = Vec::new();
        self.events::<ArchiveError>(0, self.log.size(), |event, _| {
            let is_wanted = |content: &&Content| blobs.contains(&content.blob);
            let wanted = event.fact.contents().find(is_wanted).copied();
            if let Some(content) = wanted {
                found.push((content, event));
            }
            Ok(())
        })?;
        one(&name, found.iter().map(|(content, _)| content.blob))?;
        let Some(&(content, _)) = found.first() else {
            return Err(ArchiveError::NoBlob { name });
        };
        let mut of_streams = self.names()?;
        of_streams.retain(|stream, _| found.iter().any(|(_, event)| event.stream == *stream));
        let named: Vec<(DocumentName, Event)> = found
            .into_iter()
            .filter_map(|(_, event)| Some((of_streams.get(&event.stream)?.clone(), event)))
            .collect();
        Ok(Use {
            related: self.related(&named)?,
            withheld: self.withheld(content.blob)?,
            content,
            named,
        })
    }

    /// The snapshots of versions and the versions of snapshots, where the log has them, that are not among these events.
    fn related(&self, named: &[(DocumentName, Event)]) -> Result<BTreeSet<u64>, ArchiveError> {
        let mut related = BTreeSet::new();
        let mut snapshots: BTreeSet<CommitId> = BTreeSet::new();
        for (document, event) in named {
            match &event.fact {
                Fact::VersionRecorded(version) => {
                    if let Some(commit) = snapshot_commit(&version.origin) {
                        related.extend(self.snapshot_of(document, commit)?);
                    }
                }
                Fact::SnapshotRecorded(snapshot) => {
                    if let Origin::Imported(imported) = &snapshot.origin {
                        snapshots.insert(imported.commit);
                    }
                }
                _ => {}
            }
        }
        if !snapshots.is_empty() {
            self.events::<ArchiveError>(0, self.log.size(), |event, _| {
                if let Fact::VersionRecorded(version) = &event.fact
                    && snapshot_commit(&version.origin).is_some_and(|of| snapshots.contains(&of))
                {
                    related.insert(event.seq);
                }
                Ok(())
            })?;
        }
        for (_, event) in named {
            related.remove(&event.seq);
        }
        Ok(related)
    }
}

/// The commit of the snapshot that a version was taken from, where its source names one.
pub(super) fn snapshot_commit(origin: &Origin) -> Option<CommitId> {
    match origin {
        Origin::Imported(imported) => imported.snapshot.as_ref().map(|snapshot| snapshot.commit),
        Origin::Demonstration | Origin::Fetched(_) | Origin::Extracted(_) => None,
    }
}

/// Takes the bytes of a blob out of the archive in `folder` for good, after an event that says why; where there is such
/// an event already, finishes what it said.
///
/// # Errors
/// [`ArchiveError::NoReason`], [`ArchiveError::File`] where another process writes, and what is wrong with the archive.
/// Once the event is recorded, doing it again goes on.
pub fn withhold(
    folder: &Path,
    content: &Content,
    reason: &str,
    now: Instant,
) -> Result<Withdrawn, ArchiveError> {
    let (layout, blob) = (Layout::new(folder), content.blob);
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(ArchiveError::NoReason);
    }
    if let Some(withheld) = Archive::open(folder)?.withheld(blob)? {
        // The log has its last word on it: no key is needed, so that a copy without one can follow.
        let _lock = WriterLock::take(&layout.lock())?;
        layout.clear_scratch()?;
        let rebased = BlobWriter::open(&layout.blobs(), false)?.withhold(blob)?;
        remove_index(&layout.search())?;
        remove_histories(&layout.histories())?;
        return Ok(Withdrawn { withheld, rebased });
    }
    let mut writer = Writer::open(folder)?;
    // The event of a run that was killed before its checkpoint was no part of the log until the writer signed it just now.
    if !writer.withheld().contains(&blob) {
        let event = NewEvent {
            event_id: EventId::blob_withheld(blob),
            stream: StreamId::of_archive(),
            observed_at: now,
            fact: Fact::BlobWithheld(BlobWithheld {
                blob,
                size_bytes: content.size_bytes,
                reason: reason.to_owned(),
            }),
        };
        writer.record(&[event], now)?;
    }
    layout.clear_scratch()?;
    let rebased = writer.take_away(blob)?;
    // Behind the bytes: an index that is begun from now on can't read them any more.
    remove_index(&layout.search())?;
    remove_histories(&layout.histories())?;
    let withheld = Archive::open(folder)?.withheld(blob)?;
    let seq = writer.size();
    Ok(Withdrawn {
        withheld: withheld.ok_or(ArchiveError::NoWithholding { blob, seq })?,
        rebased,
    })
}
