//! The page of a provision, in JSON.

use serde::Serialize;

use super::{CheckpointLine, EngagedLine};
use crate::model::{ClauseId, EventId, Instant, Sha256, Span};

/// A provision with all that is shown of it.
#[derive(Debug, Serialize)]
pub struct ProvisionPage {
    /// Its name, `<event>:<first byte>:<kind>`.
    pub id: String,
    /// `<platform>/<document type>`.
    pub document: String,
    /// The id of its kind.
    pub kind: String,
    /// What people call the kind.
    pub name: String,
    /// The group of the kind.
    pub group: String,
    /// How sure it is: 0.5 at the threshold, less than 1.
    pub score: f64,
    /// `stated`, `denied` or `denied with exceptions`.
    pub polarity: &'static str,
    /// `must not`, `will not`, `must`, `may`, `will` or `states`.
    pub modality: &'static str,
    /// The headings that the clause stands under, the highest first.
    pub headings: Vec<String>,
    /// Where the clause stands in the text of the version, in bytes.
    pub span: Span,
    /// The bytes there.
    pub quote: String,
    /// The words and pairs of words that speak for the kind.
    pub reasons: Vec<String>,
    /// What it means for a person.
    pub consequence: String,
    /// The clause, through the versions of the document.
    pub clause_id: ClauseId,
    /// What became of the clause, in the order of the versions.
    pub turns: Vec<ProvisionLifeLine>,
    /// Whether the clause stands in the newest version.
    pub stands: bool,
    /// The articles of regulations that it engages, which says nothing of a breach.
    pub regulations: Vec<EngagedLine>,
    /// What a reviewer would ask.
    pub questions: Vec<String>,
    /// The event of the version.
    pub version_seq: u64,
    /// That event's name.
    pub event_id: EventId,
    /// When the version was observed.
    pub observed_at: Instant,
    /// SHA-256 of the version's text.
    pub sha256: Sha256,
    /// The leaf of that event in the log's tree.
    pub leaf_hash: Sha256,
    /// The newest checkpoint.
    pub checkpoint: CheckpointLine,
}

/// What became of the clause of a provision in a version.
#[derive(Debug, Serialize)]
pub struct ProvisionLifeLine {
    /// `born`, `reworded`, `moved`, `gone` or `back`.
    pub turn: &'static str,
    /// The event of the version.
    pub seq: u64,
    /// When the version was observed.
    pub observed_at: Instant,
    /// `stated`, `denied` or `denied with exceptions`; none where it holds nothing of the kind then.
    pub polarity: Option<&'static str>,
    /// The bytes of the version's text.
    pub span: Option<Span>,
    /// What a person reads in it then.
    pub reading: Option<String>,
}
