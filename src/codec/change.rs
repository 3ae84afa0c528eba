//! The payloads of changes: of `ChangeDetected` and `ChangeReassessed`.

use serde::{Deserialize, Serialize};

use super::payload::PayloadError;
use crate::model::{
    Change, ChangeReassessed, ClauseChange, ClauseChangeKind, ClauseCounts, ClauseId, EventId,
    Reason, Rule, Sign, Significance, Span, Status,
};

#[derive(Serialize, Deserialize)]
pub(super) struct ChangeDetectedV1 {
    from: u64,
    to: u64,
    detector: u16,
    significance: SignificanceV1,
    status: StatusV1,
    reasons: Vec<ReasonV1>,
    counts: [u64; 9],
    clauses: Vec<ClauseChangeV1>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ChangeReassessedV1 {
    of: [u8; 16],
    change: ChangeDetectedV1,
}

#[derive(Serialize, Deserialize)]
struct ClauseChangeV1 {
    kind: ClauseChangeKindV1,
    rule: RuleV1,
    clause: [u8; 16],
    from: Option<SpanV1>,
    to: Option<SpanV1>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SpanV1 {
    start: u64,
    length: u64,
}

twin!(
    SignificanceV1,
    Significance,
    Substantive,
    Editorial,
    Presentational,
    Reverted,
    CaptureFault,
    ReExtraction
);
twin!(StatusV1, Status, Confirmed, Unconfirmed);
twin!(SignV1, Sign, ErrorPage, ConsentWall, BotWall, Login);
twin!(
    ClauseChangeKindV1,
    ClauseChangeKind,
    Added,
    Removed,
    Reworded,
    Retitled,
    Renumbered,
    Moved,
    Split,
    Merged,
    LinkRetargeted
);
twin!(
    RuleV1,
    Rule,
    Negation,
    Number,
    ClauseAdded,
    ClauseRemoved,
    OtherHeading,
    Words,
    Dates,
    VersionNumbers,
    ContactDetails,
    Numbering,
    Spelling,
    Punctuation,
    LinkTarget,
    Repetition,
    Place,
    Division
);

#[derive(Serialize, Deserialize)]
enum ReasonV1 {
    Clause(RuleV1),
    SameReading,
    Returns { to: u64 },
    GaveWay { to: u64 },
    Empty,
    NotTheDocument(SignV1),
    LargeLoss { percent: u8 },
    Recovered { version: u64 },
    SeenAgain { version: u64 },
    SameSnapshot,
    Against { left_out: u64 },
    ReExtracted,
}

impl From<Reason> for ReasonV1 {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Clause(rule) => Self::Clause(rule.into()),
            Reason::SameReading => Self::SameReading,
            Reason::Returns { to } => Self::Returns { to },
            Reason::GaveWay { to } => Self::GaveWay { to },
            Reason::Empty => Self::Empty,
            Reason::NotTheDocument(sign) => Self::NotTheDocument(sign.into()),
            Reason::LargeLoss { percent } => Self::LargeLoss { percent },
            Reason::Recovered { version } => Self::Recovered { version },
            Reason::SeenAgain { version } => Self::SeenAgain { version },
            Reason::SameSnapshot => Self::SameSnapshot,
            Reason::Against { left_out } => Self::Against { left_out },
            Reason::ReExtracted => Self::ReExtracted,
        }
    }
}

impl From<ReasonV1> for Reason {
    fn from(reason: ReasonV1) -> Self {
        match reason {
            ReasonV1::Clause(rule) => Self::Clause(rule.into()),
            ReasonV1::SameReading => Self::SameReading,
            ReasonV1::Returns { to } => Self::Returns { to },
            ReasonV1::GaveWay { to } => Self::GaveWay { to },
            ReasonV1::Empty => Self::Empty,
            ReasonV1::NotTheDocument(sign) => Self::NotTheDocument(sign.into()),
            ReasonV1::LargeLoss { percent } => Self::LargeLoss { percent },
            ReasonV1::Recovered { version } => Self::Recovered { version },
            ReasonV1::SeenAgain { version } => Self::SeenAgain { version },
            ReasonV1::SameSnapshot => Self::SameSnapshot,
            ReasonV1::Against { left_out } => Self::Against { left_out },
            ReasonV1::ReExtracted => Self::ReExtracted,
        }
    }
}

impl From<Span> for SpanV1 {
    fn from(span: Span) -> Self {
        Self {
            start: span.start as u64,
            length: span.end.saturating_sub(span.start) as u64,
        }
    }
}

impl TryFrom<SpanV1> for Span {
    type Error = PayloadError;

    fn try_from(span: SpanV1) -> Result<Self, PayloadError> {
        let start = usize::try_from(span.start).ok();
        let end = start.and_then(|start| start.checked_add(usize::try_from(span.length).ok()?));
        match (start, end) {
            (Some(start), Some(end)) => Ok(Self { start, end }),
            _ => Err(PayloadError::Span { start: span.start }),
        }
    }
}

impl From<&ClauseChange> for ClauseChangeV1 {
    fn from(change: &ClauseChange) -> Self {
        Self {
            kind: change.kind.into(),
            rule: change.rule.into(),
            clause: change.clause.0,
            from: change.from.map(Into::into),
            to: change.to.map(Into::into),
        }
    }
}

impl TryFrom<ClauseChangeV1> for ClauseChange {
    type Error = PayloadError;

    fn try_from(change: ClauseChangeV1) -> Result<Self, PayloadError> {
        Ok(Self {
            kind: change.kind.into(),
            rule: change.rule.into(),
            clause: ClauseId(change.clause),
            from: change.from.map(TryInto::try_into).transpose()?,
            to: change.to.map(TryInto::try_into).transpose()?,
        })
    }
}

impl From<&Change> for ChangeDetectedV1 {
    fn from(change: &Change) -> Self {
        Self {
            from: change.from,
            to: change.to,
            detector: change.detector,
            significance: change.significance.into(),
            status: change.status.into(),
            reasons: change.reasons.iter().copied().map(Into::into).collect(),
            counts: change.counts.0,
            clauses: change.clauses.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<ChangeDetectedV1> for Change {
    type Error = PayloadError;

    fn try_from(change: ChangeDetectedV1) -> Result<Self, PayloadError> {
        let clauses = change.clauses.into_iter().map(TryInto::try_into);
        Ok(Self {
            from: change.from,
            to: change.to,
            detector: change.detector,
            significance: change.significance.into(),
            status: change.status.into(),
            reasons: change.reasons.into_iter().map(Into::into).collect(),
            counts: ClauseCounts(change.counts),
            clauses: clauses.collect::<Result<_, _>>()?,
        })
    }
}

impl From<&ChangeReassessed> for ChangeReassessedV1 {
    fn from(reassessed: &ChangeReassessed) -> Self {
        Self {
            of: reassessed.of.0,
            change: (&reassessed.change).into(),
        }
    }
}

impl TryFrom<ChangeReassessedV1> for ChangeReassessed {
    type Error = PayloadError;

    fn try_from(reassessed: ChangeReassessedV1) -> Result<Self, PayloadError> {
        Ok(Self {
            of: EventId(reassessed.of),
            change: reassessed.change.try_into()?,
        })
    }
}
