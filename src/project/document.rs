//! What is known of a document as a whole.

use super::{Entry, Look};
use blake3::hazmat::hash_derive_key_context;

use super::DigestContext;
use crate::model::{DocumentName, Instant, StreamId};

static DOCUMENT: DigestContext =
    DigestContext::new(|| hash_derive_key_context("recension 2026-11 document digest"));

/// A document and the totals of its timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its number, in the order of declaration, from 0.
    pub number: u64,
    /// Its name.
    pub name: DocumentName,
    /// The event that declared it.
    pub declared_seq: u64,
    /// The event that says how it is obtained, where one does.
    pub declaration_seq: Option<u64>,
    /// Versions recorded.
    pub versions: u64,
    /// Looks at it, versions and failures included.
    pub looks: u64,
    /// The earliest sight of a text, if any.
    pub first_observed_at: Option<Instant>,
    /// The latest sight of a text, if any.
    pub last_observed_at: Option<Instant>,
    /// The latest end of its archiving, if there was one; a sight after it means that the document came back.
    pub last_retired_at: Option<Instant>,
    /// The digest over its timeline's entries, in the log's order.
    pub timeline_digest: [u8; 32],
}

impl Document {
    /// A document just declared.
    #[must_use]
    pub fn declared(number: u64, name: DocumentName, declared_seq: u64) -> Self {
        Self {
            number,
            name,
            declared_seq,
            declaration_seq: None,
            versions: 0,
            looks: 0,
            first_observed_at: None,
            last_observed_at: None,
            last_retired_at: None,
            timeline_digest: [0; 32],
        }
    }

    /// Its stream.
    #[must_use]
    pub fn stream(&self) -> StreamId {
        StreamId::of_document(&self.name)
    }

    /// When its archiving ended, if no text was seen since.
    #[must_use]
    pub fn retired_at(&self) -> Option<Instant> {
        self.last_retired_at
            .filter(|retired| self.last_observed_at.is_none_or(|last| last <= *retired))
    }

    /// Takes up one entry of its timeline.
    pub fn apply(&mut self, entry: &Entry) {
        self.timeline_digest = entry.chain(&self.timeline_digest);
        match entry.look {
            Look::Version | Look::Unchanged { .. } => {
                let at = entry.observed_at;
                self.first_observed_at =
                    Some(self.first_observed_at.map_or(at, |first| first.min(at)));
                self.last_observed_at = Some(self.last_observed_at.map_or(at, |last| last.max(at)));
                self.looks += 1;
                self.versions += u64::from(matches!(entry.look, Look::Version));
            }
            Look::Failed => self.looks += 1,
            Look::Retired => {
                self.last_retired_at = self.last_retired_at.max(Some(entry.observed_at));
            }
        }
    }

    /// A digest over all of the above, for finding damage in a stored row.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let time = |at: Option<Instant>| at.map_or(i64::MIN, Instant::micros).to_be_bytes();
        DOCUMENT.digest(&[
            &self.number.to_be_bytes(),
            &(self.name.platform().len() as u64).to_be_bytes(),
            self.name.platform().as_bytes(),
            self.name.document_type().as_bytes(),
            &self.declared_seq.to_be_bytes(),
            &self.declaration_seq.unwrap_or(u64::MAX).to_be_bytes(),
            &self.versions.to_be_bytes(),
            &self.looks.to_be_bytes(),
            &time(self.first_observed_at),
            &time(self.last_observed_at),
            &time(self.last_retired_at),
            &self.timeline_digest,
        ])
    }
}
