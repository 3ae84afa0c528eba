//! The arguments of reports.
#![allow(
    clippy::doc_markdown,
    reason = "the comments are help texts, which would show the backticks"
)]

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::formats::ReportFormat;

#[derive(Debug, ClapArgs)]
pub(super) struct Report {
    /// A platform, or a document as PLATFORM/DOCUMENT TYPE
    #[arg(value_name = "NAME")]
    pub(super) name: String,
    /// As of this date: the end of a day, month or year, or an instant [default: the newest observation of its documents]
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<String>,
    /// The changes from this date on [default: from the first observation on]
    #[arg(long, value_name = "DATE", conflicts_with = "as_of")]
    pub(super) from: Option<String>,
    /// The changes up to this date, and all else as of it [default: as --as-of]
    #[arg(long, value_name = "DATE", conflicts_with = "as_of")]
    pub(super) to: Option<String>,
    /// Compared with these platforms, or with none [default: five that share most of its document types]
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',')]
    pub(super) peers: Vec<String>,
    /// Only what was known at this date
    #[arg(long, value_name = "DATE")]
    pub(super) known_at: Option<String>,
    /// How to write
    #[arg(long, value_enum, default_value_t = ReportFormat::Md)]
    pub(super) format: ReportFormat,
    /// The file to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}
