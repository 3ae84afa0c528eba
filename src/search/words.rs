//! The words of a text as they are looked for: without case and accents, and without what stands between them.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::model::Span;

/// A word is known by its first so many bytes: what is longer is no word of a language.
const LONGEST: usize = 96;

/// Calls `each` with every word of a text, folded, and with the bytes where it stands.
///
/// A word is a row of letters and digits; in scripts that put no gaps between words, each character is one. Two words
/// are the same if they differ in case, in accents or in the width of their characters only.
pub fn each_word(text: &str, mut each: impl FnMut(&str, Span)) {
    let mut word = String::new();
    let mut span = Span { start: 0, end: 0 };
    for (at, one) in text.char_indices() {
        let end = at + one.len_utf8();
        if one.is_alphanumeric() && !is_combining_mark(one) {
            let alone = has_no_gaps(one);
            if alone && !word.is_empty() {
                each(&word, span);
                word.clear();
            }
            if word.is_empty() {
                span.start = at;
            }
            fold(one, &mut word);
            span.end = end;
            if alone && !word.is_empty() {
                each(&word, span);
                word.clear();
            }
        } else if is_combining_mark(one) {
            span.end = end;
        } else if !is_unseen(one) && !word.is_empty() {
            each(&word, span);
            word.clear();
        }
    }
    if !word.is_empty() {
        each(&word, span);
    }
}

/// The words of a text, folded.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    each_word(text, |word, _| words.push(word.to_owned()));
    words
}

/// Adds what a character is taken for.
fn fold(one: char, word: &mut String) {
    if word.len() >= LONGEST {
        return;
    }
    if one.is_ascii() {
        word.push(one.to_ascii_lowercase());
        return;
    }
    for lower in std::iter::once(one).nfkd().flat_map(char::to_lowercase) {
        match lower {
            'ß' => word.push_str("ss"),
            'ς' => word.push('σ'),
            // The lower case of a character may be one with a mark.
            lower if lower.is_alphanumeric() && !is_combining_mark(lower) => word.push(lower),
            _ => {}
        }
    }
}

/// Whether a character is of a script that puts no gaps between words: Thai, Lao, Burmese, Khmer, Chinese, Japanese.
fn has_no_gaps(one: char) -> bool {
    matches!(one,
        '\u{0e00}'..='\u{0eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9f}'
        | '\u{20000}'..='\u{3ffff}')
}

/// Whether a character stands in words without being read: what the reading of a clause leaves out.
fn is_unseen(one: char) -> bool {
    matches!(one,
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}'
        | '\u{e000}'..='\u{f8ff}')
}
