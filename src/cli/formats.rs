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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SignificanceArg {
    /// What a person reads changed beyond the following
    Substantive,
    /// Dates, numbering, contact details, spelling, punctuation, order and targets of links only
    Editorial,
    /// A person reads the same
    Presentational,
    /// A return to an earlier reading, or what soon gave way to one
    Reverted,
    /// The page was not the document, or not all of it
    CaptureFault,
    /// The same snapshot read otherwise
    ReExtraction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ChangesFormat {
    /// For people
    Text,
    /// One JSON value
    Json,
    /// One JSON value a line
    Jsonl,
    /// A Markdown document
    Md,
    /// One HTML page that stands alone
    Html,
    /// An Atom feed
    Atom,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ChangeFormat {
    /// For people
    Text,
    /// One JSON value
    Json,
    /// A Markdown document
    Md,
    /// One HTML page that stands alone
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ProvisionFormat {
    /// For people
    Text,
    /// One JSON value
    Json,
    /// One JSON value a line
    Jsonl,
    /// One HTML page that stands alone
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// A Markdown document
    Md,
    /// One HTML page that stands alone, with drawings
    Html,
    /// One JSON value
    Json,
}
