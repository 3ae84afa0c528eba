//! A dossier: what is archived of a platform or a document, what it holds as of an instant, and the evidence.

use serde::Serialize;

use super::{
    AsOfLine, CheckpointLine, DocumentLine, HeldLine, OriginLine, ProofLine, ProvisionChangeLine,
};
use crate::classify::{Classifier, Taxonomy};
use crate::model::{EventId, Instant, Sha256, StreamId};

/// All that `recension report` tells of a platform or of one of its documents.
#[derive(Debug, Serialize)]
pub struct Dossier {
    /// What it is of: a platform, or `<platform>/<document type>`.
    pub subject: String,
    /// The platform.
    pub platform: String,
    /// The beginning of the period whose changes are told; none from the first observation on.
    pub since: Option<Instant>,
    /// The instant as of which all is told, which ends the period.
    pub as_of: Instant,
    /// The limit on what was known, where one was asked for.
    pub known_at: Option<Instant>,
    /// What made it.
    pub made_by: MadeByLine,
    /// The checkpoint that all proofs lead to.
    pub checkpoint: CheckpointLine,
    /// What is to be kept in mind of all of it.
    pub notes: &'static [&'static str],
    /// The documents, in the order in which they came into the archive.
    pub documents: Vec<CoveredLine>,
    /// The kinds that were found, in the order of the taxonomy.
    pub kinds: Vec<KindLine>,
    /// The provisions in force, by kind in the order of the taxonomy, then by document and in the order of the text.
    pub provisions: Vec<HeldLine>,
    /// What changed in the period.
    pub changes: PeriodLine,
    /// How other platforms stand beside it; none where that was not asked for.
    pub comparison: Option<ComparisonLine>,
    /// The regulations that the found kinds engage, which says nothing of a breach.
    pub regulations: Vec<RegulationLine>,
    /// Of each version that provisions are quoted from, how it is checked.
    pub evidence: Vec<EvidenceLine>,
}

/// What made a dossier or a page.
#[derive(Debug, Serialize)]
pub struct MadeByLine {
    /// The program.
    pub program: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The id of the classifier that told the provisions.
    pub classifier: String,
    /// The edition of the taxonomy.
    pub taxonomy: u32,
}

impl MadeByLine {
    /// This program, with what tells provisions.
    #[must_use]
    pub fn new(classifier: &Classifier, taxonomy: &Taxonomy) -> Self {
        Self {
            program: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            classifier: classifier.id().to_owned(),
            taxonomy: taxonomy.version,
        }
    }
}

/// A document, how well it is covered, and the version that answers.
#[derive(Debug, Serialize)]
pub struct CoveredLine {
    /// What is archived of it in all.
    pub document: DocumentLine,
    /// What it said as of the instant.
    pub answer: AsOfLine,
    /// The looks at it in the period.
    pub coverage: CoverageLine,
    /// Its versions in the period, in the order of observation.
    pub versions: Vec<MarkLine>,
    /// How many provisions were found in it; none where there is no text to read.
    pub provisions: Option<u64>,
}

/// How well a document was observed in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoverageLine {
    /// Looks, versions and failures included.
    pub looks: u64,
    /// Versions among them.
    pub versions: u64,
    /// Failures among them.
    pub failed: u64,
    /// The earliest sight of a text.
    pub first_observed_at: Option<Instant>,
    /// The latest sight of a text.
    pub last_observed_at: Option<Instant>,
    /// How many stretches were longer than a gap's least length without a sight.
    pub gaps: u64,
    /// The longest of these, in the order of time.
    pub longest_gaps: Vec<GapLine>,
}

/// A stretch of time in which no text of a document was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct GapLine {
    /// The sight before it.
    pub from: Instant,
    /// The sight after it, or the end of the period.
    pub to: Instant,
    /// Its length in whole days.
    pub days: u64,
    /// Whether the text seen after it is the one seen before it; none where nothing was seen after it in the period.
    pub same_text: Option<bool>,
}

/// A version on a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MarkLine {
    /// The event that recorded it.
    pub seq: u64,
    /// When it was observed.
    pub observed_at: Instant,
    /// How the change that it brought is judged, where it is: `substantive`, `editorial` and so on.
    pub significance: Option<&'static str>,
    /// How sure that is: `confirmed` or `unconfirmed`.
    pub status: Option<&'static str>,
}

/// A kind that was found.
#[derive(Debug, Serialize)]
pub struct KindLine {
    /// Its id.
    pub kind: String,
    /// Its group.
    pub group: String,
    /// What people call it.
    pub name: String,
    /// What it is.
    pub definition: String,
    /// What it means for a person.
    pub consequence: String,
    /// What a reviewer would ask.
    pub questions: Vec<String>,
    /// How many provisions of it were found.
    pub provisions: u64,
}

/// What changed in a period.
#[derive(Debug, Serialize)]
pub struct PeriodLine {
    /// The confirmed substantive changes, in the order of observation.
    pub listed: Vec<ListedChangeLine>,
    /// How many others there were, by their judgement.
    pub left_out: Vec<LeftOutLine>,
}

/// A change in a list.
#[derive(Debug, Serialize)]
pub struct ListedChangeLine {
    /// Its name: that of the event that detected it.
    pub id: EventId,
    /// `<platform>/<document type>`.
    pub document: String,
    /// When the version that brought it was observed.
    pub observed_at: Instant,
    /// The event of the version that it is told against.
    pub from_seq: u64,
    /// The event of the version that brought it.
    pub to_seq: u64,
    /// `substantive`.
    pub significance: &'static str,
    /// `confirmed`.
    pub status: &'static str,
    /// One line on it.
    pub headline: String,
    /// The provisions that it added, removed, widened or narrowed.
    pub provisions: Vec<ProvisionChangeLine>,
    /// How many more it only reworded.
    pub reworded: u64,
}

/// Changes that are not in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOutLine {
    /// How they are judged.
    pub significance: &'static str,
    /// How sure that is.
    pub status: &'static str,
    /// How many they are.
    pub changes: u64,
}

/// Platforms beside each other, kind by kind.
#[derive(Debug, Serialize)]
pub struct ComparisonLine {
    /// Whether the other platforms were named; else they were chosen.
    pub named: bool,
    /// The document types that are compared: those of the subject.
    pub document_types: Vec<String>,
    /// The platforms, the subject's first.
    pub platforms: Vec<BesideLine>,
    /// The kinds that at least one of them has, in the order of the taxonomy.
    pub rows: Vec<MatrixRowLine>,
    /// The ids of the kinds that were found in none of them.
    pub none_found: Vec<String>,
}

/// A platform in a comparison.
#[derive(Debug, Serialize)]
pub struct BesideLine {
    /// The platform.
    pub platform: String,
    /// What its documents of the types compared said as of the instant.
    pub documents: Vec<AsOfLine>,
}

/// What platforms say of a kind.
#[derive(Debug, Serialize)]
pub struct MatrixRowLine {
    /// The id of the kind.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Its group.
    pub group: String,
    /// What each platform says, in the order of the platforms.
    pub cells: Vec<CellLine>,
}

/// What the documents of a platform say of a kind: how many provisions of each polarity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CellLine {
    /// Provisions that state it.
    pub stated: u64,
    /// Provisions that deny it.
    pub denied: u64,
    /// Provisions that deny it with exceptions.
    pub denied_with_exceptions: u64,
    /// What is to be said where there is none.
    pub finding: Option<String>,
}

/// A regulation that provisions engage.
#[derive(Debug, Serialize)]
pub struct RegulationLine {
    /// Its id.
    pub regulation: String,
    /// What it is called for short.
    pub short: String,
    /// Its name.
    pub name: String,
    /// Where it is law.
    pub jurisdiction: String,
    /// Its official identifier.
    pub identifier: String,
    /// Since when it applies, `YYYY-MM-DD`.
    pub applies_from: String,
    /// What narrows it.
    pub note: Option<String>,
    /// Its articles that are engaged, in its order.
    pub articles: Vec<ArticleLine>,
}

/// An article that provisions engage.
#[derive(Debug, Serialize)]
pub struct ArticleLine {
    /// The article or section, as it is cited.
    pub article: String,
    /// What it is about.
    pub title: String,
    /// The ids of the found kinds that engage it.
    pub kinds: Vec<String>,
}

/// How a version that provisions are quoted from is checked.
#[derive(Debug, Serialize)]
pub struct EvidenceLine {
    /// `<platform>/<document type>`; its answer stands among the documents.
    pub document: String,
    /// The stream of the document's events.
    pub stream: StreamId,
    /// The event that recorded the version.
    pub seq: u64,
    /// The name of that event.
    pub event_id: EventId,
    /// When the version was observed.
    pub observed_at: Instant,
    /// When the log took the event.
    pub recorded_at: Instant,
    /// SHA-256 of its text.
    pub sha256: Sha256,
    /// Where it comes from.
    pub origin: OriginLine,
    /// The proof that the event is in the log.
    #[serde(flatten)]
    pub proof: ProofLine,
    /// Commands by which a reader checks it.
    pub commands: Vec<String>,
}
