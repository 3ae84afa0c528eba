//! The nodes of a page to blocks.

use std::ops::Range;

use scraper::node::Element;
use url::Url;

use super::blocks::Block;
use super::inline::Inline;
use super::page::{Content, Page};
use crate::model::Filter;

/// Elements are read to this depth below the selection; deeper ones are read as the text in them, so that a page can't
/// exhaust the stack.
const DEPTH: usize = 200;

/// The largest number that a list begins with: Markdown has none of more than nine digits.
const FIRST_NUMBER: u32 = 99_999_999;

/// The longest address of a link; one that is longer is data, and would be written as often as a page leads to it.
pub(super) const ADDRESS_BYTES: usize = 4_096;

/// What becomes of links.
pub(super) struct Links<'a> {
    /// The address that they are relative to.
    pub(super) base: Url,
    pub(super) filters: &'a [Filter],
}

impl Links<'_> {
    /// The absolute address of a link to another page; none for programs and data.
    fn resolve(&self, link: &str) -> Option<String> {
        let mut address = self.base.join(link.trim()).ok()?;
        if !["http", "https", "mailto", "tel"].contains(&address.scheme()) {
            return None;
        }
        for Filter::RemoveQueryParams(names) in self.filters {
            let is_named = |name: &str| names.iter().any(|one| one == name);
            if address.query_pairs().any(|(name, _)| is_named(&name)) {
                let pairs: Vec<(String, String)> = address
                    .query_pairs()
                    .filter(|(name, _)| !is_named(name))
                    .map(|(name, value)| (name.into_owned(), value.into_owned()))
                    .collect();
                address.set_query(None);
                if !pairs.is_empty() {
                    address.query_pairs_mut().extend_pairs(pairs);
                }
            }
        }
        let address = address.as_str().replace('(', "%28").replace(')', "%29");
        Some(address).filter(|address| address.len() <= ADDRESS_BYTES)
    }
}

/// Reads what is in a span of a page.
pub(super) fn read(
    page: &Page<'_>,
    links: &Links<'_>,
    span: Range<usize>,
    blocks: &mut Vec<Block>,
) {
    let holder = page.holder(&span);
    let reader = Reader { page, links, span };
    let mut run = Inline::default();
    reader.node(holder, 0, &mut run, blocks);
    end_paragraph(&mut run, blocks);
}

struct Reader<'a> {
    page: &'a Page<'a>,
    links: &'a Links<'a>,
    span: Range<usize>,
}

impl Reader<'_> {
    /// Reads a node: text goes into the paragraph under way, blocks come behind it.
    fn node(&self, place: usize, depth: usize, run: &mut Inline, blocks: &mut Vec<Block>) {
        let below = self.page.span(place);
        if below.end <= self.span.start || self.span.end <= below.start {
            return;
        }
        match self.page.content(place) {
            Content::Text(text) => run.text(text),
            Content::Other => self.children(place, depth, run, blocks),
            Content::Element(element) if is_silent(element.name()) => {}
            Content::Element(_) if depth >= DEPTH => self.flat(place, run),
            Content::Element(_) if self.page.is_block(place) => {
                end_paragraph(run, blocks);
                self.block(place, depth, blocks);
            }
            Content::Element(element) => self.inline(place, element, depth, run, blocks),
        }
    }

    fn children(&self, place: usize, depth: usize, run: &mut Inline, blocks: &mut Vec<Block>) {
        for child in self.page.children(place) {
            self.node(child, depth + 1, run, blocks);
        }
    }

    /// Reads all text below a node, whatever elements it stands in.
    fn flat(&self, place: usize, run: &mut Inline) {
        let mut next = place;
        let below = self.page.span(place);
        while next < below.end.min(self.span.end) {
            match self.page.content(next) {
                Content::Text(text) if self.span.start <= next => run.text(text),
                Content::Element(element) if is_silent(element.name()) => {
                    next = self.page.span(next).end;
                    continue;
                }
                Content::Text(_) | Content::Element(_) | Content::Other => {}
            }
            next += 1;
        }
    }

    fn inline(
        &self,
        place: usize,
        element: &Element,
        depth: usize,
        run: &mut Inline,
        blocks: &mut Vec<Block>,
    ) {
        let mut inner = Inline::default();
        match element.name() {
            "br" if !self.page.is_removed(place) => run.line_break(),
            "img" if !self.page.is_removed(place) => {
                let source = element.attr("src").and_then(|src| self.links.resolve(src));
                inner.text(element.attr("alt").unwrap_or_default());
                if let Some(source) = source.filter(|_| !inner.is_blank()) {
                    run.within("![", &inner, &format!("]({source})"));
                }
            }
            name => {
                self.children(place, depth, &mut inner, blocks);
                let link = element.attr("href").filter(|_| name == "a");
                let (open, close) = match (name, link.and_then(|link| self.links.resolve(link))) {
                    (_, Some(address)) => ("[", format!("]({address})")),
                    ("b" | "strong", None) => ("**", "**".to_owned()),
                    ("i" | "em", None) => ("_", "_".to_owned()),
                    ("s" | "del" | "strike", None) => ("~~", "~~".to_owned()),
                    _ => ("", String::new()),
                };
                run.within(open, &inner, &close);
            }
        }
    }

    fn block(&self, place: usize, depth: usize, blocks: &mut Vec<Block>) {
        let name = self.page.name(place);
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let text = self.line(place, depth);
                let level = name
                    .bytes()
                    .last()
                    .map_or(1, |digit| usize::from(digit - b'0'));
                if !text.is_empty() {
                    blocks.push(Block::Heading { level, text });
                }
            }
            "ul" | "ol" | "menu" | "dir" => self.list(place, depth, blocks),
            "blockquote" => {
                let quoted = self.within(place, depth);
                if !quoted.is_empty() {
                    blocks.push(Block::Quote(quoted));
                }
            }
            "pre" | "listing" | "xmp" | "plaintext" => self.lines(place, blocks),
            "table" => self.table(place, depth, blocks),
            "hr" => {
                if !self.page.is_removed(place) {
                    blocks.push(Block::Rule);
                }
            }
            _ => blocks.extend(self.within(place, depth)),
        }
    }

    /// The blocks below a node.
    fn within(&self, place: usize, depth: usize) -> Vec<Block> {
        let (mut run, mut blocks) = (Inline::default(), Vec::new());
        self.children(place, depth, &mut run, &mut blocks);
        end_paragraph(&mut run, &mut blocks);
        blocks
    }

    /// All that is below a node, on one line.
    fn line(&self, place: usize, depth: usize) -> String {
        let mut texts = Vec::new();
        texts_of(&self.within(place, depth), &mut texts);
        texts.join(" ").replace("  \n", " ")
    }

    fn list(&self, place: usize, depth: usize, blocks: &mut Vec<Block>) {
        let mut items: Vec<Vec<Block>> = Vec::new();
        for child in self.page.children(place) {
            let is_item = self.page.name(child) == "li";
            let (mut run, mut item) = (Inline::default(), Vec::new());
            self.node(child, depth + 1, &mut run, &mut item);
            end_paragraph(&mut run, &mut item);
            // A list that stands between the items and not in one belongs to the item before it.
            match items.last_mut() {
                Some(last) if !is_item && !item.is_empty() => last.extend(item),
                _ if item.is_empty() => {}
                _ => items.push(item),
            }
        }
        let first = (self.page.name(place) == "ol").then(|| match self.page.content(place) {
            Content::Element(element) => element
                .attr("start")
                .and_then(|one| one.parse().ok())
                .filter(|first| *first <= FIRST_NUMBER),
            Content::Text(_) | Content::Other => None,
        });
        if !items.is_empty() {
            let first = first.map(|first| first.unwrap_or(1));
            blocks.push(Block::List { first, items });
        }
    }

    /// Reads text whose lines stand as they are: blank lines part paragraphs.
    fn lines(&self, place: usize, blocks: &mut Vec<Block>) {
        let mut text = String::new();
        for below in self.page.span(place) {
            match self.page.content(below) {
                Content::Text(one) if self.span.contains(&below) => text.push_str(one),
                Content::Element(element) if element.name() == "br" => text.push('\n'),
                _ => {}
            }
        }
        let mut run = Inline::default();
        for line in text.lines() {
            if line.trim().is_empty() {
                end_paragraph(&mut run, blocks);
            } else {
                run.text(line);
                run.line_break();
            }
        }
        end_paragraph(&mut run, blocks);
    }

    /// Reads a table; one that only arranges the page is read cell by cell.
    fn table(&self, place: usize, depth: usize, blocks: &mut Vec<Block>) {
        let mut below = self.page.span(place);
        below.start += 1;
        let arranges = below.clone().any(|one| self.page.name(one) == "table");
        let is_cell = |cell: &usize| matches!(self.page.name(*cell), "td" | "th");
        let rows: Vec<Vec<usize>> = below
            .filter(|row| self.page.name(*row) == "tr")
            .map(|row| self.page.children(row).filter(is_cell).collect())
            .collect();
        if arranges || rows.iter().all(|row| row.len() < 2) {
            blocks.extend(self.within(place, depth));
            return;
        }
        for caption in self.page.children(place) {
            if self.page.name(caption) == "caption" {
                blocks.extend(self.within(caption, depth));
            }
        }
        let is_header = |row: &Vec<usize>| row.iter().all(|cell| self.page.name(*cell) == "th");
        let header = usize::from(rows.first().is_some_and(is_header));
        let mut read = rows.iter().map(|row| {
            let cells = row.iter().map(|cell| self.within(*cell, depth + 1));
            cells.collect::<Vec<Vec<Block>>>()
        });
        let header = read.by_ref().take(header).next().unwrap_or_default();
        let is_filled = |row: &Vec<Vec<Block>>| row.iter().any(|cell| !cell.is_empty());
        let rows: Vec<Vec<Vec<Block>>> = read.filter(is_filled).collect();
        if !rows.is_empty() || is_filled(&header) {
            blocks.push(Block::Table { header, rows });
        }
    }
}

/// The texts of blocks, without what they are.
fn texts_of(blocks: &[Block], texts: &mut Vec<String>) {
    for block in blocks {
        match block {
            Block::Heading { text, .. } | Block::Paragraph(text) => texts.push(text.clone()),
            Block::List { items, .. } => items.iter().for_each(|item| texts_of(item, texts)),
            Block::Quote(blocks) => texts_of(blocks, texts),
            Block::Table { header, rows } => {
                let cells = header.iter().chain(rows.iter().flatten());
                cells.for_each(|cell| texts_of(cell, texts));
            }
            Block::Rule => {}
        }
    }
}

fn end_paragraph(run: &mut Inline, blocks: &mut Vec<Block>) {
    if let Some(text) = run.take() {
        blocks.push(Block::Paragraph(text));
    }
}

/// Whether nothing below an element is read on the page.
pub(super) fn is_silent(name: &str) -> bool {
    matches!(
        name,
        "head"
            | "script"
            | "style"
            | "noscript"
            | "template"
            | "iframe"
            | "object"
            | "svg"
            | "math"
            | "select"
            | "textarea"
            | "canvas"
            | "audio"
            | "video"
            | "datalist"
    )
}
