//! Dates that say when a document was changed or takes effect, as opposed to dates that are terms of it.

use super::date_words::{CHANGE, CHANGE_SIGNS, DISTANCE, FILLERS, LIMITS};
use super::months::month;
use super::words::{Class, DATE_SIGNS, Token, lower};

/// Up to so many words beside it, a date is a statement without a word that says of what.
const BARE_WORDS: usize = 4;
/// How many words between a date and the word that says of what it is may be names.
const NAMES: usize = 5;

/// Which tokens are part of a date of change or effect: one that stands beside a word that speaks of it, or that is nearly
/// all that is said. A date behind a word like `until` is a term.
pub(super) fn in_dates(tokens: &[Token<'_>]) -> Vec<bool> {
    let mut found = dates(tokens);
    mark_years(tokens, &mut found);
    mark_ago(tokens, &mut found);
    if !found.contains(&true) {
        return found;
    }
    let is_word = |place: &usize| tokens[*place].class != Class::Mark;
    let others = (0..tokens.len()).filter(|place| is_word(place) && !found[*place]);
    let is_bare = others.clone().count() <= BARE_WORDS
        && !others.into_iter().any(|place| is_limit(tokens[place].text));
    if is_bare {
        return found;
    }
    let mut place = 0;
    while place < tokens.len() {
        if !found[place] {
            place += 1;
            continue;
        }
        let rest = tokens[place..].iter().zip(&found[place..]);
        let length = rest
            .take_while(|(token, found)| **found || passes(token))
            .count();
        let (before, after) = (&tokens[..place], &tokens[place + length..]);
        let speaks = speaks_before(before) || speaks_after(before, after);
        for part in &mut found[place..place + length] {
            *part &= speaks;
        }
        place += length;
    }
    found
}

/// Which tokens are dates, whatever they are said of.
fn dates(tokens: &[Token<'_>]) -> Vec<bool> {
    let mut found = vec![false; tokens.len()];
    // Without a number there is no date: most clauses have none.
    if tokens.iter().all(|token| token.class != Class::Number) {
        return found;
    }
    for place in 0..tokens.len() {
        match kind(&tokens[place]) {
            Some(Kind::Whole) => found[place] = true,
            Some(Kind::Month) => {
                let is_number =
                    |at: &usize| matches!(tokens.get(*at).and_then(kind), Some(Kind::Number));
                let mut near = around(tokens, place);
                near.retain(is_number);
                if !near.is_empty() {
                    found[place] = true;
                    for at in near {
                        found[at] = true;
                    }
                }
            }
            Some(Kind::Number) | None => {}
        }
    }
    found
}

/// Whether a date is said to be that of a change or of an effect by the words before it: between the two stand only words
/// that belong to such a statement, and a few names.
fn speaks_before(before: &[Token<'_>]) -> bool {
    let mut names = 0;
    for token in before
        .iter()
        .rev()
        .filter(|token| token.class != Class::Mark || token.text == "©")
    {
        if speaks_of_change(token.text) {
            return true;
        }
        let is_name = token.text.starts_with(char::is_uppercase);
        names += usize::from(is_name && !is_filler(token.text));
        if !(is_filler(token.text) || is_name) || names > NAMES {
            return false;
        }
    }
    false
}

/// Likewise, by the word behind it, where no other one is before it.
fn speaks_after(before: &[Token<'_>], after: &[Token<'_>]) -> bool {
    let is_word = |token: &&Token<'_>| token.class != Class::Mark;
    let stands_free = before
        .iter()
        .rev()
        .find(is_word)
        .is_none_or(|token| is_filler(token.text));
    stands_free
        && after
            .iter()
            .find(is_word)
            .is_some_and(|token| speaks_of_change(token.text))
}

enum Kind {
    /// A date in one token: `2024-12-16`, `16.12.2024`, `2024年12月16日`.
    Whole,
    Month,
    /// A day or a year.
    Number,
}

fn kind(token: &Token<'_>) -> Option<Kind> {
    let text = token.text;
    if token.class == Class::Word {
        return month(&lower(text)).map(|_| Kind::Month);
    }
    if token.class != Class::Number {
        return None;
    }
    if text.contains(DATE_SIGNS) {
        return Some(Kind::Whole);
    }
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    if parts.len() == 3 {
        let all = parts
            .iter()
            .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        let is_date = matches!(lengths[..], [4, 1..=2, 1..=2] | [1..=2, 1..=2, 4 | 2]);
        return (all && is_date).then_some(Kind::Whole);
    }
    let digits = text.trim_end_matches(|one: char| one.is_ascii_alphabetic());
    let ending = &text[digits.len()..];
    let is_ordinal = ["", "st", "nd", "rd", "th", "er", "º", "ª"].contains(&ending);
    let number: Option<u32> = digits.parse().ok();
    let is_number = number.is_some_and(|number| (1..=31).contains(&number) || is_year(number));
    (is_ordinal && is_number).then_some(Kind::Number)
}

fn is_year(number: u32) -> bool {
    (1990..=2099).contains(&number)
}

/// Whether a date goes on behind a token.
fn passes(token: &Token<'_>) -> bool {
    token.class == Class::Mark || ["of", "de", "del", "the", "den"].contains(&token.text)
}

/// The places of the words around one, over marks and over the small words of dates.
fn around(tokens: &[Token<'_>], place: usize) -> Vec<usize> {
    let before: Vec<usize> = (0..place)
        .rev()
        .filter(|at| !passes(&tokens[*at]))
        .take(1)
        .collect();
    let after: Vec<usize> = (place + 1..tokens.len())
        .filter(|at| !passes(&tokens[*at]))
        .take(2)
        .collect();
    // Behind the month, a second number only follows a first.
    let is_number = |at: &usize| matches!(kind(&tokens[*at]), Some(Kind::Number));
    let after = after.iter().copied().take_while(is_number);
    before.iter().copied().chain(after).collect()
}

/// Years that stand alone: of copyright, of `June to July 2024`.
fn mark_years(tokens: &[Token<'_>], found: &mut [bool]) {
    for (place, token) in tokens.iter().enumerate() {
        let years = token.text.split('-');
        let all = token.class == Class::Number
            && years.clone().all(|year| year.parse().is_ok_and(is_year));
        found[place] |= all;
    }
}

/// `updated over a week ago`: the words of the distance.
fn mark_ago(tokens: &[Token<'_>], found: &mut [bool]) {
    let is_distance =
        |token: &Token<'_>| token.class == Class::Number || DISTANCE.contains(&&*lower(token.text));
    let is = |place: usize, words: &[&str]| words.contains(&&*lower(tokens[place].text));
    let ends = |end: usize| {
        is(end, &["ago", "yesterday", "today"])
            || end > 0 && is(end, &["week", "month", "year"]) && is(end - 1, &["this", "last"])
    };
    for end in 0..tokens.len() {
        if ends(end) {
            // What was marked before is not gone through again.
            let run = tokens[..=end].iter().zip(&found[..=end]).rev();
            let length = run
                .take_while(|(token, found)| !**found && is_distance(token))
                .count();
            found[end + 1 - length..=end].fill(true);
        }
    }
}

/// Whether a word says nothing beside a date of change.
pub(super) fn is_filler(word: &str) -> bool {
    let word = lower(word);
    speaks_of_change(&word) || FILLERS.contains(&&*word)
}

fn speaks_of_change(word: &str) -> bool {
    CHANGE.contains(&&*lower(word))
        || word == "©"
        || CHANGE_SIGNS.iter().any(|signs| word.contains(signs))
}

/// Whether a word makes a term of the date behind it.
fn is_limit(word: &str) -> bool {
    LIMITS.contains(&&*lower(word))
}

/// Whether a number is a whole date, as a number of a telephone is not.
pub(super) fn is_whole(token: &Token<'_>) -> bool {
    matches!(kind(token), Some(Kind::Whole))
}
