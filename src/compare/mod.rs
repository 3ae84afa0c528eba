//! Version against version: which clauses changed, how, and by which rule that matters or not.
//!
//! Nothing here reads an archive: two versions divided into clauses go in, the changes between them come out.

mod align;
pub mod blocks;
pub mod claims;
mod date_words;
mod dates;
mod fold;
mod history;
mod identity;
mod life;
mod months;
mod pair;
pub mod redline;
mod rules;
pub mod signs;
pub mod summary;
mod words;

use std::ops::Range;

pub use history::{Amendment, DETECTOR, History, HistoryState, VersionSeen, steps, sums};
pub use life::{ClauseLife, Lives, Said, Turn, TurnKind};

use crate::model::{ClauseChangeKind, ClauseCounts, Clauses, Rule, Significance};

/// What became of one clause, or of several that were one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// What became of it.
    pub kind: ClauseChangeKind,
    /// The rule that judges it.
    pub rule: Rule,
    /// The clauses before, by their places; where there are none, the place at which they would stand.
    pub from: Range<usize>,
    /// The clauses after, likewise.
    pub to: Range<usize>,
}

/// What separates two versions.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// What changed, in the order of the version after; what is gone stands where it stood.
    pub deltas: Vec<Delta>,
    /// For each clause after, the one before that it continues.
    pub continues: Vec<Option<usize>>,
}

impl Comparison {
    /// The comparison of a version with itself.
    fn same(clauses: usize) -> Self {
        Self {
            deltas: Vec::new(),
            continues: (0..clauses).map(Some).collect(),
        }
    }

    /// The rules that judge what changed, each once, the weightiest first.
    fn rules(&self) -> impl Iterator<Item = Rule> {
        Rule::ALL
            .into_iter()
            .filter(|rule| self.deltas.iter().any(|delta| delta.rule == *rule))
    }

    /// The clauses before that are gone.
    fn removed(&self) -> impl Iterator<Item = usize> {
        let gone = self.deltas.iter().filter(|delta| delta.to.is_empty());
        gone.flat_map(|delta| delta.from.clone())
    }

    /// The clauses after that came.
    fn added(&self) -> impl Iterator<Item = usize> {
        let came = self.deltas.iter().filter(|delta| delta.from.is_empty());
        came.flat_map(|delta| delta.to.clone())
    }

    /// How many bytes are read in the clauses whose words changed, before and after.
    fn weight(&self, from: &Clauses, to: &Clauses) -> usize {
        let changed = self
            .deltas
            .iter()
            .filter(|delta| delta.rule < Rule::Repetition);
        changed
            .map(|delta| bytes(from, &delta.from) + bytes(to, &delta.to))
            .sum()
    }

    /// The weightiest of what changed; where nothing did, the versions differ in presentation alone.
    #[must_use]
    pub fn significance(&self) -> Significance {
        let rules = self.deltas.iter().map(|delta| delta.rule);
        rules
            .min()
            .map_or(Significance::Presentational, Rule::significance)
    }

    /// How many clauses changed, by kind.
    #[must_use]
    pub fn counts(&self) -> ClauseCounts {
        let mut counts = ClauseCounts::default();
        for delta in &self.deltas {
            counts.add(delta.kind);
        }
        counts
    }
}

/// Compares two versions of a document.
///
/// The work is linear in their lengths but for a bounded search for clauses that resemble each other.
#[must_use]
pub fn compare(from: &Clauses, to: &Clauses) -> Comparison {
    let mut alignment = align::align(from, to);
    pair::pair(from, to, &mut alignment);
    rules::judge(from, to, &alignment)
}

/// How many bytes are read in clauses one after the other.
fn bytes(clauses: &Clauses, range: &Range<usize>) -> usize {
    let all = clauses.all()[range.clone()].iter();
    all.map(|clause| clauses.reading(clause).len()).sum()
}
