//! The arguments of the imports.
#![allow(
    clippy::doc_markdown,
    reason = "the comments are help texts, which would show the backticks"
)]

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::capture_args::Track;
use super::formats::Format;

#[derive(Debug, ClapArgs)]
pub(super) struct Import {
    #[command(subcommand)]
    pub(super) source: ImportSource,
}

#[derive(Debug, Subcommand)]
pub(super) enum ImportSource {
    /// Import the versions of an Open Terms Archive collection from its git history
    ///
    /// A second run appends nothing; a run on a longer history appends the rest; an interrupted one goes on.
    #[command(name = "ota-versions")]
    Versions(OtaVersions),
    /// Import the snapshots of an Open Terms Archive collection, the pages as fetched, from their git history
    ///
    /// Like ota-versions, it can be run again at any time. Snapshots stand in the log beside the versions of their
    /// documents and change no answer as of a date.
    #[command(name = "ota-snapshots")]
    Snapshots(OtaSnapshots),
    /// Import pages from a WARC file: of an archive's own export, or of others where their addresses are tracked
    ///
    /// What an archive exported comes back as it was, with the evidence. Of other files, the responses are taken whose
    /// address a tracked document has. Their texts are then taken by reextract. A second run appends nothing.
    Warc(ImportWarc),
    /// Import the declarations of an Open Terms Archive collection, with those that held before
    ///
    /// Their documents are tracked from then on. A second run appends nothing.
    #[command(name = "ota-declarations")]
    Declarations(Track),
}

/// What every import of a history takes.
#[derive(Debug, ClapArgs)]
pub(super) struct History {
    /// A bare repository, a work tree, or a .bundle file
    #[arg(value_name = "PATH")]
    pub(super) path: PathBuf,
    /// The branch to read [default: HEAD]
    #[arg(long, value_name = "NAME")]
    pub(super) branch: Option<String>,
    /// Read the whole history again, for what an earlier import left out
    #[arg(long)]
    pub(super) again: bool,
    /// How to print the closing summary
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(super) struct OtaVersions {
    #[command(flatten)]
    pub(super) history: History,
    /// Leave out texts that are larger than this, and say so
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20)]
    pub(super) max_text_bytes: u64,
}

#[derive(Debug, ClapArgs)]
pub(super) struct OtaSnapshots {
    #[command(flatten)]
    pub(super) history: History,
    /// Leave out snapshots that are larger than this, and say so
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20)]
    pub(super) max_snapshot_bytes: u64,
}

#[derive(Debug, ClapArgs)]
pub(super) struct ImportWarc {
    /// The file: .warc, or .warc.gz
    #[arg(value_name = "FILE")]
    pub(super) path: PathBuf,
    /// Leave out pages that are larger than this, and say so
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20)]
    pub(super) max_page_bytes: u64,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}
