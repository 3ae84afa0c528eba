//! Features of a text: its words, pairs of neighbours, and the beginnings of long words, in lower case, with every number
//! as one. A beginning stands for all forms of a word: "disclose", "disclosing", "disclosure".

use std::collections::BTreeSet;

/// FNV-1a of 64 bits. <http://www.isthe.com/chongo/tech/comp/fnv/>
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// How many letters the beginning of a word has.
const BEGINNING: usize = 5;

/// Gives the digest of every feature of what a text stands under.
pub(super) fn of_context(context: &str, mut give: impl FnMut(u64)) {
    of_text(context, |digest| give(as_context(digest)));
}

/// The digest of a feature by its name, as a model writes it: `#` before what a text stands under, `~` before the beginning of a word.
pub(super) fn digest(name: &str) -> u64 {
    let (name, is_context) = match name.strip_prefix('#') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let (name, is_beginning) = match name.strip_prefix('~') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let mut words = name.split(' ');
    let first = words.next().map_or(OFFSET, word);
    let mut digest = words
        .next()
        .map_or(first, |second| pair(first, word(second)));
    if is_beginning {
        digest = as_beginning(digest);
    }
    if is_context {
        as_context(digest)
    } else {
        digest
    }
}

/// The names of the features of a text and of what it stands under, each once.
pub(super) fn names(text: &str, context: Option<&str>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (mark, text) in [("", text), ("#", context.unwrap_or_default())] {
        let words = words(text);
        for (place, word) in words.iter().enumerate() {
            if let Some(next) = words.get(place + 1) {
                names.insert(format!("{mark}{word} {next}"));
            }
            if let Some(beginning) = beginning(word) {
                names.insert(format!("{mark}~{beginning}"));
            }
            names.insert(format!("{mark}{word}"));
        }
    }
    names
}

/// The beginning of a long word.
fn beginning(word: &str) -> Option<&str> {
    let (end, _) = word.char_indices().nth(BEGINNING)?;
    word.get(..end)
}

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    scan(text, |letter| match letter {
        Some(letter) => word.push(letter),
        None => words.push(std::mem::take(&mut word)),
    });
    words
}

/// A character as part of a word, if it is part of one; apostrophes are left to their words.
fn kept(one: char) -> Option<char> {
    match one {
        '0'..='9' => Some('0'),
        'a'..='z' | 'A'..='Z' => Some(one),
        '\'' | '’' => Some('\''),
        _ if one.is_ascii() => None,
        _ if one.is_alphanumeric() => Some(one),
        _ => None,
    }
}

/// Gives the letters of each word in lower case, and none where a word ends.
fn scan(text: &str, mut give: impl FnMut(Option<char>)) {
    let mut last = None;
    for one in text.chars().chain([' ']) {
        let letter = kept(one);
        match letter {
            Some('0') if last == Some('0') => {}
            Some(letter) if letter.is_ascii() => give(Some(letter.to_ascii_lowercase())),
            Some(letter) => letter.to_lowercase().for_each(|lower| give(Some(lower))),
            None if last.is_some() => give(None),
            None => {}
        }
        last = letter;
    }
}

/// Gives the digest of every feature of a text, as often as it has it: of each word, its beginning and each pair, without a
/// copy of the text.
pub(super) fn of_text(text: &str, mut give: impl FnMut(u64)) {
    let (mut before, mut hash, mut letters) = (None, OFFSET, 0);
    let mut buffer = [0; 4];
    scan(text, |letter| match letter {
        Some(letter) => {
            if letters == BEGINNING {
                give(as_beginning(hash));
            }
            letters += 1;
            hash = mix(hash, letter.encode_utf8(&mut buffer).as_bytes());
        }
        None => {
            give(hash);
            if let Some(before) = before {
                give(pair(before, hash));
            }
            before = Some(hash);
            (hash, letters) = (OFFSET, 0);
        }
    });
}

fn word(word: &str) -> u64 {
    mix(OFFSET, word.as_bytes())
}

fn mix(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(PRIME)
    })
}

fn pair(first: u64, second: u64) -> u64 {
    mix(first.rotate_left(17), &second.to_le_bytes())
}

fn as_beginning(digest: u64) -> u64 {
    digest ^ 0x6265_6769_6e6e_6572
}

fn as_context(digest: u64) -> u64 {
    digest ^ 0x68_6561_6469_6e67
}
