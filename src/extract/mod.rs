//! Extraction: the bytes of a page to the readable text that a declaration says is the document.
//!
//! ```text
//!   bytes ─charset─▶ characters ─page─▶ nodes in order ─select─▶ spans ─read─▶ blocks ─write─▶ Markdown
//! ```
//!
//! The same bytes and the same declaration always give the same text.

mod blocks;
mod charset;
mod inline;
mod page;
mod read;
mod select;
mod write;

use crate::model::SourcePart;
use page::Page;

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
}

fn quoted(selectors: &[String]) -> String {
    let quoted: Vec<String> = selectors.iter().map(|one| format!("\"{one}\"")).collect();
    quoted.join(" or ")
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
    let html = scraper::Html::parse_document(&charset::decode(bytes, charset));
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
    let text = write::markdown(&blocks);
    if text.is_empty() {
        return Err(ExtractError::Empty);
    }
    Ok(Extracted {
        text,
        unmatched: selected.unmatched,
    })
}
