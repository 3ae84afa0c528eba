//! Events of the log.

use serde::Serialize;

use super::{ChangeFact, MappedLine, OriginLine, WithheldLine};
use crate::model::{
    BlobId, CommitId, Content, Event, EventId, Fact, ImportCounts, Instant, Observation, Outcome,
    Sha256, Stage, StreamId,
};
use crate::project::Withheld;
use crate::prove::leaf_hash;

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
    /// `SnapshotRecorded`.
    Snapshot {
        /// BLAKE3 of the bytes.
        blob: BlobId,
        /// SHA-256 of the bytes.
        sha256: Sha256,
        /// How many bytes.
        size_bytes: u64,
        /// What took them out of the archive, if anything did.
        withheld: Option<WithheldLine>,
        /// Which part of the document they are, where it has parts.
        part: Option<String>,
        /// What the source says that the bytes are.
        media_type: String,
        /// Where it comes from.
        origin: OriginLine,
    },
    /// `VersionRecorded`.
    Version {
        /// BLAKE3 of the text.
        blob: BlobId,
        /// SHA-256 of the text.
        sha256: Sha256,
        /// Length of the text.
        size_bytes: u64,
        /// What took it out of the archive, if anything did.
        withheld: Option<WithheldLine>,
        /// `first`, `changed` or `re-extracted`.
        cause: &'static str,
        /// Where it comes from.
        origin: OriginLine,
    },
    /// `ObservationsRecorded`.
    Observations {
        /// The looks.
        observations: Vec<ObservationLine>,
        /// BLAKE3 of the evidence, where it was kept: a line of JSON for each fetch.
        evidence: Option<BlobId>,
    },
    /// `DeclarationChanged`.
    Declaration {
        /// BLAKE3 of the declaration in JSON.
        blob: BlobId,
        /// SHA-256 of it.
        sha256: Sha256,
        /// Its length.
        size_bytes: u64,
        /// What took it out of the archive, if anything did.
        withheld: Option<WithheldLine>,
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
        /// What the history consists of: `versions` or `snapshots`.
        history: &'static str,
        /// The last commit.
        head: CommitId,
        /// The last commit of the import before.
        since: Option<CommitId>,
        /// What the commits held.
        counts: Counts,
    },
    /// `BlobWithheld`.
    Withheld {
        /// BLAKE3 of the content.
        blob: BlobId,
        /// How many bytes it had.
        size_bytes: u64,
        /// Why they were taken out of the archive.
        reason: String,
    },
    /// `ChangeDetected` or `ChangeReassessed`.
    Change(ChangeFact),
    /// `ProvisionsMapped`.
    Provisions(MappedLine),
    /// A type or schema version that this program doesn't know.
    Unknown {
        /// The type's number.
        event_type: u16,
        /// The schema version.
        schema_version: u16,
    },
}

/// One look that brought nothing new.
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
    /// The event that recorded the bytes fetched, if only these are known.
    pub snapshot_seq: Option<u64>,
    /// Why the look failed, if it did.
    pub reason: Option<String>,
    /// How far it came then, where that is known.
    pub stage: Option<&'static str>,
}

impl EventLine {
    /// Tells of an event, with what took the content that it names out of the archive; `name` gives the documents' names
    /// by their streams.
    pub fn new(
        event: &Event,
        leaf: &[u8],
        withheld: Option<&Withheld>,
        name: impl Fn(StreamId) -> Option<String>,
    ) -> Self {
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
            fact: FactLine::new(&event.fact, withheld, name),
        }
    }
}

impl FactLine {
    fn new(
        fact: &Fact,
        withheld: Option<&Withheld>,
        name: impl Fn(StreamId) -> Option<String>,
    ) -> Self {
        let withheld = withheld.map(Into::into);
        match fact {
            Fact::DocumentDeclared { document } => Self::Declared {
                platform: document.platform().to_owned(),
                document_type: document.document_type().to_owned(),
            },
            Fact::SnapshotRecorded(snapshot) => Self::Snapshot {
                blob: snapshot.content.blob,
                sha256: snapshot.content.sha256,
                size_bytes: snapshot.content.size_bytes,
                withheld,
                part: snapshot.part.as_ref().map(ToString::to_string),
                media_type: snapshot.media_type.to_string(),
                origin: (&snapshot.origin).into(),
            },
            Fact::VersionRecorded(version) => Self::Version {
                blob: version.text.blob,
                sha256: version.text.sha256,
                size_bytes: version.text.size_bytes,
                withheld,
                cause: version.cause.word(),
                origin: (&version.origin).into(),
            },
            Fact::DeclarationChanged { declaration } => Self::declaration(declaration, withheld),
            Fact::ObservationsRecorded {
                observations,
                evidence,
            } => Self::observations(observations, evidence.as_ref(), name),
            Fact::DocumentRetired {
                reason,
                successor,
                origin,
            } => Self::Retired {
                reason: reason.clone(),
                successor: successor.as_ref().map(ToString::to_string),
                origin: origin.into(),
            },
            Fact::HistoryImported(imported) => Self::Imported {
                history: imported.kind.word(),
                head: imported.head,
                since: imported.since,
                counts: (&imported.counts).into(),
            },
            Fact::BlobWithheld(withheld) => Self::Withheld {
                blob: withheld.blob,
                size_bytes: withheld.size_bytes,
                reason: withheld.reason.clone(),
            },
            Fact::ChangeDetected(change) => Self::Change(ChangeFact::new(change, None)),
            Fact::ChangeReassessed(reassessed) => {
                Self::Change(ChangeFact::new(&reassessed.change, Some(reassessed.of)))
            }
            Fact::ProvisionsMapped(mapped) => Self::Provisions(mapped.into()),
            Fact::Unknown {
                event_type,
                schema_version,
            } => Self::Unknown {
                event_type: *event_type,
                schema_version: *schema_version,
            },
        }
    }
}

impl FactLine {
    fn declaration(declaration: &Content, withheld: Option<WithheldLine>) -> Self {
        Self::Declaration {
            blob: declaration.blob,
            sha256: declaration.sha256,
            size_bytes: declaration.size_bytes,
            withheld,
        }
    }

    fn observations(
        observations: &[Observation],
        evidence: Option<&Content>,
        name: impl Fn(StreamId) -> Option<String>,
    ) -> Self {
        let observations = observations.iter();
        Self::Observations {
            observations: observations
                .map(|one| ObservationLine::new(one, name(one.stream)))
                .collect(),
            evidence: evidence.map(|evidence| evidence.blob),
        }
    }
}

impl ObservationLine {
    fn new(observation: &Observation, document: Option<String>) -> Self {
        let mut line = Self {
            stream: observation.stream,
            document,
            observed_at: observation.observed_at,
            version_seq: None,
            snapshot_seq: None,
            reason: None,
            stage: None,
        };
        match &observation.outcome {
            Outcome::Unchanged { version_seq } => line.version_seq = Some(*version_seq),
            Outcome::SnapshotUnchanged { snapshot_seq } => line.snapshot_seq = Some(*snapshot_seq),
            Outcome::Failed { stage, reason } => {
                line.reason = Some(reason.clone());
                line.stage = stage.map(Stage::word);
            }
        }
        line
    }
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
    pub snapshots: u64,
    pub unchanged: u64,
    pub documents: u64,
    pub parts: u64,
    pub empty_texts: u64,
    pub out_of_order: u64,
    pub deleted: u64,
    pub renamed: u64,
    pub other_files: u64,
    pub left_out: u64,
}

impl From<&ImportCounts> for Counts {
    fn from(counts: &ImportCounts) -> Self {
        Self {
            commits: counts.commits,
            merges: counts.merges,
            commits_without_document: counts.commits_without_document,
            versions: counts.versions,
            snapshots: counts.snapshots,
            unchanged: counts.unchanged,
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
