//! The forms that commands print in.

use clap::ValueEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// One JSON value
    Json,
    /// One JSON value a line
    Jsonl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ShowFormat {
    /// A heading that says how the answer is known, and the text
    Text,
    /// The same with the heading as front matter
    Markdown,
    /// One JSON object
    Json,
    /// The archived bytes, nothing else
    Raw,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TimelineFormat {
    /// JSON Lines: the checkpoint, then a line an entry
    Jsonl,
    /// Comma-separated values, safe to open in a spreadsheet
    Csv,
    /// A Markdown document
    Md,
    /// One HTML page that stands alone, with a drawing
    Html,
}
