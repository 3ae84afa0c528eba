//! What an import records of a content: a version, a snapshot, or that a snapshot was seen again.

use super::read::{Body, KnownSnapshot, known};
use super::take::Run;
use crate::archive::ArchiveError;
use crate::import::ota::Named;
use crate::model::{
    Cause, EventId, Fact, Instant, Observation, Origin, Outcome, SnapshotRecorded, StreamId,
    VersionRecorded,
};
use crate::store::NewEvent;

/// A content of a document, as a commit shows it.
pub(super) struct Sight {
    pub(super) event_id: EventId,
    pub(super) named: Named,
    pub(super) stream: StreamId,
    pub(super) observed_at: Instant,
    pub(super) origin: Origin,
}

impl Run<'_> {
    pub(super) fn take_version(&mut self, sight: Sight, body: Body) -> Result<(), ArchiveError> {
        self.report.counts.versions += 1;
        let Body::Bytes(text) = body else {
            self.versioned.insert(sight.stream);
            return Ok(());
        };
        let declared = self.declare(sight.stream, &sight.named.document, sight.observed_at)?;
        let version = VersionRecorded {
            text: self.put(sight.stream, &text)?,
            cause: self.cause(sight.stream, declared)?,
            origin: sight.origin,
        };
        self.batch.push(NewEvent {
            event_id: sight.event_id,
            stream: sight.stream,
            observed_at: sight.observed_at,
            fact: Fact::VersionRecorded(version),
        });
        Ok(())
    }

    /// Why there is a version of a document, which may have been declared just now.
    fn cause(&mut self, stream: StreamId, declared: bool) -> Result<Cause, ArchiveError> {
        let first = self.versioned.insert(stream) && (declared || !self.has_version(stream)?);
        Ok(if first { Cause::First } else { Cause::Changed })
    }

    /// Whether the log held a version of a document when the import began.
    fn has_version(&self, stream: StreamId) -> Result<bool, ArchiveError> {
        for event in self.recorded.stream(stream)? {
            if matches!(event?.fact, Fact::VersionRecorded(_)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn take_snapshot(&mut self, sight: Sight, body: Body) -> Result<(), ArchiveError> {
        let bytes = match body {
            Body::Bytes(bytes) => bytes,
            Body::Recorded { snapshot, .. } => {
                let unchanged = snapshot.is_some_and(|known| known.event_id != sight.event_id);
                self.count_snapshot(unchanged);
                if let Some(known) = snapshot {
                    self.snapshots.insert(sight.named, known);
                }
                return Ok(());
            }
            Body::None | Body::TooLarge(_) => return Ok(()),
        };
        self.declare(sight.stream, &sight.named.document, sight.observed_at)?;
        let content = self.put(sight.stream, &bytes)?;
        if let Some(before) = self.snapshot_before(&sight)?
            && before.blob == content.blob
            && let Some(snapshot_seq) = self.seq_of(before.event_id)?
        {
            self.count_snapshot(true);
            self.snapshots.insert(sight.named, before);
            let observation = Observation {
                stream: sight.stream,
                observed_at: sight.observed_at,
                outcome: Outcome::SnapshotUnchanged { snapshot_seq },
            };
            self.batch.push(NewEvent {
                event_id: sight.event_id,
                stream: StreamId::of_archive(),
                observed_at: sight.observed_at,
                fact: Fact::ObservationsRecorded {
                    observations: vec![observation],
                    evidence: None,
                },
            });
            return Ok(());
        }
        self.count_snapshot(false);
        let snapshot = SnapshotRecorded {
            content,
            part: sight.named.part.clone(),
            media_type: sight.named.media_type.clone(),
            origin: sight.origin,
        };
        let known = KnownSnapshot {
            blob: content.blob,
            event_id: sight.event_id,
        };
        self.snapshots.insert(sight.named, known);
        self.batch.push(NewEvent {
            event_id: sight.event_id,
            stream: sight.stream,
            observed_at: sight.observed_at,
            fact: Fact::SnapshotRecorded(snapshot),
        });
        Ok(())
    }

    /// The snapshot of the same file before this one, among the commits read or those of an earlier import.
    fn snapshot_before(&self, sight: &Sight) -> Result<Option<KnownSnapshot>, ArchiveError> {
        if let Some(before) = self.snapshots.get(&sight.named) {
            return Ok(Some(*before));
        }
        if self.report.since.is_none() {
            return Ok(None);
        }
        for event in self.recorded.stream(sight.stream)?.rev() {
            let event = event?;
            let of_file = matches!(&event.fact, Fact::SnapshotRecorded(snapshot)
                if snapshot.part == sight.named.part && snapshot.media_type == sight.named.media_type);
            if of_file {
                return Ok(known(&event));
            }
        }
        Ok(None)
    }

    /// The seq of an event that is in the log or in the batch, which is then recorded.
    fn seq_of(&mut self, event_id: EventId) -> Result<Option<u64>, ArchiveError> {
        if let Some(seq) = self.writer.find(event_id)? {
            return Ok(Some(seq));
        }
        self.record()?;
        self.writer.find(event_id)
    }

    fn count_snapshot(&mut self, unchanged: bool) {
        let counts = &mut self.report.counts;
        counts.unchanged += u64::from(unchanged);
        counts.snapshots += u64::from(!unchanged);
    }
}
