//! How a sentence binds, and whether it says that what a kind names is so or that it is not.
//!
//! A sentence is divided where another statement begins. The statement that speaks most of the kind is looked at, unless it is
//! an aside, such as a condition; it denies the kind where it holds an odd number of words that negate. An exception may stand
//! anywhere in the sentence.

use std::ops::Range;

use crate::model::{Modality, Polarity};

/// What is to be known of a kind to tell whether a sentence denies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Traits {
    /// Whether it can be denied: a kind that is itself a refusal, a duty or a choice can't.
    pub(super) deniable: bool,
    /// Whether it is one of giving data to others: tables answer that in a column of its own.
    pub(super) is_sharing: bool,
}

impl Default for Traits {
    fn default() -> Self {
        Self {
            deniable: true,
            is_sharing: false,
        }
    }
}

/// Words that negate, wherever they stand in a statement.
const NEGATING: [&str; 33] = [
    "not",
    "never",
    "nor",
    "neither",
    "no",
    "none",
    "nothing",
    "nobody",
    "cannot",
    "can't",
    "don't",
    "doesn't",
    "won't",
    "isn't",
    "aren't",
    "didn't",
    "hasn't",
    "haven't",
    "refrain",
    "refrains",
    "refuse",
    "refuses",
    "unable",
    "prevents",
    "prevent",
    "stops",
    "stop",
    "stopped",
    "relieves",
    "prohibit",
    "prohibits",
    "excluded",
    "hidden",
];
/// Words that negate what stands behind them.
const NEGATING_BEHIND: [&[&str]; 4] = [
    &["without"],
    &["rather", "than"],
    &["instead", "of"],
    &["free", "of"],
];
/// Words that hold a negation and deny nothing.
const NO_DENIAL: [&[&str]; 32] = [
    &["do", "not", "track"],
    &["with", "or", "without"],
    &["without", "delay"],
    &["without", "undue", "delay"],
    &["without", "unreasonable", "delay"],
    &["without", "limitation"],
    &["without", "notice"],
    &["without", "charge"],
    &["without", "prejudice"],
    &["without", "regard"],
    &["no", "exception"],
    &["no", "later", "than"],
    &["no", "matter"],
    &["no", "event"],
    &["not", "limited", "to"],
    &["not", "only"],
    &["not", "just"],
    &["not", "merely"],
    &["not", "simply"],
    &["not", "necessarily"],
    &["not", "even"],
    &["not", "one", "but"],
    &["not", "hesitate"],
    &["not", "responsible"],
    &["not", "apply"],
    &["not", "required"],
    &["not", "identify"],
    &["not", "identifiable"],
    &["identify", "nobody"],
    &["but", "no", "longer", "than"],
    &["other", "than", "your", "own"],
    &["not", "personally"],
];
/// What gives leave: without it, a denial has an exception.
const LEAVE: [&str; 12] = [
    "consent",
    "permission",
    "authorization",
    "authorisation",
    "approval",
    "agreement",
    "asking",
    "instruction",
    "instructions",
    "request",
    "obtaining",
    "first",
];
/// How many words may stand between "without" and what gives leave.
const LEAVE_WITHIN: usize = 5;
/// What excepts something from a denial.
const EXCEPTING: [&[&str]; 20] = [
    &["except"],
    &["unless"],
    &["until"],
    &["other", "than"],
    &["apart", "from"],
    &["save", "as"],
    &["save", "for"],
    &["save", "where"],
    &["save", "at"],
    &["save", "that"],
    &["save", "when"],
    &["save", "with"],
    &["save", "in"],
    &["but", "for"],
    &["only", "if"],
    &["only", "with"],
    &["only", "when"],
    &["only", "where"],
    &["opt", "in"],
    &["not", "opted", "in"],
];
/// What begins another statement.
const BEGINNING: [&[&str]; 24] = [
    &["which"],
    &["who"],
    &["whose"],
    &["although"],
    &["though"],
    &["even", "if"],
    &["even", "though"],
    &["even", "where"],
    &["since"],
    &["because"],
    &["if"],
    &["where"],
    &["unless"],
    &["except"],
    &["when"],
    &["while"],
    &["until"],
    &["save"],
    &["before"],
    &["whether"],
    &["other", "than"],
    &["apart", "from"],
    &["only", "if"],
    &["but"],
];
/// Words behind an "and", an "or" or a "that" which begin another statement with it.
const SUBJECTS: [&str; 24] = [
    "we", "you", "it", "they", "our", "your", "may", "will", "do", "does", "has", "have", "shall",
    "must", "no", "not", "is", "are", "was", "were", "cannot", "identify", "that", "would",
];
/// First words of a statement that is an aside to another one.
const ASIDE: [&str; 23] = [
    "before", "although", "though", "even", "since", "because", "if", "where", "unless", "except",
    "when", "while", "until", "save", "whether", "which", "who", "whose", "other", "apart", "for",
    "that", "so",
];
/// Words of which a statement of its own has one; without one, what stands behind a comma belongs to the statement before.
const VERBS: [&str; 37] = [
    "am", "is", "are", "was", "were", "will", "would", "may", "might", "can", "could", "shall",
    "must", "do", "does", "did", "has", "have", "had", "cannot", "don't", "doesn't", "won't",
    "isn't", "aren't", "can't", "sell", "sells", "collect", "collects", "use", "uses", "share",
    "shares", "we", "you", "they",
];

/// A word in lower case, and whether a pause stands before it.
#[derive(Clone)]
struct Word {
    text: String,
    pause: bool,
}

/// A sentence taken apart, of which it can be asked for each kind whether it denies it.
pub(super) struct Taken {
    lower: String,
    /// How it binds.
    pub(super) modality: Modality,
    /// What may deny something; most sentences hold no such word.
    denial: Option<Denial>,
}

/// A sentence that may deny something.
struct Denial {
    /// Its words, without those that seem to deny and don't.
    words: Vec<Word>,
    has_exception: bool,
    /// Its statements, without asides where there are others.
    statements: Vec<Range<usize>>,
}

impl Taken {
    pub(super) fn new(sentence: &str) -> Self {
        let lower = sentence.to_lowercase().replace('\u{2019}', "'");
        let words = words(&lower);
        Self {
            modality: modality(&words),
            denial: words.iter().any(may_deny).then(|| Denial::new(&words)),
            lower,
        }
    }

    /// Whether it denies what a kind names. `score` says how much words speak for the kind.
    pub(super) fn polarity(&self, traits: Traits, score: &dyn Fn(&str) -> i64) -> Polarity {
        match (cells(traits, &self.lower, score), traits.deniable) {
            (Some(true), _) | (None, false) => Polarity::Stated,
            (Some(false), _) => Polarity::Denied,
            (None, true) => self
                .denial
                .as_ref()
                .map_or(Polarity::Stated, |denial| denial.polarity(score)),
        }
    }
}

/// What the cells of a table's row say that answer with yes or no; one yes states it, unless the columns are named and the
/// kind has one of its own.
fn cells(traits: Traits, lower: &str, score: &dyn Fn(&str) -> i64) -> Option<bool> {
    let answer = |cell: &str| {
        let mut words = cell
            .split(|one: char| !one.is_alphanumeric())
            .filter(|word| !word.is_empty());
        let first = words.next()?;
        let is_named = cell.contains(':');
        let found = if is_named {
            words.next_back().unwrap_or(first)
        } else {
            first
        };
        let said = match found {
            "yes" => true,
            "no" => false,
            _ => return None,
        };
        Some((if is_named { score(cell) } else { 0 }, said))
    };
    let answers: Vec<(i64, bool)> = lower.split('|').skip(1).filter_map(answer).collect();
    let own = answers.iter().max_by_key(|(score, _)| *score);
    match own {
        Some((score, said)) if traits.is_sharing && *score > 0 => Some(*said),
        _ => answers
            .iter()
            .map(|(_, said)| *said)
            .reduce(|one, other| one || other),
    }
}

fn words(lower: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut word, mut pause, mut after_space) = (String::new(), false, true);
    for one in lower.chars().chain([' ']) {
        if one.is_alphanumeric() || one == '\'' {
            word.push(one);
            after_space = false;
            continue;
        }
        if !word.is_empty() {
            let text = std::mem::take(&mut word);
            words.push(Word { text, pause });
            pause = false;
        }
        pause |= matches!(one, ',' | ';' | ':' | '(' | ')' | '\u{2014}' | '\u{2013}')
            || (one == '-' && after_space);
        after_space = one.is_whitespace();
    }
    words
}

/// Whether these words stand at a place.
fn stands(words: &[Word], at: usize, phrase: &[&str]) -> bool {
    let there = words.get(at..at + phrase.len());
    there.is_some_and(|there| {
        there
            .iter()
            .zip(phrase)
            .all(|(word, one)| word.text == *one)
    })
}

/// How many words of one of the phrases stand at a place.
fn found(words: &[Word], at: usize, phrases: &[&[&str]]) -> Option<usize> {
    let all = phrases.iter().filter(|phrase| stands(words, at, phrase));
    all.map(|phrase| phrase.len()).max()
}

impl Denial {
    fn new(words: &[Word]) -> Self {
        let (words, has_leave) = without_leave(words);
        let words = without_no_denial(&words);
        let mut every = 0..words.len();
        let has_exception = has_leave || every.any(|at| found(&words, at, &EXCEPTING).is_some());
        let mut statements = statements(&words);
        let is_main = |one: &Range<usize>| {
            let first = words.get(one.start);
            first.is_none_or(|word| !ASIDE.contains(&word.text.as_str()))
        };
        if statements.iter().any(is_main) {
            statements.retain(is_main);
        }
        Self {
            words,
            has_exception,
            statements,
        }
    }

    fn polarity(&self, score: &dyn Fn(&str) -> i64) -> Polarity {
        let each = self.statements.iter().rev();
        let each = each.filter_map(|one| self.words.get(one.clone()));
        let Some(statement) = each.max_by_key(|one| score(&text(one))) else {
            return Polarity::Stated;
        };
        let is_opt_in = (0..statement.len()).any(|at| stands(statement, at, &["is", "opt", "in"]));
        match (
            is_opt_in || negations(statement, score) % 2 == 1,
            self.has_exception || is_opt_in,
        ) {
            (false, _) => Polarity::Stated,
            (true, false) => Polarity::Denied,
            (true, true) => Polarity::DeniedWithExceptions,
        }
    }
}

/// Whether a denial may begin with a word: most sentences hold none, and need not be taken apart.
fn may_deny(word: &Word) -> bool {
    let text = word.text.as_str();
    let begins = |phrase: &&[&str]| phrase.first() == Some(&text);
    text == "opt" || NEGATING.contains(&text) || NEGATING_BEHIND.iter().any(begins)
}

fn text(words: &[Word]) -> String {
    let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    words.join(" ")
}

/// Leaves out "without your consent" and the like, and says whether there was any.
fn without_leave(words: &[Word]) -> (Vec<Word>, bool) {
    let mut left = Vec::new();
    let mut at = 0;
    let mut has_leave = false;
    while let Some(word) = words.get(at) {
        if word.text == "without" && !stands(words, at.saturating_sub(2), &["with", "or"]) {
            let behind = words.iter().skip(at + 1).take(LEAVE_WITHIN);
            let given = behind
                .clone()
                .position(|word| LEAVE.contains(&word.text.as_str()));
            if let Some(given) = given {
                has_leave = true;
                at += given + 2;
                continue;
            }
        }
        left.push(word.clone());
        at += 1;
    }
    (left, has_leave)
}

fn without_no_denial(words: &[Word]) -> Vec<Word> {
    let mut left = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let nothing = found(words, at, &NO_DENIAL);
        if nothing.is_none() {
            left.push(word.clone());
        }
        at += nothing.unwrap_or(1);
    }
    left
}

/// Divides a sentence where another statement begins.
fn statements(words: &[Word]) -> Vec<Range<usize>> {
    let is_subject = |at: usize| {
        words
            .get(at)
            .is_some_and(|word| SUBJECTS.contains(&word.text.as_str()))
    };
    let begins = |at: usize| {
        found(words, at, &BEGINNING).is_some()
            || (at > 0 && matches!(words[at - 1].text.as_str(), "and" | "or") && is_subject(at))
            || (words[at].text == "that" && is_subject(at + 1))
    };
    let mut cuts: Vec<usize> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if begins(at) {
            cuts.push(at);
        } else if word.pause {
            let end = (at + 1..words.len()).find(|at| words[*at].pause || begins(*at));
            let piece = &words[at..end.unwrap_or(words.len())];
            if piece.iter().any(|word| VERBS.contains(&word.text.as_str())) {
                cuts.push(at);
            }
        }
    }
    let mut all = Vec::new();
    let mut start = 0;
    for cut in cuts.into_iter().chain([words.len()]) {
        if cut > start {
            all.push(start..cut);
        }
        start = cut;
    }
    all
}

/// How many words of a statement negate it.
fn negations(statement: &[Word], score: &dyn Fn(&str) -> i64) -> usize {
    let mut count = 0;
    for (at, word) in statement.iter().enumerate() {
        let counts = match word.text.as_str() {
            // "Neither … nor", "not … nor": one denial.
            "nor" => count == 0,
            one => NEGATING.contains(&one),
        };
        count += usize::from(counts);
        if let Some(length) = found(statement, at, &NEGATING_BEHIND) {
            let (before, behind) = (&statement[..at], &statement[at + length..]);
            let is_free_of = word.text == "free";
            count += usize::from(is_free_of || score(&text(behind)) > score(&text(before)));
        }
    }
    count
}

fn modality(words: &[Word]) -> Modality {
    let word = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
    let mut found = Modality::States;
    for place in 0..words.len() {
        let here = match (word(place), word(place + 1)) {
            ("must" | "shall" | "may" | "can", "not")
            | ("cannot" | "can't" | "mustn't" | "prohibited" | "forbidden", _) => {
                return Modality::Forbidden;
            }
            ("will" | "do" | "does" | "would", "not" | "never")
            | ("won't" | "don't" | "doesn't" | "never", _) => {
                return Modality::WillNot;
            }
            ("must" | "shall" | "required" | "agree", _) => Modality::Must,
            ("may" | "might" | "can" | "could" | "reserve" | "reserves", _) => Modality::May,
            ("will" | "we'll", _) => Modality::Will,
            _ => continue,
        };
        if found == Modality::States {
            found = here;
        }
    }
    found
}
