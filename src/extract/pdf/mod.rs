//! PDF to blocks (ISO 32000-1): what the operators of its pages show, in their order, as lines, paragraphs and headings.
//!
//! ```text
//!   bytes ─file─▶ objects ─content─▶ strings at places ─lines─▶ lines ─layout─▶ blocks
//! ```
//!
//! A file is not trusted: every step takes what it costs from one budget, and what is damaged is read as far as it goes.

mod budget;
mod cmap;
mod content;
mod file;
mod filter;
mod font;
mod glyphs;
mod layout;
mod lines;
mod object;

use super::blocks::Block;
use budget::Budget;
use content::Shown;
use file::File;

/// Why there is no text in a PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PdfFault {
    /// It can be read with a key only.
    #[error("the PDF is encrypted, and is not read without its key")]
    Encrypted,
    /// It leads to no pages, or is nested as no writer does it.
    #[error("the PDF is damaged: it leads to no pages")]
    Damaged,
    /// Its pages show no text.
    #[error("the PDF shows no text: its pages are pictures, which are not read")]
    Pictures,
    /// Its fonts don't tell which characters they show.
    #[error("the PDF does not tell which characters it shows: {unknown} of {shown} are unknown")]
    Characters {
        /// How many characters are unknown.
        unknown: usize,
        /// How many are shown.
        shown: usize,
    },
    /// It unfolds to more than is read.
    #[error("the PDF unfolds to more than is read of a file of its size")]
    TooMuch,
}

/// Reads what a file shows.
///
/// # Errors
/// A [`PdfFault`], where there is no text.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Block>, PdfFault> {
    let budget = Budget::of(bytes);
    let file = File::open(bytes, &budget)?;
    let pages = file.pages()?;
    if pages.is_empty() {
        return Err(PdfFault::Damaged);
    }
    let Shown {
        lines,
        characters,
        unknown,
    } = content::show(&file, &pages)?;
    if characters == 0 {
        return Err(PdfFault::Pictures);
    }
    if unknown > characters / 2 {
        let shown = characters;
        return Err(PdfFault::Characters { unknown, shown });
    }
    Ok(layout::blocks(lines, pages.len()))
}
