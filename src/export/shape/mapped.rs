//! What a mapping of provisions says, in JSON.

use serde::Serialize;

use crate::model::{
    MappedClause, MappedProvision, Polarity, ProvisionChange, ProvisionsMapped, Span,
};

/// The provisions of the clauses that are new in a version, and what became of those of the document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MappedLine {
    /// The event of the version.
    pub version_seq: u64,
    /// The event of the version that it is told against.
    pub from_seq: Option<u64>,
    /// The id of the classifier that told.
    pub classifier: String,
    /// The edition of the taxonomy that names the kinds.
    pub taxonomy: u32,
    /// The clauses that are new in the version and hold something.
    pub clauses: Vec<MappedClauseLine>,
    /// What became of the provisions of the document.
    pub changes: Vec<ProvisionTurnLine>,
}

/// A clause with what it stipulates.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MappedClauseLine {
    /// Where it stands in the text of the version, in bytes.
    pub span: Span,
    /// Its provisions.
    pub provisions: Vec<MappedProvisionLine>,
}

/// What a clause stipulates.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MappedProvisionLine {
    /// The id of its kind.
    pub kind: String,
    /// How sure it is: 0.5 at the threshold, less than 1.
    pub score: f64,
    /// `stated`, `denied` or `denied with exceptions`.
    pub polarity: &'static str,
    /// `must not`, `will not`, `must`, `may`, `will` or `states`.
    pub modality: &'static str,
    /// Where it stands in what a person reads in the clause, in bytes.
    pub span: Span,
}

/// What became of a provision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProvisionTurnLine {
    /// The id of its kind.
    pub kind: String,
    /// `added`, `removed`, `widened`, `narrowed` or `reworded`.
    pub turn: &'static str,
    /// What shows it: `clause added`, `clause removed`, `clause reworded`, `polarity`, `words added`, `words removed` or
    /// `other words`.
    pub sign: &'static str,
    /// The clause that held it before.
    pub before: Option<HolderLine>,
    /// The clause that holds it.
    pub after: Option<HolderLine>,
}

/// A clause that holds a provision.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HolderLine {
    /// Where it stands in the text of its version, in bytes.
    pub span: Span,
    /// `stated`, `denied` or `denied with exceptions`.
    pub polarity: &'static str,
}

impl From<&ProvisionsMapped> for MappedLine {
    fn from(mapped: &ProvisionsMapped) -> Self {
        Self {
            version_seq: mapped.version,
            from_seq: mapped.from,
            classifier: mapped.classifier.clone(),
            taxonomy: mapped.taxonomy,
            clauses: mapped.clauses.iter().map(Into::into).collect(),
            changes: mapped.changes.iter().map(Into::into).collect(),
        }
    }
}

impl From<&MappedClause> for MappedClauseLine {
    fn from(clause: &MappedClause) -> Self {
        Self {
            span: clause.span,
            provisions: clause.provisions.iter().map(Into::into).collect(),
        }
    }
}

impl From<&MappedProvision> for MappedProvisionLine {
    fn from(provision: &MappedProvision) -> Self {
        Self {
            kind: provision.kind.clone(),
            score: f64::from(provision.score) / 1000.0,
            polarity: provision.polarity.word(),
            modality: provision.modality.word(),
            span: provision.span,
        }
    }
}

impl From<&ProvisionChange> for ProvisionTurnLine {
    fn from(change: &ProvisionChange) -> Self {
        let holder = |side: Option<(Span, Polarity)>| {
            side.map(|(span, polarity)| HolderLine {
                span,
                polarity: polarity.word(),
            })
        };
        Self {
            kind: change.kind.clone(),
            turn: change.turn.word(),
            sign: change.sign.word(),
            before: holder(change.before),
            after: holder(change.after),
        }
    }
}
