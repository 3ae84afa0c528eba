//! One change as people read it, and many as a feed.

mod atom;
mod feed;
pub(super) mod html;
mod markdown;
pub(super) mod provisions;
mod terminal;
pub mod wording;

pub use feed::{FeedForm, FeedHead, FeedWriter, LeftOut};
pub use html::{Neighbours, html};
pub use markdown::markdown;
pub use provisions::provision;
pub use terminal::{Terminal, terminal};

use super::shape::{ChangeLine, Judgement};
use crate::compare::blocks::Compared;
use crate::compare::redline::Piece;
use crate::model::Change;

/// A change with all that is shown of it.
#[derive(Debug, Clone)]
pub struct Shown<'a> {
    /// What the events say of it, with words of both texts.
    pub line: ChangeLine,
    /// The judgement.
    pub change: &'a Change,
    /// Both versions and what separates them; none where the text of one is withheld.
    pub compared: Option<Compared<'a>>,
}

impl<'a> Shown<'a> {
    /// Takes a change, with both versions where their texts are there.
    #[must_use]
    pub fn new(judgement: Judgement<'a>, compared: Option<Compared<'a>>) -> Self {
        Self {
            change: judgement.change,
            line: ChangeLine::new(judgement, compared),
            compared,
        }
    }
}

/// The words of a piece, between the spaces at its ends: marks stand around words. A gap alone is what is marked.
pub(super) fn trimmed(piece: &Piece) -> (&str, &str, &str) {
    let text = piece.text.as_str();
    let words = text.trim_matches(' ');
    if words.is_empty() {
        return ("", text, "");
    }
    let start = text.len() - text.trim_start_matches(' ').len();
    let (before, rest) = text.split_at(start);
    let (words, behind) = rest.split_at(words.len());
    (before, words, behind)
}

/// Says which of the texts of a change are withheld, and since when.
fn withheld(line: &ChangeLine) -> String {
    let sides = [&line.from, &line.to].into_iter();
    let gone = sides.filter_map(|side| Some((side.seq, side.withheld.as_ref()?)));
    let gone: Vec<String> = gone
        .map(|(seq, withheld)| {
            format!(
                "the text of event {seq} is withheld since {} (event {}): {}",
                withheld.recorded_at, withheld.seq, withheld.reason
            )
        })
        .collect();
    format!("The redline can't be shown: {}", gone.join("; "))
}

/// What both versions say of their dates, a sentence each: `Effective on 2025-12-16, before 2024-07-11`, with the words.
fn claims(line: &ChangeLine) -> Vec<String> {
    let Some(summary) = &line.summary else {
        return Vec::new();
    };
    let kinds = [
        ("takes effect on", &summary.effective_on),
        ("was published or updated on", &summary.published_on),
    ];
    let sentences = kinds.into_iter().filter_map(|(what, claims)| {
        let after = claims.after.as_ref()?;
        let mut sentence = format!(
            "The text says that it {what} {}: “{}”",
            after.date, after.quote
        );
        match &claims.before {
            Some(before) if before.date != after.date => {
                sentence.push_str(&format!("; before, {}: “{}”", before.date, before.quote));
            }
            _ => {}
        }
        Some(sentence)
    });
    sentences.collect()
}
