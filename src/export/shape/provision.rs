//! Provisions in JSON.

use serde::Serialize;

use crate::classify::{Kind, Provision};
use crate::model::{ClauseId, Instant, ProvisionId, Span};
use crate::project::AsOf;

/// A provision of a text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProvisionLine {
    /// The id of its kind.
    pub kind: String,
    /// How sure it is: 0.5 at the threshold, less than 1.
    pub score: f64,
    /// `stated`, `denied` or `denied with exceptions`.
    pub polarity: &'static str,
    /// `must not`, `will not`, `must`, `may`, `will` or `states`.
    pub modality: &'static str,
    /// Where it stands, in bytes of the text that was asked about.
    pub span: [usize; 2],
    /// The words and pairs of words that speak for it.
    pub reasons: Vec<String>,
}

impl ProvisionLine {
    /// The line of a provision.
    #[must_use]
    pub fn new(provision: &Provision) -> Self {
        Self {
            kind: provision.kind.clone(),
            score: f64::from(provision.score) / 1000.0,
            polarity: provision.polarity.word(),
            modality: provision.modality.word(),
            span: [provision.span.start, provision.span.end],
            reasons: provision.reasons.clone(),
        }
    }
}

/// A provision in the text of a version.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeldLine {
    /// Its name, by which it can be shown: `<event>:<first byte>:<kind>`.
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
    /// The event that recorded the version.
    pub version_seq: u64,
    /// SHA-256 of the version's text.
    pub sha256: String,
    /// The last sight of that version by the instant asked about.
    pub observed_at: Instant,
    /// The words and pairs of words that speak for the kind.
    pub reasons: Vec<String>,
}

impl HeldLine {
    /// The line of a provision in the version that answers; none where no version does.
    #[must_use]
    pub fn new(
        answer: &AsOf,
        kind: &Kind,
        provision: &Provision,
        (headings, span, quote): (&[String], Span, &str),
    ) -> Option<Self> {
        let found = answer.found.as_ref()?;
        let told = ProvisionLine::new(provision);
        let id = ProvisionId {
            version: found.event.seq,
            start: span.start,
            kind: kind.id.clone(),
        };
        Some(Self {
            id: id.to_string(),
            document: answer.document.name.to_string(),
            kind: kind.id.clone(),
            name: kind.name.clone(),
            group: kind.group.clone(),
            score: told.score,
            polarity: told.polarity,
            modality: told.modality,
            headings: headings.to_vec(),
            span,
            quote: quote.to_owned(),
            version_seq: found.event.seq,
            sha256: found.version.text.sha256.to_string(),
            observed_at: found.standing.sight.observed_at,
            reasons: told.reasons,
        })
    }
}

/// A provision in the text of a version, with since when it has been there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeldSinceLine {
    /// The provision.
    #[serde(flatten)]
    pub line: HeldLine,
    /// Its clause, through the versions of the document.
    pub clause_id: ClauseId,
    /// Since when the clause has held it without a break.
    pub since: SinceLine,
    /// Since when it has done so with this polarity.
    pub polarity_since: SinceLine,
    /// When the clause first held it.
    pub first: SinceLine,
    /// How often the clause was reworded while it held it.
    pub rewordings: u64,
    /// When its words or its polarity changed last.
    pub changed: Option<SinceLine>,
    /// Since when some clause of the document has held one of the kind, without a break.
    pub document_since: SinceLine,
    /// When some clause of the document first held one of the kind.
    pub document_first: SinceLine,
}

/// Since when something has been so: between two sights of a document, it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SinceLine {
    /// The last sight of the document as it was before; none where it was so at the first.
    pub absent_at: Option<Instant>,
    /// The first sight at which it is so.
    pub present_at: Instant,
    /// The event of the version that was seen then.
    pub seq: u64,
}

/// What the documents of a platform say of a kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WordingsLine {
    /// The platform.
    pub platform: String,
    /// How like its nearest wording is to the one that is compared with, from 0 to 1.
    pub likeness: f64,
    /// Its provisions of the kind, the nearest wording first.
    pub provisions: Vec<HeldLine>,
    /// How many more of them are not listed.
    pub left_out: u64,
    /// What is to be said where there is none.
    pub finding: Option<String>,
    /// Whether there was a text in which something might have been found.
    #[serde(skip)]
    pub is_read: bool,
}
