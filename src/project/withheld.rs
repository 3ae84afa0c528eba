//! What was withheld: the blobs whose bytes were taken out of the archive, and the events that say so.

use blake3::hazmat::hash_derive_key_context;

use super::DigestContext;
use crate::model::{BlobId, Event, Fact, Instant};

static WITHHOLDING: DigestContext =
    DigestContext::new(|| hash_derive_key_context("recension 2026-11 withholding digest"));

/// That a blob is withheld, as a row of the views says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withholding {
    /// The event that says so.
    pub seq: u64,
    /// The blob.
    pub blob: BlobId,
}

impl Withholding {
    /// What an event withholds, if it does.
    #[must_use]
    pub fn of(event: &Event) -> Option<Self> {
        match &event.fact {
            Fact::BlobWithheld(withheld) => Some(Self {
                seq: event.seq,
                blob: withheld.blob,
            }),
            Fact::DocumentDeclared { .. }
            | Fact::DeclarationChanged { .. }
            | Fact::SnapshotRecorded(_)
            | Fact::VersionRecorded(_)
            | Fact::ObservationsRecorded { .. }
            | Fact::DocumentRetired { .. }
            | Fact::HistoryImported(_)
            | Fact::ChangeDetected(_)
            | Fact::ChangeReassessed(_)
            | Fact::ProvisionsMapped(_)
            | Fact::Unknown { .. } => None,
        }
    }

    /// A digest over the row, for finding damage in a stored one.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        WITHHOLDING.digest(&[&self.seq.to_be_bytes(), self.blob.as_bytes()])
    }
}

/// What took the bytes of a blob out of the archive, as answers say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// The event that says so.
    pub seq: u64,
    /// When the log took it.
    pub recorded_at: Instant,
    /// Why.
    pub reason: String,
}
