//! What stored pages say, on its way into the log.

use super::CaptureError;
use super::text::NoText;
use crate::archive::{ArchiveError, Writer};
use crate::model::{
    Cause, EventId, Extraction, Fact, Instant, Observation, Origin, Outcome, StreamId,
    VersionRecorded,
};
use crate::store::{Appended, NewEvent};

/// A batch ends at so many looks.
const BATCH_LOOKS: usize = 256;

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

    pub(super) fn failed(&mut self, observed_at: Instant, no_text: NoText) {
        let NoText { stage, reason } = no_text;
        let stage = Some(stage);
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
        let text = self.writer.put(self.stream, text.as_bytes())?;
        let seq = self.writer.size() + self.events.len() as u64;
        self.events.push(NewEvent {
            event_id: EventId::extracted_version(self.stream, &extraction, observed_at),
            stream: self.stream,
            observed_at,
            fact: Fact::VersionRecorded(VersionRecorded {
                text,
                cause,
                origin: Origin::Extracted(extraction),
            }),
        });
        Ok(seq)
    }

    pub(super) fn end_looks(&mut self) {
        let Some(first) = self.looks.first() else {
            return;
        };
        self.events.push(NewEvent {
            event_id: EventId::observed(&self.looks),
            stream: StreamId::of_archive(),
            observed_at: first.observed_at,
            fact: Fact::ObservationsRecorded {
                observations: std::mem::take(&mut self.looks),
                evidence: None,
            },
        });
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
