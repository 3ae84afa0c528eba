//! The training set: patterns that stand for many clauses each.
//!
//! ```text
//! = kind another-kind                 what the patterns below hold; "= none" for nothing
//! We {share|sell} your {data|e-mail address} {.|, as you asked.}
//! A heading :: text under it
//! # a comment
//! ```

/// A clause with what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The heading that it stands under.
    pub heading: Option<String>,
    /// What it says.
    pub text: String,
    /// The ids of the kinds that it holds.
    pub kinds: Vec<String>,
}

/// A line of the training set is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct PatternError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

/// How many clauses a pattern gives at most.
const MOST: u64 = 8;

/// The clauses that a file of patterns stands for: of each pattern up to eight, spread evenly over its alternatives.
///
/// # Errors
/// A [`PatternError`] with the first wrong line.
pub fn examples(patterns: &str) -> Result<Vec<Example>, PatternError> {
    let mut examples = Vec::new();
    let mut kinds: Option<Vec<String>> = None;
    for (place, line) in patterns.lines().enumerate() {
        let wrong = |what: &str| PatternError {
            line: place + 1,
            what: what.to_owned(),
        };
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(named) = line.strip_prefix('=') {
            let named = named.split_whitespace().filter(|name| *name != "none");
            kinds = Some(named.map(str::to_owned).collect());
            continue;
        }
        let kinds = kinds
            .as_ref()
            .ok_or_else(|| wrong("no \"= kind\" stands above it"))?;
        let pieces = pieces(line).ok_or_else(|| wrong("its braces don't match"))?;
        for number in 0..MOST.min(combinations(&pieces)) {
            let text = write(&pieces, number);
            let (heading, text) = match text.split_once(" :: ") {
                Some((heading, text)) => (Some(heading.to_owned()), text.to_owned()),
                None => (None, text),
            };
            examples.push(Example {
                heading,
                text,
                kinds: kinds.clone(),
            });
        }
    }
    Ok(examples)
}

/// The alternatives of each piece of a pattern; what stands outside braces has one.
fn pieces(line: &str) -> Option<Vec<Vec<&str>>> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        let (inside, after) = from.strip_prefix('{')?.split_once('}')?;
        if before.contains('}') || inside.contains('{') {
            return None;
        }
        pieces.push(vec![before]);
        pieces.push(inside.split('|').collect());
        rest = after;
    }
    if rest.contains('}') {
        return None;
    }
    pieces.push(vec![rest]);
    Some(pieces)
}

fn combinations(pieces: &[Vec<&str>]) -> u64 {
    let counts = pieces.iter().map(|piece| piece.len() as u64);
    counts.fold(1, u64::saturating_mul)
}

/// One of the clauses of a pattern: each number takes other alternatives, every one of them in turn.
fn write(pieces: &[Vec<&str>], number: u64) -> String {
    let mut text = String::new();
    let (mut turn, mut slot) = (number, 0);
    for piece in pieces {
        let count = piece.len() as u64;
        if count > 1 {
            slot += 1;
            turn = turn.wrapping_add(number.wrapping_mul(slot));
        }
        let chosen = usize::try_from(turn % count).unwrap_or(0);
        text.push_str(piece.get(chosen).copied().unwrap_or_default());
    }
    text
}
