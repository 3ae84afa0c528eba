//! The payloads of what the archive fetched itself: frozen structs, and what they mean today.

use serde::{Deserialize, Serialize};

use super::payload::{CauseV1, ObservationsRecordedV2, OutcomeV2, PayloadError, instant};
use crate::model::{
    BlobId, Content, Extraction, Fetch, MediaType, Observation, Origin, Outcome, PartName,
    SnapshotRecorded, Stage, StreamId, VersionRecorded,
};

#[derive(Serialize, Deserialize)]
pub(super) struct DeclarationChangedV1 {
    pub(super) declaration_sha256: [u8; 32],
}

impl From<&Content> for DeclarationChangedV1 {
    fn from(declaration: &Content) -> Self {
        Self {
            declaration_sha256: declaration.sha256.0,
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct SnapshotRecordedV2 {
    pub(super) content_sha256: [u8; 32],
    pub(super) evidence_sha256: [u8; 32],
    part: Option<String>,
    media_type: String,
    address: String,
    declaration: [u8; 32],
}

impl SnapshotRecordedV2 {
    pub(super) fn new(snapshot: &SnapshotRecorded, fetch: &Fetch) -> Self {
        let part = snapshot.part.as_ref();
        Self {
            content_sha256: snapshot.content.sha256.0,
            evidence_sha256: fetch.evidence.sha256.0,
            part: part.map(|part| part.as_str().to_owned()),
            media_type: snapshot.media_type.as_str().to_owned(),
            address: fetch.address.clone(),
            declaration: fetch.declaration.0,
        }
    }

    pub(super) fn snapshot(
        self,
        content: Content,
        evidence: Content,
    ) -> Result<SnapshotRecorded, PayloadError> {
        let media_type = self.media_type;
        Ok(SnapshotRecorded {
            content,
            part: self.part.map(PartName::new).transpose()?,
            media_type: MediaType::parse(&media_type)
                .ok_or(PayloadError::MediaType { text: media_type })?,
            origin: Origin::Fetched(Fetch {
                address: self.address,
                evidence,
                declaration: BlobId(self.declaration),
            }),
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct VersionRecordedV2 {
    pub(super) text_sha256: [u8; 32],
    cause: CauseV1,
    snapshots: Vec<u64>,
    declaration: [u8; 32],
    extractor: u32,
}

impl VersionRecordedV2 {
    pub(super) fn new(
        text: &Content,
        cause: CauseV1,
        extraction: &Extraction,
    ) -> Result<Self, PayloadError> {
        if extraction.snapshots.is_empty() {
            return Err(PayloadError::NoSnapshot);
        }
        Ok(Self {
            text_sha256: text.sha256.0,
            cause,
            snapshots: extraction.snapshots.clone(),
            declaration: extraction.declaration.0,
            extractor: extraction.extractor,
        })
    }

    pub(super) fn version(self, text: Content) -> Result<VersionRecorded, PayloadError> {
        if self.snapshots.is_empty() {
            return Err(PayloadError::NoSnapshot);
        }
        Ok(VersionRecorded {
            text,
            cause: self.cause.into(),
            origin: Origin::Extracted(Extraction {
                snapshots: self.snapshots,
                declaration: BlobId(self.declaration),
                extractor: self.extractor,
            }),
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct ObservationsRecordedV3 {
    observations: Vec<ObservationV3>,
    evidence_sha256: Option<[u8; 32]>,
}

#[derive(Serialize, Deserialize)]
struct ObservationV3 {
    stream: [u8; 16],
    observed_at: i64,
    outcome: OutcomeV3,
}

#[derive(Serialize, Deserialize)]
enum OutcomeV3 {
    Unchanged {
        version_seq: u64,
    },
    Failed {
        stage: Option<StageV1>,
        reason: String,
    },
    SnapshotUnchanged {
        snapshot_seq: u64,
    },
}

impl ObservationsRecordedV3 {
    pub(super) fn new(observations: &[Observation], evidence: Option<&Content>) -> Self {
        let observation = |look: &Observation| ObservationV3 {
            stream: look.stream.0,
            observed_at: look.observed_at.micros(),
            outcome: match &look.outcome {
                Outcome::Unchanged { version_seq } => OutcomeV3::Unchanged {
                    version_seq: *version_seq,
                },
                Outcome::Failed { stage, reason } => OutcomeV3::Failed {
                    stage: stage.map(Into::into),
                    reason: reason.clone(),
                },
                Outcome::SnapshotUnchanged { snapshot_seq } => OutcomeV3::SnapshotUnchanged {
                    snapshot_seq: *snapshot_seq,
                },
            },
        };
        Self {
            observations: observations.iter().map(observation).collect(),
            evidence_sha256: evidence.map(|content| content.sha256.0),
        }
    }

    /// The looks, and the SHA-256 of the evidence.
    pub(super) fn observations(self) -> Result<(Vec<Observation>, Option<[u8; 32]>), PayloadError> {
        let observation = |look: ObservationV3| {
            Ok(Observation {
                stream: StreamId(look.stream),
                observed_at: instant(look.observed_at)?,
                outcome: match look.outcome {
                    OutcomeV3::Unchanged { version_seq } => Outcome::Unchanged { version_seq },
                    OutcomeV3::Failed { stage, reason } => Outcome::Failed {
                        stage: stage.map(Into::into),
                        reason,
                    },
                    OutcomeV3::SnapshotUnchanged { snapshot_seq } => {
                        Outcome::SnapshotUnchanged { snapshot_seq }
                    }
                },
            })
        };
        let observations = self.observations.into_iter().map(observation);
        let observations = observations.collect::<Result<_, PayloadError>>()?;
        Ok((observations, self.evidence_sha256))
    }
}

impl From<ObservationsRecordedV2> for ObservationsRecordedV3 {
    fn from(v2: ObservationsRecordedV2) -> Self {
        let observations = v2.observations.into_iter().map(|look| ObservationV3 {
            stream: look.stream,
            observed_at: look.observed_at,
            outcome: match look.outcome {
                OutcomeV2::Unchanged { version_seq } => OutcomeV3::Unchanged { version_seq },
                OutcomeV2::Failed { reason } => OutcomeV3::Failed {
                    stage: None,
                    reason,
                },
                OutcomeV2::SnapshotUnchanged { snapshot_seq } => {
                    OutcomeV3::SnapshotUnchanged { snapshot_seq }
                }
            },
        });
        Self {
            observations: observations.collect(),
            evidence_sha256: None,
        }
    }
}

twin!(
    StageV1, Stage, Address, Robots, Guard, Dns, Connect, Tls, Response, Redirects, Status, Body,
    TooLarge, TooSlow, Encoding, MediaType, Selection, Quality, Browser
);
