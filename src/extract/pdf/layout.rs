//! Lines to blocks: what runs along the edges of pages goes, then lines become paragraphs, headings and items of lists.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::blocks::Block;
use super::super::inline::Inline;
use super::lines::{Line, same_size};

/// From how many pages on a line that comes again is one of the edge.
const PAGES: usize = 3;
/// How many lines at the top and at the bottom of a page may be of the edge.
const EDGE_LINES: usize = 3;
/// How much larger than the body a heading is.
const LARGER: f64 = 1.12;
/// The longest heading, in characters.
const HEADING: usize = 200;
/// The longest heading that is only bold, in characters.
const BOLD_HEADING: usize = 100;
/// The farthest apart that lines of one paragraph stand, in sizes of their text.
const FARTHEST: f64 = 3.0;
const BULLETS: &[char] = &[
    '•', '◦', '▪', '●', '■', '‣', '∙', '·', '○', '\u{f0b7}', '\u{f0a7}',
];

/// The blocks of a document of so many pages.
pub(super) fn blocks(lines: Vec<Line>, pages: usize) -> Vec<Block> {
    let lines = without_edges(lines, pages);
    let words = words(&lines);
    let body = body_size(&lines);
    let paragraphs = paragraphs(&lines);
    let levels = heading_sizes(&paragraphs, body);
    let mut blocks: Vec<Block> = Vec::new();
    for paragraph in paragraphs {
        let text = joined(paragraph, &words);
        if let Some(level) = level(paragraph, &text, body, &levels) {
            blocks.extend(marked(&text).map(|text| Block::Heading { level, text }));
        } else if let Some(item) = text.strip_prefix(BULLETS) {
            let Some(item) = marked(item) else { continue };
            let item = vec![Block::Paragraph(item)];
            match blocks.last_mut() {
                Some(Block::List { items, .. }) => items.push(item),
                _ => blocks.push(Block::List {
                    first: None,
                    items: vec![item],
                }),
            }
        } else {
            blocks.extend(marked(&text).map(Block::Paragraph));
        }
    }
    blocks
}

/// A text as Markdown.
fn marked(text: &str) -> Option<String> {
    let mut run = Inline::default();
    run.text(text);
    run.take()
}

/// Takes out what stands at the same edge of most pages and reads the same but for numbers.
fn without_edges(lines: Vec<Line>, pages: usize) -> Vec<Line> {
    if pages < PAGES {
        return lines;
    }
    let mut at_edge: Vec<usize> = Vec::new();
    for page in lines.chunk_by(|a, b| a.page == b.page) {
        let mut order: Vec<usize> = (0..page.len()).collect();
        order.sort_by(|a, b| page[*b].base.total_cmp(&page[*a].base));
        let mut is_edge = vec![0; page.len()];
        for place in order
            .iter()
            .take(EDGE_LINES)
            .chain(order.iter().rev().take(EDGE_LINES))
        {
            is_edge[*place] = 1;
        }
        at_edge.extend(is_edge);
    }
    let key = |line: &Line| {
        let mut read = String::new();
        for one in line.text.chars() {
            if !one.is_ascii_digit() {
                read.push(one);
            } else if !read.ends_with('#') {
                read.push('#');
            }
        }
        read
    };
    let mut on_pages: HashMap<String, BTreeSet<usize>> = HashMap::new();
    for (line, _) in lines.iter().zip(&at_edge).filter(|(_, edge)| **edge > 0) {
        on_pages.entry(key(line)).or_default().insert(line.page);
    }
    let is_kept = |line: &Line, edge: usize| {
        let seen = on_pages.get(&key(line)).map_or(0, BTreeSet::len);
        edge == 0 || seen < PAGES || seen * 2 <= pages
    };
    let kept = lines.into_iter().zip(at_edge);
    kept.filter(|(line, edge)| is_kept(line, *edge))
        .map(|(line, _)| line)
        .collect()
}

/// A size as a number that can be counted by: half points.
fn half_points(size: f64) -> u32 {
    super::object::integer((size * 2.0).round()).unwrap_or_default()
}

/// The size of most of the text.
fn body_size(lines: &[Line]) -> f64 {
    let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
    for line in lines {
        *sizes.entry(half_points(line.size)).or_default() += line.characters;
    }
    let most = sizes.into_iter().max_by_key(|(_, characters)| *characters);
    most.map_or(0.0, |(size, _)| f64::from(size) / 2.0)
}

/// Divides lines into paragraphs.
fn paragraphs(lines: &[Line]) -> Vec<&[Line]> {
    let leading = leading(lines);
    let mut paragraphs = Vec::new();
    // Lines that stand below one another on a page, and how far to the right they reach.
    for group in lines.chunk_by(|a, b| !is_elsewhere(a, b)) {
        let left = group.iter().map(|line| line.start).min_by(f64::total_cmp);
        let right = group.iter().map(|line| line.end).max_by(f64::total_cmp);
        let (left, right) = (left.unwrap_or_default(), right.unwrap_or_default());
        let goes_on = |a: &Line, b: &Line| !is_parted(a, b, leading, left, right);
        paragraphs.extend(group.chunk_by(goes_on));
    }
    // A sentence that a page or a column cuts is one.
    let mut whole: Vec<&[Line]> = Vec::new();
    let mut from = 0;
    for paragraph in paragraphs {
        let start = from;
        from += paragraph.len();
        let (before, next) = (whole.last().and_then(|all| all.last()), paragraph.first());
        let is_cut =
            matches!((before, next), (Some(a), Some(b)) if is_elsewhere(a, b) && is_cut(a, b));
        match whole.last_mut() {
            Some(last) if is_cut => *last = &lines[start - last.len()..from],
            _ => whole.push(paragraph),
        }
    }
    whole
}

/// Whether a line stands on another page or in another column than the one before.
fn is_elsewhere(a: &Line, b: &Line) -> bool {
    a.page != b.page || a.turn != b.turn || b.base > a.base + 0.5 * a.size || b.start > a.end
}

/// Whether one sentence goes on from a line to another one elsewhere.
fn is_cut(a: &Line, b: &Line) -> bool {
    let end = a.text.trim_end().chars().next_back();
    let is_open = end.is_some_and(|one| one.is_lowercase() || ",-\u{ad}".contains(one));
    let goes_on = b.text.trim_start().starts_with(char::is_lowercase);
    is_open && goes_on && same_size(a.size, b.size) && a.is_bold() == b.is_bold()
}

/// How far apart the lines of a paragraph stand, in sizes of their text: the least distance that is frequent.
fn leading(lines: &[Line]) -> f64 {
    let mut distances: BTreeMap<u32, usize> = BTreeMap::new();
    for pair in lines.windows(2) {
        let [a, b] = pair else { continue };
        if !is_elsewhere(a, b) && same_size(a.size, b.size) && a.size > 0.0 {
            let distance = (a.base - b.base) / a.size;
            let counted = super::object::integer((distance * 20.0).round());
            if let Some(distance) = counted.filter(|_| (0.5..FARTHEST).contains(&distance)) {
                *distances.entry(distance).or_default() += 1;
            }
        }
    }
    let all: usize = distances.values().sum();
    let frequent = distances.iter().find(|(_, count)| **count * 6 >= all);
    frequent.map_or(1.2, |(distance, _)| f64::from(*distance) / 20.0)
}

/// Whether a paragraph ends between two lines of one column.
fn is_parted(a: &Line, b: &Line, leading: f64, left: f64, right: f64) -> bool {
    if !same_size(a.size, b.size) || a.is_bold() != b.is_bold() {
        return true;
    }
    let distance = (a.base - b.base) / a.size.max(1.0);
    if distance > leading * 1.25 + 0.05 {
        return true;
    }
    let (before, next) = (a.text.trim_end(), b.text.trim_start());
    if next.starts_with(BULLETS) {
        return true;
    }
    let is_ended = before.ends_with(['.', ';', ':', '!', '?'])
        || before.ends_with(" and")
        || before.ends_with(" or");
    if is_ended && (is_numbered(next) || b.start > a.start + 0.8 * a.size) {
        return true;
    }
    // Its first word would have stood on the line before.
    let characters = next
        .split_whitespace()
        .next()
        .map_or(0, |word| word.chars().count());
    let characters = u16::try_from(characters).unwrap_or(u16::MAX);
    let word = (f64::from(characters) + 1.0) * 0.55 * a.size;
    let slack = if is_ended { 0.12 } else { 0.4 } * (right - left);
    a.end + word + slack < right
}

/// Whether a line begins as a numbered clause does: `1.`, `2.3`, `(a)`, `iv)`.
fn is_numbered(text: &str) -> bool {
    let Some(mark) = text.split_whitespace().next() else {
        return false;
    };
    let inner = mark.trim_start_matches('(').trim_end_matches(['.', ')']);
    let is_short = inner.len() <= 6 && !inner.is_empty() && inner.len() < mark.len();
    let is_number = inner.chars().all(|one| one.is_ascii_digit() || one == '.');
    let is_letter = inner.len() == 1 || inner.chars().all(|one| "ivxlc".contains(one));
    is_short && (is_number || is_letter) || is_number && inner.contains('.') && inner.len() <= 6
}

/// The words of a document in lower case, to tell how a word is written that a line divides.
fn words(lines: &[Line]) -> BTreeSet<String> {
    let words = lines
        .iter()
        .flat_map(|line| line.text.split(|one: char| !one.is_alphabetic()));
    words.map(str::to_lowercase).collect()
}

/// The text of a paragraph: a word that a line divides is put together where the document has it whole elsewhere.
fn joined(paragraph: &[Line], words: &BTreeSet<String>) -> String {
    let mut text = String::new();
    for line in paragraph {
        let next = line.text.trim();
        let head: String = next.chars().take_while(|one| one.is_alphabetic()).collect();
        if text.ends_with('\u{ad}') {
            text.pop();
        } else if text.ends_with(['-', '\u{2010}']) && next.starts_with(char::is_lowercase) {
            let before = text.trim_end_matches(['-', '\u{2010}']);
            let tail = before.rsplit(|one: char| !one.is_alphabetic()).next();
            let whole = format!("{}{head}", tail.unwrap_or_default()).to_lowercase();
            if words.contains(&whole) {
                text.truncate(before.len());
            }
        } else if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(next);
    }
    text.replace('\u{ad}', "")
}

fn is_larger(line: &Line, body: f64) -> bool {
    line.size > body * LARGER
}

/// The sizes of headings, the largest first.
fn heading_sizes(paragraphs: &[&[Line]], body: f64) -> Vec<u32> {
    let first = paragraphs.iter().filter_map(|paragraph| paragraph.first());
    let larger = first.filter(|line| is_larger(line, body));
    let sizes: BTreeSet<u32> = larger.map(|line| half_points(line.size)).collect();
    sizes.into_iter().rev().collect()
}

/// The level of a heading: by its size among the larger ones, and behind them where it is only bold.
fn level(paragraph: &[Line], text: &str, body: f64, sizes: &[u32]) -> Option<usize> {
    let first = paragraph.first()?;
    let characters = text.chars().count();
    if is_larger(first, body) && characters <= HEADING {
        let place = sizes
            .iter()
            .position(|size| *size == half_points(first.size));
        return place.map(|place| (place + 1).min(6));
    }
    let is_sentence = text.ends_with(['.', ';', ',', ':']) && !is_numbered(text);
    let is_bold = paragraph.iter().all(Line::is_bold) && !text.starts_with(BULLETS);
    let is_heading = is_bold && !is_sentence && characters <= BOLD_HEADING;
    is_heading.then(|| (sizes.len() + 1).min(6))
}
