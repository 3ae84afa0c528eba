//! The walk over a text's Markdown that gathers its clauses.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::html::Markup;
use super::links;
use super::reading::Reading;
use super::sentences::{self, LONG, LONGEST};
use crate::model::{ClauseKind, Clauses, Span};

/// The level of a paragraph set in bold that serves as a heading: below all others.
const BOLD_LEVEL: u8 = 7;
/// A paragraph set in bold of more characters than this is no heading.
const BOLD_CHARS: usize = 120;

/// Divides a text into clauses.
pub(super) fn collect(text: &str) -> Clauses {
    let options = Options::ENABLE_TABLES | Options::ENABLE_DEFINITION_LIST;
    let mut walk = Walk::new(text);
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        walk.take(event, range);
    }
    walk.close(ClauseKind::Paragraph);
    walk.clauses
}

/// Where a clause may be divided.
struct Cut {
    reading: usize,
    source: usize,
    links: usize,
}

/// The walk, with the clause that is being gathered.
struct Walk<'a> {
    source: &'a str,
    clauses: Clauses,
    /// The headings above, by level and place.
    headings: Vec<(u8, usize)>,
    reading: Reading,
    start: Option<usize>,
    end: usize,
    links: Vec<String>,
    cuts: Vec<Cut>,
    /// How deep the walk is in items, in bold type, in links and in images.
    items: usize,
    bold: usize,
    link: usize,
    image: usize,
    /// Whether all that was read of the clause is set in bold.
    all_bold: bool,
    cells: usize,
    /// Where in its tags a block of HTML is.
    markup: Markup,
}

impl<'a> Walk<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            clauses: Clauses::default(),
            headings: Vec::new(),
            reading: Reading::default(),
            start: None,
            end: 0,
            links: Vec::new(),
            cuts: Vec::new(),
            items: 0,
            bold: 0,
            link: 0,
            image: 0,
            all_bold: true,
            cells: 0,
            markup: Markup::default(),
        }
    }

    fn take(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.enter(&tag, range),
            Event::End(tag) => self.leave(tag, range),
            Event::Text(piece) => self.read(&piece, range),
            Event::Code(piece) | Event::InlineMath(piece) | Event::DisplayMath(piece) => {
                self.read(&piece, range);
            }
            Event::Html(html) => {
                let mut html = html.as_ref();
                while let Some(piece) = self.markup.next_text(&mut html) {
                    self.read(piece, range.clone());
                    self.reading.add_gap();
                }
            }
            Event::InlineHtml(html) => {
                if html.starts_with("<br") {
                    self.reading.add_gap();
                    self.cut(range.end, true);
                }
            }
            Event::SoftBreak => {
                self.reading.add_gap();
                self.cut(range.end, false);
            }
            Event::HardBreak => {
                self.reading.add_gap();
                self.cut(range.end, true);
            }
            Event::Rule => self.close(ClauseKind::Paragraph),
            Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn enter(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Emphasis | Tag::Strikethrough | Tag::Superscript | Tag::Subscript => {
                self.begin(range.start);
            }
            Tag::Strong => {
                self.begin(range.start);
                self.bold += 1;
            }
            Tag::Link { dest_url, .. } => {
                self.begin(range.start);
                self.link += 1;
                self.links.extend(links::target(dest_url));
            }
            Tag::Image { .. } => self.image += 1,
            Tag::TableCell => {
                if self.cells > 0 {
                    self.reading.add(" | ");
                }
                self.cells += 1;
            }
            Tag::Item => {
                self.close_block();
                self.items += 1;
            }
            Tag::HtmlBlock => {
                self.close_block();
                self.markup = Markup::default();
            }
            _ => self.close_block(),
        }
    }

    fn leave(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strikethrough | TagEnd::Superscript | TagEnd::Subscript => {
                self.end = self.end.max(range.end);
            }
            TagEnd::Strong => {
                self.bold -= 1;
                self.end = self.end.max(range.end);
            }
            TagEnd::Link => {
                self.link -= 1;
                self.end = self.end.max(range.end);
            }
            TagEnd::Image => self.image -= 1,
            TagEnd::TableCell => {}
            TagEnd::TableHead | TagEnd::TableRow => self.close(ClauseKind::Row),
            TagEnd::Heading(level) => self.close(ClauseKind::Heading {
                level: number(level),
            }),
            TagEnd::CodeBlock => self.close(ClauseKind::Code),
            TagEnd::Item => {
                self.close_block();
                self.items -= 1;
            }
            TagEnd::Paragraph => {
                if self.items == 0 && self.is_bold_heading() {
                    self.close(ClauseKind::Heading { level: BOLD_LEVEL });
                } else {
                    self.close_block();
                }
            }
            _ => self.close_block(),
        }
    }

    fn begin(&mut self, at: usize) {
        self.start.get_or_insert(at);
    }

    /// Takes a piece of text that a person reads.
    fn read(&mut self, piece: &str, range: Range<usize>) {
        if self.image > 0 {
            return;
        }
        self.begin(range.start);
        self.end = self.end.max(range.end);
        self.all_bold &= self.bold > 0 || piece.trim().is_empty();
        if piece.len() != range.len() {
            self.reading.add(piece);
            return;
        }
        let mut done = 0;
        let ends_word = |at: usize| {
            let before = piece[..at].chars().next_back();
            before.is_some_and(|one| !one.is_alphanumeric() && !one.is_whitespace())
        };
        for (at, one) in piece.char_indices() {
            // Most characters divide nothing.
            if one.is_ascii_alphanumeric() {
                continue;
            }
            if one.is_whitespace() && ends_word(at) {
                self.reading.add(&piece[done..at]);
                done = at;
                self.cut(range.start + at, false);
            } else if sentences::is_full_stop_without_gap(one) {
                let behind = at + one.len_utf8();
                self.reading.add(&piece[done..behind]);
                done = behind;
                self.cut(range.start + behind, true);
            } else if one.is_whitespace() && at - done > LONGEST {
                self.reading.add(&piece[done..at]);
                done = at;
                self.cut(range.start + at, true);
            }
        }
        self.reading.add(&piece[done..]);
    }

    /// Notes that the clause may be divided here, if a sentence ends or `anyway`.
    fn cut(&mut self, source: usize, anyway: bool) {
        let reading = self.reading.text();
        let last = self.cuts.last().map_or(0, |cut| cut.reading);
        let ends = self.link == 0
            && reading.len() > last
            && (anyway || sentences::ends(&reading[last..]) || reading.len() - last > LONGEST);
        if ends {
            self.cuts.push(Cut {
                reading: reading.len(),
                source,
                links: self.links.len(),
            });
        }
    }

    fn is_bold_heading(&self) -> bool {
        let reading = self.reading.text();
        self.all_bold
            && !reading.ends_with(['.', ';', ','])
            && reading.chars().nth(BOLD_CHARS).is_none()
    }

    /// Ends a block of text that has no kind of its own.
    fn close_block(&mut self) {
        let in_item = self.items > 0;
        self.close(if in_item {
            ClauseKind::Item
        } else {
            ClauseKind::Paragraph
        });
    }

    /// Ends the clause that is being gathered.
    fn close(&mut self, kind: ClauseKind) {
        if let Some(start) = self.start.take() {
            let is_long = self.reading.text().len() > LONG;
            let cuts = std::mem::take(&mut self.cuts);
            let whole = Cut {
                reading: self.reading.text().len(),
                source: self.end,
                links: self.links.len(),
            };
            let pieces = cuts.into_iter().filter(|_| is_long).chain([whole]);
            let mut links = std::mem::take(&mut self.links).into_iter();
            let (mut source, mut read, mut linked) = (start, 0, 0);
            for piece in pieces {
                let span = self.trimmed(source..piece.source.max(source));
                let of_piece = links.by_ref().take(piece.links - linked).collect();
                self.push(kind, span, read..piece.reading, of_piece);
                (source, read, linked) = (piece.source.max(source), piece.reading, piece.links);
            }
        }
        self.reading.clear();
        self.links.clear();
        self.cuts.clear();
        self.all_bold = true;
        self.cells = 0;
        self.end = 0;
    }

    fn push(&mut self, kind: ClauseKind, span: Span, read: Range<usize>, links: Vec<String>) {
        let reading = self.reading.text()[read].trim();
        if reading.chars().all(|one| one == '|' || one == ' ') {
            return;
        }
        if let ClauseKind::Heading { level } = kind {
            while self.headings.pop_if(|(above, _)| *above >= level).is_some() {}
        }
        let above = self.headings.last().map(|(_, place)| *place);
        if let ClauseKind::Heading { level } = kind {
            self.headings.push((level, self.clauses.all().len()));
        }
        self.clauses.push(kind, span, above, reading, links);
    }

    /// The range without white space at its ends.
    fn trimmed(&self, range: Range<usize>) -> Span {
        let text = &self.source[range.clone()];
        let start = range.start + (text.len() - text.trim_start().len());
        Span {
            start,
            end: (range.start + text.trim_end().len()).max(start),
        }
    }
}

fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}
