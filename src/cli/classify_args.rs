//! The arguments of the commands that tell provisions.
#![allow(
    clippy::doc_markdown,
    reason = "the comments are help texts, which would show the backticks"
)]

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::formats::{Format, ProvisionFormat};

#[derive(Debug, ClapArgs)]
pub(super) struct Classify {
    /// A document in Markdown, or JSON Lines of {"id", "text", "heading", "document_type"} [default: standard input]
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// What type of document it is, as "Privacy Policy": list items and tables are told better by it
    #[arg(long, value_name = "TYPE")]
    pub(super) document_type: Option<String>,
    /// Take this model in place of the one in the program
    #[arg(long, value_name = "FILE")]
    pub(super) model: Option<PathBuf>,
    /// How to print the clauses of a document; JSON Lines are answered by JSON Lines
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

/// The labels of others.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum CrosswalkArg {
    /// The categories of OPP-115: what privacy policies of websites say
    Opp115,
    /// The kinds of UNFAIR-ToS: clauses that may be unfair to consumers
    UnfairTos,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Evaluate {
    /// Labelled texts: JSON Lines of {"text", "heading", "document_type", "labels": [...]}
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// The labels are those of others, and kinds are compared under them
    #[arg(long, value_enum)]
    pub(super) crosswalk: Option<CrosswalkArg>,
    /// Take this model in place of the one in the program
    #[arg(long, value_name = "FILE")]
    pub(super) model: Option<PathBuf>,
    /// Say on standard error which texts were told wrongly
    #[arg(long)]
    pub(super) errors: bool,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Train {
    /// Files of patterns, or folders of them, as those in data/training
    #[arg(value_name = "PATH", required = true)]
    pub(super) patterns: Vec<PathBuf>,
    /// Where the model is written
    #[arg(long, value_name = "FILE")]
    pub(super) output: PathBuf,
    /// How far on the side of a kind a text must lie to hold it, in thousandths
    #[arg(
        long,
        value_name = "THOUSANDTHS",
        default_value_t = -150,
        allow_negative_numbers = true
    )]
    pub(super) threshold: i64,
}

#[derive(Debug, ClapArgs)]
pub(super) struct TaxonomyArgs {
    /// A kind, or a group of kinds [default: all]
    #[arg(value_name = "KIND")]
    pub(super) name: Option<String>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(super) struct RegulationsArgs {
    /// A regulation, with its articles [default: all]
    #[arg(value_name = "REGULATION")]
    pub(super) name: Option<String>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Provisions {
    /// A document, as PLATFORM/DOCUMENT TYPE, or a platform
    #[arg(value_name = "NAME")]
    pub(super) name: String,
    /// As of this date: the end of a day, month or year, or an instant [default: now]
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<String>,
    /// Only what was known at this date
    #[arg(long, value_name = "DATE")]
    pub(super) known_at: Option<String>,
    /// Only these kinds, or groups of kinds: recension taxonomy lists them
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub(super) kind: Vec<String>,
    /// Since when each has been there, and when and how often its clause changed
    #[arg(long)]
    pub(super) timeline: bool,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Provision {
    /// The provision, as recension provisions prints it: EVENT:BYTE:KIND, such as 1882:17535:usage-data
    #[arg(value_name = "ID")]
    pub(super) id: String,
    /// Only these platforms are put beside it, or none [default: all]
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',')]
    pub(super) platforms: Vec<String>,
    /// Other platforms as of this date: the end of a day, month or year, or an instant [default: when the version was
    /// observed]
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = ProvisionFormat::Text)]
    pub(super) format: ProvisionFormat,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Compare {
    /// The kind of provision: recension taxonomy lists them
    #[arg(value_name = "KIND")]
    pub(super) kind: String,
    /// Only these platforms; the first is the one that the others are compared with [default: all]
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',')]
    pub(super) platforms: Vec<String>,
    /// As of this date: the end of a day, month or year, or an instant [default: now]
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<String>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}
