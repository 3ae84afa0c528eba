//! Claims: the dates that a version's text gives of itself, each with the words that give it.

use std::ops::Range;

use chrono::NaiveDate;

use super::months::month;
use crate::model::{Clauses, Span};

/// A clause of which a person reads more bytes than this is a term, and its dates are not those of the document.
const STATEMENT_BYTES: usize = 240;
/// How many words may stand between the word that says what a date is and the date.
const WORDS_BETWEEN: usize = 8;

/// How many bytes of a statement may stand before that word to be quoted.
const LEAD_BYTES: usize = 60;

/// What a version says of its own dates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// From when on it applies.
    pub effective_on: Option<Claim>,
    /// When it was published, or updated last.
    pub published_on: Option<Claim>,
}

/// A date that a text gives of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The date.
    pub date: NaiveDate,
    /// The words that give it, as they are read: `Effective December 16, 2025`.
    pub quote: String,
    /// Where they stand in the text; the whole clause, where markup stands between them.
    pub span: Span,
}

/// The dates that a version gives of itself: the first of each kind in a short clause.
///
/// A date stands behind a word that says what it is (`effective`, `zuletzt aktualisiert`, `entrada en vigor`…), with its
/// month as a word or as ISO 8601, or in numbers whose order leaves no doubt. Whatever is in doubt is not claimed.
#[must_use]
pub fn claims(text: &str, clauses: &Clauses) -> Claims {
    let mut claims = Claims::default();
    for clause in clauses.all() {
        let reading = clauses.reading(clause);
        if reading.len() > STATEMENT_BYTES || !reading.contains(|one: char| one.is_ascii_digit()) {
            continue;
        }
        let words = words(reading);
        for (kind, claimed) in [
            (Kind::Effective, &mut claims.effective_on),
            (Kind::Published, &mut claims.published_on),
        ] {
            if claimed.is_none()
                && let Some((date, range)) = statement(reading, &words, kind)
            {
                let quote = reading[range].to_owned();
                let span = narrowed(text, clause.span, &quote);
                *claimed = Some(Claim { date, quote, span });
            }
        }
    }
    claims
}

/// Where the words stand in the text of a clause, if they stand there as they are read.
fn narrowed(text: &str, clause: Span, quote: &str) -> Span {
    let at = clause.cut(text).and_then(|source| source.find(quote));
    at.map_or(clause, |at| Span {
        start: clause.start + at,
        end: clause.start + at + quote.len(),
    })
}

#[derive(Clone, Copy)]
enum Kind {
    Effective,
    Published,
}

impl Kind {
    fn is_said_by(self, word: &str) -> bool {
        let (words, parts) = match self {
            Self::Effective => (EFFECTIVE, ["生效", "施行", "발효", "시행"]),
            Self::Published => (PUBLISHED, ["更新", "改定", "修订", "개정"]),
        };
        words.split_whitespace().any(|one| one == word)
            || parts.iter().any(|part| word.contains(part))
    }
}

const EFFECTIVE: &str = "effective effect force gültig wirksam inkrafttreten kraft vigueur vigor vigente vigore \
    decorrenza vigência ingangsdatum kracht obowiązuje";
const PUBLISHED: &str = "updated update revised modified amended posted published changed stand aktualisiert geändert \
    fassung jour modifiée modifié actualización actualizado actualizada modificación revisión aggiornamento aggiornata \
    aggiornato atualização atualizado atualizada bijgewerkt gewijzigd aktualizacja";

/// A run of letters or of digits, in lower case, with its place.
struct Word {
    lower: String,
    range: Range<usize>,
}

fn words(reading: &str) -> Vec<Word> {
    let class = |one: char| (one.is_alphanumeric(), one.is_ascii_digit());
    let mut words = Vec::new();
    let mut chars = reading.char_indices().peekable();
    while let Some((start, first)) = chars.next() {
        let mut end = start + first.len_utf8();
        while let Some((at, one)) = chars.next_if(|(_, one)| class(*one) == class(first)) {
            end = at + one.len_utf8();
        }
        if first.is_alphanumeric() {
            words.push(Word {
                lower: reading[start..end].to_lowercase(),
                range: start..end,
            });
        }
    }
    words
}

/// The first date of this kind, and where it stands with the word that says what it is.
fn statement(reading: &str, words: &[Word], kind: Kind) -> Option<(NaiveDate, Range<usize>)> {
    let mut said = (0..words.len()).filter(|at| kind.is_said_by(&words[*at].lower));
    said.find_map(|at| {
        let last = words.len().min(at + 2 + WORDS_BETWEEN);
        let (date, end) = (at + 1..last).find_map(|first| date(reading, &words[first..]))?;
        Some((date, beginning(reading, words[at].range.start)..end))
    })
}

/// Where the statement begins that a word belongs to; at the word, where that is far.
fn beginning(reading: &str, word: usize) -> usize {
    let before = &reading[..word];
    let ends = |(at, end): (usize, &str)| at + end.len();
    let marks = [". ", "; ", "| ", "("];
    let last = marks
        .iter()
        .filter_map(|mark| before.rmatch_indices(mark).next());
    let start = last.map(ends).max().unwrap_or(0);
    if word - start > LEAD_BYTES {
        word
    } else {
        start
    }
}

/// A part of a date.
#[derive(Clone, Copy)]
enum Part {
    Month(u32),
    Number { value: u32, digits: usize },
}

/// The date that begins with the first of the words, and where it ends.
fn date(reading: &str, words: &[Word]) -> Option<(NaiveDate, usize)> {
    let mut parts: Vec<(Part, &Range<usize>)> = Vec::new();
    for word in words {
        match part(&word.lower) {
            Some(part) => parts.push((part, &word.range)),
            None if !parts.is_empty() && CONNECTORS.contains(&word.lower.as_str()) => {}
            None => break,
        }
        if parts.len() == 3 {
            break;
        }
    }
    let &[(first, start), (second, middle), (third, end)] = parts.as_slice() else {
        return None;
    };
    let between = &reading[start.end..middle.start];
    let date = match (first, second, third) {
        (Part::Month(month), day, year) | (day, Part::Month(month), year) if is_year(year) => {
            ymd(year, Part::Month(month), day)
        }
        (year, month, day) if is_year(year) => ymd(year, month, day),
        (one, other, year) if is_year(year) => match (number(one), number(other)) {
            _ if between.contains('.') => ymd(year, other, one),
            (Some(day), Some(_)) if day > 12 => ymd(year, other, one),
            (Some(_), Some(day)) if day > 12 => ymd(year, one, other),
            (Some(day), Some(month)) if day == month => ymd(year, other, one),
            // The order of day and month is in doubt.
            _ => None,
        },
        _ => None,
    };
    date.map(|date| (date, end.end))
}

/// What may stand between the parts of a date.
const CONNECTORS: &[&str] = &[
    "st", "nd", "rd", "th", "er", "º", "ª", "of", "de", "del", "the", "年", "月", "년", "월",
];

fn part(word: &str) -> Option<Part> {
    if let Some(month) = month(word) {
        return Some(Part::Month(month));
    }
    let is_number = word.len() <= 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    let value = is_number.then(|| word.parse().ok()).flatten()?;
    Some(Part::Number {
        value,
        digits: word.len(),
    })
}

fn number(part: Part) -> Option<u32> {
    match part {
        Part::Number {
            value,
            digits: 1..=2,
        } => Some(value),
        Part::Number { .. } | Part::Month(_) => None,
    }
}

fn is_year(part: Part) -> bool {
    matches!(
        part,
        Part::Number {
            value: 1990..=2099,
            digits: 4
        }
    )
}

/// The date of these parts, if there is such a day.
fn ymd(year: Part, month: Part, day: Part) -> Option<NaiveDate> {
    let Part::Number { value: year, .. } = year else {
        return None;
    };
    let month = match month {
        Part::Month(month) => month,
        Part::Number { .. } => number(month)?,
    };
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, number(day)?)
}
