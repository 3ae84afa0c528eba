//! The sentences of a clause.

use crate::model::Span;

/// A piece shorter than this, in bytes, stays with the one before: abbreviations and numbers end no sentence.
const SHORT: usize = 30;

/// Divides a text behind its sentences; nothing but white space is left out.
pub(super) fn sentences(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = 0;
    let mut ended = false;
    for (at, one) in text.char_indices() {
        if one.is_whitespace() && ended && at - start >= SHORT {
            push(&mut spans, text, start, at);
            start = at;
        }
        if !matches!(one, '"' | '\'' | ')' | ']' | '”' | '’') {
            ended = matches!(one, '.' | '!' | '?' | ';' | '。') || one == '\n';
        }
    }
    // What is left behind the last sentence, such as an "or" that leads to the next item, belongs to it.
    match spans.last_mut() {
        Some(last) if text.len() - start < SHORT => last.end = text.trim_end().len(),
        _ => push(&mut spans, text, start, text.len()),
    }
    spans
}

fn push(spans: &mut Vec<Span>, text: &str, start: usize, end: usize) {
    let piece = text.get(start..end).unwrap_or_default();
    let trimmed = piece.trim();
    if trimmed.is_empty() {
        return;
    }
    let start = start + (piece.len() - piece.trim_start().len());
    spans.push(Span {
        start,
        end: start + trimmed.len(),
    });
}
