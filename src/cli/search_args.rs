//! The arguments of `recension search`.
#![allow(
    clippy::doc_markdown,
    reason = "the comments are help texts, which would show the backticks"
)]

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::formats::Format;

#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["query", "batch"]))]
pub(super) struct Search {
    /// Words that must all be there, in any case and with any accents: word, "one behind the other", begin*, -without
    #[arg(value_name = "QUERY")]
    pub(super) query: Option<String>,
    /// Only in the versions that stood at this date: the end of a day, month or year, or an instant [default: all versions]
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<String>,
    /// Only in this platform, or this document as PLATFORM/DOCUMENT TYPE; may be given several times
    #[arg(long = "platform", value_name = "NAME")]
    pub(super) platforms: Vec<String>,
    /// Only clauses that hold a provision of one of these kinds, or groups of kinds
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub(super) kind: Vec<String>,
    /// At most this many hits
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    pub(super) limit: usize,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Answer a query a line: JSON Lines {"query": …, "as_of": …, "platforms": […], "kind": …, "limit": …} from a file, or -
    /// for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["as_of", "platforms", "kind", "limit", "format"])]
    pub(super) batch: Option<PathBuf>,
}
