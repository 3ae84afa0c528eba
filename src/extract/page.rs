//! A page as its nodes in the order of the document, so that every part of it is a span of places.

use std::collections::HashMap;
use std::ops::Range;

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::node::Element;
use scraper::{Html, Node, Selector};
use url::Url;

use super::read::ADDRESS_BYTES;

/// What a node holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content<'a> {
    Text(&'a str),
    Element(&'a Element),
    /// The document itself, a comment, a document type.
    Other,
}

struct PageNode<'a> {
    content: Content<'a>,
    /// The place behind the last node below this one.
    end: usize,
    /// Whether there is an element below that makes a block of its own.
    holds_block: bool,
    removed: bool,
}

/// A page. Its nodes are known by their places, from 0, each before those below it.
pub(super) struct Page<'a> {
    html: &'a Html,
    nodes: Vec<PageNode<'a>>,
    places: HashMap<NodeId, usize>,
}

impl<'a> Page<'a> {
    pub(super) fn new(html: &'a Html) -> Self {
        let mut nodes: Vec<PageNode<'a>> = Vec::new();
        let mut places = HashMap::new();
        let mut open = Vec::new();
        for edge in html.tree.root().traverse() {
            match edge {
                Edge::Open(node) => {
                    let content = match node.value() {
                        Node::Text(text) => Content::Text(text),
                        Node::Element(element) => Content::Element(element),
                        _ => Content::Other,
                    };
                    if matches!(content, Content::Element(_)) {
                        places.insert(node.id(), nodes.len());
                    }
                    open.push(nodes.len());
                    nodes.push(PageNode {
                        content,
                        end: nodes.len() + 1,
                        holds_block: false,
                        removed: false,
                    });
                }
                Edge::Close(_) => {
                    let Some(place) = open.pop() else { continue };
                    let end = nodes.len();
                    let node = &mut nodes[place];
                    node.end = end;
                    let block = node.holds_block
                        || matches!(node.content, Content::Element(one) if is_block(one.name()));
                    if let Some(above) = open.last() {
                        nodes[*above].holds_block |= block;
                    }
                }
            }
        }
        Self {
            html,
            nodes,
            places,
        }
    }

    /// The address that links are resolved against: that of the first `base` element, or that of the page.
    pub(super) fn base(&self, address: &Url) -> Url {
        let mut elements = self.nodes.iter().filter_map(|node| match node.content {
            Content::Element(element) if element.name() == "base" => element.attr("href"),
            _ => None,
        });
        let base = elements.next().and_then(|base| address.join(base).ok());
        let base = base.filter(|base| base.as_str().len() <= ADDRESS_BYTES);
        base.unwrap_or_else(|| address.clone())
    }

    /// The span of the whole page.
    pub(super) fn whole(&self) -> Range<usize> {
        0..self.nodes.len()
    }

    /// The spans of the elements left that match a selector, in the order of the document; one inside another is part of
    /// it.
    pub(super) fn matches(&self, selector: &Selector) -> Vec<Range<usize>> {
        let mut spans: Vec<Range<usize>> = Vec::new();
        let elements = self.html.select(selector);
        let places = elements.filter_map(|element| self.places.get(&element.id()));
        for place in places.filter(|place| !self.is_removed(**place)) {
            if spans.last().is_none_or(|last| last.end <= *place) {
                spans.push(self.span(*place));
            }
        }
        spans
    }

    /// Takes the nodes of a span out of the page; elements that reach out of it lose only what is inside.
    pub(super) fn remove(&mut self, span: Range<usize>) {
        for node in &mut self.nodes[span] {
            node.removed = true;
        }
    }

    /// The deepest node that holds a whole span.
    pub(super) fn holder(&self, span: &Range<usize>) -> usize {
        let mut place = 0;
        let holds = |one: &usize| *one <= span.start && span.end <= self.nodes[*one].end;
        while let Some(child) = self.children(place).find(holds) {
            place = child;
        }
        place
    }

    /// A node with all that is below it.
    pub(super) fn span(&self, place: usize) -> Range<usize> {
        place..self.nodes[place].end
    }

    /// The nodes just below a node.
    pub(super) fn children(&self, place: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.nodes[place].end;
        let first = Some(place + 1).filter(|first| *first < end);
        std::iter::successors(first, move |one| {
            Some(self.nodes[*one].end).filter(|next| *next < end)
        })
    }

    /// What a node holds, unless it is taken out of the page.
    pub(super) fn content(&self, place: usize) -> Content<'a> {
        match self.nodes[place].content {
            // An element that was taken out has nothing left below it, unless a range cut through it.
            Content::Text(_) if self.nodes[place].removed => Content::Other,
            content => content,
        }
    }

    /// Whether a node was taken out of the page.
    pub(super) fn is_removed(&self, place: usize) -> bool {
        self.nodes[place].removed
    }

    /// The name of an element; empty for other nodes.
    pub(super) fn name(&self, place: usize) -> &'a str {
        match self.nodes[place].content {
            Content::Element(element) => element.name(),
            Content::Text(_) | Content::Other => "",
        }
    }

    /// Whether a node makes a block of its own, or holds one that does.
    pub(super) fn is_block(&self, place: usize) -> bool {
        self.nodes[place].holds_block || is_block(self.name(place))
    }
}

/// Whether an element stands on lines of its own, as the HTML standard renders it (15.3).
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "listing"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "plaintext"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
            | "xmp"
    )
}
