//! The blocks that a readable text consists of.

/// A piece of text on lines of its own. Texts in it are Markdown, with two spaces and a line feed for a break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    Heading {
        /// From 1 to 6.
        level: usize,
        text: String,
    },
    Paragraph(String),
    List {
        /// The number of the first item, where the items have numbers.
        first: Option<u32>,
        items: Vec<Vec<Block>>,
    },
    Quote(Vec<Block>),
    Table {
        /// The cells of the header, where there is one.
        header: Vec<Vec<Block>>,
        rows: Vec<Vec<Vec<Block>>>,
    },
    Rule,
}
