//! What is looked for: words that all must be there, in any order, phrases, beginnings of words, and what must not be.

use super::words::{each_word, words};
use crate::model::Span;

/// How many words a query may have.
pub const MOST_WORDS: usize = 64;

/// A query as it was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What must all be there.
    pub wanted: Vec<Sought>,
    /// What must not be there.
    pub excluded: Vec<Sought>,
}

/// Words that stand one behind the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sought {
    /// The words, folded.
    pub words: Vec<String>,
    /// Whether the last of them may go on.
    pub is_prefix: bool,
}

/// How near each other the words that are wanted stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// One behind the other, in the order of the query.
    Adjacent,
    /// With few words between them.
    Near,
    /// In one clause.
    Anywhere,
}

/// A text is no query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// There is no word in it.
    #[error("there is no word in {0:?} to look for")]
    Empty(String),
    /// It only leaves out.
    #[error("{0:?} says only what must not be there")]
    OnlyExcluded(String),
    /// It has too many words.
    #[error("a query has at most {MOST_WORDS} words, and this one has {0}")]
    TooLong(usize),
}

impl Query {
    /// Reads a query: `word`, `"words one behind the other"`, `begin*`, `-word` for what must not be there. No text is
    /// written wrongly: what means nothing here is a gap between words.
    ///
    /// # Errors
    /// A [`QueryError`].
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let mut query = Self {
            wanted: Vec::new(),
            excluded: Vec::new(),
        };
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let is_excluded = rest.strip_prefix('-').filter(|behind| {
                let next = behind.chars().next();
                next.is_some_and(|next| next.is_alphanumeric() || is_quote(next))
            });
            let (piece, behind) = piece(is_excluded.unwrap_or(rest));
            if let Some(sought) = Sought::of(piece, behind.starts_with('*')) {
                let list = match is_excluded {
                    Some(_) => &mut query.excluded,
                    None => &mut query.wanted,
                };
                if !list.contains(&sought) {
                    list.push(sought);
                }
            }
            rest = behind.trim_start();
        }
        let all = query.wanted.iter().chain(&query.excluded);
        let count: usize = all.map(|sought| sought.words.len()).sum();
        if count > MOST_WORDS {
            return Err(QueryError::TooLong(count));
        }
        match (query.wanted.is_empty(), query.excluded.is_empty()) {
            (false, _) => Ok(query),
            (true, true) => Err(QueryError::Empty(text.to_owned())),
            (true, false) => Err(QueryError::OnlyExcluded(text.to_owned())),
        }
    }

    /// In which orders of nearness answers are looked for, the nearest first.
    #[must_use]
    pub fn nearnesses(&self) -> &'static [Nearness] {
        let [before @ .., _] = self.wanted.as_slice() else {
            return &[];
        };
        if before.is_empty() {
            &[Nearness::Adjacent]
        } else if before.iter().any(|sought| sought.is_prefix) {
            // What goes on is not followed by a word that is known.
            &[Nearness::Near, Nearness::Anywhere]
        } else {
            &[Nearness::Adjacent, Nearness::Near, Nearness::Anywhere]
        }
    }

    /// Where a text has what is wanted, in its order; none overlaps another.
    #[must_use]
    pub fn marks(&self, text: &str) -> Vec<Span> {
        let mut found = Vec::new();
        each_word(text, |word, span| found.push((word.to_owned(), span)));
        let mut marks: Vec<Span> = Vec::new();
        for start in 0..found.len() {
            let here = |sought: &&Sought| sought.stands_at(&found[start..]);
            let longest = self.wanted.iter().filter(here);
            let Some(length) = longest.map(|sought| sought.words.len()).max() else {
                continue;
            };
            let mark = Span {
                start: found[start].1.start,
                end: found[start + length - 1].1.end,
            };
            match marks.last_mut() {
                Some(last) if mark.start < last.end => last.end = last.end.max(mark.end),
                _ => marks.push(mark),
            }
        }
        marks
    }
}

impl Sought {
    fn of(text: &str, is_starred: bool) -> Option<Self> {
        // In a piece without quotes the star is its end.
        let (text, is_prefix) = match text.strip_suffix('*') {
            Some(text) => (text, true),
            None => (text, is_starred),
        };
        let is_prefix = is_prefix && text.ends_with(char::is_alphanumeric);
        let words = words(text);
        (!words.is_empty()).then_some(Self { words, is_prefix })
    }

    /// Whether the words of a text begin with these.
    fn stands_at(&self, found: &[(String, Span)]) -> bool {
        let last = self.words.len() - 1;
        found.len() > last
            && self
                .words
                .iter()
                .zip(found)
                .enumerate()
                .all(|(place, (sought, (word, _)))| {
                    word == sought
                        || (self.is_prefix && place == last && word.starts_with(sought.as_str()))
                })
    }
}

fn is_quote(one: char) -> bool {
    matches!(one, '"' | '“' | '”' | '„' | '«' | '»')
}

/// The next piece of a query, without its quotes, and what follows it.
fn piece(text: &str) -> (&str, &str) {
    match text.strip_prefix(is_quote) {
        Some(quoted) => match quoted.find(is_quote) {
            Some(end) => {
                let (piece, behind) = quoted.split_at(end);
                (piece, behind.strip_prefix(is_quote).unwrap_or_default())
            }
            None => (quoted, ""),
        },
        None => {
            let end = text.find(|one: char| one.is_whitespace() || is_quote(one));
            text.split_at(end.unwrap_or(text.len()))
        }
    }
}
