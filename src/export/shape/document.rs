//! Platforms, documents, and what a document said as of an instant.

use serde::Serialize;

use super::WithheldLine;
use crate::model::{BlobId, Instant, Sha256};
use crate::project::{AsOf, Document};

/// A platform and what is archived of it.
#[derive(Debug, Serialize)]
pub struct Platform {
    /// The platform.
    pub platform: String,
    /// How many documents.
    pub documents: u64,
    /// How many versions of them.
    pub versions: u64,
    /// The earliest observation of any of them.
    pub first_observed_at: Option<Instant>,
    /// The latest observation of any of them.
    pub last_observed_at: Option<Instant>,
}

/// A document and what is archived of it.
#[derive(Debug, Serialize)]
pub struct DocumentLine {
    /// `<platform>/<document type>`.
    pub document: String,
    /// The platform.
    pub platform: String,
    /// The document type.
    pub document_type: String,
    /// Versions recorded.
    pub versions: u64,
    /// Those among them whose text was taken out of the archive.
    pub withheld: u64,
    /// Looks, versions and failures included.
    pub looks: u64,
    /// The earliest sight of a text.
    pub first_observed_at: Option<Instant>,
    /// The latest sight of a text.
    pub last_observed_at: Option<Instant>,
    /// When its archiving ended, if it did.
    pub retired_at: Option<Instant>,
    /// The event that declared it.
    pub declared_seq: u64,
}

impl DocumentLine {
    /// Tells of a document, of whose versions so many are `withheld`.
    #[must_use]
    pub fn new(document: &Document, withheld: u64) -> Self {
        Self {
            document: document.name.to_string(),
            platform: document.name.platform().to_owned(),
            document_type: document.name.document_type().to_owned(),
            versions: document.versions,
            withheld,
            looks: document.looks,
            first_observed_at: document.first_observed_at,
            last_observed_at: document.last_observed_at,
            retired_at: document.retired_at(),
            declared_seq: document.declared_seq,
        }
    }
}

/// An answer as of an instant.
#[derive(Debug, Serialize)]
pub struct AsOfLine {
    /// `<platform>/<document type>`.
    pub document: String,
    /// The instant asked about.
    pub as_of: Instant,
    /// The limit on what was known, where one was asked for.
    pub known_at: Option<Instant>,
    /// Whether the document had been observed by then.
    pub found: bool,
    /// BLAKE3 of the text.
    pub blob: Option<BlobId>,
    /// SHA-256 of the text.
    pub sha256: Option<Sha256>,
    /// Length of the text.
    pub size_bytes: Option<u64>,
    /// What took the text out of the archive, if anything did.
    pub withheld: Option<WithheldLine>,
    /// The event that recorded the version.
    pub seq: Option<u64>,
    /// When that version was observed.
    pub observed_at: Option<Instant>,
    /// The first of the unbroken row of sights of this text.
    pub first_seen: Option<Instant>,
    /// The last sight at or before the instant.
    pub last_seen: Option<Instant>,
    /// The next observation after the instant.
    pub next_seen: Option<Instant>,
    /// `held`, `changed in between` or `latest`.
    pub certainty: Option<&'static str>,
    /// The earliest observation of the document that was known.
    pub first_observed_at: Option<Instant>,
    /// When the document's archiving ended, if it did.
    pub retired_at: Option<Instant>,
    /// The text, where it was asked for and is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl From<&AsOf> for AsOfLine {
    fn from(answer: &AsOf) -> Self {
        let found = answer.found.as_ref();
        Self {
            document: answer.document.name.to_string(),
            as_of: answer.as_of,
            known_at: answer.known_at,
            found: found.is_some(),
            blob: found.map(|found| found.version.text.blob),
            sha256: found.map(|found| found.version.text.sha256),
            size_bytes: found.map(|found| found.version.text.size_bytes),
            withheld: found
                .and_then(|found| found.withheld.as_ref())
                .map(Into::into),
            seq: found.map(|found| found.event.seq),
            observed_at: found.map(|found| found.event.observed_at),
            first_seen: found.map(|found| found.standing.first_seen),
            last_seen: found.map(|found| found.standing.sight.observed_at),
            next_seen: found
                .and_then(|found| found.standing.next)
                .map(|next| next.observed_at),
            certainty: found.map(|found| found.certainty.word()),
            first_observed_at: answer.first_observed_at,
            retired_at: answer.retired_at,
            text: None,
        }
    }
}

/// An answer in the list of the files that hold the texts.
#[derive(Debug, Serialize)]
pub struct ListedLine {
    /// The answer.
    #[serde(flatten)]
    pub answer: AsOfLine,
    /// The file that holds the text, from the folder of the list on; none where nothing was observed by then or the text
    /// is withheld.
    pub file: Option<String>,
}

/// What is said of a question of a batch that can't be answered.
#[derive(Debug, Serialize)]
pub struct RefusalLine {
    /// The line of the batch, from 1.
    pub line: u64,
    /// The document, as it was given.
    pub document: Option<String>,
    /// The date asked about, as it was given.
    pub as_of: Option<String>,
    /// The limit on what was known, as it was given.
    pub known_at: Option<String>,
    /// Never.
    pub found: bool,
    /// Why there is no answer.
    pub error: String,
    /// What may be done about it, where there is something to say.
    pub hint: Option<String>,
}
