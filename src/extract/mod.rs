//! Extraction: the bytes of a page to the readable text that a declaration says is the document.
//!
//! ```text
//!   bytes ─charset─▶ characters ─page─▶ nodes in order ─select─▶ spans ─read─▶ blocks ─write─▶ Markdown
//! ```
//!
//! A PDF becomes blocks in its own way (`pdf`).
//!
//! The same bytes and the same declaration always give the same text.

mod blocks;
mod charset;
mod depth;
mod inline;
mod main_content;
mod page;
mod pdf;
mod read;
mod select;
mod write;

use crate::model::{MediaType, SourcePart};
use blocks::Block;
use page::Page;
pub use pdf::PdfFault;

/// The version of the extractor: it counts up when the same bytes and declaration may give another text.
pub const EXTRACTOR: u32 = 2;

/// What a part of a document says, as it was extracted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extracted {
    /// The text in Markdown, with one line feed at the end.
    pub text: String,
    /// The selectors of the declaration that matched nothing, in its order.
    pub unmatched: Vec<String>,
}

/// Why no text was extracted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// The address that relative links are resolved against is none.
    #[error("\"{address}\" is no absolute address")]
    Address {
        /// The address.
        address: String,
    },
    /// A selector is none of CSS.
    #[error("\"{selector}\" is no CSS selector")]
    Selector {
        /// The selector.
        selector: String,
    },
    /// A range ends before it starts.
    #[error("the range from \"{start}\" to \"{end}\" ends before it starts")]
    Range {
        /// The selector of its start.
        start: String,
        /// The selector of its end.
        end: String,
    },
    /// Nothing on the page is selected.
    #[error("nothing on the page matches {}", quoted(.selectors))]
    NoMatch {
        /// The selectors, in the order of the declaration.
        selectors: Vec<String>,
    },
    /// What is selected holds no text.
    #[error("what is selected on the page holds no text")]
    Empty,
    /// The elements of the page stand deeper in one another than is read.
    #[error("more than {limit} elements of the page stand in one another")]
    TooDeep {
        /// The most that are read.
        limit: usize,
    },
    /// There is no text in a PDF.
    #[error(transparent)]
    Pdf(#[from] PdfFault),
    /// What was fetched is neither a page nor text.
    #[error("{media_type} is not read: only pages in HTML, PDF and plain text are")]
    MediaType {
        /// What it is.
        media_type: MediaType,
    },
}

fn quoted(selectors: &[String]) -> String {
    let quoted: Vec<String> = selectors.iter().map(|one| format!("\"{one}\"")).collect();
    quoted.join(" or ")
}

/// Extracts the text of one part of a document from what was fetched, by its media type: a page in HTML by the declaration,
/// a PDF as a whole, plain text and Markdown as they are.
///
/// # Errors
/// An [`ExtractError`], where there is no text.
pub fn extract_as(
    media_type: &MediaType,
    bytes: &[u8],
    charset: Option<&str>,
    part: &SourcePart,
) -> Result<Extracted, ExtractError> {
    match media_type.as_str() {
        "text/html" | "application/xhtml+xml" => extract(bytes, charset, part),
        "text/plain" | "text/markdown" => plain(bytes, charset),
        "application/pdf" => written(&pdf::read(bytes)?, Vec::new()),
        _ => Err(ExtractError::MediaType {
            media_type: media_type.clone(),
        }),
    }
}

/// Extracts the text of a page that was saved, of which nobody said what it is: PDF or HTML.
///
/// # Errors
/// An [`ExtractError`], where there is no text.
pub fn extract_saved(bytes: &[u8], part: &SourcePart) -> Result<Extracted, ExtractError> {
    if bytes.starts_with(b"%PDF-") {
        return written(&pdf::read(bytes)?, Vec::new());
    }
    extract(bytes, None, part)
}

/// The text of a document from those of its parts.
#[must_use]
pub fn join(parts: &[String]) -> String {
    parts.join("\n")
}

/// Takes text as it is, with line feeds at the ends of its lines.
fn plain(bytes: &[u8], charset: Option<&str>) -> Result<Extracted, ExtractError> {
    let text = charset::decode(bytes, charset);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let text = lines.join("\n");
    let text = text.trim_matches('\n');
    if text.trim().is_empty() {
        return Err(ExtractError::Empty);
    }
    Ok(Extracted {
        text: format!("{text}\n"),
        unmatched: Vec::new(),
    })
}

/// Extracts the text of one part of a document from its page in HTML. `charset` is what the server said of the bytes;
/// a byte order mark stands above it, and what the page says of itself below.
///
/// # Errors
/// An [`ExtractError`], where there is no text.
pub fn extract(
    bytes: &[u8],
    charset: Option<&str>,
    part: &SourcePart,
) -> Result<Extracted, ExtractError> {
    let address = url::Url::parse(&part.address).map_err(|_| ExtractError::Address {
        address: part.address.clone(),
    })?;
    let characters = charset::decode(bytes, charset);
    if depth::is_too_deep(&characters) {
        let limit = depth::MAX_DEPTH;
        return Err(ExtractError::TooDeep { limit });
    }
    let html = scraper::Html::parse_document(&characters);
    let mut page = Page::new(&html);
    let selected = select::select(&mut page, part)?;
    let links = read::Links {
        base: page.base(&address),
        filters: &part.filters,
    };
    let mut blocks = Vec::new();
    for span in selected.spans {
        read::read(&page, &links, span, &mut blocks);
    }
    written(&blocks, selected.unmatched)
}

fn written(blocks: &[Block], unmatched: Vec<String>) -> Result<Extracted, ExtractError> {
    let text = write::markdown(blocks);
    if text.is_empty() {
        return Err(ExtractError::Empty);
    }
    Ok(Extracted { text, unmatched })
}
