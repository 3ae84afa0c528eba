//! Stored snapshots, of the archive's own and of others: which part of the document each is, and its page.

use super::text::Page;
use crate::archive::{Archive, ArchiveError};
use crate::model::{Content, Declaration, Event, Fact, Instant, MediaType, Origin, PartName};

/// A snapshot, and which part of the document it may be.
pub(super) struct Stored {
    pub(super) seq: u64,
    pub(super) observed_at: Instant,
    pub(super) part: Option<PartName>,
    /// The address that its source gives of it.
    pub(super) address: Option<String>,
    pub(super) content: Content,
    pub(super) media_type: MediaType,
    pub(super) evidence: Option<Content>,
}

impl Stored {
    pub(super) fn of(event: &Event) -> Option<Self> {
        let Fact::SnapshotRecorded(snapshot) = &event.fact else {
            return None;
        };
        let (address, evidence) = match &snapshot.origin {
            Origin::Imported(imported) => {
                let address = imported.trailer("X-source-document-location").next();
                (address.map(str::to_owned), None)
            }
            Origin::Fetched(fetch) => (None, Some(fetch.evidence)),
            Origin::Demonstration | Origin::Extracted(_) => (None, None),
        };
        Some(Self {
            seq: event.seq,
            observed_at: event.observed_at,
            part: snapshot.part.clone(),
            address,
            content: snapshot.content,
            media_type: snapshot.media_type.clone(),
            evidence,
        })
    }

    /// Which part of a declaration it is: the only one, the one of its name, or the one of its address.
    pub(super) fn part_of(&self, declaration: &Declaration) -> Option<usize> {
        let parts = declaration.parts();
        if parts.len() == 1 {
            return Some(0);
        }
        let named = declaration.part_names().position(|name| name == self.part);
        let address = self.address.as_deref();
        let addressed = parts
            .iter()
            .position(|part| Some(part.address.as_str()) == address);
        addressed.or(named)
    }

    pub(super) fn page(&self, archive: &Archive) -> Result<Option<Page>, ArchiveError> {
        let evidence = self.evidence.as_ref();
        archive.stored_page(self.seq, &self.content, &self.media_type, evidence)
    }
}
