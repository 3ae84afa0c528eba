//! Pairing: which clauses that differ tell the same thing in other words.
//!
//! Two clauses resemble each other by the words that they share (the coefficient of Dice over words with their numbers).
//! Candidates are found by rare words, of which each leads to few clauses, so that the work stays bounded.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;

use super::align::{Alignment, How};
use super::words::{lower, units};
use crate::model::{ClauseKind, Clauses};

/// A word that more clauses have than this leads to none of them.
const RARE: usize = 24;
/// How many candidates are compared with a clause.
const CANDIDATES: usize = 6;
/// The least share of words by which two clauses are one that was reworded, in thousandths; the lower one where nothing
/// else differs in the stretch.
const LEAST: u64 = 500;
const LEAST_ALONE: u64 = 300;
/// The least share of a clause's words in another by which it is a part of it, in thousandths.
const LEAST_PART: u64 = 700;
/// Of fewer words nothing is said to be a part.
const PART_WORDS: usize = 4;

/// Links the clauses that resemble each other.
pub(super) fn pair(from: &Clauses, to: &Clauses, alignment: &mut Alignment) {
    let hunks = alignment.hunks.clone();
    let old = Bags::new(
        from,
        hunks
            .iter()
            .flat_map(|(old, _)| alignment.free_from(old.clone())),
    );
    let new = Bags::new(
        to,
        hunks
            .iter()
            .flat_map(|(_, new)| alignment.free_to(new.clone())),
    );
    if old.0.is_empty() || new.0.is_empty() {
        return;
    }
    link_resembling(from, to, &old, &new, alignment);
    extend_links(&hunks, &old, &new, alignment);
    for (before, after) in &hunks {
        link_parts(before, after, &old, &new, alignment);
    }
}

/// The words of the clauses that belong to none, by their places, each list sorted.
struct Bags(HashMap<usize, Vec<u64>>);

impl Bags {
    fn new(clauses: &Clauses, places: impl Iterator<Item = usize>) -> Self {
        let bag = |place: usize| {
            let mut bag: Vec<u64> = units(clauses.reading(&clauses.all()[place]))
                .map(key)
                .collect();
            bag.sort_unstable();
            bag
        };
        Self(places.map(|place| (place, bag(place))).collect())
    }

    fn of(&self, place: usize) -> &[u64] {
        self.0.get(&place).map_or(&[], Vec::as_slice)
    }
}

/// A word without regard to case and to the punctuation at its ends.
fn key(word: &str) -> u64 {
    let trimmed = word.trim_matches(|one: char| one.is_ascii_punctuation());
    let word = if trimmed.is_empty() { word } else { trimmed };
    let mut hasher = DefaultHasher::new();
    lower(word).hash(&mut hasher);
    hasher.finish()
}

/// How many words two sorted lists share.
fn shared(one: &[u64], other: &[u64]) -> u64 {
    let (mut first, mut second, mut shared) = (one, other, 0);
    while let (Some(a), Some(b)) = (first.first(), second.first()) {
        shared += u64::from(a == b);
        first = &first[usize::from(a <= b)..];
        second = &second[usize::from(b <= a)..];
    }
    shared
}

/// Of a sorted list, what another one leaves.
fn without(one: &[u64], other: &[u64]) -> Vec<u64> {
    let mut rest = Vec::with_capacity(one.len());
    let mut second = other;
    for word in one {
        while second.first().is_some_and(|taken| taken < word) {
            second = &second[1..];
        }
        if second.first() == Some(word) {
            second = &second[1..];
        } else {
            rest.push(*word);
        }
    }
    rest
}

/// `part` of `whole`, in thousandths.
fn share(part: u64, whole: usize) -> u64 {
    (part * 1_000).checked_div(whole as u64).unwrap_or(0)
}

fn link_resembling(
    from: &Clauses,
    to: &Clauses,
    old: &Bags,
    new: &Bags,
    alignment: &mut Alignment,
) {
    let mut found: Vec<(u64, usize, usize, usize)> = Vec::new();
    let mut clauses_with: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut places: Vec<usize> = old.0.keys().copied().collect();
    places.sort_unstable();
    for place in places {
        let mut bag = old.of(place).to_vec();
        bag.dedup();
        for word in bag {
            clauses_with.entry(word).or_default().push(place);
        }
    }
    let hunks = alignment.hunks.clone();
    for (before, after) in &hunks {
        let mut free: Vec<usize> = alignment.free_from(before.clone()).collect();
        let alone = free.len() == 1 && alignment.free_to(after.clone()).count() == 1;
        free.truncate(1);
        for place in alignment.free_to(after.clone()) {
            let mut candidates = candidates(new.of(place), &clauses_with);
            if alone {
                candidates.extend_from_slice(&free);
            }
            for before in candidates {
                let length = old.of(before).len() + new.of(place).len();
                let score = share(2 * shared(old.of(before), new.of(place)), length);
                let both_head = is_heading(from, before) && is_heading(to, place);
                if score
                    >= if alone || both_head {
                        LEAST_ALONE
                    } else {
                        LEAST
                    }
                {
                    found.push((score, before.abs_diff(place), before, place));
                }
            }
        }
    }
    found.sort_unstable_by_key(|(score, distance, before, after)| {
        (std::cmp::Reverse(*score), *distance, *before, *after)
    });
    for (_, _, before, after) in found {
        if alignment.is_free_before(before) && alignment.is_free_after(after) {
            alignment.link(before..before + 1, after..after + 1, How::Resembling);
        }
    }
}

fn is_heading(clauses: &Clauses, place: usize) -> bool {
    matches!(clauses.all()[place].kind, ClauseKind::Heading { .. })
}

/// The clauses that share the most rare words with these, the first ones first where they share as many.
fn candidates(words: &[u64], clauses_with: &HashMap<u64, Vec<usize>>) -> Vec<usize> {
    let mut counts: HashMap<usize, u32> = HashMap::new();
    for word in words {
        if let Some(places) = clauses_with.get(word)
            && places.len() <= RARE
        {
            for place in places {
                *counts.entry(*place).or_default() += 1;
            }
        }
    }
    let mut counts: Vec<(usize, u32)> = counts.into_iter().collect();
    counts.sort_unstable_by_key(|(place, count)| (std::cmp::Reverse(*count), *place));
    counts.truncate(CANDIDATES);
    counts.into_iter().map(|(place, _)| place).collect()
}

/// Takes what stands beside a reworded clause, and holds the words that it lost, to it: it was divided or joined.
fn extend_links(
    hunks: &[(Range<usize>, Range<usize>)],
    old: &Bags,
    new: &Bags,
    alignment: &mut Alignment,
) {
    for place in 0..alignment.links.len() {
        if alignment.links[place].how != How::Resembling {
            continue;
        }
        let (from, to) = (
            alignment.links[place].from.clone(),
            alignment.links[place].to.clone(),
        );
        let hunk = hunks.partition_point(|(_, after)| after.end <= to.start);
        let Some((before, after)) = hunks.get(hunk) else {
            continue;
        };
        let lost = without(old.of(from.start), new.of(to.start));
        let is_free = |place| alignment.is_free_after(place) && after.contains(&place);
        let wider = widen(&to, &lost, new, is_free);
        if wider != to {
            alignment.extend(place, from, wider);
            continue;
        }
        let gained = without(new.of(to.start), old.of(from.start));
        let is_free = |place| alignment.is_free_before(place) && before.contains(&place);
        let wider = widen(&from, &gained, old, is_free);
        if wider != from {
            alignment.extend(place, wider, to);
        }
    }
}

/// Widens a range over its free neighbours whose words are among `lost`.
fn widen(
    range: &Range<usize>,
    lost: &[u64],
    bags: &Bags,
    is_free: impl Fn(usize) -> bool,
) -> Range<usize> {
    let mut lost = lost.to_vec();
    let mut range = range.clone();
    let mut take = |place: usize| {
        let bag = bags.of(place);
        let is_part = is_free(place)
            && bag.len() >= PART_WORDS
            && share(shared(bag, &lost), bag.len()) >= LEAST_PART;
        if is_part {
            lost = without(&lost, bag);
        }
        is_part
    };
    while take(range.end) {
        range.end += 1;
    }
    while range.start > 0 && take(range.start - 1) {
        range.start -= 1;
    }
    range
}

/// Links a clause with those that it was divided into, or joined from, with some words changed.
fn link_parts(
    before: &Range<usize>,
    after: &Range<usize>,
    old: &Bags,
    new: &Bags,
    alignment: &mut Alignment,
) {
    for whole in alignment.free_from(before.clone()).collect::<Vec<_>>() {
        let is_free = |place| alignment.is_free_after(place) && after.contains(&place);
        if let Some(parts) = parts(old.of(whole), after, new, is_free) {
            alignment.link(whole..whole + 1, parts, How::Resembling);
        }
    }
    for whole in alignment.free_to(after.clone()).collect::<Vec<_>>() {
        let is_free = |place| alignment.is_free_before(place) && before.contains(&place);
        if let Some(parts) = parts(new.of(whole), before, old, is_free) {
            alignment.link(parts, whole..whole + 1, How::Resembling);
        }
    }
}

/// The first run of free neighbours that together hold most of the words of a whole.
fn parts(
    whole: &[u64],
    range: &Range<usize>,
    bags: &Bags,
    is_free: impl Fn(usize) -> bool,
) -> Option<Range<usize>> {
    if whole.len() < 2 * PART_WORDS {
        return None;
    }
    // How far the search goes, so that a stretch without end is not searched for each of its clauses.
    let first = range
        .clone()
        .filter(|place| is_free(*place))
        .take(RARE)
        .find(|place| {
            let bag = bags.of(*place);
            bag.len() >= PART_WORDS && share(shared(bag, whole), bag.len()) >= LEAST_PART
        })?;
    let run = widen(&(first..first), whole, bags, |place| {
        place >= first && is_free(place)
    });
    let words: usize = run.clone().map(|place| bags.of(place).len()).sum();
    (share(words as u64, whole.len()) >= LEAST).then_some(run)
}
