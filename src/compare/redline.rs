//! The redline of two readings: runs of words that were kept, inserted or deleted.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput, Token};
use unicode_normalization::char::is_combining_mark;

/// How many words or sentences are compared with as many at most: the effort may grow with the square of their number.
const AT_EASE: usize = 4_000;
/// Kept words between two edits are taken into the edits when there are at most so many, no sentence ends among them, and
/// each of the edits is three times as long.
const ISLAND_WORDS: usize = 3;
/// How many places an insertion that fits several is tried at.
const SLIDES: u32 = 100;

/// What became of a run of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// It stands in both readings.
    Kept,
    /// It stands in the reading after only.
    Inserted,
    /// It stood in the reading before only.
    Deleted,
}

/// A run of words with what became of it. Neighbouring pieces have different marks, and no piece is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What became of it.
    pub mark: Mark,
    /// The words, with the gaps between them.
    pub text: String,
}

/// The redline of two readings.
///
/// The kept and deleted pieces together are `from`, the kept and inserted ones `to`, to the byte. Words are runs of letters
/// and digits, with the signs within them (`don't`, `1.2`); each other sign, ideograph or kana stands by itself. Few kept
/// words between long edits are taken into the edits, which are easier to read so.
///
/// The work is linear in the lengths, whatever the readings: longer ones are compared by their sentences, and what is as
/// long without anything in common stands as deleted and inserted.
#[must_use]
pub fn redline(from: &str, to: &str) -> Vec<Piece> {
    let (before, after) = (units(from), units(to));
    let mut edits: Vec<Edit> = Vec::new();
    for (was, is) in replaced(&Text(from, &before), &Text(to, &after)) {
        let edit = Edit {
            deleted: words(&before[was.clone()]),
            inserted: words(&after[is.clone()]),
            before: was,
            after: is,
        };
        push(&mut edits, edit, &after);
    }
    write(edits, &before, &after)
}

/// Ranges of what stood before and of what stands in its place.
type Hunk = (Range<usize>, Range<usize>);

/// A reading divided into units.
struct Text<'a>(&'a str, &'a [Unit<'a>]);

impl<'a> Text<'a> {
    fn words(&self, range: Range<usize>) -> impl Iterator<Item = &'a str> {
        self.1[range].iter().map(|unit| unit.word)
    }

    fn sentence(&self, range: &Range<usize>) -> &'a str {
        let (units, start) = (&self.1[range.clone()], self.1[range.start].start);
        let end = units
            .last()
            .map_or(start, |last| last.start + last.word.len());
        &self.0[start..end]
    }

    /// The units of each sentence.
    fn sentences(&self) -> Vec<Range<usize>> {
        let mut start = 0;
        let pieces = self.1.split_inclusive(|unit| ends_sentence(unit.word));
        let range = |piece: &[Unit<'_>]| {
            let range = start..start + piece.len();
            start = range.end;
            range
        };
        pieces.map(range).collect()
    }
}

/// The units that others replaced. Where there are many, sentences are compared, and words only within those that changed.
fn replaced(before: &Text<'_>, after: &Text<'_>) -> Vec<Hunk> {
    if before.1.len().max(after.1.len()) <= AT_EASE {
        return hunks(
            before.words(0..before.1.len()),
            after.words(0..after.1.len()),
        );
    }
    let (old, new) = (before.sentences(), after.sentences());
    let sentences = if old.len().max(new.len()) <= AT_EASE {
        hunks(
            old.iter().map(|range| before.sentence(range)),
            new.iter().map(|range| after.sentence(range)),
        )
    } else {
        let same = |(old, new): &(&Range<usize>, &Range<usize>)| {
            before.sentence(old) == after.sentence(new)
        };
        let first = old.iter().zip(&new).take_while(same).count();
        let behind = old[first..].iter().rev().zip(new[first..].iter().rev());
        let last = behind.take_while(same).count();
        vec![(first..old.len() - last, first..new.len() - last)]
    };
    let units = |sentences: &[Range<usize>], range: Range<usize>, all: usize| {
        let start = |at: usize| sentences.get(at).map_or(all, |sentence| sentence.start);
        start(range.start)..start(range.end)
    };
    let within = sentences.into_iter().flat_map(|(was, is)| {
        let (was, is) = (
            units(&old, was, before.1.len()),
            units(&new, is, after.1.len()),
        );
        if was.len().max(is.len()) > AT_EASE {
            return vec![(was, is)];
        }
        let (first, other) = (was.start, is.start);
        let words = hunks(before.words(was), after.words(is));
        let moved = |range: Range<usize>, by: usize| range.start + by..range.end + by;
        words
            .into_iter()
            .map(|(was, is)| (moved(was, first), moved(is, other)))
            .collect()
    });
    within.collect()
}

/// What tokens others replaced. Of places that fit equally well, an insertion takes one behind which a sentence ends.
fn hunks<'a>(
    before: impl Iterator<Item = &'a str>,
    after: impl Iterator<Item = &'a str>,
) -> Vec<Hunk> {
    let mut input = InternedInput::default();
    input.update_before(before);
    input.update_after(after);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    let ends = |token: Token| ends_sentence(input.interner[token]);
    diff.postprocess_with(
        &input.before,
        &input.after,
        |tokens: &[Token], hunk: Range<u32>, earliest: u32| {
            let earliest = earliest.max(hunk.end.saturating_sub(SLIDES));
            let last = |end: &u32| ends(tokens[*end as usize - 1]);
            (earliest..=hunk.end).rev().find(last).unwrap_or(hunk.end)
        },
    );
    let range = |range: Range<u32>| range.start as usize..range.end as usize;
    diff.hunks()
        .map(|hunk| (range(hunk.before), range(hunk.after)))
        .collect()
}

/// A word or a sign, with the gap before it.
struct Unit<'a> {
    gap: &'a str,
    word: &'a str,
    /// The byte that the word begins with.
    start: usize,
}

/// Units that others replaced, with how many words are among them.
struct Edit {
    before: Range<usize>,
    after: Range<usize>,
    deleted: usize,
    inserted: usize,
}

impl Edit {
    fn weight(&self) -> usize {
        self.deleted.max(self.inserted)
    }
}

fn units(text: &str) -> Vec<Unit<'_>> {
    let mut units = Vec::new();
    let mut rest = text;
    loop {
        let word = rest.trim_start();
        let gap = &rest[..rest.len() - word.len()];
        let length = unit_length(word);
        // A gap at the end stands before no word.
        if gap.len() + length == 0 {
            return units;
        }
        let (word, behind) = word.split_at(length);
        let start = text.len() - behind.len() - word.len();
        units.push(Unit { gap, word, start });
        rest = behind;
    }
}

/// How many bytes the first unit of a text without a gap at its beginning has.
fn unit_length(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    let Some((_, first)) = chars.next() else {
        return 0;
    };
    let stands_alone = is_ideograph(first) || !first.is_alphanumeric();
    let mut before = first;
    while let Some((at, one)) = chars.next() {
        let goes_on = if is_combining_mark(one) {
            true
        } else if stands_alone {
            // A row of one sign is one unit: dots of an ellipsis, a line of underscores.
            !first.is_alphanumeric() && one == first
        } else {
            let next = chars.peek().map_or(' ', |(_, next)| *next);
            (one.is_alphanumeric() && !is_ideograph(one)) || joins(before, one, next)
        };
        if !goes_on {
            return at;
        }
        before = one;
    }
    text.len()
}

/// Whether a sign between two characters belongs to one word with them.
fn joins(before: char, sign: char, next: char) -> bool {
    let letters = before.is_alphanumeric() && next.is_alphanumeric() && !is_ideograph(next);
    let digits = before.is_ascii_digit() && next.is_ascii_digit();
    match sign {
        '\'' | '’' | '-' | '.' | '_' | '@' | '&' => letters,
        ',' | ':' => digits,
        _ => false,
    }
}

/// Whether a character is of a script that sets no gaps between words and none of whose characters need the next.
fn is_ideograph(one: char) -> bool {
    matches!(one, '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{30ff}' | '\u{31f0}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn ends_sentence(word: &str) -> bool {
    matches!(word, "." | "!" | "?" | ";" | ":" | "。" | "؟" | "।")
}

/// Adds an edit behind the others, and takes up with it the islands of kept words that it makes too small.
fn push(edits: &mut Vec<Edit>, mut edit: Edit, after: &[Unit<'_>]) {
    while let Some(last) = edits.last() {
        let island = &after[last.after.end..edit.after.start];
        // An island of so many units needn't be counted: it's long.
        if island.len() > ISLAND_WORDS * 3 {
            break;
        }
        let kept = words(island);
        let least = last.weight().min(edit.weight());
        let is_sentence = island.iter().any(|unit| ends_sentence(unit.word));
        if is_sentence || kept > ISLAND_WORDS || least == 0 || kept * 3 > least {
            break;
        }
        edit.before.start = last.before.start;
        edit.after.start = last.after.start;
        edit.deleted += last.deleted + kept;
        edit.inserted += last.inserted + kept;
        edits.pop();
    }
    edits.push(edit);
}

/// How many of the units are words and not signs.
fn words(units: &[Unit<'_>]) -> usize {
    let is_word = |unit: &&Unit<'_>| unit.word.starts_with(char::is_alphanumeric);
    units.iter().filter(is_word).count()
}

/// Pieces under construction.
#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn push(&mut self, mark: Mark, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.mark == mark => last.text.push_str(text),
            _ => self.0.push(Piece {
                mark,
                text: text.to_owned(),
            }),
        }
    }

    /// Adds what was one gap and is another.
    fn push_gap(&mut self, before: &str, after: &str) {
        if before == after {
            self.push(Mark::Kept, before);
        } else {
            self.push(Mark::Deleted, before);
            self.push(Mark::Inserted, after);
        }
    }
}

fn write(edits: Vec<Edit>, before: &[Unit<'_>], after: &[Unit<'_>]) -> Vec<Piece> {
    let mut pieces = Pieces::default();
    let (mut old, mut new) = (0, 0);
    let end = (before.len()..before.len(), after.len()..after.len());
    let edits = edits.into_iter().map(|edit| (edit.before, edit.after));
    for (was, is) in edits.chain([end]) {
        let kept = before[old..was.start].iter().zip(&after[new..is.start]);
        for (unit, same) in kept {
            pieces.push_gap(unit.gap, same.gap);
            pieces.push(Mark::Kept, same.word);
        }
        (old, new) = (was.end, is.end);
        let (was, is) = (&before[was], &after[is]);
        // The gap before words that replace others belongs to neither.
        if let (Some(was), Some(is)) = (was.first(), is.first()) {
            pieces.push_gap(was.gap, is.gap);
        }
        let both = !was.is_empty() && !is.is_empty();
        for (mark, units) in [(Mark::Deleted, was), (Mark::Inserted, is)] {
            for (place, unit) in units.iter().enumerate() {
                if place > 0 || !both {
                    pieces.push(mark, unit.gap);
                }
                pieces.push(mark, unit.word);
            }
        }
    }
    pieces.0
}
