//! How deep the elements of a page nest, told before the page is parsed: a parser of HTML takes time that grows with the
//! square of it.

use std::collections::HashMap;

/// The deepest page that is parsed. The deepest of the known collections has a hundredth of that.
pub(super) const MAX_DEPTH: usize = 5_000;

/// Elements without content.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];
/// Elements that another of their kind ends: they nest only with others between them, which are counted.
const ENDED_BY_OTHERS: &[&str] = &[
    "body", "colgroup", "dd", "dt", "head", "html", "li", "optgroup", "option", "p", "rb", "rp",
    "rt", "rtc", "tbody", "td", "tfoot", "th", "thead", "tr",
];
/// Elements whose content is no markup.
const RAW: &[&str] = &[
    "iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp",
];

/// Elements that a parser opens again in every block that follows, until their end comes.
const FORMATTING: &[&str] = &[
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];
/// How many equal elements are opened again at most.
const EQUAL: usize = 3;
/// The longest tag that is compared with others.
const TAG_BYTES: usize = 512;
/// How often elements may be opened again on a page, beside once for every second byte of it.
const COPIES: usize = 2_000_000;

/// The elements that are opened again, by their names and as they are written.
#[derive(Default)]
struct Formatting<'p> {
    open: HashMap<String, Vec<&'p str>>,
    equal: HashMap<&'p str, usize>,
    /// How many are opened again in the next block.
    again: usize,
    copies: usize,
}

impl<'p> Formatting<'p> {
    fn take(&mut self, tag: &'p str, name: &str, is_end: bool) {
        if !is_one_of(FORMATTING, name) {
            self.copies += if is_end { 0 } else { self.again };
            return;
        }
        let name = name.to_ascii_lowercase();
        if !is_end {
            // One that is longer is taken to be like no other.
            let start = tag.bytes().take(TAG_BYTES);
            let end = start.into_iter().position(|byte| byte == b'>');
            let tag = end.and_then(|end| tag.get(..end)).unwrap_or_default();
            self.open.entry(name).or_default().push(tag);
            let equal = self.equal.entry(tag).or_default();
            *equal += 1;
            self.again += usize::from(tag.is_empty() || *equal <= EQUAL);
        } else if let Some(tag) = self.open.get_mut(&name).and_then(Vec::pop) {
            let equal = self.equal.entry(tag).or_default();
            self.again -= usize::from(tag.is_empty() || *equal <= EQUAL);
            *equal -= 1;
        }
    }
}

/// Whether more elements stand open in one another than are parsed. It counts tags and builds nothing, so that an
/// element whose end is missing counts until the end of the page. So does a page whose elements without an end would be
/// opened again, in block after block, far more often than it has bytes.
pub(super) fn is_too_deep(page: &str) -> bool {
    let mut open: HashMap<String, usize> = HashMap::new();
    let mut depth = 0;
    let mut formatting = Formatting::default();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..).unwrap_or_default();
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (is_end, after) = match rest.strip_prefix('/') {
            Some(after) => (true, after),
            None => (false, rest),
        };
        let name = name(after);
        if !name.is_empty() {
            formatting.take(after, name, is_end);
        }
        if formatting.copies > COPIES.max(page.len() / 2) {
            return true;
        }
        if name.is_empty() || is_one_of(VOID, name) || is_one_of(ENDED_BY_OTHERS, name) {
            continue;
        }
        if !is_end && is_one_of(RAW, name) {
            rest = behind_raw(rest, name);
            continue;
        }
        let name = name.to_ascii_lowercase();
        if is_end {
            if let Some(count) = open.get_mut(&name).filter(|count| **count > 0) {
                *count -= 1;
                depth -= 1;
            }
        } else {
            *open.entry(name).or_default() += 1;
            depth += 1;
            if depth > MAX_DEPTH {
                return true;
            }
        }
    }
    false
}

/// The name of a tag, from its first letter.
fn name(tag: &str) -> &str {
    if !tag.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return "";
    }
    let end = tag.find(|one: char| one.is_ascii_whitespace() || one == '/' || one == '>');
    tag.get(..end.unwrap_or(tag.len())).unwrap_or_default()
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|one| one.eq_ignore_ascii_case(name))
}

/// What follows the end tag of an element whose content is no markup.
fn behind_raw<'p>(rest: &'p str, name: &str) -> &'p str {
    let mut rest = rest;
    while let Some(at) = rest.find("</") {
        rest = rest.get(at + 2..).unwrap_or_default();
        let end = rest.get(..name.len()).unwrap_or_default();
        if end.eq_ignore_ascii_case(name) {
            return rest;
        }
    }
    ""
}
