//! Changes: what separates a version from the one before it, and whether it matters.

use super::{ClauseId, EventId, Span};

/// What is known of the change that a version brought, as the event that detected it or a later one says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The seq of the version that it is told against: the one before, or an earlier one that the version continues.
    pub from: u64,
    /// The seq of the version that brought it.
    pub to: u64,
    /// The version of the detector that judged.
    pub detector: u16,
    /// The judgement.
    pub significance: Significance,
    /// How sure it is.
    pub status: Status,
    /// The rules that led to it, the weightiest first.
    pub reasons: Vec<Reason>,
    /// How many clauses changed, by kind.
    pub counts: ClauseCounts,
    /// The clauses that changed, in the order of the texts, at most [`Change::CLAUSES`]; `counts` has all.
    pub clauses: Vec<ClauseChange>,
}

impl Change {
    /// How many changed clauses an event lists.
    pub const CLAUSES: usize = 64;

    /// How many changed clauses are counted and not listed.
    #[must_use]
    pub fn clauses_left_out(&self) -> u64 {
        self.counts
            .total()
            .saturating_sub(self.clauses.len() as u64)
    }
}

/// A change judged anew, by what later versions showed or by a newer detector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeReassessed {
    /// The event that detected it.
    pub of: EventId,
    /// What is known of it now.
    pub change: Change,
}

/// Whether a change matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Significance {
    /// What a person reads changed beyond what stands below.
    Substantive,
    /// Dates, version numbers, contact details, numbering, spelling, punctuation, the targets of links or the order of
    /// clauses, nothing else.
    Editorial,
    /// A person reads the same: markup, anchors, wrapping, images.
    Presentational,
    /// The return to an earlier reading, or a reading that gave way to an earlier one within a short time.
    Reverted,
    /// The page was not the document, or only a part of it; or it is the document again.
    CaptureFault,
    /// The same snapshot read by another extractor or declaration.
    ReExtraction,
}

impl Significance {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 6] = [
        Self::Substantive,
        Self::Editorial,
        Self::Presentational,
        Self::Reverted,
        Self::CaptureFault,
        Self::ReExtraction,
    ];

    /// The word for it in answers and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Substantive => "substantive",
            Self::Editorial => "editorial",
            Self::Presentational => "presentational",
            Self::Reverted => "reverted",
            Self::CaptureFault => "capture fault",
            Self::ReExtraction => "re-extraction",
        }
    }
}

/// How sure a judgement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Nothing speaks against it.
    Confirmed,
    /// It is suspicious, and no second observation has agreed with it yet.
    Unconfirmed,
}

impl Status {
    /// The word for it in answers and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Unconfirmed => "unconfirmed",
        }
    }
}

/// A rule that led to the judgement of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The weightiest of the rules that judged its clauses.
    Clause(Rule),
    /// What a person reads is the same.
    SameReading,
    /// The version reads like an earlier one of the document.
    Returns {
        /// The seq of that version.
        to: u64,
    },
    /// Within seven days the document read again as it did before.
    GaveWay {
        /// The seq of the version that read so again.
        to: u64,
    },
    /// The text is empty.
    Empty,
    /// The text is that of an error page, a consent wall, a wall against robots or a login.
    NotTheDocument(Sign),
    /// Large parts are gone, and little came in their place.
    LargeLoss {
        /// Of the words before, those that are gone, in hundredths.
        percent: u8,
    },
    /// The large parts that were gone are back as they were.
    Recovered {
        /// The seq of the version that has them again, or that had them last.
        version: u64,
    },
    /// A later version lacks the lost parts too.
    SeenAgain {
        /// The seq of that version.
        version: u64,
    },
    /// Both versions were taken from the same snapshot.
    SameSnapshot,
    /// Another extractor or declaration read the document.
    ReExtracted,
    /// The version before was no continuation of the document: the change is told against the one before that.
    Against {
        /// The seq of the version left out.
        left_out: u64,
    },
}

/// What shows that a page is not the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sign {
    /// An error of the server, or nothing at that address.
    ErrorPage,
    /// A request to accept cookies.
    ConsentWall,
    /// A check whether a person reads, or a request to switch scripts on.
    BotWall,
    /// A request to log in.
    Login,
}

impl Sign {
    /// The word for it in answers and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ErrorPage => "error page",
            Self::ConsentWall => "consent wall",
            Self::BotWall => "bot wall",
            Self::Login => "login",
        }
    }
}

/// What became of a clause from one version to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClauseChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is told in other words.
    Reworded,
    /// A heading has other words.
    Retitled,
    /// Its number is another.
    Renumbered,
    /// It stands at another place, word for word.
    Moved,
    /// Its words stand in several clauses now.
    Split,
    /// The words of several clauses stand in it now.
    Merged,
    /// A link in it leads elsewhere.
    LinkRetargeted,
}

impl ClauseChangeKind {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 9] = [
        Self::Added,
        Self::Removed,
        Self::Reworded,
        Self::Retitled,
        Self::Renumbered,
        Self::Moved,
        Self::Split,
        Self::Merged,
        Self::LinkRetargeted,
    ];

    /// The word for it in answers and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Reworded => "reworded",
            Self::Retitled => "retitled",
            Self::Renumbered => "renumbered",
            Self::Moved => "moved",
            Self::Split => "split",
            Self::Merged => "merged",
            Self::LinkRetargeted => "link retargeted",
        }
    }
}

/// The change of one clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClauseChange {
    /// What became of it.
    pub kind: ClauseChangeKind,
    /// The rule that judged it.
    pub rule: Rule,
    /// The clause, through all versions of its document.
    pub clause: ClauseId,
    /// Where it stood in the version before; none where it was added.
    pub from: Option<Span>,
    /// Where it stands in the version; none where it was removed.
    pub to: Option<Span>,
}

/// A rule that judged the change of a clause, the weightiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A word that negates came or went.
    Negation,
    /// A number, a term or an amount changed.
    Number,
    /// A clause came.
    ClauseAdded,
    /// A clause went.
    ClauseRemoved,
    /// A clause stands under another heading, word for word.
    OtherHeading,
    /// Other words changed.
    Words,
    /// Dates only.
    Dates,
    /// Version numbers only.
    VersionNumbers,
    /// Contact details only: addresses of mail and of pages, telephone numbers.
    ContactDetails,
    /// Numbering only.
    Numbering,
    /// Spelling only: capitals, accents, hyphens, British and American forms.
    Spelling,
    /// Punctuation only.
    Punctuation,
    /// The target of a link only.
    LinkTarget,
    /// What came or went stands in the version before and after once more.
    Repetition,
    /// The place only.
    Place,
    /// Where the clause is divided only.
    Division,
}

impl Rule {
    /// All of them, the weightiest first.
    pub const ALL: [Self; 16] = [
        Self::Negation,
        Self::Number,
        Self::ClauseAdded,
        Self::ClauseRemoved,
        Self::OtherHeading,
        Self::Words,
        Self::Dates,
        Self::VersionNumbers,
        Self::ContactDetails,
        Self::Numbering,
        Self::Spelling,
        Self::Punctuation,
        Self::LinkTarget,
        Self::Repetition,
        Self::Place,
        Self::Division,
    ];

    /// The significance that a change has by this rule alone.
    #[must_use]
    pub fn significance(self) -> Significance {
        match self {
            Self::Negation
            | Self::Number
            | Self::ClauseAdded
            | Self::ClauseRemoved
            | Self::OtherHeading
            | Self::Words => Significance::Substantive,
            Self::Dates
            | Self::VersionNumbers
            | Self::ContactDetails
            | Self::Numbering
            | Self::Spelling
            | Self::Punctuation
            | Self::LinkTarget
            | Self::Repetition
            | Self::Place => Significance::Editorial,
            Self::Division => Significance::Presentational,
        }
    }

    /// The name of the rule in answers and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Negation => "negation",
            Self::Number => "number",
            Self::ClauseAdded => "clause added",
            Self::ClauseRemoved => "clause removed",
            Self::OtherHeading => "other heading",
            Self::Words => "words",
            Self::Dates => "dates",
            Self::VersionNumbers => "version numbers",
            Self::ContactDetails => "contact details",
            Self::Numbering => "numbering",
            Self::Spelling => "spelling",
            Self::Punctuation => "punctuation",
            Self::LinkTarget => "link target",
            Self::Repetition => "repetition",
            Self::Place => "place",
            Self::Division => "division",
        }
    }
}

/// How many clauses changed, by kind, in the order of [`ClauseChangeKind::ALL`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClauseCounts(pub [u64; 9]);

impl ClauseCounts {
    /// How many changed in this way.
    #[must_use]
    pub fn of(&self, kind: ClauseChangeKind) -> u64 {
        self.0[kind as usize]
    }

    /// Counts one more.
    pub fn add(&mut self, kind: ClauseChangeKind) {
        self.0[kind as usize] += 1;
    }

    /// How many changed in any way.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The kinds that there are, with how many.
    pub fn iter(&self) -> impl Iterator<Item = (ClauseChangeKind, u64)> {
        let counts = self.0;
        ClauseChangeKind::ALL
            .into_iter()
            .map(move |kind| (kind, counts[kind as usize]))
            .filter(|(_, count)| *count > 0)
    }
}
