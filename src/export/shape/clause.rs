//! The lives of clauses.

use serde::Serialize;

use crate::compare::{ClauseLife, Lives, Turn};
use crate::model::{ClauseId, Instant, Span};
use crate::project::Document;

/// The clauses of a document that were asked for.
#[derive(Debug, Serialize)]
pub struct LivesLine {
    /// `<platform>/<document type>`.
    pub document: String,
    /// How many versions were looked through: those whose text is in the archive.
    pub versions: u64,
    /// When the first of them was observed.
    pub first_observed_at: Option<Instant>,
    /// When the last of them was observed.
    pub last_observed_at: Option<Instant>,
    /// The clauses, in the order in which they came.
    pub clauses: Vec<ClauseLine>,
}

/// A clause through the versions of its document.
#[derive(Debug, Serialize)]
pub struct ClauseLine {
    /// The clause.
    pub clause_id: ClauseId,
    /// In how many versions it stands.
    pub versions: u64,
    /// Whether it stands in the newest one.
    pub stands: bool,
    /// What became of it.
    pub turns: Vec<TurnLine>,
}

/// What became of a clause in a version.
#[derive(Debug, Serialize)]
pub struct TurnLine {
    /// `born`, `reworded`, `moved`, `gone` or `back`.
    pub kind: &'static str,
    /// The event of the version.
    pub seq: u64,
    /// When the version was observed.
    pub observed_at: Instant,
    /// The headings that it stands under then, the highest first.
    pub headings: Vec<String>,
    /// The bytes of the version's text.
    pub span: Option<Span>,
    /// What a person reads in it then.
    pub reading: Option<String>,
}

impl LivesLine {
    /// Tells of clauses of `document`.
    #[must_use]
    pub fn new(document: &Document, lives: &Lives) -> Self {
        Self {
            document: document.name.to_string(),
            versions: lives.versions,
            first_observed_at: lives.observed.map(|(first, _)| first),
            last_observed_at: lives.observed.map(|(_, last)| last),
            clauses: lives.clauses.iter().map(Into::into).collect(),
        }
    }
}

impl From<&ClauseLife> for ClauseLine {
    fn from(life: &ClauseLife) -> Self {
        Self {
            clause_id: life.id,
            versions: life.versions,
            stands: life.stands,
            turns: life.turns.iter().map(Into::into).collect(),
        }
    }
}

impl From<&Turn> for TurnLine {
    fn from(turn: &Turn) -> Self {
        let said = turn.said.as_ref();
        Self {
            kind: turn.kind.word(),
            seq: turn.seq,
            observed_at: turn.observed_at,
            headings: said.map(|said| said.headings.clone()).unwrap_or_default(),
            span: said.map(|said| said.span),
            reading: said.map(|said| said.reading.clone()),
        }
    }
}
