//! The page of a provision, in JSON.

use serde::Serialize;

use super::{
    AsOfLine, CheckpointLine, EvidenceLine, HeldLine, MadeByLine, RegulationLine, WordingsLine,
};
use crate::model::{ClauseId, Instant, Span};

/// A provision with all that is shown of it.
#[derive(Debug, Serialize)]
pub struct ProvisionPage {
    /// What it is, in its version.
    #[serde(flatten)]
    pub line: HeldLine,
    /// What it means for a person.
    pub consequence: String,
    /// The clause, through the versions of the document.
    pub clause_id: ClauseId,
    /// What became of the clause, in the order of the versions.
    pub turns: Vec<ProvisionLifeLine>,
    /// Whether the clause stands in the newest version.
    pub stands: bool,
    /// How other platforms word it; none where that was not asked for.
    pub others: Option<OthersLine>,
    /// The regulations that it engages, which says nothing of a breach.
    pub regulations: Vec<RegulationLine>,
    /// What a reviewer would ask.
    pub questions: Vec<String>,
    /// The version, and within which observations it is known to stand.
    pub answer: AsOfLine,
    /// How the version is checked.
    pub evidence: EvidenceLine,
    /// The newest checkpoint, to which the proof leads.
    pub checkpoint: CheckpointLine,
    /// What made the page.
    pub made_by: MadeByLine,
    /// What is to be kept in mind of all of it.
    pub notes: &'static [&'static str],
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

/// How other platforms word what a provision says.
#[derive(Debug, Serialize)]
pub struct OthersLine {
    /// The instant as of which their documents are told.
    pub as_of: Instant,
    /// The id of the kind.
    pub kind: String,
    /// The platforms with the nearest wordings, the nearest first.
    pub nearest: Vec<WordingsLine>,
    /// How many more platforms hold provisions of the kind.
    pub more: u64,
    /// The platforms in whose documents that were archived as of then none was found, which is not that they have none.
    pub none_found: Vec<String>,
    /// The platforms of whose documents none can be read as of then.
    pub unread: Vec<String>,
}
