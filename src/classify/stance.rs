//! How a sentence binds, and whether it says that something is so or that it is not.

use crate::model::{Modality, Polarity};

/// Kinds that are themselves a refusal, a duty or a choice, of which a "not" denies nothing.
const NOT_DENIED: [&str; 40] = [
    "acceptance-by-use",
    "eligibility",
    "unilateral-change",
    "termination",
    "service-change",
    "prohibited-uses",
    "content-moderation",
    "third-party-services",
    "liability-limit",
    "warranty-disclaimer",
    "indemnity",
    "class-action-waiver",
    "jury-waiver",
    "limitation-period",
    "general-clauses",
    "childrens-safeguards",
    "non-discrimination",
    "tracking-choices",
    "objection",
    "consent-withdrawal",
    "security-measures",
    "regional-notice",
    "effective-date",
    "contact",
    "accessibility",
    "rights-appeal",
    "authorised-agents",
    "access",
    "deletion",
    "correction",
    "portability",
    "choice-of-law",
    "jurisdiction",
    "arbitration-opt-out",
    "authority-complaints",
    "representative",
    "transparency-reports",
    "pricing",
    "output-ownership",
    "retention",
];

/// Words after which a "not" denies nothing that is said of what is done.
const CONDITIONS: [&str; 9] = [
    "if", "unless", "whether", "when", "where", "until", "because", "although", "who",
];
/// Words behind a "not" that make no denial of it.
const NO_DENIAL: [&str; 8] = [
    "only",
    "limited",
    "just",
    "merely",
    "apply",
    "responsible",
    "necessarily",
    "required",
];
/// What excepts something from a denial.
const EXCEPTIONS: [&str; 12] = [
    "except",
    "unless",
    "other than",
    "without your consent",
    "without your permission",
    "without first",
    "without obtaining",
    "without asking",
    "apart from",
    "save as",
    "save for",
    "but for",
];
/// How many words behind a condition still belong to it, where no comma ends it.
const CONDITION_WORDS: usize = 14;

/// How a sentence binds, and whether it denies what a kind names.
#[must_use]
pub fn stance(kind: &str, sentence: &str) -> (Polarity, Modality) {
    let lower = sentence.to_lowercase().replace('\u{2019}', "'");
    let words = words(&lower);
    let denies = match cells(&lower) {
        Some(is_stated) => !is_stated,
        None => !NOT_DENIED.contains(&kind) && denies(&words),
    };
    let polarity = match denies {
        false => Polarity::Stated,
        true if EXCEPTIONS.iter().any(|one| lower.contains(one)) => Polarity::DeniedWithExceptions,
        true => Polarity::Denied,
    };
    (polarity, modality(&words))
}

/// What the cells of a table's row say that answer with yes or no; one yes states it.
fn cells(lower: &str) -> Option<bool> {
    let answers = lower.split('|').skip(1).filter_map(|cell| {
        let mut words = cell.split(|one: char| !one.is_alphanumeric());
        match words.find(|word| !word.is_empty()) {
            Some("yes") => Some(true),
            Some("no") => Some(false),
            _ => None,
        }
    });
    answers.reduce(|one, other| one || other)
}

/// A word, and whether a comma or the like follows it.
type Word<'w> = (&'w str, bool);

fn words(lower: &str) -> Vec<Word<'_>> {
    let pieces = lower.split_whitespace();
    pieces
        .map(|piece| {
            let word = piece.trim_matches(|one: char| !one.is_alphanumeric() && one != '\'');
            (word, piece.ends_with([',', ';', ':', '.', ')']))
        })
        .collect()
}

fn denies(words: &[Word<'_>]) -> bool {
    let at = |place: usize| words.get(place).map_or("", |(word, _)| *word);
    let mut condition = 0;
    for (place, (word, ends)) in words.iter().enumerate() {
        if CONDITIONS.contains(word) {
            condition = CONDITION_WORDS;
        }
        let is_not = match *word {
            "not" => !NO_DENIAL.contains(&at(place + 1)),
            "never" | "nor" | "neither" | "don't" | "doesn't" | "won't" | "cannot" | "can't"
            | "isn't" | "aren't" | "didn't" | "nobody" | "nothing" | "none" => true,
            "no" => !["later", "matter", "less", "event"].contains(&at(place + 1)),
            _ => false,
        };
        // What is said of the reader denies nothing of what is done.
        let is_of_reader = (place.saturating_sub(3)..place).any(|before| at(before) == "you");
        if is_not && condition == 0 && !is_of_reader {
            return true;
        }
        condition = if *ends {
            0
        } else {
            condition.saturating_sub(1)
        };
    }
    false
}

fn modality(words: &[Word<'_>]) -> Modality {
    let pair = |place: usize| {
        let word = |at: usize| words.get(at).map_or("", |(word, _)| *word);
        (word(place), word(place + 1))
    };
    let mut found = Modality::States;
    for place in 0..words.len() {
        let here = match pair(place) {
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
