//! Words: what a reading consists of when it is compared.

use std::borrow::Cow;
use std::ops::Range;

/// What stands between gaps in a reading.
pub(super) fn words(reading: &str) -> impl Iterator<Item = &str> {
    reading.split(' ').filter(|word| !word.is_empty())
}

/// A word in lower case. Most words are, and are not written anew.
pub(super) fn lower(word: &str) -> Cow<'_, str> {
    let is_lower = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if word.bytes().all(is_lower) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(word.to_lowercase())
    }
}

/// The words of a reading by which two are said to resemble each other. Where a script puts no gaps between words, each of
/// its signs is one.
pub(super) fn units(reading: &str) -> impl Iterator<Item = &str> {
    words(reading).flat_map(|word| {
        let is_sign = |one: char| {
            ('\u{e00}'..='\u{eff}').contains(&one) || ('\u{2e80}'..='\u{9fff}').contains(&one)
        };
        let mut rest = word;
        std::iter::from_fn(move || {
            let first = rest.chars().next()?;
            let length = if is_sign(first) {
                first.len_utf8()
            } else {
                rest.find(is_sign).unwrap_or(rest.len())
            };
            let (unit, after) = rest.split_at(length);
            rest = after;
            Some(unit)
        })
    })
}

/// What a token of a reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Letters, or a sign that is read as a word: of a currency, of a comparison, a tick or a cross.
    Word,
    /// Digits, with the points, commas, colons, slashes and hyphens between them.
    Number,
    /// An address of mail or of a page.
    Address,
    /// Punctuation.
    Mark,
}

/// A part of a reading that is compared as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) class: Class,
    pub(super) text: &'a str,
}

/// The ends of the names of hosts by which an address is known that has no scheme.
const TOPS: &[&str] = &[
    "com", "org", "net", "io", "ai", "co", "eu", "gov", "edu", "info", "app", "dev", "uk", "us",
    "ca", "au", "de", "fr", "es", "it", "nl", "ie", "ch", "jp", "kr", "br",
];

/// Takes a reading apart, without its gaps.
pub(super) fn tokens(reading: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for word in words(reading) {
        let address = address(word);
        tokens_of(&word[..address.start], &mut tokens);
        if !address.is_empty() {
            let text = &word[address.clone()];
            let class = Class::Address;
            tokens.push(Token { class, text });
        }
        tokens_of(&word[address.end..], &mut tokens);
    }
    tokens
}

/// Where an address stands in a word, at its end where there is none.
fn address(word: &str) -> Range<usize> {
    let none = word.len()..word.len();
    if !word.contains(['@', '.', '/']) {
        return none;
    }
    let is_around = |one: char| "()[]<>{}\"',;:.!?|*".contains(one);
    let start = word.len() - word.trim_start_matches(is_around).len();
    let text = word[start..].trim_end_matches(is_around);
    let is_mail = text
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    let page = text
        .split_once("://")
        .map_or(text, |(_, page)| page)
        .split('/')
        .next()
        .unwrap_or_default();
    let has_host = page.rsplit_once('.').is_some_and(|(name, top)| {
        TOPS.contains(&top)
            && name.len() > 1
            && name.bytes().any(|byte| byte.is_ascii_alphabetic())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    });
    if is_mail || text.contains("://") || text.starts_with("www.") || has_host {
        start..start + text.len()
    } else {
        none
    }
}

fn tokens_of<'a>(word: &'a str, tokens: &mut Vec<Token<'a>>) {
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let before = word[..word.len() - rest.len()].chars().next_back();
        // The point of a fraction that has no digit before it.
        let is_point = first == '.'
            && before.is_none_or(|one| !one.is_alphanumeric())
            && rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        let (class, length) = if first.is_numeric() || is_point {
            (Class::Number, number(rest))
        } else if first.is_alphabetic() || is_read(first) {
            (Class::Word, word_length(rest, first))
        } else {
            (Class::Mark, first.len_utf8())
        };
        let (text, after) = rest.split_at(length);
        tokens.push(Token { class, text });
        rest = after;
    }
}

/// Whether a sign is read as a word.
fn is_read(one: char) -> bool {
    "$£¥¢฿%‰°<>=≠≤≥±+§&✅❌❎".contains(one)
        || ('\u{20a0}'..='\u{20cf}').contains(&one)
        || ('\u{2610}'..='\u{2612}').contains(&one)
        || ('\u{2713}'..='\u{2718}').contains(&one)
}

/// The signs that stand behind the numbers of a date in Chinese, Japanese and Korean.
pub(super) const DATE_SIGNS: [char; 6] = ['年', '月', '日', '년', '월', '일'];

/// The length of the number at the beginning: digits and letters (`12th`, `5月`), with single marks between digits.
fn number(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, one)) = chars.next() {
        let joins =
            ".,:/-".contains(one) && chars.peek().is_some_and(|(_, next)| next.is_numeric());
        let is_part = one.is_numeric()
            || one.is_ascii_alphabetic()
            || ['º', 'ª'].contains(&one)
            || DATE_SIGNS.contains(&one);
        if !(is_part || joins) {
            break;
        }
        end = at + one.len_utf8();
    }
    end
}

/// The length of the word at the beginning: letters, digits and the marks that combine with them, and apostrophes between
/// letters. A sign is a word of its own.
fn word_length(text: &str, first: char) -> usize {
    if !first.is_alphabetic() {
        return first.len_utf8();
    }
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, one)) = chars.next() {
        let joins = one == '\'' && chars.peek().is_some_and(|(_, next)| next.is_alphabetic());
        if !(one.is_alphanumeric() || joins || is_combining(one)) {
            break;
        }
        end = at + one.len_utf8();
    }
    end
}

/// Whether a character is no letter and yet a part of a word: vowel signs and the like.
fn is_combining(one: char) -> bool {
    unicode_normalization::char::is_combining_mark(one)
}
