//! Hits of a search in JSON.

use serde::Serialize;

use crate::model::{Instant, Span};

/// What was found for a query.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchLine {
    /// The query, as it was given.
    pub query: String,
    /// The instant as of which versions were searched; none where all were.
    pub as_of: Option<Instant>,
    /// The hits, the best first.
    pub hits: Vec<HitLine>,
    /// Whether there are more than were asked for.
    pub has_more: bool,
}

/// A wording in a document that answers a query.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HitLine {
    /// `<platform>/<document type>`.
    pub document: String,
    /// The headings that the clause stands under, the highest first.
    pub headings: Vec<String>,
    /// The event of the version that is quoted: the first of the newest row of versions with this wording.
    pub version_seq: u64,
    /// SHA-256 of the version's text.
    pub sha256: String,
    /// Where the clause stands in that text, in bytes.
    pub span: Span,
    /// The bytes there.
    pub quote: String,
    /// Where in that text the words stand that were looked for.
    pub marks: Vec<Span>,
    /// `adjacent`, `near` or `anywhere`: how the words stand to each other.
    pub nearness: &'static str,
    /// When the wording was first observed in the document.
    pub since: Instant,
    /// When the document was first observed without it after it was last observed with it; none where it was not.
    pub until: Option<Instant>,
    /// Every time during which each observation showed it.
    pub stood: Vec<StoodLine>,
    /// When the document's archiving ended, if it did.
    pub retired_at: Option<Instant>,
    /// The provisions of the clause, of the kinds that were asked for.
    pub provisions: Vec<HitProvisionLine>,
}

/// A time during which every observation of a document showed a wording.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoodLine {
    /// When it was observed first.
    pub since: Instant,
    /// When the document was first observed without it; none where it was not.
    pub until: Option<Instant>,
}

/// A provision of a clause that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HitProvisionLine {
    /// The id of its kind.
    pub kind: String,
    /// How sure it is: 0.5 at the threshold, less than 1.
    pub score: f64,
    /// `stated`, `denied` or `denied with exceptions`.
    pub polarity: &'static str,
}

/// What is said of a query of a batch that can't be answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchRefusalLine {
    /// The line of the batch, from 1.
    pub line: u64,
    /// The query, as it was given.
    pub query: Option<String>,
    /// Why there is no answer.
    pub error: String,
    /// What may be done about it, where there is something to say.
    pub hint: Option<String>,
}
