//! The training set: patterns that stand for many clauses each.
//!
//! ```text
//! = kind another-kind                 what the patterns below hold; "= none" for nothing
//! We {share|sell} your {data|e-mail address} {.|, as you asked.}
//! Privacy Policy > A heading :: text under it
//! # a comment
//! ```

use std::collections::BTreeSet;

use super::context::context;
use super::taxonomy::{Kind, Taxonomy};

/// A clause with what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What it stands under: document type, headings and the words that lead to it, as far as they are told.
    pub context: Option<String>,
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
            let (context, text) = match text.split_once(" :: ") {
                Some((context, text)) => (Some(context.to_owned()), text.to_owned()),
                None => (None, text),
            };
            examples.push(Example {
                context,
                text,
                kinds: kinds.clone(),
            });
        }
    }
    Ok(examples)
}

/// Gives every other clause the type of a document, one of those that its kinds stand in most, or any where it holds
/// nothing: what is told of a clause should depend on that, and should not need it.
#[must_use]
pub fn in_documents(examples: Vec<Example>, taxonomy: &Taxonomy) -> Vec<Example> {
    let of = |kind: &Kind| kind.documents.clone();
    let any: BTreeSet<String> = taxonomy.kinds.iter().flat_map(of).collect();
    let any: Vec<String> = any.into_iter().collect();
    let placed = |(place, mut example): (usize, Example)| {
        let kinds = example.kinds.iter().filter_map(|id| taxonomy.kind(id));
        let mut types: Vec<String> = kinds.flat_map(of).collect();
        if types.is_empty() {
            types.clone_from(&any);
        }
        let is_told = |context: &String| any.iter().any(|one| context.starts_with(one));
        if place % 2 == 0 && !example.context.as_ref().is_some_and(is_told) {
            let document = types.get(place / 2 % types.len().max(1));
            example.context = context(document.map(String::as_str), example.context.as_deref());
        }
        example
    };
    examples.into_iter().enumerate().map(placed).collect()
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
