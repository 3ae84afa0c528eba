//! Rules: what became of each clause, and whether that matters.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::align::{Alignment, How, Link};
use super::fold::{FOLDINGS, Folded};
use super::words::{Class, lower, words};
use super::{Comparison, Delta};
use crate::model::{Clause, ClauseChangeKind, ClauseKind, Clauses, ReadingDigest, Rule};

/// A clause of fewer words may stand in a text again and again and say another thing each time.
const REPEATED_WORDS: usize = 4;

/// What a clause says, and under which heading.
type Place = (ReadingDigest, Option<ReadingDigest>);

/// Judges what an alignment links and what it leaves.
pub(super) fn judge(from: &Clauses, to: &Clauses, alignment: &Alignment) -> Comparison {
    let judge = Judge {
        from,
        to,
        alignment,
        in_both: OnceCell::new(),
    };
    let mut continues = vec![None; to.all().len()];
    let mut deltas = Vec::new();
    for link in &alignment.links {
        // Of several that a clause was divided into, the first carries it on.
        for (place, before) in link.to.clone().zip(link.from.clone()) {
            continues[place] = Some(before);
        }
        deltas.extend(judge.linked(link));
    }
    for (old, new) in &alignment.hunks {
        deltas.extend(alignment.free_from(old.clone()).map(|place| {
            let rule = judge.alone(from, place, Rule::ClauseRemoved);
            let at = stands_at(old, new, place);
            delta(ClauseChangeKind::Removed, rule, place..place + 1, at..at)
        }));
        deltas.extend(alignment.free_to(new.clone()).map(|place| {
            let rule = judge.alone(to, place, Rule::ClauseAdded);
            delta(
                ClauseChangeKind::Added,
                rule,
                old.start..old.start,
                place..place + 1,
            )
        }));
    }
    deltas.sort_by_key(|delta| (delta.to.start, delta.to.end, delta.from.start));
    Comparison { deltas, continues }
}

fn delta(kind: ClauseChangeKind, rule: Rule, from: Range<usize>, to: Range<usize>) -> Delta {
    Delta {
        kind,
        rule,
        from,
        to,
    }
}

/// Where a clause that is gone would stand: as far into the stretch after as it stood into the one before.
fn stands_at(old: &Range<usize>, new: &Range<usize>, place: usize) -> usize {
    (new.start + (place - old.start)).min(new.end)
}

/// What clauses that stand in both versions say, and so is said whether another clause with it comes or goes.
#[derive(Default)]
struct InBoth {
    places: HashSet<Place>,
    /// What is said, with how often.
    said: HashMap<ReadingDigest, usize>,
    headings: HashSet<ReadingDigest>,
}

impl InBoth {
    fn new(alignment: &Alignment, from: &Clauses, to: &Clauses) -> Self {
        let mut both = Self::default();
        let is_whole = |link: &&Link| matches!(link.how, How::Same | How::Moved);
        for link in alignment.links.iter().filter(is_whole) {
            let clause = &to.all()[link.to.start];
            both.places.insert((clause.digest, heading(to, clause)));
            *both.said.entry(clause.digest).or_default() += 1;
            if is_heading(clause) || is_heading(&from.all()[link.from.start]) {
                both.headings.insert(clause.digest);
            }
        }
        both
    }
}

/// What the heading says that a clause stands under.
fn heading(clauses: &Clauses, clause: &Clause) -> Option<ReadingDigest> {
    clause.heading.map(|above| clauses.all()[above].digest)
}

fn is_heading(clause: &Clause) -> bool {
    matches!(clause.kind, ClauseKind::Heading { .. })
}

/// Whether a reading has fewer words than this.
fn is_shorter(reading: &str, words: usize) -> bool {
    reading.split(' ').nth(words - 1).is_none()
}

struct Judge<'a> {
    from: &'a Clauses,
    to: &'a Clauses,
    alignment: &'a Alignment,
    in_both: OnceCell<InBoth>,
}

impl Judge<'_> {
    /// What both versions say; few comparisons need it.
    fn in_both(&self) -> &InBoth {
        self.in_both
            .get_or_init(|| InBoth::new(self.alignment, self.from, self.to))
    }

    fn linked(&self, link: &Link) -> Option<Delta> {
        let (first, last) = (link.from.start, link.to.start);
        let (before, after) = (&self.from.all()[first], &self.to.all()[last]);
        let kind = match (link.how, link.from.len(), link.to.len()) {
            (How::Same, ..) | (How::Divided, 1, 1) => {
                let (old, new) = (self.from.links(before), self.to.links(after));
                let is_retargeted = old.len() == new.len() && old != new;
                return is_retargeted.then(|| {
                    let kind = ClauseChangeKind::LinkRetargeted;
                    delta(kind, Rule::LinkTarget, link.from.clone(), link.to.clone())
                });
            }
            (How::Moved, ..) => ClauseChangeKind::Moved,
            (_, 1, 2..) => ClauseChangeKind::Split,
            (How::Divided, ..) if link.to.len() > link.from.len() => ClauseChangeKind::Split,
            (_, 2.., _) | (How::Divided, ..) => ClauseChangeKind::Merged,
            (How::Resembling, ..) => {
                if is_heading(before) && is_heading(after) {
                    ClauseChangeKind::Retitled
                } else {
                    ClauseChangeKind::Reworded
                }
            }
        };
        let rule = match link.how {
            How::Divided => Rule::Division,
            How::Moved if self.is_elsewhere(first, last) => Rule::OtherHeading,
            How::Moved if is_answer(self.to.reading(after)) => Rule::Negation,
            How::Moved => Rule::Place,
            How::Resembling | How::Same => reworded(
                &joined(self.from, link.from.clone()),
                &joined(self.to, link.to.clone()),
            ),
        };
        let kind = if rule == Rule::Numbering {
            ClauseChangeKind::Renumbered
        } else {
            kind
        };
        Some(delta(kind, rule, link.from.clone(), link.to.clone()))
    }

    /// Whether a clause moved from one heading to another, both of which stand in both versions.
    fn is_elsewhere(&self, first: usize, last: usize) -> bool {
        let (before, after) = (&self.from.all()[first], &self.to.all()[last]);
        let is_repeated = is_shorter(self.to.reading(after), REPEATED_WORDS)
            && self
                .in_both()
                .said
                .get(&after.digest)
                .is_some_and(|count| *count > 1);
        match (heading(self.from, before), heading(self.to, after)) {
            (Some(old), Some(new)) => {
                let both = &self.in_both().headings;
                old != new && !is_repeated && both.contains(&old) && both.contains(&new)
            }
            _ => false,
        }
    }

    /// The rule of a clause that came or went.
    fn alone(&self, clauses: &Clauses, place: usize, otherwise: Rule) -> Rule {
        let clause = &clauses.all()[place];
        let reading = clauses.reading(clause);
        let place = (clause.digest, heading(clauses, clause));
        let is_repeated =
            !is_shorter(reading, REPEATED_WORDS) && self.in_both().places.contains(&place);
        // What a heading says is said in a table of contents once more.
        if is_repeated || self.in_both().headings.contains(&clause.digest) {
            return Rule::Repetition;
        }
        // What is long says more than a date or an address.
        if reading.len() > 300 {
            return otherwise;
        }
        Folded::new(reading).says_only().unwrap_or(otherwise)
    }
}

/// What is read in clauses one after the other.
fn joined(clauses: &Clauses, range: Range<usize>) -> String {
    let readings: Vec<&str> = clauses.all()[range]
        .iter()
        .map(|one| clauses.reading(one))
        .collect();
    readings.join(" ")
}

/// The rule of a reading that became another one: the narrowest folding under which both are the same, or else what kind
/// of words differ.
fn reworded(before: &str, after: &str) -> Rule {
    let (old, new) = (Folded::new(before), Folded::new(after));
    let editorial = FOLDINGS
        .into_iter()
        .find(|folding| old.under(*folding) == new.under(*folding));
    editorial.unwrap_or_else(|| substantive(&old, &new))
}

fn substantive(old: &Folded<'_>, new: &Folded<'_>) -> Rule {
    let mut counts: HashMap<Cow<'_, str>, (Class, i64)> = HashMap::new();
    for (folded, sign) in [(old, 1), (new, -1)] {
        for token in folded.words() {
            let count = counts.entry(lower(token.text)).or_insert((token.class, 0));
            count.1 += sign;
        }
    }
    counts.retain(|_, (_, count)| *count != 0);
    if counts.keys().any(|word| negates(word)) {
        Rule::Negation
    } else if !counts.is_empty() && counts.values().all(|(class, _)| *class == Class::Number) {
        Rule::Number
    } else {
        Rule::Words
    }
}

/// Whether a short clause answers what stands before it.
fn is_answer(reading: &str) -> bool {
    is_shorter(reading, REPEATED_WORDS)
        && words(reading)
            .any(|word| negates(&lower(word.trim_matches(|one: char| !one.is_alphabetic()))))
}

/// Whether a word negates or excepts, in the languages of most documents.
fn negates(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "not",
        "no",
        "never",
        "none",
        "nor",
        "neither",
        "without",
        "cannot",
        "nothing",
        "nobody",
        "unless",
        "except",
        "excluding",
        "yes",
        "ne",
        "pas",
        "jamais",
        "sans",
        "aucun",
        "aucune",
        "sauf",
        "non",
        "oui",
        "nicht",
        "kein",
        "keine",
        "keinen",
        "keiner",
        "keinem",
        "nie",
        "niemals",
        "ohne",
        "außer",
        "nein",
        "ja",
        "nunca",
        "sin",
        "ningún",
        "ninguna",
        "ni",
        "salvo",
        "sí",
        "mai",
        "senza",
        "nessun",
        "nessuna",
        "sì",
        "não",
        "sem",
        "nenhum",
        "nenhuma",
        "sim",
        "niet",
        "geen",
        "nooit",
        "zonder",
        "tenzij",
        "nee",
    ];
    word.ends_with("n't") || WORDS.contains(&word)
}
