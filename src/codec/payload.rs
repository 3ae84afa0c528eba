//! Payloads: one frozen struct for each event type and schema version, encoded with bincode 2.
//!
//! A struct here is never edited once events of it exist: the bytes in the log stay as they are. A newer schema version
//! is a new struct beside the old one, with a pure `From<Old> for New` (the upcaster) that [`decode`] runs at read time.
//! A fact is written in the first schema version that can say it, and refused in any other, so that it has one form.
//! No serde attributes, `usize`, floats, maps or chrono types: times are i64 microseconds, hashes are byte arrays.

use std::collections::HashSet;

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use serde::{Deserialize, Serialize};

use crate::model::{
    BlobId, BlobWithheld, Cause, CommitId, CommitKind, Content, DocumentName, Fact,
    HistoryImported, HistoryKind, ImportCounts, ImportedCommit, Instant, MediaType, NameError,
    Observation, Origin, Outcome, PartName, Sha256, SnapshotRecorded, SnapshotReference, StreamId,
    VersionRecorded,
};

use super::capture::{
    DeclarationChangedV1, ObservationsRecordedV3, SnapshotRecordedV2, VersionRecordedV2,
};
use super::change::{ChangeDetectedV1, ChangeReassessedV1};
use super::envelope::BlobReference;
use super::provision::ProvisionsMappedV1;

const CONFIG: Configuration<LittleEndian, Varint, Limit<65_536>> =
    bincode::config::standard().with_limit::<65_536>();

/// Bytes are not the payload that their envelope says.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// bincode can't read the bytes.
    #[error("the payload can't be decoded: {0}")]
    Decode(#[from] bincode::error::DecodeError),
    /// bincode can't write the fact.
    #[error("the fact can't be encoded: {0}")]
    Encode(#[from] bincode::error::EncodeError),
    /// The bytes are not the ones that encoding the decoded payload gives.
    #[error("the payload is not in its canonical form ({used} of {length} bytes used)")]
    NotCanonical {
        /// How many bytes decoding used.
        used: usize,
        /// How many there are.
        length: usize,
    },
    /// A time lies outside the years 0000 to 9999.
    #[error("the payload's time {micros} µs lies outside the years 0000 to 9999")]
    Time {
        /// Microseconds since the Unix epoch.
        micros: i64,
    },
    /// A document's name is not one.
    #[error("the payload names a document that can't be: {0}")]
    Name(#[from] NameError),
    /// A payload needs the one blob reference of its content, and there isn't exactly one.
    #[error("the event must name one {role} blob, and names {count}")]
    Blob {
        /// What the blob is to the event.
        role: &'static str,
        /// How many it names.
        count: usize,
    },
    /// What is said to be a media type is none.
    #[error("the payload gives a media type that can't be: {text:?}")]
    MediaType {
        /// What is given.
        text: String,
    },
    /// A fact stands in a later schema version than the first that can say it.
    #[error("the payload is of schema version {version}, and says what version {first} can say")]
    LaterVersion {
        /// The schema version.
        version: u16,
        /// The first that can say it.
        first: u16,
    },
    /// A fact says that it comes from where such facts can't come from.
    #[error("a fact of this type can't have been {0}")]
    Origin(&'static str),
    /// A version names no snapshot that its text was taken from.
    #[error("the text of the version was taken from no snapshot")]
    NoSnapshot,
    /// A history of versions counts snapshots, or the other way round.
    #[error("a history of {} counts others", kind.word())]
    OtherCounts {
        /// What the history consists of.
        kind: HistoryKind,
    },
    /// The envelope names a blob that the fact doesn't speak of.
    #[error("the event names {count} blobs, and its fact speaks of {expected}")]
    OtherBlobs {
        /// How many the envelope names.
        count: usize,
        /// How many the fact has.
        expected: usize,
    },
    /// A sweep can't look twice at a document at the same instant.
    #[error("the sweep looks twice at the document of stream {stream} at {observed_at}")]
    LooksTwice {
        /// The document's stream.
        stream: StreamId,
        /// The instant.
        observed_at: Instant,
    },
    /// The place of a clause lies beyond what this machine can address.
    #[error("the payload points at byte {start} and beyond what can be addressed")]
    Span {
        /// The first byte.
        start: u64,
    },
    /// A fact that this program can't write.
    #[error("an event of unknown type can't be written")]
    UnknownFact,
}

/// Event types by number; a number is never used again for another type.
pub mod event_type {
    /// `DocumentDeclared`.
    pub const DOCUMENT_DECLARED: u16 = 1;
    /// `DeclarationChanged`.
    pub const DECLARATION_CHANGED: u16 = 2;
    /// `DocumentRetired`.
    pub const DOCUMENT_RETIRED: u16 = 3;
    /// `SnapshotRecorded`.
    pub const SNAPSHOT_RECORDED: u16 = 4;
    /// `ObservationsRecorded`.
    pub const OBSERVATIONS_RECORDED: u16 = 5;
    /// `VersionRecorded`.
    pub const VERSION_RECORDED: u16 = 6;
    /// `BlobWithheld`.
    pub const BLOB_WITHHELD: u16 = 7;
    /// `ChangeDetected`.
    pub const CHANGE_DETECTED: u16 = 8;
    /// `ChangeReassessed`.
    pub const CHANGE_REASSESSED: u16 = 9;
    /// `HistoryImported`.
    pub const HISTORY_IMPORTED: u16 = 10;
    /// `ProvisionsMapped`.
    pub const PROVISIONS_MAPPED: u16 = 11;
}

#[derive(Serialize, Deserialize)]
struct DocumentV1 {
    platform: String,
    document_type: String,
}

#[derive(Serialize, Deserialize)]
struct DocumentDeclaredV1 {
    document: DocumentV1,
}

#[derive(Serialize, Deserialize)]
struct DocumentRetiredV1 {
    reason: String,
    successor: Option<DocumentV1>,
    origin: OriginV1,
}

#[derive(Serialize, Deserialize)]
struct SnapshotRecordedV1 {
    content_sha256: [u8; 32],
    part: Option<String>,
    media_type: String,
    origin: OriginV1,
}

#[derive(Serialize, Deserialize)]
struct VersionRecordedV1 {
    text_sha256: [u8; 32],
    cause: CauseV1,
    origin: OriginV1,
}

#[derive(Serialize, Deserialize)]
pub(super) enum CauseV1 {
    First,
    Changed,
    ReExtracted,
}

#[derive(Serialize, Deserialize)]
enum OriginV1 {
    Imported(ImportedCommitV1),
    Demonstration,
}

#[derive(Serialize, Deserialize)]
struct ImportedCommitV1 {
    commit: [u8; 20],
    committed_at: i64,
    kind: CommitKindV1,
    snapshot: Option<SnapshotReferenceV1>,
    trailers: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
enum CommitKindV1 {
    FirstRecord,
    Changes,
    Upgrade,
    Other,
}

#[derive(Serialize, Deserialize)]
struct SnapshotReferenceV1 {
    repository: String,
    commit: [u8; 20],
}

#[derive(Serialize, Deserialize)]
struct ObservationsRecordedV1 {
    observations: Vec<ObservationV1>,
}

#[derive(Serialize, Deserialize)]
struct ObservationV1 {
    stream: [u8; 16],
    observed_at: i64,
    outcome: OutcomeV1,
}

#[derive(Serialize, Deserialize)]
enum OutcomeV1 {
    Unchanged { version_seq: u64 },
    Failed { reason: String },
}

#[derive(Serialize, Deserialize)]
pub(super) struct ObservationsRecordedV2 {
    pub(super) observations: Vec<ObservationV2>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ObservationV2 {
    pub(super) stream: [u8; 16],
    pub(super) observed_at: i64,
    pub(super) outcome: OutcomeV2,
}

#[derive(Serialize, Deserialize)]
pub(super) enum OutcomeV2 {
    Unchanged { version_seq: u64 },
    Failed { reason: String },
    SnapshotUnchanged { snapshot_seq: u64 },
}

#[derive(Serialize, Deserialize)]
struct BlobWithheldV1 {
    blob: [u8; 32],
    size_bytes: u64,
    reason: String,
}

#[derive(Serialize, Deserialize)]
struct HistoryImportedV1 {
    head: [u8; 20],
    since: Option<[u8; 20]>,
    commits: u64,
    merges: u64,
    commits_without_document: u64,
    versions: u64,
    documents: u64,
    parts: u64,
    empty_texts: u64,
    out_of_order: u64,
    deleted: u64,
    renamed: u64,
    other_files: u64,
    left_out: u64,
}

/// Of a history of snapshots; that of versions stays with version 1.
#[derive(Serialize, Deserialize)]
struct HistoryImportedV2 {
    head: [u8; 20],
    since: Option<[u8; 20]>,
    commits: u64,
    merges: u64,
    commits_without_document: u64,
    snapshots: u64,
    unchanged: u64,
    documents: u64,
    parts: u64,
    empty: u64,
    out_of_order: u64,
    deleted: u64,
    renamed: u64,
    other_files: u64,
    left_out: u64,
}

/// The role of the one blob that a `VersionRecorded` names.
const ROLE_TEXT: u16 = 1;
/// The role of the blob of a `SnapshotRecorded` that is the bytes.
const ROLE_SNAPSHOT: u16 = 2;
/// The role of the blob that tells how a fetch went.
const ROLE_EVIDENCE: u16 = 3;
/// The role of the one blob that a `DeclarationChanged` names.
const ROLE_DECLARATION: u16 = 4;

/// A fact as the log stores it: which struct, and its bytes.
pub struct Encoded {
    /// The number of the event type.
    pub event_type: u16,
    /// The schema version of the payload.
    pub schema_version: u16,
    /// The encoded struct.
    pub payload: Vec<u8>,
    /// The blobs that the fact names.
    pub blobs: Vec<BlobReference>,
}

/// Encodes a fact in the first schema version of its type that can say it.
///
/// # Errors
/// [`PayloadError::Encode`] where bincode refuses, [`PayloadError::UnknownFact`] for a fact that was read but not
/// understood, and others where a fact contradicts itself.
pub fn encode(fact: &Fact) -> Result<Encoded, PayloadError> {
    let (event_type, schema_version, payload) = match fact {
        Fact::DocumentDeclared { document } => {
            let document = document.into();
            let payload = to_bytes(&DocumentDeclaredV1 { document })?;
            (event_type::DOCUMENT_DECLARED, 1, payload)
        }
        Fact::DocumentRetired {
            reason,
            successor,
            origin,
        } => {
            let retired = retired(reason, successor.as_ref(), origin)?;
            (event_type::DOCUMENT_RETIRED, 1, to_bytes(&retired)?)
        }
        Fact::DeclarationChanged { declaration } => {
            let changed = DeclarationChangedV1::from(declaration);
            (event_type::DECLARATION_CHANGED, 1, to_bytes(&changed)?)
        }
        Fact::SnapshotRecorded(snapshot) => {
            let (version, payload) = encode_snapshot(snapshot)?;
            (event_type::SNAPSHOT_RECORDED, version, payload)
        }
        Fact::ObservationsRecorded {
            observations,
            evidence,
        } => {
            let (version, payload) = encode_observations(observations, evidence.as_ref())?;
            (event_type::OBSERVATIONS_RECORDED, version, payload)
        }
        Fact::VersionRecorded(version) => {
            let (schema_version, payload) = encode_version(version)?;
            (event_type::VERSION_RECORDED, schema_version, payload)
        }
        Fact::HistoryImported(imported) => {
            check_counts(imported)?;
            let (version, payload) = match imported.kind {
                HistoryKind::Versions => (1, to_bytes(&HistoryImportedV1::from(imported))?),
                HistoryKind::Snapshots => (2, to_bytes(&HistoryImportedV2::from(imported))?),
            };
            (event_type::HISTORY_IMPORTED, version, payload)
        }
        Fact::BlobWithheld(withheld) => {
            let withheld = BlobWithheldV1::from(withheld);
            (event_type::BLOB_WITHHELD, 1, to_bytes(&withheld)?)
        }
        Fact::ChangeDetected(change) => {
            let detected = ChangeDetectedV1::from(change);
            (event_type::CHANGE_DETECTED, 1, to_bytes(&detected)?)
        }
        Fact::ChangeReassessed(reassessed) => {
            let payload = to_bytes(&ChangeReassessedV1::from(reassessed))?;
            (event_type::CHANGE_REASSESSED, 1, payload)
        }
        Fact::ProvisionsMapped(mapped) => {
            let payload = to_bytes(&ProvisionsMappedV1::from(mapped))?;
            (event_type::PROVISIONS_MAPPED, 1, payload)
        }
        Fact::Unknown { .. } => return Err(PayloadError::UnknownFact),
    };
    Ok(Encoded {
        event_type,
        schema_version,
        payload,
        blobs: references(fact),
    })
}

/// The blobs that a fact names, as the envelope does.
fn references(fact: &Fact) -> Vec<BlobReference> {
    let role = match fact {
        Fact::SnapshotRecorded(_) => ROLE_SNAPSHOT,
        Fact::DeclarationChanged { .. } => ROLE_DECLARATION,
        _ => ROLE_TEXT,
    };
    let reference = |role, content: &Content| BlobReference {
        role,
        blob: content.blob,
        size_bytes: content.size_bytes,
    };
    let content = fact.content().map(|content| reference(role, content));
    let evidence = fact.evidence();
    let evidence = evidence.map(|content| reference(ROLE_EVIDENCE, content));
    content.into_iter().chain(evidence).collect()
}

fn encode_snapshot(snapshot: &SnapshotRecorded) -> Result<(u16, Vec<u8>), PayloadError> {
    Ok(match &snapshot.origin {
        Origin::Fetched(fetch) => (2, to_bytes(&SnapshotRecordedV2::new(snapshot, fetch))?),
        _ => (1, to_bytes(&SnapshotRecordedV1::try_from(snapshot)?)?),
    })
}

fn encode_version(version: &VersionRecorded) -> Result<(u16, Vec<u8>), PayloadError> {
    Ok(match &version.origin {
        Origin::Extracted(extraction) => {
            let cause = version.cause.into();
            let text = &version.text;
            let recorded = VersionRecordedV2::new(text, cause, extraction)?;
            (2, to_bytes(&recorded)?)
        }
        _ => (1, to_bytes(&VersionRecordedV1::try_from(version)?)?),
    })
}

/// The first schema version that can say these looks.
fn observations_version(observations: &[Observation], has_evidence: bool) -> u16 {
    let first = |look: &Observation| match &look.outcome {
        Outcome::Unchanged { .. } | Outcome::Failed { stage: None, .. } => 1,
        Outcome::SnapshotUnchanged { .. } => 2,
        Outcome::Failed { stage: Some(_), .. } => 3,
    };
    let least = if has_evidence { 3 } else { 1 };
    observations.iter().map(first).fold(least, u16::max)
}

fn encode_observations(
    observations: &[Observation],
    evidence: Option<&Content>,
) -> Result<(u16, Vec<u8>), PayloadError> {
    check_looks(observations)?;
    let version = observations_version(observations, evidence.is_some());
    let payload = match version {
        1 => {
            let observations = observations.iter().filter_map(observation_v1).collect();
            to_bytes(&ObservationsRecordedV1 { observations })?
        }
        2 => {
            let observations = observations.iter().filter_map(observation_v2).collect();
            to_bytes(&ObservationsRecordedV2 { observations })?
        }
        _ => to_bytes(&ObservationsRecordedV3::new(observations, evidence))?,
    };
    Ok((version, payload))
}

/// Decodes a payload of any known schema version into the fact of today.
///
/// `blobs` are the blobs that the envelope names.
///
/// # Errors
/// A [`PayloadError`] where the bytes are not canonical or their values can't be; an unknown type is no error.
pub fn decode(
    event_type: u16,
    schema_version: u16,
    payload: &[u8],
    blobs: &[BlobReference],
) -> Result<Fact, PayloadError> {
    Ok(match (event_type, schema_version) {
        (event_type::DOCUMENT_DECLARED, 1) => Fact::DocumentDeclared {
            document: from_bytes::<DocumentDeclaredV1>(payload)?
                .document
                .try_into()?,
        },
        (event_type::DOCUMENT_RETIRED, 1) => {
            let retired: DocumentRetiredV1 = from_bytes(payload)?;
            Fact::DocumentRetired {
                reason: retired.reason,
                successor: retired.successor.map(TryInto::try_into).transpose()?,
                origin: retired.origin.try_into()?,
            }
        }
        (event_type::DECLARATION_CHANGED, 1) => {
            let changed: DeclarationChangedV1 = from_bytes(payload)?;
            let sha256 = changed.declaration_sha256;
            Fact::DeclarationChanged {
                declaration: content(blobs, ROLE_DECLARATION, "declaration", sha256)?,
            }
        }
        (event_type::SNAPSHOT_RECORDED, 1 | 2) => {
            Fact::SnapshotRecorded(decode_snapshot(schema_version, payload, blobs)?)
        }
        (event_type::OBSERVATIONS_RECORDED, 1..=3) => {
            decode_observations(schema_version, payload, blobs)?
        }
        (event_type::VERSION_RECORDED, 1 | 2) => {
            Fact::VersionRecorded(decode_version(schema_version, payload, blobs)?)
        }
        (event_type::HISTORY_IMPORTED, 1) => {
            Fact::HistoryImported(from_bytes::<HistoryImportedV1>(payload)?.into())
        }
        (event_type::HISTORY_IMPORTED, 2) => {
            Fact::HistoryImported(from_bytes::<HistoryImportedV2>(payload)?.into())
        }
        (event_type::BLOB_WITHHELD, 1) => {
            let withheld: BlobWithheldV1 = from_bytes(payload)?;
            Fact::BlobWithheld(BlobWithheld {
                blob: BlobId(withheld.blob),
                size_bytes: withheld.size_bytes,
                reason: withheld.reason,
            })
        }
        (event_type::CHANGE_DETECTED, 1) => {
            Fact::ChangeDetected(from_bytes::<ChangeDetectedV1>(payload)?.try_into()?)
        }
        (event_type::CHANGE_REASSESSED, 1) => {
            Fact::ChangeReassessed(from_bytes::<ChangeReassessedV1>(payload)?.try_into()?)
        }
        (event_type::PROVISIONS_MAPPED, 1) => {
            Fact::ProvisionsMapped(from_bytes::<ProvisionsMappedV1>(payload)?.try_into()?)
        }
        _ => Fact::Unknown {
            event_type,
            schema_version,
        },
    })
}

fn retired(
    reason: &str,
    successor: Option<&DocumentName>,
    origin: &Origin,
) -> Result<DocumentRetiredV1, PayloadError> {
    Ok(DocumentRetiredV1 {
        reason: reason.to_owned(),
        successor: successor.map(Into::into),
        origin: origin.try_into()?,
    })
}

fn decode_snapshot(
    schema_version: u16,
    payload: &[u8],
    blobs: &[BlobReference],
) -> Result<SnapshotRecorded, PayloadError> {
    let bytes = |sha256| content(blobs, ROLE_SNAPSHOT, "snapshot", sha256);
    if schema_version == 1 {
        let recorded: SnapshotRecordedV1 = from_bytes(payload)?;
        let media_type = recorded.media_type;
        return Ok(SnapshotRecorded {
            content: bytes(recorded.content_sha256)?,
            part: recorded.part.map(PartName::new).transpose()?,
            media_type: MediaType::parse(&media_type)
                .ok_or(PayloadError::MediaType { text: media_type })?,
            origin: recorded.origin.try_into()?,
        });
    }
    let recorded: SnapshotRecordedV2 = from_bytes(payload)?;
    let evidence = content(blobs, ROLE_EVIDENCE, "evidence", recorded.evidence_sha256)?;
    let bytes = bytes(recorded.content_sha256)?;
    recorded.snapshot(bytes, evidence)
}

fn decode_version(
    schema_version: u16,
    payload: &[u8],
    blobs: &[BlobReference],
) -> Result<VersionRecorded, PayloadError> {
    let text = |sha256| content(blobs, ROLE_TEXT, "text", sha256);
    if schema_version == 1 {
        let recorded: VersionRecordedV1 = from_bytes(payload)?;
        return Ok(VersionRecorded {
            text: text(recorded.text_sha256)?,
            cause: recorded.cause.into(),
            origin: recorded.origin.try_into()?,
        });
    }
    let recorded: VersionRecordedV2 = from_bytes(payload)?;
    let text = text(recorded.text_sha256)?;
    recorded.version(text)
}

fn decode_observations(
    schema_version: u16,
    payload: &[u8],
    blobs: &[BlobReference],
) -> Result<Fact, PayloadError> {
    let recorded: ObservationsRecordedV3 = match schema_version {
        1 => ObservationsRecordedV2::from(from_bytes::<ObservationsRecordedV1>(payload)?).into(),
        2 => from_bytes::<ObservationsRecordedV2>(payload)?.into(),
        _ => from_bytes(payload)?,
    };
    let (observations, evidence) = recorded.observations()?;
    let evidence = evidence
        .map(|sha256| content(blobs, ROLE_EVIDENCE, "evidence", sha256))
        .transpose()?;
    check_looks(&observations)?;
    let first = observations_version(&observations, evidence.is_some());
    if schema_version > first {
        return Err(PayloadError::LaterVersion {
            version: schema_version,
            first,
        });
    }
    Ok(Fact::ObservationsRecorded {
        observations,
        evidence,
    })
}

/// The content that the one blob of a role is, with its second hash from the payload.
fn content(
    blobs: &[BlobReference],
    role: u16,
    name: &'static str,
    sha256: [u8; 32],
) -> Result<Content, PayloadError> {
    let mut of_role = blobs.iter().filter(|blob| blob.role == role);
    match (of_role.next(), of_role.count()) {
        (Some(reference), 0) => Ok(Content {
            blob: reference.blob,
            sha256: Sha256(sha256),
            size_bytes: reference.size_bytes,
        }),
        (first, more) => Err(PayloadError::Blob {
            role: name,
            count: usize::from(first.is_some()) + more,
        }),
    }
}

fn to_bytes(value: &impl Serialize) -> Result<Vec<u8>, PayloadError> {
    Ok(bincode::serde::encode_to_vec(value, CONFIG)?)
}

/// Decodes all of `payload` and insists that encoding the result gives the same bytes.
fn from_bytes<T: Serialize + for<'de> Deserialize<'de>>(payload: &[u8]) -> Result<T, PayloadError> {
    let (value, used) = bincode::serde::decode_from_slice(payload, CONFIG)?;
    if used == payload.len() && to_bytes(&value)? == payload {
        Ok(value)
    } else {
        Err(PayloadError::NotCanonical {
            used,
            length: payload.len(),
        })
    }
}

/// A document is looked at once at an instant: two looks at the same one could say different things. Its parts are
/// fetched one by one, and each fetch shows bytes of its own.
fn check_looks(observations: &[Observation]) -> Result<(), PayloadError> {
    let mut seen = HashSet::new();
    let key = |look: &Observation| {
        let snapshot = match look.outcome {
            Outcome::SnapshotUnchanged { snapshot_seq } => Some(snapshot_seq),
            Outcome::Unchanged { .. } | Outcome::Failed { .. } => None,
        };
        (look.stream, look.observed_at, snapshot)
    };
    match observations.iter().find(|look| !seen.insert(key(look))) {
        Some(&Observation {
            stream,
            observed_at,
            ..
        }) => Err(PayloadError::LooksTwice {
            stream,
            observed_at,
        }),
        None => Ok(()),
    }
}

pub(super) fn instant(micros: i64) -> Result<Instant, PayloadError> {
    Instant::from_micros(micros).ok_or(PayloadError::Time { micros })
}

impl From<&DocumentName> for DocumentV1 {
    fn from(name: &DocumentName) -> Self {
        Self {
            platform: name.platform().to_owned(),
            document_type: name.document_type().to_owned(),
        }
    }
}

impl TryFrom<DocumentV1> for DocumentName {
    type Error = NameError;

    fn try_from(name: DocumentV1) -> Result<Self, NameError> {
        Self::new(&name.platform, &name.document_type)
    }
}

impl TryFrom<&SnapshotRecorded> for SnapshotRecordedV1 {
    type Error = PayloadError;

    fn try_from(snapshot: &SnapshotRecorded) -> Result<Self, PayloadError> {
        let part = snapshot.part.as_ref();
        Ok(Self {
            content_sha256: snapshot.content.sha256.0,
            part: part.map(|part| part.as_str().to_owned()),
            media_type: snapshot.media_type.as_str().to_owned(),
            origin: (&snapshot.origin).try_into()?,
        })
    }
}

impl TryFrom<&VersionRecorded> for VersionRecordedV1 {
    type Error = PayloadError;

    fn try_from(version: &VersionRecorded) -> Result<Self, PayloadError> {
        Ok(Self {
            text_sha256: version.text.sha256.0,
            cause: version.cause.into(),
            origin: (&version.origin).try_into()?,
        })
    }
}

impl From<Cause> for CauseV1 {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::First => Self::First,
            Cause::Changed => Self::Changed,
            Cause::ReExtracted => Self::ReExtracted,
        }
    }
}

impl From<&BlobWithheld> for BlobWithheldV1 {
    fn from(withheld: &BlobWithheld) -> Self {
        Self {
            blob: withheld.blob.0,
            size_bytes: withheld.size_bytes,
            reason: withheld.reason.clone(),
        }
    }
}

impl From<CauseV1> for Cause {
    fn from(cause: CauseV1) -> Self {
        match cause {
            CauseV1::First => Self::First,
            CauseV1::Changed => Self::Changed,
            CauseV1::ReExtracted => Self::ReExtracted,
        }
    }
}

impl TryFrom<&Origin> for OriginV1 {
    type Error = PayloadError;

    fn try_from(origin: &Origin) -> Result<Self, PayloadError> {
        let imported = match origin {
            Origin::Demonstration => return Ok(Self::Demonstration),
            Origin::Imported(imported) => imported,
            Origin::Fetched(_) => return Err(PayloadError::Origin("fetched")),
            Origin::Extracted(_) => return Err(PayloadError::Origin("extracted")),
        };
        let kind = match imported.kind {
            CommitKind::FirstRecord => CommitKindV1::FirstRecord,
            CommitKind::Changes => CommitKindV1::Changes,
            CommitKind::Upgrade => CommitKindV1::Upgrade,
            CommitKind::Other => CommitKindV1::Other,
        };
        let snapshot = imported
            .snapshot
            .as_ref()
            .map(|snapshot| SnapshotReferenceV1 {
                repository: snapshot.repository.clone(),
                commit: snapshot.commit.0,
            });
        Ok(Self::Imported(ImportedCommitV1 {
            commit: imported.commit.0,
            committed_at: imported.committed_at.micros(),
            kind,
            snapshot,
            trailers: imported.trailers.clone(),
        }))
    }
}

impl TryFrom<OriginV1> for Origin {
    type Error = PayloadError;

    fn try_from(origin: OriginV1) -> Result<Self, PayloadError> {
        let imported = match origin {
            OriginV1::Demonstration => return Ok(Self::Demonstration),
            OriginV1::Imported(imported) => imported,
        };
        let kind = match imported.kind {
            CommitKindV1::FirstRecord => CommitKind::FirstRecord,
            CommitKindV1::Changes => CommitKind::Changes,
            CommitKindV1::Upgrade => CommitKind::Upgrade,
            CommitKindV1::Other => CommitKind::Other,
        };
        let snapshot = imported.snapshot.map(|s| SnapshotReference {
            repository: s.repository,
            commit: CommitId(s.commit),
        });
        Ok(Self::Imported(ImportedCommit {
            commit: CommitId(imported.commit),
            committed_at: instant(imported.committed_at)?,
            kind,
            snapshot,
            trailers: imported.trailers,
        }))
    }
}

/// The observation in the first schema version, if that can say it.
fn observation_v1(observation: &Observation) -> Option<ObservationV1> {
    let outcome = match &observation.outcome {
        Outcome::Unchanged { version_seq } => OutcomeV1::Unchanged {
            version_seq: *version_seq,
        },
        Outcome::Failed {
            stage: None,
            reason,
        } => OutcomeV1::Failed {
            reason: reason.clone(),
        },
        Outcome::SnapshotUnchanged { .. } | Outcome::Failed { .. } => return None,
    };
    Some(ObservationV1 {
        stream: observation.stream.0,
        observed_at: observation.observed_at.micros(),
        outcome,
    })
}

impl From<ObservationsRecordedV1> for ObservationsRecordedV2 {
    fn from(v1: ObservationsRecordedV1) -> Self {
        let observation = |v1: ObservationV1| ObservationV2 {
            stream: v1.stream,
            observed_at: v1.observed_at,
            outcome: match v1.outcome {
                OutcomeV1::Unchanged { version_seq } => OutcomeV2::Unchanged { version_seq },
                OutcomeV1::Failed { reason } => OutcomeV2::Failed { reason },
            },
        };
        Self {
            observations: v1.observations.into_iter().map(observation).collect(),
        }
    }
}

/// The observation in the second schema version, if that can say it.
fn observation_v2(observation: &Observation) -> Option<ObservationV2> {
    let outcome = match &observation.outcome {
        Outcome::Unchanged { version_seq } => OutcomeV2::Unchanged {
            version_seq: *version_seq,
        },
        Outcome::Failed {
            stage: None,
            reason,
        } => OutcomeV2::Failed {
            reason: reason.clone(),
        },
        Outcome::SnapshotUnchanged { snapshot_seq } => OutcomeV2::SnapshotUnchanged {
            snapshot_seq: *snapshot_seq,
        },
        Outcome::Failed { .. } => return None,
    };
    Some(ObservationV2 {
        stream: observation.stream.0,
        observed_at: observation.observed_at.micros(),
        outcome,
    })
}

/// A history counts what it consists of and nothing else.
fn check_counts(imported: &HistoryImported) -> Result<(), PayloadError> {
    let (kind, counts) = (imported.kind, imported.counts);
    let others = match kind {
        HistoryKind::Versions => counts.snapshots | counts.unchanged,
        HistoryKind::Snapshots => counts.versions,
    };
    if others == 0 {
        Ok(())
    } else {
        Err(PayloadError::OtherCounts { kind })
    }
}

impl From<&HistoryImported> for HistoryImportedV1 {
    fn from(imported: &HistoryImported) -> Self {
        let counts = imported.counts;
        Self {
            head: imported.head.0,
            since: imported.since.map(|commit| commit.0),
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

impl From<HistoryImportedV1> for HistoryImported {
    fn from(v1: HistoryImportedV1) -> Self {
        Self {
            kind: HistoryKind::Versions,
            head: CommitId(v1.head),
            since: v1.since.map(CommitId),
            counts: ImportCounts {
                commits: v1.commits,
                merges: v1.merges,
                commits_without_document: v1.commits_without_document,
                versions: v1.versions,
                snapshots: 0,
                unchanged: 0,
                documents: v1.documents,
                parts: v1.parts,
                empty_texts: v1.empty_texts,
                out_of_order: v1.out_of_order,
                deleted: v1.deleted,
                renamed: v1.renamed,
                other_files: v1.other_files,
                left_out: v1.left_out,
            },
        }
    }
}

impl From<&HistoryImported> for HistoryImportedV2 {
    fn from(imported: &HistoryImported) -> Self {
        let counts = imported.counts;
        Self {
            head: imported.head.0,
            since: imported.since.map(|commit| commit.0),
            commits: counts.commits,
            merges: counts.merges,
            commits_without_document: counts.commits_without_document,
            snapshots: counts.snapshots,
            unchanged: counts.unchanged,
            documents: counts.documents,
            parts: counts.parts,
            empty: counts.empty_texts,
            out_of_order: counts.out_of_order,
            deleted: counts.deleted,
            renamed: counts.renamed,
            other_files: counts.other_files,
            left_out: counts.left_out,
        }
    }
}

impl From<HistoryImportedV2> for HistoryImported {
    fn from(v2: HistoryImportedV2) -> Self {
        Self {
            kind: HistoryKind::Snapshots,
            head: CommitId(v2.head),
            since: v2.since.map(CommitId),
            counts: ImportCounts {
                commits: v2.commits,
                merges: v2.merges,
                commits_without_document: v2.commits_without_document,
                versions: 0,
                snapshots: v2.snapshots,
                unchanged: v2.unchanged,
                documents: v2.documents,
                parts: v2.parts,
                empty_texts: v2.empty,
                out_of_order: v2.out_of_order,
                deleted: v2.deleted,
                renamed: v2.renamed,
                other_files: v2.other_files,
                left_out: v2.left_out,
            },
        }
    }
}
