//! The timeline of a document: every look at it that the log holds.

use blake3::hazmat::hash_derive_key_context;

use super::DigestContext;
use crate::model::{Event, Fact, Instant, Observation, Outcome, StreamId};

static TIMELINE: DigestContext =
    DigestContext::new(|| hash_derive_key_context("recension 2026-11 timeline digest"));

/// One look at a document, or its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// When the document was looked at.
    pub observed_at: Instant,
    /// The event that tells of it.
    pub seq: u64,
    /// What was seen.
    pub look: Look,
}

/// What a look showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A text that the event records as a version.
    Version,
    /// The text of an earlier version, unchanged.
    Unchanged {
        /// The seq of that version's event.
        version_seq: u64,
    },
    /// Nothing: the look failed.
    Failed,
    /// The document is archived no longer.
    Retired,
}

impl Look {
    /// The number by which a stored row tells the kinds apart.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Version => 0,
            Self::Unchanged { .. } => 1,
            Self::Failed => 2,
            Self::Retired => 3,
        }
    }

    /// The word for it in answers and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Unchanged { .. } => "unchanged",
            Self::Failed => "failed",
            Self::Retired => "retired",
        }
    }
}

impl Entry {
    /// Continues the digest over a document's entries in the order in which the log took them.
    #[must_use]
    pub fn chain(&self, before: &[u8; 32]) -> [u8; 32] {
        let version_seq = match self.look {
            Look::Unchanged { version_seq } => version_seq,
            Look::Version | Look::Failed | Look::Retired => self.seq,
        };
        TIMELINE.digest(&[
            before,
            &self.observed_at.micros().to_be_bytes(),
            &self.seq.to_be_bytes(),
            &[self.look.code()],
            &version_seq.to_be_bytes(),
        ])
    }
}

/// The entries that an event adds, each with the stream of its document, in the order of observation.
#[must_use]
pub fn entries(event: &Event) -> Vec<(StreamId, Entry)> {
    let one = |look| {
        vec![(
            event.stream,
            Entry {
                observed_at: event.observed_at,
                seq: event.seq,
                look,
            },
        )]
    };
    match &event.fact {
        Fact::VersionRecorded(_) => one(Look::Version),
        Fact::DocumentRetired { .. } => one(Look::Retired),
        Fact::ObservationsRecorded { observations, .. } => sweep(event.seq, observations),
        // A timeline tells of looks: what bytes were fetched is not what they say, and to withhold them or to judge
        // what changed is no look.
        Fact::SnapshotRecorded(_)
        | Fact::DocumentDeclared { .. }
        | Fact::DeclarationChanged { .. }
        | Fact::HistoryImported(_)
        | Fact::BlobWithheld(_)
        | Fact::ChangeDetected(_)
        | Fact::ChangeReassessed(_)
        | Fact::ProvisionsMapped(_)
        | Fact::Unknown { .. } => Vec::new(),
    }
}

/// The looks of one sweep. It lists them as they were made, which needn't be by the times that the looks give.
fn sweep(seq: u64, observations: &[Observation]) -> Vec<(StreamId, Entry)> {
    let entry = |observation: &Observation| {
        let look = match observation.outcome {
            Outcome::Unchanged { version_seq } => Look::Unchanged { version_seq },
            Outcome::Failed { .. } => Look::Failed,
            Outcome::SnapshotUnchanged { .. } => return None,
        };
        let observed_at = observation.observed_at;
        Some((
            observation.stream,
            Entry {
                observed_at,
                seq,
                look,
            },
        ))
    };
    let mut entries: Vec<_> = observations.iter().filter_map(entry).collect();
    entries.sort_by_key(|(_, entry)| entry.observed_at);
    entries
}
