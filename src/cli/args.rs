//! The arguments, as help, completion and the reference show them.
#![allow(
    clippy::doc_markdown,
    reason = "the comments are help texts, which would show the backticks"
)]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

pub(super) use super::capture_args::{
    Fetch, HealthArgs, Network, Pace, ReExtract, Track, Try, Watch,
};
pub(super) use super::change_args::{Change, Changes, Clause, Reassess};
pub(super) use super::classify_args::{
    Classify, Compare, CrosswalkArg, Evaluate, Provision, Provisions, RegulationsArgs,
    TaxonomyArgs, Train,
};
pub(super) use super::export_args::{Export, ExportEvents, ExportTimeline, ExportWarc, ExportWhat};
pub(super) use super::formats::{
    ChangeFormat, ChangesFormat, Format, ProvisionFormat, ReportFormat, ShowFormat,
    SignificanceArg, TimelineFormat,
};
pub(super) use super::import_args::{Import, ImportSource, ImportWarc};
pub(super) use super::report_args::Report;
pub(super) use super::search_args::Search;

/// An archive of the documents that govern online platforms: what did document D say on date X, and how do we know?
#[derive(Debug, Parser)]
#[command(name = "recension", version, max_term_width = 100)]
pub(super) struct Args {
    /// The archive's folder [default: the nearest one at or above the working directory]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "RECENSION_ARCHIVE",
        hide_env_values = true
    )]
    pub(super) archive: Option<OsString>,
    /// Take this RFC 3339 instant for the present, so that a run can be repeated to the byte
    #[arg(
        long,
        global = true,
        value_name = "INSTANT",
        env = "RECENSION_NOW",
        hide = true
    )]
    pub(super) now: Option<String>,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an archive
    Init(Init),
    /// Bring a history that others keep into the archive
    Import(Import),
    /// Take declarations into the archive: where documents are published, and what of the pages they are
    ///
    /// Their documents are then fetched by fetch and watch. A declaration that changed takes the place of the one before,
    /// which stays in the log.
    Track(Track),
    /// Fetch tracked documents, and record what is new
    ///
    /// A page that differs from the one before is kept with the evidence of how it came. A text that reads otherwise than
    /// the one before becomes a version. Hosts are treated with respect: robots.txt is obeyed, each is asked one thing at
    /// a time. A sweep that was broken off goes on where it was. The exit code is 1 where a document could not be fetched.
    Fetch(Fetch),
    /// Fetch tracked documents whenever they are due, until it is told to stop
    Watch(Watch),
    /// Show which tracked documents are due, which fail and why, and which selectors match nothing any more
    ///
    /// The exit code is 1 where one needs a look.
    Health(HealthArgs),
    /// Take the texts of stored pages again, each under the declaration that held when it was fetched
    ///
    /// Pages that no text was taken of, as imported ones, get their versions. Pages that were read are read anew where
    /// their document is obtained in another way now, or by a later extractor: what then reads otherwise is a version, and
    /// never an alert. Versions that others extracted stay as they are. A run that is interrupted goes on where it was.
    #[command(name = "reextract")]
    ReExtract(ReExtract),
    /// List the platforms
    Platforms(List),
    /// List the documents, of all platforms or of one
    Documents(Documents),
    /// List the events of the log
    Log(Log),
    /// Show when a document was seen, and what each look showed
    Timeline(Timeline),
    /// Print what a document said as of a date, and how that is known
    Show(Show),
    /// Print the bytes of blobs: of texts and snapshots, by the names that events give them
    ///
    /// What is withheld is said to be so in place of its bytes, with exit code 1.
    Cat(Cat),
    /// Compare what a document said at two dates
    Diff(Diff),
    /// List what changed in documents, and whether it matters
    ///
    /// Without options, the confirmed substantive changes; what is left out is counted, and why.
    Changes(Changes),
    /// Show a change: what was inserted and deleted, word by word, and how it is judged
    Change(Change),
    /// Show the life of a clause: when it came, in which words it stood, where it went
    ///
    /// A clause keeps its id through rewordings and moves. Without an id, all clauses of a document are shown that say, or
    /// stand under, some words.
    Clause(Clause),
    /// Judge all changes of the archive with the detector of this program
    ///
    /// What it judges otherwise than before is recorded beside the older judgements, which --known-at still shows.
    Reassess(Reassess),
    /// Find clauses by their words, in all versions of all documents, with the time in which each stood
    ///
    /// Each hit is quoted from an archived version, with the words that were looked for between {= and =}. Documents say the
    /// same in other words too: what is not found may still be there. The index is built at the first search.
    Search(Search),
    /// List the provisions that documents held as of a date, each with the clause that holds it
    ///
    /// They describe what a document states, permits or reserves, and are no legal advice.
    Provisions(Provisions),
    /// Show a provision whole: what it says and means, what became of it, regulations, questions, evidence
    Provision(Provision),
    /// Show how platforms word a kind of provision, side by side
    ///
    /// A platform without one is said to have none found in its archived documents, which is not that it has none.
    Compare(Compare),
    /// Write a dossier of a platform or a document: coverage, provisions, changes, comparison, regulations, evidence
    ///
    /// It tells all as of a date, and what changed in a period that ends then. Without a date that is the newest
    /// observation of its documents, so that the same archive gives the same dossier to the byte. It is no legal advice.
    Report(Report),
    /// Show the kinds of provisions, or one of them whole
    Taxonomy(TaxonomyArgs),
    /// Show the regulations that provisions engage, or one of them with its articles
    Regulations(RegulationsArgs),
    /// Tell which provisions the clauses of a text hold, and by which words
    Classify(Classify),
    /// Compare what classify tells with what people labelled: precision, recall and F1 of each label
    Evaluate(Evaluate),
    /// Train a model for classify from patterns of clauses
    Train(Train),
    /// Count what is in the archive
    Stats(Stats),
    /// Check that nothing in the archive was altered since it was recorded
    Verify(Verify),
    /// Build the views again from the log
    Rebuild(Rebuild),
    /// Compress the contents anew, with more effort than on arrival
    ///
    /// Others may read meanwhile. A compaction that is stopped goes on where it was; one that has nothing new to do ends
    /// at once.
    Compact(Compact),
    /// Take events and contents that are lost or damaged from another archive
    ///
    /// Both are known by their hashes, so that archive needn't be trusted. Events are restored in bundles of 256 and only
    /// from a copy of the same log. The tables that look up events are built again where they are damaged, also without
    /// another archive.
    Repair(Repair),
    /// Take the bytes of a text or a snapshot out of the archive for good, and say why
    ///
    /// The events that name them stay, with their hashes and their proofs; every answer that would have shown the bytes
    /// says that they are withheld, since when and why. This can't be undone. It may be run again, and then finishes what
    /// was interrupted.
    Withhold(Withhold),
    /// Copy the whole archive, while others may write to it and read it
    Backup(Backup),
    /// Go by the log alone where its file checkpoint is lost
    ///
    /// The file holds the newest checkpoint outside the log, so that a log that was cut short or put back from an old copy
    /// is noticed. Put the file back from a copy if there is one. Without one, this command writes it again from the log:
    /// if the log lost events before, that can't be noticed any more. A file that is there is never replaced.
    AcceptLog(AcceptLog),
    /// Write timelines with proofs, or the events, for others to read
    Export(Export),
    /// Fetch a document and show what its declaration keeps, and which of its selectors match nothing
    ///
    /// Nothing is archived, and no archive is needed. The text goes to standard output, the rest to standard error.
    Try(Try),
    /// Archive three invented platforms in a temporary folder, and show around
    Demo(Demo),
    /// Print the reference of all commands in Markdown
    #[command(hide = true)]
    Reference,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Init {
    /// The folder to make the archive in [default: that of --archive, or the working directory]
    #[arg(value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
    /// The name of the log in its checkpoints, such as example.org/archive [default: a random one]
    #[arg(long, value_name = "NAME")]
    pub(super) origin: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct List {
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Stats {
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Write a page instead, with drawings and tables of growth, platforms, and how reads go: a file, or - for standard output
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "svg"])]
    pub(super) html: Option<PathBuf>,
    /// Write the drawings alone, as one SVG: a file, or - for standard output
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    pub(super) svg: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Documents {
    /// Only those of this platform
    #[arg(value_name = "PLATFORM")]
    pub(super) platform: Option<String>,
    /// With the version of each that stood at this date: the end of a day, month or year, or an instant
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Log {
    /// Only the events of this document and the sweeps that looked at it
    #[arg(value_name = "DOCUMENT")]
    pub(super) document: Option<String>,
    /// Only events with a greater seq
    #[arg(long, value_name = "SEQ")]
    pub(super) after: Option<u64>,
    /// At most this many
    #[arg(long, value_name = "COUNT")]
    pub(super) limit: Option<u64>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Timeline {
    /// The document, as PLATFORM/DOCUMENT TYPE
    #[arg(value_name = "DOCUMENT")]
    pub(super) document: String,
    /// Every look, not only those that brought a first version or a substantive change, failed or ended the archiving
    #[arg(long)]
    pub(super) all: bool,
    /// From this date on
    #[arg(long, value_name = "DATE")]
    pub(super) since: Option<String>,
    /// Up to this date
    #[arg(long, value_name = "DATE")]
    pub(super) until: Option<String>,
    /// As the archive knew it at this date
    #[arg(long, value_name = "DATE")]
    pub(super) known_at: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["document", "event", "all", "batch"]))]
pub(super) struct Show {
    /// The document, as PLATFORM/DOCUMENT TYPE
    #[arg(value_name = "DOCUMENT")]
    pub(super) document: Option<String>,
    /// The version or snapshot that this event recorded, whatever came after it
    #[arg(long, value_name = "SEQ", conflicts_with_all = ["as_of", "known_at"])]
    pub(super) event: Option<u64>,
    /// The date asked about: the end of a day, month or year, or an instant [default: now]
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<String>,
    /// As the archive knew it at this date
    #[arg(long, value_name = "DATE")]
    pub(super) known_at: Option<String>,
    /// text: a heading and the text · markdown: the same as a Markdown file · json: one object · raw: the bytes alone
    #[arg(long, value_enum, default_value_t = ShowFormat::Text)]
    pub(super) format: ShowFormat,
    /// All documents, each into a file below --output, with a list of them
    #[arg(long, requires = "output")]
    pub(super) all: bool,
    /// The folder for --all, which must be new or empty
    #[arg(long, value_name = "DIR", requires = "all")]
    pub(super) output: Option<PathBuf>,
    /// Answer a question a line: JSON Lines {"document": …, "as_of": …, "known_at": …} from a file, or - for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["as_of", "known_at", "format"])]
    pub(super) batch: Option<PathBuf>,
    /// Only how the answer is known, without the text
    #[arg(long, conflicts_with_all = ["all", "batch", "with_text"])]
    pub(super) brief: bool,
    /// Put the text into the answers of --batch and of --format json
    #[arg(long)]
    pub(super) with_text: bool,
}

#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["blobs", "batch"]))]
pub(super) struct Cat {
    /// The blobs, each by its name or the first 12 or more digits of it, as show and timeline print them
    #[arg(value_name = "BLOB")]
    pub(super) blobs: Vec<String>,
    /// Answer a name a line from standard input, as git cat-file --batch does: NAME blob SIZE, then the bytes and a line
    /// feed; or NAME and one of missing, withheld, ambiguous, damaged
    #[arg(long)]
    pub(super) batch: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Diff {
    /// The document, as PLATFORM/DOCUMENT TYPE
    #[arg(value_name = "DOCUMENT")]
    pub(super) document: String,
    /// The earlier date [default: just before the version that stood at --to]
    #[arg(long, value_name = "DATE")]
    pub(super) from: Option<String>,
    /// The later date [default: now]
    #[arg(long, value_name = "DATE")]
    pub(super) to: Option<String>,
    /// Mark words within the lines: [-struck-] and {+inserted+}
    #[arg(long)]
    pub(super) words: bool,
    /// Lines of context around each difference
    #[arg(long, value_name = "LINES", default_value_t = 3)]
    pub(super) context: usize,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Verify {
    /// The key that must have signed, as you know it from elsewhere: NAME+ID+KEY, or a file that holds it
    #[arg(long, value_name = "VKEY")]
    pub(super) verifier: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Rebuild {}

#[derive(Debug, ClapArgs)]
pub(super) struct Compact {}

#[derive(Debug, ClapArgs)]
pub(super) struct Repair {
    /// The folder of an archive that has them: a backup, or one that holds the same documents
    #[arg(long, value_name = "DIR")]
    pub(super) from: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Withhold {
    /// The blob, by its name or the first 12 or more digits of it, as show and timeline print them
    #[arg(value_name = "BLOB")]
    pub(super) blob: String,
    /// Why, as the log keeps it and every answer repeats it
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
    pub(super) reason: Option<String>,
    /// Only list the events, documents and dates that it would touch
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct AcceptLog {}

#[derive(Debug, ClapArgs)]
pub(super) struct Backup {
    /// The folder to copy it to, which must be new or empty
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
    /// Copy the signing key too, so that the copy can be written to
    #[arg(long)]
    pub(super) with_key: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Demo {
    /// Keep the archive in this folder, which must be new or empty
    #[arg(long, value_name = "DIR")]
    pub(super) keep: Option<PathBuf>,
}
