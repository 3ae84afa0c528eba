//! The redline of a whole version: what changed, in the order of the text after, between what didn't.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::redline::{Piece, redline};
use super::{Comparison, Delta};
use crate::model::{ClauseChangeKind, ClauseKind, Clauses, Rule};

/// A version as it is compared.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// Its text.
    pub text: &'a str,
    /// The text divided into clauses.
    pub clauses: &'a Clauses,
}

/// Two versions and what separates them.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The version before.
    pub from: Side<'a>,
    /// The version after.
    pub to: Side<'a>,
    /// What separates them.
    pub comparison: &'a Comparison,
}

/// A part of the redline of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block<'a> {
    /// A heading that is the same, above something that changed.
    Heading {
        /// 1 for the highest; 7 for a paragraph set in bold.
        level: u8,
        /// What it says.
        reading: &'a str,
    },
    /// Clauses that are the same, one after the other.
    Unchanged {
        /// How many.
        clauses: usize,
    },
    /// What became of a clause.
    Changed(Changed<'a>),
}

/// What became of a clause, or of several that are told as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed<'a> {
    /// What became of it.
    pub kind: ClauseChangeKind,
    /// The rule that judges it.
    pub rule: Rule,
    /// What it is in the structure of its text; where that changed, what it is now.
    pub clause: ClauseKind,
    /// Its words. A line break stands between clauses.
    pub pieces: Vec<Piece>,
    /// The heading that it stood under before, where it stands elsewhere now.
    pub moved_from: Option<&'a str>,
    /// Where its links led and lead, of those that lead elsewhere.
    pub retargeted: Vec<(&'a str, &'a str)>,
}

/// The redline of a version against the one before, in the order of the version after; what is gone stands where it stood.
#[must_use]
pub fn blocks(compared: Compared<'_>) -> Vec<Block<'_>> {
    let (from, to) = (compared.from.clauses, compared.to.clauses);
    let comparison = compared.comparison;
    let headings = headings_above(from, to, comparison);
    let mut blocks = Vec::new();
    let mut next = 0;
    for delta in &comparison.deltas {
        unchanged(&mut blocks, to, next..delta.to.start, &headings);
        next = next.max(delta.to.end);
        blocks.extend(changed(from, to, delta).map(Block::Changed));
    }
    unchanged(&mut blocks, to, next..to.all().len(), &headings);
    blocks
}

/// The headings of the version after under which something changed, by their places.
fn headings_above(from: &Clauses, to: &Clauses, comparison: &Comparison) -> BTreeSet<usize> {
    let continued: HashMap<usize, usize> = comparison
        .continues
        .iter()
        .enumerate()
        .filter_map(|(place, before)| Some(((*before)?, place)))
        .collect();
    let mut above = BTreeSet::new();
    for delta in &comparison.deltas {
        let mut heading = if delta.to.is_empty() {
            let mut gone = from.all().get(delta.from.start);
            // The nearest heading above it that is still there.
            std::iter::from_fn(|| {
                let place = gone?.heading?;
                gone = from.all().get(place);
                Some(place)
            })
            .find_map(|place| continued.get(&place).copied())
        } else {
            to.all()
                .get(delta.to.start)
                .and_then(|clause| clause.heading)
        };
        while let Some(place) = heading.filter(|place| above.insert(*place)) {
            heading = to.all().get(place).and_then(|clause| clause.heading);
        }
    }
    above
}

/// Tells of clauses that are the same: how many, and which headings among them stand above a change.
fn unchanged<'a>(
    blocks: &mut Vec<Block<'a>>,
    to: &'a Clauses,
    range: Range<usize>,
    headings: &BTreeSet<usize>,
) {
    let mut start = range.start;
    let mut fold = |blocks: &mut Vec<Block<'a>>, end: usize| {
        if end > start {
            let clauses = end - start;
            blocks.push(Block::Unchanged { clauses });
        }
        start = end + 1;
    };
    for place in range.clone() {
        let clause = &to.all()[place];
        if let ClauseKind::Heading { level } = clause.kind
            && headings.contains(&place)
        {
            fold(blocks, place);
            let reading = to.reading(clause);
            blocks.push(Block::Heading { level, reading });
        }
    }
    fold(blocks, range.end);
}

fn changed<'a>(from: &'a Clauses, to: &'a Clauses, delta: &Delta) -> Option<Changed<'a>> {
    let before = from.all().get(delta.from.clone())?;
    let after = to.all().get(delta.to.clone())?;
    let clause = after.first().or(before.first())?.kind;
    let moved_from = match (delta.kind, before.first()) {
        (ClauseChangeKind::Moved, Some(first)) => from.path(first).last().copied(),
        _ => None,
    };
    Some(Changed {
        kind: delta.kind,
        rule: delta.rule,
        clause,
        pieces: redline(
            &joined(from, delta.from.clone()),
            &joined(to, delta.to.clone()),
        ),
        moved_from,
        retargeted: retargeted(from, to, delta),
    })
}

/// What is read in clauses, a line each.
pub(super) fn joined(clauses: &Clauses, range: Range<usize>) -> String {
    let all = clauses.all().get(range).unwrap_or_default().iter();
    let readings: Vec<&str> = all.map(|clause| clauses.reading(clause)).collect();
    readings.join("\n")
}

/// Where the links of a clause led and lead, of those that lead elsewhere; none where it has more or fewer than before.
pub(super) fn retargeted<'a>(
    from: &'a Clauses,
    to: &'a Clauses,
    delta: &Delta,
) -> Vec<(&'a str, &'a str)> {
    let links = |clauses: &'a Clauses, range: &Range<usize>| -> Vec<&'a str> {
        let all = clauses.all().get(range.clone()).unwrap_or_default().iter();
        let links = all.flat_map(|clause| clauses.links(clause));
        links.map(String::as_str).collect()
    };
    let (old, new) = (links(from, &delta.from), links(to, &delta.to));
    if old.len() != new.len() {
        return Vec::new();
    }
    let pairs = old.into_iter().zip(new);
    pairs.filter(|(old, new)| old != new).collect()
}
