//! The arguments of the commands that tell of changes.
#![allow(
    clippy::doc_markdown,
    reason = "the comments are help texts, which would show the backticks"
)]

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::formats::{ChangeFormat, ChangesFormat, Format, SignificanceArg};

#[derive(Debug, ClapArgs)]
pub(super) struct Changes {
    /// Only those of this document, as PLATFORM/DOCUMENT TYPE, or of this platform
    #[arg(value_name = "PLATFORM[/DOCUMENT]")]
    pub(super) of: Option<String>,
    /// Of versions observed from this date on
    #[arg(long, value_name = "DATE")]
    pub(super) since: Option<String>,
    /// Of versions observed up to this date
    #[arg(long, value_name = "DATE")]
    pub(super) until: Option<String>,
    /// Changes of this significance, confirmed or not; may be given several times
    #[arg(long, value_enum, value_name = "SIGNIFICANCE")]
    pub(super) significance: Vec<SignificanceArg>,
    /// All changes, whatever their significance
    #[arg(long, conflicts_with = "significance")]
    pub(super) all: bool,
    /// Only those with a changed clause that says, or stands under a heading that says, these words
    #[arg(long, value_name = "TEXT")]
    pub(super) heading: Option<String>,
    /// Only those that changed provisions of one of these kinds, or groups of kinds: recension taxonomy lists them
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub(super) provision: Vec<String>,
    /// As the archive knew it at this date
    #[arg(long, value_name = "DATE")]
    pub(super) known_at: Option<String>,
    /// At most this many, the newest
    #[arg(long, value_name = "COUNT")]
    pub(super) limit: Option<usize>,
    /// Why each is judged as it is
    #[arg(long)]
    pub(super) explain: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = ChangesFormat::Text)]
    pub(super) format: ChangesFormat,
    /// Write an HTML page for each change into this folder, which must be new or empty, and index.html that lists them
    #[arg(long, value_name = "DIR", conflicts_with = "format")]
    pub(super) pages: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Change {
    /// The change's id or the first 8 or more digits of it, as changes print them, or the seq of its event
    #[arg(value_name = "CHANGE")]
    pub(super) name: String,
    /// Name the rule behind every judgement
    #[arg(long)]
    pub(super) explain: bool,
    /// As the archive knew it at this date
    #[arg(long, value_name = "DATE")]
    pub(super) known_at: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = ChangeFormat::Text)]
    pub(super) format: ChangeFormat,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Clause {
    /// The clause's id or the first 8 or more digits of it, as changes print them; or words that it says or stands under
    #[arg(value_name = "CLAUSE")]
    pub(super) wanted: String,
    /// The document, as PLATFORM/DOCUMENT TYPE [default: that of a change that names the clause]
    #[arg(long = "in", value_name = "DOCUMENT")]
    pub(super) document: Option<String>,
    /// As the archive knew it at this date
    #[arg(long, value_name = "DATE")]
    pub(super) known_at: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Reassess {}
