//! Alignment: which clauses of two versions are the same, word for word.

use std::collections::HashMap;
use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput, Interner};

use crate::model::{Clauses, ReadingDigest};

/// How many clauses one may be divided into.
const PARTS: usize = 64;

/// How clauses before and after belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Word for word, in the same order among the others.
    Same,
    /// Word for word, divided into clauses otherwise.
    Divided,
    /// Word for word, at another place.
    Moved,
    /// In other words.
    Resembling,
}

/// Clauses that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) from: Range<usize>,
    pub(super) to: Range<usize>,
    pub(super) how: How,
}

/// Which clauses of two versions belong together. No clause is in two links.
#[derive(Debug)]
pub(super) struct Alignment {
    pub(super) links: Vec<Link>,
    /// The stretches in which the versions differ.
    pub(super) hunks: Vec<(Range<usize>, Range<usize>)>,
    from_taken: Vec<bool>,
    to_taken: Vec<bool>,
}

impl Alignment {
    pub(super) fn link(&mut self, from: Range<usize>, to: Range<usize>, how: How) {
        self.from_taken[from.clone()].fill(true);
        self.to_taken[to.clone()].fill(true);
        self.links.push(Link { from, to, how });
    }

    /// Whether a clause before, or after, belongs to none of the other version yet.
    pub(super) fn is_free_before(&self, place: usize) -> bool {
        self.from_taken.get(place) == Some(&false)
    }

    pub(super) fn is_free_after(&self, place: usize) -> bool {
        self.to_taken.get(place) == Some(&false)
    }

    /// The clauses of a stretch before, or after, that belong to none.
    pub(super) fn free_from(&self, range: Range<usize>) -> impl Iterator<Item = usize> {
        range.filter(|place| self.is_free_before(*place))
    }

    pub(super) fn free_to(&self, range: Range<usize>) -> impl Iterator<Item = usize> {
        range.filter(|place| self.is_free_after(*place))
    }

    /// Makes a link larger.
    pub(super) fn extend(&mut self, link: usize, from: Range<usize>, to: Range<usize>) {
        self.from_taken[from.clone()].fill(true);
        self.to_taken[to.clone()].fill(true);
        let link = &mut self.links[link];
        (link.from, link.to) = (from, to);
    }
}

/// Links the clauses that are the same word for word.
pub(super) fn align(from: &Clauses, to: &Clauses) -> Alignment {
    let mut input = InternedInput {
        before: Vec::new(),
        after: Vec::new(),
        interner: Interner::<ReadingDigest>::new(from.all().len() + to.all().len()),
    };
    input.update_before(from.all().iter().map(|clause| clause.digest));
    input.update_after(to.all().iter().map(|clause| clause.digest));
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let mut alignment = Alignment {
        links: Vec::with_capacity(to.all().len()),
        hunks: Vec::new(),
        from_taken: vec![false; from.all().len()],
        to_taken: vec![false; to.all().len()],
    };
    let (mut before, mut after) = (0, 0);
    let end = (from.all().len(), to.all().len());
    let hunks = diff.hunks().map(|hunk| {
        let range = |range: Range<u32>| range.start as usize..range.end as usize;
        (range(hunk.before), range(hunk.after))
    });
    for (old, new) in hunks.chain([(end.0..end.0, end.1..end.1)]) {
        for (from, to) in (before..old.start).zip(after..new.start) {
            alignment.link(from..from + 1, to..to + 1, How::Same);
        }
        (before, after) = (old.end, new.end);
        if !old.is_empty() || !new.is_empty() {
            divide(from, to, &old, &new, &mut alignment);
            alignment.hunks.push((old, new));
        }
    }
    find_moved(from, to, &mut alignment);
    alignment
}

/// Links what is divided otherwise within a stretch: the words of neighbouring clauses are compared one after the other.
fn divide(
    from: &Clauses,
    to: &Clauses,
    old: &Range<usize>,
    new: &Range<usize>,
    alignment: &mut Alignment,
) {
    let reading = |clauses, place| reading_of(clauses, place).as_bytes();
    let (mut first, mut last) = (old.start, new.start);
    while first < old.end && last < new.end {
        let (one, other) = (reading(from, first), reading(to, last));
        let begin = one.len().min(other.len());
        let found = (one[..begin] == other[..begin])
            .then(|| same_words(from, to, first..old.end, last..new.end))
            .flatten();
        match found {
            Some((before, after)) => {
                (first, last) = (before.end, after.end);
                alignment.link(before, after, How::Divided);
            }
            None => {
                first += 1;
                last += 1;
            }
        }
    }
}

/// The fewest first clauses of two stretches that have the same words one after the other, at most [`PARTS`] of each.
fn same_words(
    from: &Clauses,
    to: &Clauses,
    old: Range<usize>,
    new: Range<usize>,
) -> Option<(Range<usize>, Range<usize>)> {
    let length = |clauses, place| reading_of(clauses, place).len() + 1;
    let (mut before, mut after) = (old.start + 1, new.start + 1);
    let (mut read, mut written) = (length(from, old.start), length(to, new.start));
    while read != written {
        if read < written && before < old.end.min(old.start + PARTS) {
            read += length(from, before);
            before += 1;
        } else if read > written && after < new.end.min(new.start + PARTS) {
            written += length(to, after);
            after += 1;
        } else {
            return None;
        }
    }
    let found = (old.start..before, new.start..after);
    joined(from, found.0.clone())
        .eq(joined(to, found.1.clone()))
        .then_some(found)
}

fn reading_of(clauses: &Clauses, place: usize) -> &str {
    clauses.reading(&clauses.all()[place])
}

/// The bytes of what is read in clauses one after the other.
fn joined(clauses: &Clauses, range: Range<usize>) -> impl Iterator<Item = u8> {
    clauses.all()[range]
        .iter()
        .flat_map(|clause| clauses.reading(clause).bytes().chain([b' ']))
}

/// Links the clauses that are gone here and stand there word for word, in the order in which they come.
fn find_moved(from: &Clauses, to: &Clauses, alignment: &mut Alignment) {
    let mut gone: HashMap<ReadingDigest, Vec<usize>> = HashMap::new();
    for (old, _) in alignment.hunks.iter().rev() {
        for place in alignment
            .free_from(old.clone())
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            gone.entry(from.all()[place].digest)
                .or_default()
                .push(place);
        }
    }
    if gone.is_empty() {
        return;
    }
    let new: Vec<Range<usize>> = alignment.hunks.iter().map(|(_, new)| new.clone()).collect();
    for place in new.into_iter().flatten() {
        if alignment.is_free_after(place)
            && let Some(before) = gone.get_mut(&to.all()[place].digest).and_then(Vec::pop)
        {
            alignment.link(before..before + 1, place..place + 1, How::Moved);
        }
    }
}
