//! Text to clauses: a version's Markdown divided into the units between which changes are found, each with its span.

mod along;
mod collect;
mod html;
mod links;
mod reading;
mod sentences;

use crate::model::Clauses;

pub use along::Along;

/// Divides a text into clauses. It takes time and memory linear in the length of the text, whatever it is.
///
/// Headings give the path; paragraphs, items of lists, rows of tables and preformatted blocks are the units, and a long
/// paragraph is divided into its sentences. A paragraph set in bold serves as a heading where it is short.
#[must_use]
pub fn segment(text: &str) -> Clauses {
    collect::collect(text)
}
