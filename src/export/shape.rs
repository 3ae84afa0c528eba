//! The JSON that users read: every shape is defined here and nowhere else.
//!
//! Times are RFC 3339 in UTC, hashes lower-case hexadecimal, sizes bytes. A field that has no value is `null`.

#![warn(clippy::wildcard_enum_match_arm)]

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Serialize;

use crate::model::{
    BlobId, CommitId, Event, EventId, Fact, Instant, Observation, Origin, Outcome, Sha256, StreamId,
};
use crate::project::{AsOf, Document, Entry, Look};
use crate::prove::{Checkpoint, Note, VerifierKey, leaf_hash};

/// A platform and what is archived of it.
#[derive(Debug, Serialize)]
pub struct Platform {
    /// The platform.
    pub platform: String,
    /// How many documents.
    pub documents: u64,
    /// How many versions of them.
    pub versions: u64,
    /// The earliest observation of any of them.
    pub first_observed_at: Option<Instant>,
    /// The latest observation of any of them.
    pub last_observed_at: Option<Instant>,
}

/// A document and what is archived of it.
#[derive(Debug, Serialize)]
pub struct DocumentLine {
    /// `<platform>/<document type>`.
    pub document: String,
    /// The platform.
    pub platform: String,
    /// The document type.
    pub document_type: String,
    /// Versions recorded.
    pub versions: u64,
    /// Looks, versions and failures included.
    pub looks: u64,
    /// The earliest sight of a text.
    pub first_observed_at: Option<Instant>,
    /// The latest sight of a text.
    pub last_observed_at: Option<Instant>,
    /// When its archiving ended, if it did.
    pub retired_at: Option<Instant>,
    /// The event that declared it.
    pub declared_seq: u64,
}

impl From<&Document> for DocumentLine {
    fn from(document: &Document) -> Self {
        Self {
            document: document.name.to_string(),
            platform: document.name.platform().to_owned(),
            document_type: document.name.document_type().to_owned(),
            versions: document.versions,
            looks: document.looks,
            first_observed_at: document.first_observed_at,
            last_observed_at: document.last_observed_at,
            retired_at: document.retired_at,
            declared_seq: document.declared_seq,
        }
    }
}

/// An answer as of an instant.
#[derive(Debug, Serialize)]
pub struct AsOfLine {
    /// `<platform>/<document type>`.
    pub document: String,
    /// The instant asked about.
    pub as_of: Instant,
    /// The limit on what was known, where one was asked for.
    pub known_at: Option<Instant>,
    /// Whether the document had been observed by then.
    pub found: bool,
    /// BLAKE3 of the text.
    pub blob: Option<BlobId>,
    /// SHA-256 of the text.
    pub sha256: Option<Sha256>,
    /// Length of the text.
    pub size_bytes: Option<u64>,
    /// The event that recorded the version.
    pub seq: Option<u64>,
    /// When that version was observed.
    pub observed_at: Option<Instant>,
    /// The first of the unbroken row of sights of this text.
    pub first_seen: Option<Instant>,
    /// The last sight at or before the instant.
    pub last_seen: Option<Instant>,
    /// The next observation after the instant.
    pub next_seen: Option<Instant>,
    /// `held`, `changed in between` or `latest`.
    pub certainty: Option<&'static str>,
    /// The earliest observation of the document that was known.
    pub first_observed_at: Option<Instant>,
    /// When the document's archiving ended, if it did.
    pub retired_at: Option<Instant>,
    /// The text, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl From<&AsOf> for AsOfLine {
    fn from(answer: &AsOf) -> Self {
        let found = answer.found.as_ref();
        Self {
            document: answer.document.name.to_string(),
            as_of: answer.as_of,
            known_at: answer.known_at,
            found: found.is_some(),
            blob: found.map(|found| found.version.text.blob),
            sha256: found.map(|found| found.version.text.sha256),
            size_bytes: found.map(|found| found.version.text.size_bytes),
            seq: found.map(|found| found.event.seq),
            observed_at: found.map(|found| found.event.observed_at),
            first_seen: found.map(|found| found.standing.first_seen),
            last_seen: found.map(|found| found.standing.sight.observed_at),
            next_seen: found
                .and_then(|found| found.standing.next)
                .map(|next| next.observed_at),
            certainty: found.map(|found| found.certainty.word()),
            first_observed_at: answer.first_observed_at,
            retired_at: answer.retired_at,
            text: None,
        }
    }
}

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
    /// Why the look failed or the archiving ended.
    pub reason: Option<String>,
    /// Where the fact comes from.
    pub origin: Option<OriginLine>,
}

impl EntryLine {
    /// Tells of one look at `document`, with the event that records it.
    #[must_use]
    pub fn new(document: &Document, entry: &Entry, event: &Event) -> Self {
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
            Fact::ObservationsRecorded { observations } => {
                line.reason = failure(observations, document.stream(), entry.observed_at);
            }
            Fact::DocumentDeclared { .. } | Fact::HistoryImported(_) | Fact::Unknown { .. } => {}
        }
        line
    }
}

fn failure(observations: &[Observation], stream: StreamId, observed_at: Instant) -> Option<String> {
    observations
        .iter()
        .filter(|one| one.stream == stream && one.observed_at == observed_at)
        .find_map(|one| match &one.outcome {
            Outcome::Failed { reason } => Some(reason.clone()),
            Outcome::Unchanged { .. } => None,
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

/// An event of the log.
#[derive(Debug, Serialize)]
pub struct EventLine {
    /// Position in the log.
    pub seq: u64,
    /// What `export events --after` takes to go on behind this event.
    pub cursor: u64,
    /// The event type.
    #[serde(rename = "type")]
    pub event_type: &'static str,
    /// The event's name.
    pub event_id: EventId,
    /// The stream.
    pub stream: StreamId,
    /// Position in the stream.
    pub stream_seq: u64,
    /// When the log took the event.
    pub recorded_at: Instant,
    /// When the fact was observed.
    pub observed_at: Instant,
    /// `<platform>/<document type>`, where the event is about one document.
    pub document: Option<String>,
    /// SHA-256(0x00 ‖ the event's bytes): the leaf of the log's tree.
    pub leaf_hash: Sha256,
    /// What the event tells, by type.
    pub fact: FactLine,
}

/// What an event tells.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum FactLine {
    /// `DocumentDeclared`.
    Declared {
        /// The platform.
        platform: String,
        /// The document type.
        document_type: String,
    },
    /// `VersionRecorded`.
    Version {
        /// BLAKE3 of the text.
        blob: BlobId,
        /// SHA-256 of the text.
        sha256: Sha256,
        /// Length of the text.
        size_bytes: u64,
        /// `first`, `changed` or `re-extracted`.
        cause: &'static str,
        /// Where it comes from.
        origin: OriginLine,
    },
    /// `ObservationsRecorded`.
    Observations {
        /// The looks.
        observations: Vec<ObservationLine>,
    },
    /// `DocumentRetired`.
    Retired {
        /// Why.
        reason: String,
        /// The document that continues it.
        successor: Option<String>,
        /// Where the fact comes from.
        origin: OriginLine,
    },
    /// `HistoryImported`.
    Imported {
        /// The last commit.
        head: CommitId,
        /// The last commit of the import before.
        since: Option<CommitId>,
        /// What the commits held.
        counts: Counts,
    },
    /// A type or schema version that this program doesn't know.
    Unknown {
        /// The type's number.
        event_type: u16,
        /// The schema version.
        schema_version: u16,
    },
}

/// One look that brought no new version.
#[derive(Debug, Serialize)]
pub struct ObservationLine {
    /// The document's stream.
    pub stream: StreamId,
    /// `<platform>/<document type>`.
    pub document: Option<String>,
    /// When the look was made.
    pub observed_at: Instant,
    /// The event that recorded the text seen, if one was.
    pub version_seq: Option<u64>,
    /// Why the look failed, if it did.
    pub reason: Option<String>,
}

/// What the commits of an imported history held.
#[derive(Debug, Serialize)]
#[expect(
    missing_docs,
    reason = "the names are those of `ImportCounts`, where they are explained"
)]
pub struct Counts {
    pub commits: u64,
    pub merges: u64,
    pub commits_without_document: u64,
    pub versions: u64,
    pub documents: u64,
    pub parts: u64,
    pub empty_texts: u64,
    pub out_of_order: u64,
    pub deleted: u64,
    pub renamed: u64,
    pub other_files: u64,
    pub left_out: u64,
}

impl From<&crate::model::ImportCounts> for Counts {
    fn from(counts: &crate::model::ImportCounts) -> Self {
        Self {
            commits: counts.commits,
            merges: counts.merges,
            commits_without_document: counts.commits_without_document,
            versions: counts.versions,
            documents: counts.documents,
            parts: counts.parts,
            empty_texts: counts.empty_texts,
            out_of_order: counts.out_of_order,
            deleted: counts.deleted,
            renamed: counts.renamed,
            other_files: counts.other_files,
            left_out: counts.left_out,
        }
    }
}

impl EventLine {
    /// Tells of an event; `name` gives the documents' names by their streams.
    pub fn new(event: &Event, leaf: &[u8], name: impl Fn(StreamId) -> Option<String>) -> Self {
        let fact = match &event.fact {
            Fact::DocumentDeclared { document } => FactLine::Declared {
                platform: document.platform().to_owned(),
                document_type: document.document_type().to_owned(),
            },
            Fact::VersionRecorded(version) => FactLine::Version {
                blob: version.text.blob,
                sha256: version.text.sha256,
                size_bytes: version.text.size_bytes,
                cause: version.cause.word(),
                origin: (&version.origin).into(),
            },
            Fact::ObservationsRecorded { observations } => FactLine::Observations {
                observations: observations
                    .iter()
                    .map(|one| observation(one, name(one.stream)))
                    .collect(),
            },
            Fact::DocumentRetired {
                reason,
                successor,
                origin,
            } => FactLine::Retired {
                reason: reason.clone(),
                successor: successor.as_ref().map(ToString::to_string),
                origin: origin.into(),
            },
            Fact::HistoryImported(imported) => FactLine::Imported {
                head: imported.head,
                since: imported.since,
                counts: (&imported.counts).into(),
            },
            Fact::Unknown {
                event_type,
                schema_version,
            } => FactLine::Unknown {
                event_type: *event_type,
                schema_version: *schema_version,
            },
        };
        Self {
            seq: event.seq,
            cursor: event.seq,
            event_type: event.fact.type_name(),
            event_id: event.event_id,
            stream: event.stream,
            stream_seq: event.stream_seq,
            recorded_at: event.recorded_at,
            observed_at: event.observed_at,
            document: name(event.stream),
            leaf_hash: leaf_hash(leaf),
            fact,
        }
    }
}

fn observation(observation: &Observation, document: Option<String>) -> ObservationLine {
    let (version_seq, reason) = match &observation.outcome {
        Outcome::Unchanged { version_seq } => (Some(*version_seq), None),
        Outcome::Failed { reason } => (None, Some(reason.clone())),
    };
    let (stream, observed_at) = (observation.stream, observation.observed_at);
    ObservationLine {
        stream,
        document,
        observed_at,
        version_seq,
        reason,
    }
}

/// An archive in numbers.
#[derive(Debug, Serialize)]
pub struct Stats {
    /// Events in the log.
    pub events: u64,
    /// Platforms.
    pub platforms: u64,
    /// Documents.
    pub documents: u64,
    /// Versions.
    pub versions: u64,
    /// Looks, versions included.
    pub looks: u64,
    /// The earliest observation.
    pub first_observed_at: Option<Instant>,
    /// The latest observation.
    pub last_observed_at: Option<Instant>,
    /// Distinct texts.
    pub blobs: u64,
    /// Their length.
    pub content_bytes: u64,
    /// What they take compressed.
    pub stored_bytes: u64,
    /// Each file of the archive and its size.
    pub files: Vec<(String, u64)>,
}

/// A line of an exported timeline: the checkpoint, then each document followed by its entries, then the end.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TimelineLine<'a> {
    /// What all proofs lead to.
    Checkpoint(&'a CheckpointLine),
    /// A document, with the proof of its declaration.
    Document(&'a ProvenDocumentLine),
    /// A look at it, with the proof of its event.
    Entry(&'a ProvenEntryLine),
    /// The last line: a file without it is cut short.
    End {
        /// How many entries were written.
        entries: u64,
    },
}

/// A signed checkpoint and the key to verify it with.
#[derive(Debug, Clone, Serialize)]
pub struct CheckpointLine {
    /// The name of the log.
    pub origin: String,
    /// How many events the log has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Sha256,
    /// The checkpoint as it was signed.
    pub note: String,
    /// The verifier key: `<name>+<key id>+<base64>`.
    pub verifier: String,
    /// The same key as openssl reads it.
    pub public_key_pem: String,
}

impl CheckpointLine {
    /// Tells of a checkpoint, the note that it was read from and the key that signed it.
    #[must_use]
    pub fn new(checkpoint: &Checkpoint, note: &Note, verifier: &VerifierKey) -> Self {
        Self {
            origin: checkpoint.origin().to_owned(),
            size: checkpoint.size(),
            root: *checkpoint.root(),
            note: note.to_string(),
            verifier: verifier.to_string(),
            public_key_pem: verifier.to_pem(),
        }
    }
}

/// An event's bytes and the proof that they are in the tree of a checkpoint.
#[derive(Debug, Clone, Serialize)]
pub struct ProofLine {
    /// The event's bytes in base64.
    pub leaf: String,
    /// SHA-256(0x00 ‖ the event's bytes).
    pub leaf_hash: Sha256,
    /// The siblings from the leaf upwards.
    pub inclusion_proof: Vec<Sha256>,
}

impl ProofLine {
    /// Takes an event's bytes and the siblings from its leaf upwards.
    #[must_use]
    pub fn new(leaf: &[u8], inclusion_proof: Vec<Sha256>) -> Self {
        Self {
            leaf: BASE64_STANDARD.encode(leaf),
            leaf_hash: leaf_hash(leaf),
            inclusion_proof,
        }
    }
}

/// A document with the proof of its declaration, which ties its name to its stream.
#[derive(Debug, Serialize)]
pub struct ProvenDocumentLine {
    /// The document as a whole, whatever part of its timeline is exported.
    #[serde(flatten)]
    pub document: DocumentLine,
    /// The stream of its events.
    pub stream: StreamId,
    /// The proof of the event that declared it.
    #[serde(flatten)]
    pub proof: ProofLine,
}

/// One entry of a timeline with the proof of its event.
#[derive(Debug, Serialize)]
pub struct ProvenEntryLine {
    /// The entry.
    #[serde(flatten)]
    pub entry: EntryLine,
    /// The proof of the event that tells of the look.
    #[serde(flatten)]
    pub proof: ProofLine,
}
