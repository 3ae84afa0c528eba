//! Provisions: what clauses stipulate, as the event that mapped them says.

use super::{DocumentName, Span};

/// The provisions of the clauses that are new in a version, and what became of those of the document by it.
///
/// A version may have several such events, where it holds very many provisions; the last of them tells what became of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisionsMapped {
    /// The seq of the version.
    pub version: u64,
    /// The seq of the version that it is told against; none where it is the first.
    pub from: Option<u64>,
    /// The id of the classifier that told.
    pub classifier: String,
    /// The edition of the taxonomy that names the kinds.
    pub taxonomy: u32,
    /// The clauses that are mapped, in the order of the text. A clause that stood before under the same headings is not
    /// mapped again, and one that holds nothing is not listed.
    pub clauses: Vec<MappedClause>,
    /// What became of the provisions that the document held before.
    pub changes: Vec<ProvisionChange>,
}

impl ProvisionsMapped {
    /// How much one event lists at the most: clauses, their provisions and changes together.
    pub const LISTED: usize = 512;
}

/// A clause with what it stipulates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedClause {
    /// Where it stands in the text of the version.
    pub span: Span,
    /// Its provisions.
    pub provisions: Vec<MappedProvision>,
}

/// What a clause stipulates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedProvision {
    /// The id of its kind.
    pub kind: String,
    /// How sure it is, in thousandths: 500 at the threshold, less than 1,000.
    pub score: u16,
    /// Whether the clause says that it is so, or that it is not.
    pub polarity: Polarity,
    /// How the clause binds.
    pub modality: Modality,
    /// Where it stands in what a person reads in the clause.
    pub span: Span,
}

/// What became of a provision from one version to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisionChange {
    /// The id of its kind.
    pub kind: String,
    /// What became of it.
    pub turn: ProvisionTurn,
    /// What shows it.
    pub sign: ProvisionSign,
    /// The clause that held it: where it stood in the version before, and whether it said that it is so.
    pub before: Option<(Span, Polarity)>,
    /// The clause that holds it, likewise.
    pub after: Option<(Span, Polarity)>,
}

/// What of a provision that a document lost remains in the other documents of its platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remains {
    /// Another document has the same clause, word for word.
    Relocated {
        /// The document.
        document: DocumentName,
    },
    /// Other documents hold provisions of its kind.
    Held {
        /// The documents.
        documents: Vec<DocumentName>,
    },
    /// None was found in any document of the platform that was archived as of then.
    NoneFound,
}

/// What became of a provision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProvisionTurn {
    /// The document held none of its kind before.
    Added,
    /// The document holds none of its kind any more.
    Removed,
    /// The document states more of its kind, or denies less.
    Widened,
    /// The document states less of its kind, or denies more.
    Narrowed,
    /// It is told in other words.
    Reworded,
}

impl ProvisionTurn {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 5] = [
        Self::Added,
        Self::Removed,
        Self::Widened,
        Self::Narrowed,
        Self::Reworded,
    ];

    /// The word for it in answers and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Widened => "widened",
            Self::Narrowed => "narrowed",
            Self::Reworded => "reworded",
        }
    }
}

/// What shows what became of a provision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProvisionSign {
    /// A clause that holds it came.
    ClauseAdded,
    /// A clause that held it went.
    ClauseRemoved,
    /// A clause that stands on holds it now, or no longer.
    ClauseReworded,
    /// A clause says now that it is so, or that it is not.
    Polarity,
    /// Words came, and none went.
    WordsAdded,
    /// Words went, and none came.
    WordsRemoved,
    /// Words came and went.
    OtherWords,
}

impl ProvisionSign {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::ClauseAdded,
        Self::ClauseRemoved,
        Self::ClauseReworded,
        Self::Polarity,
        Self::WordsAdded,
        Self::WordsRemoved,
        Self::OtherWords,
    ];

    /// The words for it in answers and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ClauseAdded => "clause added",
            Self::ClauseRemoved => "clause removed",
            Self::ClauseReworded => "clause reworded",
            Self::Polarity => "polarity",
            Self::WordsAdded => "words added",
            Self::WordsRemoved => "words removed",
            Self::OtherWords => "other words",
        }
    }
}

/// Whether a text says that what the kind names is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Polarity {
    /// It is so, or may be.
    Stated,
    /// It is not so.
    Denied,
    /// It is not so, but for what the text excepts.
    DeniedWithExceptions,
}

impl Polarity {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Stated, Self::Denied, Self::DeniedWithExceptions];

    /// The word for it in answers and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Denied => "denied",
            Self::DeniedWithExceptions => "denied with exceptions",
        }
    }
}

/// How a text binds: the strongest word of duty or leave in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Modality {
    /// Somebody must not, may not, cannot.
    Forbidden,
    /// Somebody will not.
    WillNot,
    /// Somebody must.
    Must,
    /// Somebody may.
    May,
    /// Somebody will.
    Will,
    /// It is told as it is.
    States,
}

impl Modality {
    /// All of them, the strongest first.
    pub const ALL: [Self; 6] = [
        Self::Forbidden,
        Self::WillNot,
        Self::Must,
        Self::May,
        Self::Will,
        Self::States,
    ];

    /// The word for it in answers and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Forbidden => "must not",
            Self::WillNot => "will not",
            Self::Must => "must",
            Self::May => "may",
            Self::Will => "will",
            Self::States => "states",
        }
    }
}

/// The name of a provision: the version that holds it, where its clause begins there, and its kind. It names archived bytes, and
/// stays what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisionId {
    /// The seq of the event of the version.
    pub version: u64,
    /// The first byte of the clause in the text of the version.
    pub start: usize,
    /// The id of the kind.
    pub kind: String,
}

/// A text names no provision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} names no provision: names are as recension provisions prints them, such as 1882:17535:usage-data"
)]
pub struct ProvisionIdError(String);

impl std::fmt::Display for ProvisionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.version, self.start, self.kind)
    }
}

impl std::str::FromStr for ProvisionId {
    type Err = ProvisionIdError;

    fn from_str(text: &str) -> Result<Self, ProvisionIdError> {
        let mut parts = text.trim().splitn(3, ':');
        let mut next = || {
            parts
                .next()
                .ok_or_else(|| ProvisionIdError(text.to_owned()))
        };
        let (version, start, kind) = (next()?, next()?, next()?);
        let wrong = |_| ProvisionIdError(text.to_owned());
        Ok(Self {
            version: version.parse().map_err(wrong)?,
            start: start.parse().map_err(wrong)?,
            kind: kind.to_owned(),
        })
    }
}
