//! What the archive knows of a document that it fetches: how it is obtained, what was fetched last, what it says.

use std::collections::HashMap;

use super::CaptureError;
use crate::archive::changes::change_of;
use crate::archive::{Archive, ArchiveError};
use crate::model::{
    BlobId, Cause, Content, Declaration, Event, Evidence, Fact, Instant, MediaType, Origin,
    PartName, Status, VersionRecorded,
};
use crate::project::Document;

/// A document that is fetched.
pub(in crate::archive) struct Known {
    pub(super) document: Document,
    pub(in crate::archive) declaration: Declaration,
    /// The blob of the declaration.
    pub(in crate::archive) declaration_blob: BlobId,
    /// The newest snapshot of each part, in the order of the declaration.
    pub(in crate::archive) snapshots: Vec<Option<KnownSnapshot>>,
    /// The version that was seen last, with the seq of its event.
    pub(super) version: Option<(u64, VersionRecorded)>,
    /// Whether the newest change was seen only once.
    pub(super) is_unconfirmed: bool,
    /// Whether the newest version's change was judged, and for good.
    pub(super) is_judged: bool,
}

/// A snapshot that the archive fetched.
#[derive(Clone)]
pub(in crate::archive) struct KnownSnapshot {
    pub(super) seq: u64,
    pub(super) observed_at: Instant,
    pub(in crate::archive) content: Content,
    pub(super) media_type: MediaType,
    pub(super) evidence: Content,
}

impl Known {
    /// Whether scripts make the text of a page of it, by its declaration.
    pub(super) fn needs_scripts(&self) -> bool {
        let mut parts = self.declaration.parts().iter();
        parts.any(|part| part.client_scripts)
    }
}

impl KnownSnapshot {
    /// The snapshot that an event tells of, with the part that it is, if the archive fetched it.
    fn of(event: &Event) -> Option<(Option<PartName>, Self)> {
        let Fact::SnapshotRecorded(snapshot) = &event.fact else {
            return None;
        };
        let Origin::Fetched(fetch) = &snapshot.origin else {
            return None;
        };
        let known = Self {
            seq: event.seq,
            observed_at: event.observed_at,
            content: snapshot.content,
            media_type: snapshot.media_type.clone(),
            evidence: fetch.evidence,
        };
        Some((snapshot.part.clone(), known))
    }
}

impl Archive {
    /// What is known of a document; none where nothing says how to obtain it.
    pub(in crate::archive) fn fetched(
        &self,
        document: Document,
    ) -> Result<Option<Known>, ArchiveError> {
        let Some(declaration) = self.declaration(&document)? else {
            return Ok(None);
        };
        let (declaration, declaration_blob) = declaration;
        let mut wanted: HashMap<Option<PartName>, Option<KnownSnapshot>> =
            declaration.part_names().map(|part| (part, None)).collect();
        let (mut is_unconfirmed, mut is_judged) = (None, None);
        for event in self.log.stream(document.stream())?.rev() {
            let event = event?;
            if let Some((part, snapshot)) = KnownSnapshot::of(&event) {
                if let Some(missing @ None) = wanted.get_mut(&part) {
                    *missing = Some(snapshot);
                }
            } else if let Some(change) = change_of(&event) {
                is_unconfirmed.get_or_insert(change.status == Status::Unconfirmed);
                is_judged.get_or_insert(change.status == Status::Confirmed);
            } else if let Fact::VersionRecorded(version) = &event.fact {
                is_judged.get_or_insert(version.cause == Cause::First);
            }
            let all = wanted.values().all(Option::is_some);
            if all && is_unconfirmed.is_some() {
                break;
            }
        }
        let part_names = declaration.part_names();
        Ok(Some(Known {
            version: self.version_seen_last(&document)?,
            snapshots: part_names
                .map(|part| wanted.remove(&part).flatten())
                .collect(),
            document,
            declaration,
            declaration_blob,
            is_unconfirmed: is_unconfirmed.unwrap_or(false),
            is_judged: is_judged.unwrap_or(true),
        }))
    }

    /// How a document is obtained, with the blob that says so.
    fn declaration(
        &self,
        document: &Document,
    ) -> Result<Option<(Declaration, BlobId)>, ArchiveError> {
        let Some(seq) = document.declaration_seq else {
            return Ok(None);
        };
        let Fact::DeclarationChanged { declaration } = self.log.event(seq)?.fact else {
            return Err(CaptureError::Declaration { seq }.into());
        };
        let blob = declaration.blob;
        let Ok(bytes) = self.content(blob)? else {
            return Ok(None);
        };
        let declaration = Declaration::parse(&bytes).ok_or(CaptureError::Declaration { seq })?;
        Ok(Some((declaration, blob)))
    }

    fn version_seen_last(
        &self,
        document: &Document,
    ) -> Result<Option<(u64, VersionRecorded)>, ArchiveError> {
        let Some(last) = document.last_observed_at else {
            return Ok(None);
        };
        let Some(standing) = self.views.standing_as_of(document, last)? else {
            return Ok(None);
        };
        let seq = standing.sight.version_seq;
        Ok(match self.log.event(seq)?.fact {
            Fact::VersionRecorded(version) => Some((seq, version)),
            _ => None,
        })
    }

    /// The evidence of the snapshot of an event; none where it is withheld.
    pub(super) fn evidence(
        &self,
        seq: u64,
        evidence: &Content,
    ) -> Result<Option<Evidence>, ArchiveError> {
        let Ok(bytes) = self.content(evidence.blob)? else {
            return Ok(None);
        };
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|source| CaptureError::Evidence { seq, source }.into())
    }
}
