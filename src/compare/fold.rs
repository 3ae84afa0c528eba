//! Foldings: readings without what an editorial change may touch, so that two are equal where they differ in that alone.
//!
//! Each folding leaves out what the ones before it leave out too. None of them touches a word of the language that isn't
//! part of a date, so that a word that negates is never lost.

use unicode_normalization::UnicodeNormalization as _;

use super::dates;
use super::words::{Class, Token, lower, tokens};
use crate::model::Rule;

/// The foldings, by the rule that a change has which they hide, the narrowest first.
pub(super) const FOLDINGS: [Rule; 6] = [
    Rule::Punctuation,
    Rule::Spelling,
    Rule::Numbering,
    Rule::ContactDetails,
    Rule::VersionNumbers,
    Rule::Dates,
];

/// A reading taken apart, from which each folding is made.
pub(super) struct Folded<'a> {
    tokens: Vec<Token<'a>>,
    /// How many tokens at the beginning are the number of the clause.
    numbering: usize,
    /// Whether each token is part of a date.
    in_date: Vec<bool>,
    /// Whether each token is part of a telephone number.
    in_telephone: Vec<bool>,
}

impl<'a> Folded<'a> {
    pub(super) fn new(reading: &'a str) -> Self {
        let tokens = tokens(reading);
        Self {
            numbering: numbering(&tokens),
            in_date: dates::in_dates(&tokens),
            in_telephone: in_telephone(&tokens),
            tokens,
        }
    }

    /// The words that a reader can't do without: all but marks, in their order.
    pub(super) fn words(&self) -> impl Iterator<Item = &Token<'a>> {
        self.tokens
            .iter()
            .filter(|token| token.class != Class::Mark)
    }

    /// The reading as the folding of that rule leaves it.
    pub(super) fn under(&self, folding: Rule) -> String {
        let mut out = String::new();
        for (place, token) in self.tokens.iter().enumerate() {
            if token.class == Class::Mark {
                continue;
            }
            if self.is_hidden(place, folding) {
                // Which page it is may be a detail; that it comes or goes stands for what the page says.
                if is_page(token) {
                    out.push_str("@ ");
                }
                continue;
            }
            if folding == Rule::Punctuation {
                out.push_str(token.text);
                out.push(' ');
            } else {
                // Spelling may join words and part them, but for the one that negates.
                spell(token.text, &mut out);
                if token.class != Class::Word {
                    out.push(' ');
                }
            }
        }
        out
    }

    fn is_hidden(&self, place: usize, folding: Rule) -> bool {
        let token = &self.tokens[place];
        let hidden_by = if place < self.numbering {
            Rule::Numbering
        } else if token.class == Class::Address || self.in_telephone[place] {
            Rule::ContactDetails
        } else if token.class == Class::Number && self.is_version(place) {
            Rule::VersionNumbers
        } else if self.in_date[place] {
            Rule::Dates
        } else {
            return false;
        };
        // The weightier rule is that of the wider folding.
        folding <= hidden_by
    }

    fn is_version(&self, place: usize) -> bool {
        let before = self.tokens[..place]
            .iter()
            .rev()
            .find(|token| token.class != Class::Mark);
        before.is_some_and(|token| {
            [
                "version", "v", "rev", "versión", "versão", "versie", "versione",
            ]
            .contains(&&*lower(token.text))
        })
    }

    /// The rule of a clause that came or went: the folding that leaves nothing of it, if one does.
    pub(super) fn says_only(&self) -> Option<Rule> {
        if self.words().next().is_none() {
            return Some(Rule::Punctuation);
        }
        if self.tokens.iter().any(is_page) {
            return None;
        }
        let folding = FOLDINGS[1..]
            .iter()
            .copied()
            .find(|folding| self.under(*folding).trim().is_empty());
        folding.or_else(|| {
            let has_date = self.in_date.contains(&true);
            let rest = self.tokens.iter().enumerate().all(|(place, token)| {
                token.class == Class::Mark
                    || self.is_hidden(place, Rule::Dates)
                    || dates::is_filler(token.text)
            });
            (has_date && rest).then_some(Rule::Dates)
        })
    }
}

/// Whether a token is the address of a page, and not of mail.
fn is_page(token: &Token<'_>) -> bool {
    token.class == Class::Address && !token.text.contains('@')
}

/// Writes a word in one spelling: without capitals, accents and what British and American English write in two ways. A `not`
/// in it is set apart, so that `notable` is not `not able`.
fn spell(word: &str, out: &mut String) {
    let word = lower(word);
    let stem = match &*word {
        "not" | "no" | "nicht" => {
            out.extend([" ", &*word, " "]);
            return;
        }
        "cannot" | "can't" => Some("can"),
        "won't" => Some("will"),
        "shan't" => Some("shall"),
        word => word.strip_suffix("n't"),
    };
    if let Some(stem) = stem {
        out.extend([stem, " not "]);
    } else if word.is_ascii() {
        spell_american(&word, out);
    } else {
        let is_accent = |one: &char| ('\u{300}'..='\u{36f}').contains(one);
        let plain: String = word.nfd().filter(|one| !is_accent(one)).collect();
        spell_american(&plain, out);
    }
}

/// Writes the American form of an English word, where the British one is made by rule; any other word as it is.
fn spell_american(word: &str, out: &mut String) {
    const ENDINGS: &[(&str, &str)] = &[
        ("isations", "izations"),
        ("isation", "ization"),
        ("ising", "izing"),
        ("ised", "ized"),
        ("ises", "izes"),
        ("ise", "ize"),
        ("ysed", "yzed"),
        ("yse", "yze"),
        ("ysing", "yzing"),
        ("oured", "ored"),
        ("ouring", "oring"),
        ("ours", "ors"),
        ("our", "or"),
        ("elled", "eled"),
        ("elling", "eling"),
        ("ence", "ense"),
        ("entre", "enter"),
    ];
    let american = |(british, american): &(&str, &'static str)| {
        let stem = word.strip_suffix(british)?;
        Some((stem, *american))
    };
    match ENDINGS.iter().find_map(american) {
        Some((stem, ending)) if word.len() >= 6 => out.extend([stem, ending]),
        _ => out.push_str(word),
    }
}

/// How many tokens at the beginning are the number of a clause: `2.1`, `(a)`, `iv.`, `Section 3`, `§ 4`.
fn numbering(tokens: &[Token<'_>]) -> usize {
    let text = |place: usize| tokens.get(place).map(|token| token.text);
    let is_mark = |place: usize| {
        tokens
            .get(place)
            .is_some_and(|token| token.class == Class::Mark)
    };
    let opens = usize::from(text(0) == Some("("));
    let named = [
        "section",
        "article",
        "artikel",
        "artículo",
        "articolo",
        "artigo",
        "§",
    ];
    let is_named = text(opens).is_some_and(|word| named.contains(&&*lower(word)));
    let first = opens + usize::from(is_named);
    let Some(token) = tokens.get(first) else {
        return 0;
    };
    let is_plain = token
        .text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let closes = matches!(text(first + 1), Some("." | ")" | ":"));
    // `2.5 GB` has no number of a clause before it, `2.5 Our rules` has.
    let begins = tokens
        .get(first + 1)
        .is_some_and(|token| token.class == Class::Word && !counts(token.text));
    let letter = token.text.len() <= 4
        && token.class == Class::Word
        && (token.text.len() == 1 || token.text.bytes().all(|byte| b"ivxIVX".contains(&byte)));
    let is_number = (token.class == Class::Number
        && is_plain
        && token.text.len() <= 8
        && (closes
            || is_named
            || begins && (token.text.contains('.') || is_title(tokens, first + 1))))
        || (letter && (closes || is_named));
    if !is_number {
        return 0;
    }
    let mut end = first + 1;
    while is_mark(end) {
        end += 1;
    }
    end
}

/// Whether a word says what the number before it counts, or is no beginning of a clause.
fn counts(word: &str) -> bool {
    const UNITS: &[&str] = &[
        "gb", "mb", "tb", "kb", "usd", "eur", "gbp", "chf", "million", "billion", "percent",
        "year", "years", "month", "months", "week", "weeks", "day", "days", "hour", "hours",
        "minute", "minutes", "jahre", "tage", "ans", "jours", "años", "días",
    ];
    let begins = word
        .chars()
        .next()
        .is_some_and(|one| one.is_alphabetic() && !one.is_lowercase());
    !begins || UNITS.contains(&&*lower(word))
}

/// Whether a bare number at the beginning is that of a heading: few words follow, the first with a capital.
fn is_title(tokens: &[Token<'_>], first: usize) -> bool {
    let rest = tokens.get(first..).unwrap_or_default();
    rest.len() <= 12
        && rest.first().is_some_and(|token| {
            token.class == Class::Word && token.text.starts_with(char::is_uppercase)
        })
        && rest.last().is_some_and(|token| token.class != Class::Mark)
}

/// Which tokens are part of a telephone number: digits in groups, seven and more, with a mark among them that only
/// telephone numbers have.
fn in_telephone(tokens: &[Token<'_>]) -> Vec<bool> {
    let mut found = vec![false; tokens.len()];
    if tokens.iter().all(|token| token.class != Class::Number) {
        return found;
    }
    let is_part = |token: &Token<'_>| match token.class {
        Class::Number => {
            let is_part = |byte: u8| byte.is_ascii_digit() || b"-./".contains(&byte);
            token.text.bytes().all(is_part) && !dates::is_whole(token)
        }
        Class::Mark => ["(", ")", "-", ".", "/"].contains(&token.text),
        Class::Word => token.text == "+",
        Class::Address => false,
    };
    let mut start = 0;
    while start < tokens.len() {
        let length = tokens[start..]
            .iter()
            .take_while(|token| is_part(token))
            .count();
        let run = &tokens[start..start + length];
        let digits: usize = run
            .iter()
            .map(|token| token.text.bytes().filter(u8::is_ascii_digit).count())
            .sum();
        let groups = run
            .iter()
            .filter(|token| token.class == Class::Number)
            .count()
            + run
                .iter()
                .map(|token| token.text.matches('-').count())
                .sum::<usize>();
        let is_signed = run
            .iter()
            .any(|token| token.text == "+" || token.text == "(");
        let is_number = is_signed || (groups >= 3 && !is_amount(run));
        if (7..=16).contains(&digits) && groups >= 2 && is_number {
            found[start..start + length].fill(true);
        }
        start += length.max(1);
    }
    found
}

/// Whether numbers one after the other are one amount, whose digits are set in threes.
fn is_amount(run: &[Token<'_>]) -> bool {
    let mut lengths = run.iter().map(|token| token.text.len());
    let is_plain = run
        .iter()
        .all(|token| token.text.bytes().all(|byte| byte.is_ascii_digit()));
    is_plain
        && lengths.next().is_some_and(|length| length <= 3)
        && lengths.all(|length| length == 3)
}
