//! Changes as their events tell them.

use serde::Serialize;

use crate::model::{
    Change, ClauseChange, ClauseChangeKind, ClauseCounts, ClauseId, EventId, Reason, Span,
};

/// What is known of the change that a version brought.
#[derive(Debug, Serialize)]
pub struct ChangeFact {
    /// The event that detected the change, where this one judges it anew.
    pub of: Option<EventId>,
    /// The event of the version that it is told against.
    pub from: u64,
    /// The event of the version that brought it.
    pub to: u64,
    /// The version of the detector.
    pub detector: u16,
    /// `substantive`, `editorial`, `presentational`, `reverted`, `capture fault` or `re-extraction`.
    pub significance: &'static str,
    /// `confirmed` or `unconfirmed`.
    pub status: &'static str,
    /// The rules that led to it, the weightiest first.
    pub reasons: Vec<ReasonLine>,
    /// How many clauses changed, by kind.
    pub counts: CountsLine,
    /// The clauses that changed, as many as an event lists.
    pub clauses: Vec<ClauseChangeFact>,
    /// How many more changed.
    pub clauses_left_out: u64,
}

impl ChangeFact {
    /// Tells of a change, judged anew where `of` names the event that detected it.
    #[must_use]
    pub fn new(change: &Change, of: Option<EventId>) -> Self {
        Self {
            of,
            from: change.from,
            to: change.to,
            detector: change.detector,
            significance: change.significance.word(),
            status: change.status.word(),
            reasons: change.reasons.iter().map(Into::into).collect(),
            counts: (&change.counts).into(),
            clauses: change.clauses.iter().map(Into::into).collect(),
            clauses_left_out: change.clauses_left_out(),
        }
    }
}

/// A rule that led to a judgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonLine {
    /// The name of the rule.
    pub rule: &'static str,
    /// The event of the version that it speaks of, where it speaks of one.
    pub version: Option<u64>,
    /// How much was lost, in hundredths of the words before, where it speaks of a loss.
    pub percent: Option<u8>,
    /// What shows that the page is not the document, where it speaks of that.
    pub sign: Option<&'static str>,
}

impl From<&Reason> for ReasonLine {
    fn from(reason: &Reason) -> Self {
        let (rule, version, percent, sign) = match *reason {
            Reason::Clause(rule) => (rule.word(), None, None, None),
            Reason::SameReading => ("same reading", None, None, None),
            Reason::Returns { to } => ("returns", Some(to), None, None),
            Reason::GaveWay { to } => ("gave way", Some(to), None, None),
            Reason::Empty => ("empty", None, None, None),
            Reason::NotTheDocument(sign) => ("not the document", None, None, Some(sign.word())),
            Reason::LargeLoss { percent } => ("large loss", None, Some(percent), None),
            Reason::Recovered { version } => ("recovered", Some(version), None, None),
            Reason::SeenAgain { version } => ("seen again", Some(version), None, None),
            Reason::SameSnapshot => ("same snapshot", None, None, None),
            Reason::ReExtracted => ("re-extracted", None, None, None),
            Reason::Against { left_out } => ("against", Some(left_out), None, None),
        };
        Self {
            rule,
            version,
            percent,
            sign,
        }
    }
}

/// How many clauses changed, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[expect(
    missing_docs,
    reason = "the names are those of `ClauseChangeKind`, where they are explained"
)]
pub struct CountsLine {
    pub added: u64,
    pub removed: u64,
    pub reworded: u64,
    pub retitled: u64,
    pub renumbered: u64,
    pub moved: u64,
    pub split: u64,
    pub merged: u64,
    pub link_retargeted: u64,
}

impl From<&ClauseCounts> for CountsLine {
    fn from(counts: &ClauseCounts) -> Self {
        Self {
            added: counts.of(ClauseChangeKind::Added),
            removed: counts.of(ClauseChangeKind::Removed),
            reworded: counts.of(ClauseChangeKind::Reworded),
            retitled: counts.of(ClauseChangeKind::Retitled),
            renumbered: counts.of(ClauseChangeKind::Renumbered),
            moved: counts.of(ClauseChangeKind::Moved),
            split: counts.of(ClauseChangeKind::Split),
            merged: counts.of(ClauseChangeKind::Merged),
            link_retargeted: counts.of(ClauseChangeKind::LinkRetargeted),
        }
    }
}

/// The change of a clause.
#[derive(Debug, Serialize)]
pub struct ClauseChangeFact {
    /// What became of it.
    pub kind: &'static str,
    /// The rule that judged it.
    pub rule: &'static str,
    /// The clause.
    pub clause_id: ClauseId,
    /// The bytes of the text before in which it stood.
    pub from_span: Option<Span>,
    /// The bytes of the text in which it stands.
    pub to_span: Option<Span>,
}

impl From<&ClauseChange> for ClauseChangeFact {
    fn from(change: &ClauseChange) -> Self {
        Self {
            kind: change.kind.word(),
            rule: change.rule.word(),
            clause_id: change.clause,
            from_span: change.from,
            to_span: change.to,
        }
    }
}
