//! What stored pages say, on its way into the log.

use super::CaptureError;
use super::again::version_event;
use super::text::NoText;
use crate::archive::{ArchiveError, Writer};
use crate::model::{
    Cause, Content, EventId, Extraction, Fact, Instant, Observation, Outcome, StreamId,
};
use crate::store::{Appended, NewEvent};

/// A batch ends at so many looks.
const BATCH_LOOKS: usize = 256;
/// How much of a reason is recorded, in characters; what servers say can be long.
const REASON_CHARS: usize = 500;
/// An event tells of so many bytes of looks: half of what one may have.
const EVENT_BYTES: usize = 32 << 10;

/// A reason as it is recorded.
pub(super) fn short(reason: &str) -> String {
    let mut told: String = reason.chars().take(REASON_CHARS).collect();
    if told.len() < reason.len() {
        told.push('…');
    }
    told
}

/// The events that tell of looks, with how they were made: one, or as many as the looks need room.
pub(super) fn events(
    looks: Vec<Observation>,
    evidence: Option<Content>,
) -> impl Iterator<Item = NewEvent> {
    let mut groups: Vec<Vec<Observation>> = Vec::new();
    let mut bytes = EVENT_BYTES;
    for look in looks {
        // A stream, a time and a seq take less than the first.
        let size = 48
            + match &look.outcome {
                Outcome::Failed { reason, .. } => reason.len(),
                Outcome::Unchanged { .. } | Outcome::SnapshotUnchanged { .. } => 0,
            };
        bytes += size;
        match groups.last_mut() {
            Some(group) if bytes <= EVENT_BYTES => group.push(look),
            _ => {
                bytes = size;
                groups.push(vec![look]);
            }
        }
    }
    groups.into_iter().filter_map(move |observations| {
        let times = observations.iter().map(|look| look.observed_at);
        Some(NewEvent {
            event_id: EventId::observed(&observations),
            stream: StreamId::of_archive(),
            observed_at: times.min()?,
            fact: Fact::ObservationsRecorded {
                observations,
                evidence,
            },
        })
    })
}

/// Versions and looks on their way into the log. The log is written by one, so that seqs are known before.
pub(super) struct Batch<'a> {
    writer: &'a mut Writer,
    stream: StreamId,
    now: Instant,
    events: Vec<NewEvent>,
    /// The looks since the last version, which go into one event.
    looks: Vec<Observation>,
    count: usize,
}

impl<'a> Batch<'a> {
    pub(super) fn new(writer: &'a mut Writer, stream: StreamId, now: Instant) -> Self {
        Self {
            writer,
            stream,
            now,
            events: Vec::new(),
            looks: Vec::new(),
            count: 0,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.count >= BATCH_LOOKS
    }

    pub(super) fn look(&mut self, observed_at: Instant, outcome: Outcome) {
        self.count += 1;
        // A document is looked at once at an instant.
        if self
            .looks
            .last()
            .is_some_and(|last| last.observed_at == observed_at)
        {
            self.looks.pop();
        }
        self.looks.push(Observation {
            stream: self.stream,
            observed_at,
            outcome,
        });
    }

    pub(super) fn failed(&mut self, observed_at: Instant, no_text: &NoText) {
        let stage = Some(no_text.stage);
        let reason = short(&no_text.reason);
        self.look(observed_at, Outcome::Failed { stage, reason });
    }

    pub(super) fn unchanged(&mut self, observed_at: Instant, version_seq: u64) {
        self.look(observed_at, Outcome::Unchanged { version_seq });
    }

    /// Adds a version; gives the seq that it will have.
    pub(super) fn version(
        &mut self,
        observed_at: Instant,
        cause: Cause,
        extraction: Extraction,
        text: &str,
    ) -> Result<u64, ArchiveError> {
        self.end_looks();
        self.count += 1;
        let seq = self.writer.size() + self.events.len() as u64;
        let (writer, stream) = (&mut *self.writer, self.stream);
        let event = version_event(writer, stream, observed_at, cause, extraction, text)?;
        self.events.push(event);
        Ok(seq)
    }

    fn end_looks(&mut self) {
        let looks = std::mem::take(&mut self.looks);
        self.events.extend(events(looks, None));
    }

    pub(super) fn record(&mut self) -> Result<(), ArchiveError> {
        self.end_looks();
        self.count = 0;
        if self.events.is_empty() {
            return Ok(());
        }
        let first = self.writer.size();
        let appended = self.writer.record(&self.events, self.now)?;
        self.events.clear();
        for (place, one) in (first..).zip(appended) {
            // Another numbering would let looks name other versions.
            match one {
                Appended::New(event) if event.seq == place => {}
                _ => return Err(CaptureError::Seq { seq: place }.into()),
            }
        }
        Ok(())
    }
}
