//! The payload of `ProvisionsMapped`.

use serde::{Deserialize, Serialize};

use super::change::SpanV1;
use super::payload::PayloadError;
use crate::model::{
    MappedClause, MappedProvision, Modality, Polarity, ProvisionChange, ProvisionSign,
    ProvisionTurn, ProvisionsMapped, Span,
};

#[derive(Serialize, Deserialize)]
pub(super) struct ProvisionsMappedV1 {
    version: u64,
    from: Option<u64>,
    classifier: String,
    taxonomy: u32,
    clauses: Vec<MappedClauseV1>,
    changes: Vec<ProvisionChangeV1>,
}

#[derive(Serialize, Deserialize)]
struct MappedClauseV1 {
    span: SpanV1,
    provisions: Vec<MappedProvisionV1>,
}

#[derive(Serialize, Deserialize)]
struct MappedProvisionV1 {
    kind: String,
    score: u16,
    polarity: PolarityV1,
    modality: ModalityV1,
    span: SpanV1,
}

#[derive(Serialize, Deserialize)]
struct ProvisionChangeV1 {
    kind: String,
    turn: ProvisionTurnV1,
    sign: ProvisionSignV1,
    before: Option<(SpanV1, PolarityV1)>,
    after: Option<(SpanV1, PolarityV1)>,
}

twin!(PolarityV1, Polarity, Stated, Denied, DeniedWithExceptions);
twin!(
    ModalityV1, Modality, Forbidden, WillNot, Must, May, Will, States
);
twin!(
    ProvisionTurnV1,
    ProvisionTurn,
    Added,
    Removed,
    Widened,
    Narrowed,
    Reworded
);
twin!(
    ProvisionSignV1,
    ProvisionSign,
    ClauseAdded,
    ClauseRemoved,
    ClauseReworded,
    Polarity,
    WordsAdded,
    WordsRemoved,
    OtherWords
);

impl From<&ProvisionsMapped> for ProvisionsMappedV1 {
    fn from(mapped: &ProvisionsMapped) -> Self {
        Self {
            version: mapped.version,
            from: mapped.from,
            classifier: mapped.classifier.clone(),
            taxonomy: mapped.taxonomy,
            clauses: mapped.clauses.iter().map(Into::into).collect(),
            changes: mapped.changes.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<ProvisionsMappedV1> for ProvisionsMapped {
    type Error = PayloadError;

    fn try_from(mapped: ProvisionsMappedV1) -> Result<Self, PayloadError> {
        let clauses = mapped.clauses.into_iter().map(TryInto::try_into);
        let changes = mapped.changes.into_iter().map(TryInto::try_into);
        Ok(Self {
            version: mapped.version,
            from: mapped.from,
            classifier: mapped.classifier,
            taxonomy: mapped.taxonomy,
            clauses: clauses.collect::<Result<_, _>>()?,
            changes: changes.collect::<Result<_, _>>()?,
        })
    }
}

impl From<&MappedClause> for MappedClauseV1 {
    fn from(clause: &MappedClause) -> Self {
        let provisions = clause.provisions.iter().map(|one| MappedProvisionV1 {
            kind: one.kind.clone(),
            score: one.score,
            polarity: one.polarity.into(),
            modality: one.modality.into(),
            span: one.span.into(),
        });
        Self {
            span: clause.span.into(),
            provisions: provisions.collect(),
        }
    }
}

impl TryFrom<MappedClauseV1> for MappedClause {
    type Error = PayloadError;

    fn try_from(clause: MappedClauseV1) -> Result<Self, PayloadError> {
        let provisions = clause.provisions.into_iter().map(|one| {
            Ok(MappedProvision {
                kind: one.kind,
                score: one.score,
                polarity: one.polarity.into(),
                modality: one.modality.into(),
                span: one.span.try_into()?,
            })
        });
        Ok(Self {
            span: clause.span.try_into()?,
            provisions: provisions.collect::<Result<_, PayloadError>>()?,
        })
    }
}

impl From<&ProvisionChange> for ProvisionChangeV1 {
    fn from(change: &ProvisionChange) -> Self {
        let side = |side: Option<(Span, Polarity)>| {
            side.map(|(span, polarity)| (span.into(), polarity.into()))
        };
        Self {
            kind: change.kind.clone(),
            turn: change.turn.into(),
            sign: change.sign.into(),
            before: side(change.before),
            after: side(change.after),
        }
    }
}

impl TryFrom<ProvisionChangeV1> for ProvisionChange {
    type Error = PayloadError;

    fn try_from(change: ProvisionChangeV1) -> Result<Self, PayloadError> {
        let side = |side: Option<(SpanV1, PolarityV1)>| {
            side.map(|(span, polarity)| Ok::<_, PayloadError>((span.try_into()?, polarity.into())))
                .transpose()
        };
        Ok(Self {
            kind: change.kind,
            turn: change.turn.into(),
            sign: change.sign.into(),
            before: side(change.before)?,
            after: side(change.after)?,
        })
    }
}
