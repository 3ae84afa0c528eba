//! The arguments of exports.
#![allow(
    clippy::doc_markdown,
    reason = "the comments are help texts, which would show the backticks"
)]

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::formats::TimelineFormat;

#[derive(Debug, ClapArgs)]
pub(super) struct Export {
    #[command(subcommand)]
    pub(super) what: ExportWhat,
}

#[derive(Debug, Subcommand)]
pub(super) enum ExportWhat {
    /// Write the timelines of documents with a proof for every entry, for an auditor to check without this program
    Timeline(ExportTimeline),
    /// Write the fetches of documents as WARC records: requests, responses and their evidence
    ///
    /// Each record is compressed by itself, as .warc.gz files are. Pages that others fetched have no evidence and are left out.
    Warc(ExportWarc),
    /// Write events as JSON Lines, for jobs that follow the log
    Events(ExportEvents),
}

#[derive(Debug, ClapArgs)]
pub(super) struct ExportTimeline {
    /// The documents, as PLATFORM/DOCUMENT TYPE
    #[arg(value_name = "DOCUMENT", required = true)]
    pub(super) documents: Vec<String>,
    /// How to write
    #[arg(long, value_enum, default_value_t = TimelineFormat::Jsonl)]
    pub(super) format: TimelineFormat,
    /// From this date on
    #[arg(long, value_name = "DATE")]
    pub(super) since: Option<String>,
    /// Up to this date
    #[arg(long, value_name = "DATE")]
    pub(super) until: Option<String>,
    /// The file to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct ExportEvents {
    /// Only what follows this cursor: the `cursor` of the last line read before
    #[arg(long, value_name = "CURSOR")]
    pub(super) after: Option<u64>,
    /// At most this many
    #[arg(long, value_name = "COUNT")]
    pub(super) limit: Option<u64>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct ExportWarc {
    /// A document, as PLATFORM/DOCUMENT TYPE, or a platform [default: all documents]
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
    /// The file to write, such as fetches.warc.gz [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}
