//! A dossier as people read it: one HTML page that stands alone, or a Markdown document.

mod html;
mod lanes;
mod markdown;
mod matrix;
mod prose;
mod sections;
mod words;

pub use html::write as write_html;
pub use markdown::write as write_markdown;

/// From how many days on a stretch without a sight of a text is called a gap.
pub const GAP_DAYS: u64 = 30;
/// How many of the gaps are listed.
pub const LONGEST_GAPS: usize = 5;

/// What is to be kept in mind of all that a dossier says.
pub const NOTES: &[&str] = &[
    "This dossier describes what archived documents state, permit or reserve. It gives no legal advice, and it determines \
     neither what can be enforced nor whether a law is kept or broken.",
    "It comes from nobody who is affiliated with the platforms that it names.",
    "Quotes are the archived bytes at the spans given. Which kind of provision a clause holds, and whether it states or \
     denies it, was told by a program that reads English alone: some of it is told wrongly, and much that the documents \
     hold is not told. Where none was found, that is never to say that a platform does not do or permit something.",
    "A text is what one observer was shown at the times given. Others may have been shown another, and between two looks \
     it may have been another.",
    "No clock was read to make it: all dates are those of the archive or were asked for. The same program makes the same \
     dossier of the same archive, to the byte.",
];
