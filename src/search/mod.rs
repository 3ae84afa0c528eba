//! Words that are looked for, and where a text has them.
//!
//! ```text
//!   what a person types ─parse─▶ query ──▶ the clauses that have its words ─marks─▶ where they stand
//!                                  └─── words, folded alike on both sides ───┘
//! ```

mod query;
mod words;

pub use query::{MOST_WORDS, Nearness, Query, QueryError, Sought};
pub use words::{each_word, words};
