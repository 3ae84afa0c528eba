//! The life of clauses: in which versions they stand, in which words, and what became of them.

use std::collections::BTreeMap;

use crate::model::{ClauseId, Clauses, Instant, ReadingDigest, Span};

/// A clause through the versions of its document.
#[derive(Debug, Clone)]
pub struct ClauseLife {
    /// The clause.
    pub id: ClauseId,
    /// What became of it, in the order of the versions.
    pub turns: Vec<Turn>,
    /// In how many versions it stands.
    pub versions: u64,
    /// Whether it stands in the newest version.
    pub stands: bool,
}

/// What became of a clause in a version.
#[derive(Debug, Clone)]
pub struct Turn {
    /// What it is.
    pub kind: TurnKind,
    /// The event of the version.
    pub seq: u64,
    /// When the version was observed.
    pub observed_at: Instant,
    /// What it says then, and where; nothing where it is gone.
    pub said: Option<Said>,
}

/// What a clause says in a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What a person reads.
    pub reading: String,
    /// The headings that it stands under, the highest first.
    pub headings: Vec<String>,
    /// The bytes of the version's text.
    pub span: Span,
}

/// A turn in the life of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnKind {
    /// It stands there for the first time.
    Born,
    /// It says it in other words.
    Reworded,
    /// It stands under other headings.
    Moved,
    /// It is gone.
    Gone,
    /// It is there again.
    Back,
}

impl TurnKind {
    /// The word for it in answers and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Born => "born",
            Self::Reworded => "reworded",
            Self::Moved => "moved",
            Self::Gone => "gone",
            Self::Back => "back",
        }
    }
}

/// The lives of some clauses of a document, and how many versions were looked through.
#[derive(Debug, Clone, Default)]
pub struct Lives {
    /// The clauses, in the order in which they came.
    pub clauses: Vec<ClauseLife>,
    /// How many versions the document has whose text is there.
    pub versions: u64,
    /// When the first of them and the last were observed.
    pub observed: Option<(Instant, Instant)>,
}

impl Lives {
    /// Takes the next version with the names of its clauses. Clauses are followed that `is_asked` picks by their name,
    /// what a person reads in them and their headings; one that was picked once is followed from then on.
    pub fn take(
        &mut self,
        (seq, observed_at): (u64, Instant),
        clauses: &Clauses,
        ids: &[ClauseId],
        is_asked: impl Fn(ClauseId, &str, &[&str]) -> bool,
    ) {
        let event = (seq, observed_at);
        self.versions += 1;
        let first = self.observed.map_or(observed_at, |(first, _)| first);
        self.observed = Some((first, observed_at));
        let followed: BTreeMap<ClauseId, usize> = (0..)
            .zip(&self.clauses)
            .map(|(place, life)| (life.id, place))
            .collect();
        let mut seen = vec![false; self.clauses.len()];
        for (clause, id) in clauses.all().iter().zip(ids) {
            let known = followed.get(id).copied();
            let reading = clauses.reading(clause);
            let said = || Said {
                reading: reading.to_owned(),
                headings: clauses
                    .path(clause)
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
                span: clause.span,
            };
            let place = match known {
                Some(place) => {
                    seen[place] = true;
                    self.clauses[place].turn(event, clause.digest, said);
                    place
                }
                None if is_asked(*id, reading, &clauses.path(clause)) => {
                    self.clauses.push(ClauseLife {
                        id: *id,
                        turns: vec![Turn::new(TurnKind::Born, event, Some(said()))],
                        versions: 0,
                        stands: true,
                    });
                    self.clauses.len() - 1
                }
                None => continue,
            };
            self.clauses[place].versions += 1;
        }
        for (life, seen) in self.clauses.iter_mut().zip(seen) {
            if !seen && life.stands {
                life.stands = false;
                life.turns.push(Turn::new(TurnKind::Gone, event, None));
            }
        }
    }
}

impl ClauseLife {
    fn turn(&mut self, event: (u64, Instant), digest: ReadingDigest, said: impl Fn() -> Said) {
        let last = self.turns.iter().rev().find_map(|turn| turn.said.as_ref());
        let is_same = last.is_some_and(|last| ReadingDigest::of(last.reading.as_bytes()) == digest);
        let kind = match (self.stands, is_same) {
            (false, _) => TurnKind::Back,
            (true, false) => TurnKind::Reworded,
            (true, true) => {
                let said = said();
                if last.is_none_or(|last| last.headings == said.headings) {
                    return;
                }
                TurnKind::Moved
            }
        };
        self.stands = true;
        self.turns.push(Turn::new(kind, event, Some(said())));
    }
}

impl Turn {
    fn new(kind: TurnKind, event: (u64, Instant), said: Option<Said>) -> Self {
        Self {
            kind,
            seq: event.0,
            observed_at: event.1,
            said,
        }
    }
}
