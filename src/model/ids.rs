//! How streams and events get their names: from what they are about, never from the attempt to record it.

use super::{
    BlobId, CommitId, DocumentName, EventId, Extraction, HistoryKind, Instant, MediaType,
    Observation, PartName, StreamId,
};

const STREAM_CONTEXT: &str = "recension 2026-11 stream id";
const EVENT_CONTEXT: &str = "recension 2026-11 event id";

/// Hashes `parts` under `context`, each preceded by its length so that no two lists collide.
fn derive(context: &str, parts: &[&[u8]]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key(context);
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let mut out = [0; 16];
    hasher.finalize_xof().fill(&mut out);
    out
}

impl StreamId {
    /// The stream of a document.
    #[must_use]
    pub fn of_document(document: &DocumentName) -> Self {
        let (platform, document_type) = (document.platform(), document.document_type());
        Self(derive(
            STREAM_CONTEXT,
            &[b"document", platform.as_bytes(), document_type.as_bytes()],
        ))
    }

    /// The archive's own stream, for facts about no single document.
    #[must_use]
    pub fn of_archive() -> Self {
        Self(derive(STREAM_CONTEXT, &[b"archive"]))
    }
}

impl EventId {
    /// The declaration of a document.
    #[must_use]
    pub fn declared(stream: StreamId) -> Self {
        Self(derive(EVENT_CONTEXT, &[b"declared", &stream.0]))
    }

    /// What a commit says about a document's text.
    #[must_use]
    pub fn imported_version(stream: StreamId, commit: CommitId) -> Self {
        Self(derive(
            EVENT_CONTEXT,
            &[b"imported version", &stream.0, &commit.0],
        ))
    }

    /// What a commit says about the bytes of a document, whether they are new or those of an earlier snapshot.
    #[must_use]
    pub fn imported_snapshot(
        stream: StreamId,
        part: Option<&PartName>,
        media_type: &MediaType,
        commit: CommitId,
    ) -> Self {
        // No part has an empty name.
        let part = part.map_or("", PartName::as_str);
        let parts: [&[u8]; 5] = [
            b"imported snapshot",
            &stream.0,
            part.as_bytes(),
            media_type.as_str().as_bytes(),
            &commit.0,
        ];
        Self(derive(EVENT_CONTEXT, &parts))
    }

    /// What a commit says about a document's end.
    #[must_use]
    pub fn imported_retirement(stream: StreamId, commit: CommitId) -> Self {
        Self(derive(
            EVENT_CONTEXT,
            &[b"imported retirement", &stream.0, &commit.0],
        ))
    }

    /// The import of a history up to a commit.
    #[must_use]
    pub fn history_imported(kind: HistoryKind, head: CommitId) -> Self {
        let what: &[u8] = match kind {
            HistoryKind::Versions => b"history imported",
            HistoryKind::Snapshots => b"history of snapshots imported",
        };
        Self(derive(EVENT_CONTEXT, &[what, &head.0]))
    }

    /// The withholding of a blob.
    #[must_use]
    pub fn blob_withheld(blob: BlobId) -> Self {
        Self(derive(EVENT_CONTEXT, &[b"blob withheld", &blob.0]))
    }

    /// The change that a version brought, by the event of the version.
    #[must_use]
    pub fn change_detected(version: EventId) -> Self {
        Self(derive(EVENT_CONTEXT, &[b"change detected", &version.0]))
    }

    /// The reassessment of a change that comes after so many others of it.
    #[must_use]
    pub fn change_reassessed(change: EventId, before: u64) -> Self {
        Self(derive(
            EVENT_CONTEXT,
            &[b"change reassessed", &change.0, &before.to_be_bytes()],
        ))
    }

    /// The mapping of a version's provisions by a classifier, told against another version or none, by the event of the
    /// version; one of several where `part` is not 0.
    #[must_use]
    pub fn provisions_mapped(
        version: EventId,
        from: Option<u64>,
        classifier: &str,
        part: u64,
    ) -> Self {
        let parts: [&[u8]; 5] = [
            b"provisions mapped",
            &version.0,
            &from.unwrap_or(u64::MAX).to_be_bytes(),
            classifier.as_bytes(),
            &part.to_be_bytes(),
        ];
        Self(derive(EVENT_CONTEXT, &parts))
    }

    /// A declaration of a document that takes the place of the one of an event, or of none.
    #[must_use]
    pub fn declaration_changed(stream: StreamId, declaration: BlobId, before: Option<u64>) -> Self {
        let before = before.map_or(u64::MAX, |seq| seq).to_be_bytes();
        let parts: [&[u8]; 4] = [b"declaration changed", &stream.0, &declaration.0, &before];
        Self(derive(EVENT_CONTEXT, &parts))
    }

    /// A declaration that held of a document from an instant on, as a history of declarations tells.
    #[must_use]
    pub fn declared_since(stream: StreamId, declaration: BlobId, since: Instant) -> Self {
        let since = since.micros().to_be_bytes();
        let parts: [&[u8]; 4] = [b"declared since", &stream.0, &declaration.0, &since];
        Self(derive(EVENT_CONTEXT, &parts))
    }

    /// The bytes that a part of a document had at an instant.
    #[must_use]
    pub fn fetched_snapshot(
        stream: StreamId,
        part: Option<&PartName>,
        observed_at: Instant,
    ) -> Self {
        // No part has an empty name.
        let part = part.map_or("", PartName::as_str);
        let parts: [&[u8]; 4] = [
            b"fetched snapshot",
            &stream.0,
            part.as_bytes(),
            &observed_at.micros().to_be_bytes(),
        ];
        Self(derive(EVENT_CONTEXT, &parts))
    }

    /// The text that an extraction took from snapshots, as it was seen at an instant.
    #[must_use]
    pub fn extracted_version(
        stream: StreamId,
        extraction: &Extraction,
        observed_at: Instant,
    ) -> Self {
        let snapshots: Vec<u8> = extraction
            .snapshots
            .iter()
            .flat_map(|seq| seq.to_be_bytes())
            .collect();
        let parts: [&[u8]; 6] = [
            b"extracted version",
            &stream.0,
            &snapshots,
            &extraction.declaration.0,
            &extraction.extractor.to_be_bytes(),
            &observed_at.micros().to_be_bytes(),
        ];
        Self(derive(EVENT_CONTEXT, &parts))
    }

    /// Looks of one sweep.
    #[must_use]
    pub fn observed(observations: &[Observation]) -> Self {
        let looks: Vec<u8> = observations
            .iter()
            .flat_map(|look| {
                [
                    look.stream.0.to_vec(),
                    look.observed_at.micros().to_be_bytes().to_vec(),
                ]
            })
            .flatten()
            .collect();
        Self(derive(EVENT_CONTEXT, &[b"observed", &looks]))
    }

    /// One entry of the demonstration, by its position.
    #[must_use]
    pub fn demonstration(position: u64) -> Self {
        Self(derive(
            EVENT_CONTEXT,
            &[b"demonstration", &position.to_be_bytes()],
        ))
    }
}
