//! A dossier as people read it: one HTML page that stands alone, or a Markdown document; and the page of a provision.

mod html;
mod lanes;
mod markdown;
mod matrix;
mod prose;
mod provision;
mod sections;
mod words;

pub use html::write as write_html;
pub use markdown::write as write_markdown;
pub use provision::{others_left, reworded, rewordings, stood, write as write_provision};
pub use words::{ENGAGES_NOTE, bracket, cut_out, made};

/// From how many days on a stretch without a sight of a text is called a gap.
pub const GAP_DAYS: u64 = 30;
/// How many of the gaps are listed.
pub const LONGEST_GAPS: usize = 5;

const NO_AFFILIATE: &str =
    "It comes from nobody who is affiliated with the platforms that it names.";
const TOLD_BY_PROGRAM: &str = "Quotes are the archived bytes at the spans given. Which kind of provision a clause holds, and \
    whether it states or denies it, was told by a program that reads English alone: some of it is told wrongly, and much that \
    the documents hold is not told. Where none was found, that is never to say that a platform does not do or permit something.";
const ONE_OBSERVER: &str = "A text is what one observer was shown at the times given. Others may have been shown another, and \
    between two looks it may have been another.";

/// What is to be kept in mind of all that a dossier says.
pub const NOTES: &[&str] = &[
    "This dossier describes what archived documents state, permit or reserve. It gives no legal advice, and it determines \
     neither what can be enforced nor whether a law is kept or broken.",
    NO_AFFILIATE,
    TOLD_BY_PROGRAM,
    ONE_OBSERVER,
    "No clock was read to make it: all dates are those of the archive or were asked for. The same program makes the same \
     dossier of the same archive, to the byte.",
];

/// What is to be kept in mind of all that the page of a provision says.
pub const PROVISION_NOTES: &[&str] = &[
    "This page describes what an archived document states, permits or reserves. It gives no legal advice, and it determines \
     neither what can be enforced nor whether a law is kept or broken.",
    NO_AFFILIATE,
    TOLD_BY_PROGRAM,
    ONE_OBSERVER,
];
