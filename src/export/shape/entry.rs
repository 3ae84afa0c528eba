//! Entries of a timeline, and where facts come from.

use serde::Serialize;

use super::WithheldLine;
use crate::model::{
    BlobId, CommitId, Event, Fact, Instant, Observation, Origin, Outcome, Sha256, StreamId,
};
use crate::project::{Document, Entry, Look, Withheld};

/// One entry of a timeline.
#[derive(Debug, Serialize)]
pub struct EntryLine {
    /// `<platform>/<document type>`.
    pub document: String,
    /// When the document was looked at.
    pub observed_at: Instant,
    /// When the log took the event.
    pub recorded_at: Instant,
    /// `version`, `unchanged`, `failed` or `retired`.
    pub look: &'static str,
    /// The event that tells of the look.
    pub seq: u64,
    /// The event that recorded the text seen.
    pub version_seq: Option<u64>,
    /// Why there is a version: `first`, `changed` or `re-extracted`.
    pub cause: Option<&'static str>,
    /// BLAKE3 of the version's text.
    pub blob: Option<BlobId>,
    /// SHA-256 of the version's text.
    pub sha256: Option<Sha256>,
    /// Length of the version's text.
    pub size_bytes: Option<u64>,
    /// What took the text seen out of the archive, if anything did.
    pub withheld: Option<WithheldLine>,
    /// Why the look failed or the archiving ended.
    pub reason: Option<String>,
    /// Where the fact comes from.
    pub origin: Option<OriginLine>,
}

impl EntryLine {
    /// Tells of one look at `document`, with the event that records it and what took the text seen out of the archive.
    #[must_use]
    pub fn new(
        document: &Document,
        entry: &Entry,
        event: &Event,
        withheld: Option<&Withheld>,
    ) -> Self {
        let mut line = Self {
            document: document.name.to_string(),
            observed_at: entry.observed_at,
            recorded_at: event.recorded_at,
            look: entry.look.word(),
            seq: entry.seq,
            version_seq: None,
            cause: None,
            blob: None,
            sha256: None,
            size_bytes: None,
            withheld: withheld.map(Into::into),
            reason: None,
            origin: None,
        };
        if let Look::Unchanged { version_seq } = entry.look {
            line.version_seq = Some(version_seq);
        }
        match &event.fact {
            Fact::VersionRecorded(version) => {
                line.version_seq = Some(event.seq);
                line.cause = Some(version.cause.word());
                line.blob = Some(version.text.blob);
                line.sha256 = Some(version.text.sha256);
                line.size_bytes = Some(version.text.size_bytes);
                line.origin = Some((&version.origin).into());
            }
            Fact::DocumentRetired { reason, origin, .. } => {
                line.reason = Some(reason.clone());
                line.origin = Some(origin.into());
            }
            Fact::ObservationsRecorded { observations, .. } => {
                line.reason = failure(observations, document.stream(), entry.observed_at);
            }
            Fact::DocumentDeclared { .. }
            | Fact::DeclarationChanged { .. }
            | Fact::SnapshotRecorded(_)
            | Fact::HistoryImported(_)
            | Fact::BlobWithheld(_)
            | Fact::ChangeDetected(_)
            | Fact::ChangeReassessed(_)
            | Fact::ProvisionsMapped(_)
            | Fact::Unknown { .. } => {}
        }
        line
    }
}

fn failure(observations: &[Observation], stream: StreamId, observed_at: Instant) -> Option<String> {
    observations
        .iter()
        .filter(|one| one.stream == stream && one.observed_at == observed_at)
        .find_map(|one| match &one.outcome {
            Outcome::Failed { reason, .. } => Some(reason.clone()),
            Outcome::Unchanged { .. } | Outcome::SnapshotUnchanged { .. } => None,
        })
}

/// Where a fact comes from.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OriginLine {
    /// A commit of a history kept by others.
    Imported {
        /// The commit.
        commit: CommitId,
        /// When it was made, by its committer.
        committed_at: Instant,
        /// What its subject says that it records.
        commit_kind: &'static str,
        /// The snapshot that its message names.
        snapshot: Option<SnapshotLine>,
        /// Its trailers, each as name and value.
        trailers: Vec<(String, String)>,
    },
    /// The demonstration's invented platforms.
    Demonstration,
    /// A fetch of the archive's own.
    Fetched {
        /// The address that the bytes came from, behind all redirects.
        address: String,
        /// BLAKE3 of the evidence: how they came, in JSON.
        evidence: BlobId,
        /// SHA-256 of the evidence.
        evidence_sha256: Sha256,
        /// BLAKE3 of the declaration under which it was fetched.
        declaration: BlobId,
    },
    /// Snapshots of the archive's own.
    Extracted {
        /// The events of the snapshots, in the order of the parts.
        snapshots: Vec<u64>,
        /// BLAKE3 of the declaration that says what is kept of them.
        declaration: BlobId,
        /// The version of the extractor.
        extractor: u32,
    },
}

/// A snapshot kept by others.
#[derive(Debug, Serialize)]
pub struct SnapshotLine {
    /// The address of the repository; empty where only the commit is known.
    pub repository: String,
    /// The commit.
    pub commit: CommitId,
}

impl From<&Origin> for OriginLine {
    fn from(origin: &Origin) -> Self {
        match origin {
            Origin::Demonstration => Self::Demonstration,
            Origin::Fetched(fetch) => Self::Fetched {
                address: fetch.address.clone(),
                evidence: fetch.evidence.blob,
                evidence_sha256: fetch.evidence.sha256,
                declaration: fetch.declaration,
            },
            Origin::Extracted(extraction) => Self::Extracted {
                snapshots: extraction.snapshots.clone(),
                declaration: extraction.declaration,
                extractor: extraction.extractor,
            },
            Origin::Imported(imported) => Self::Imported {
                commit: imported.commit,
                committed_at: imported.committed_at,
                commit_kind: imported.kind.word(),
                snapshot: imported.snapshot.as_ref().map(|snapshot| SnapshotLine {
                    repository: snapshot.repository.clone(),
                    commit: snapshot.commit,
                }),
                trailers: imported.trailers.clone(),
            },
        }
    }
}
