//! The main content of a page of which nothing is selected: the element that holds the prose.
//!
//! Prose is text outside of links. It is counted for every element from sums along the page, so that a page takes one walk.

use std::ops::Range;

use super::ExtractError;
use super::page::{Content, Page};
use super::read::is_silent;
use super::select::parse;

/// Where a page says what its main content is.
const MAIN: &str = "main, [role=main]";
/// What stands around a main content.
const AROUND: &str = "nav, footer, aside, dialog, [role=navigation], [role=banner], [role=contentinfo], [role=search], \
    [role=dialog], [role=alertdialog]";
/// What may stand around it, and may hold it.
const MAYBE_AROUND: &str = "form, header:not(main header):not(article header)";
/// Names of classes and ids of what stands around, as the makers of many sites have them.
const NAMED: &[&str] = &[
    "breadcrumb",
    "cookie-banner",
    "cookie-bar",
    "cookie-consent",
    "cookie-notice",
    "cookiebanner",
    "navbar",
    "newsletter",
    "onetrust",
    "pagination",
    "sidebar",
    "site-footer",
    "site-header",
    "skip-link",
    "skip-to-content",
];
/// The share of the prose that an element holds whose parent is not asked for any more, in hundredths.
const HOLDS: usize = 90;
/// The share of the prose from which on what may stand around is not left out, in hundredths.
const TOO_MUCH: usize = 25;
/// How much prose stands before each place of a page, in bytes.
struct Prose(Vec<usize>);

impl Prose {
    fn of(page: &Page<'_>) -> Self {
        let mut sums = vec![0];
        // The end of the link or of the silent element that the place is in.
        let mut skipped = 0;
        let mut sum = 0;
        for place in page.whole() {
            match page.content(place) {
                Content::Element(element) if element.name() == "a" || is_silent(element.name()) => {
                    skipped = skipped.max(page.span(place).end);
                }
                Content::Text(text) if place >= skipped => {
                    sum += text.trim().len();
                }
                _ => {}
            }
            sums.push(sum);
        }
        Self(sums)
    }

    fn within(&self, span: &Range<usize>) -> usize {
        self.0[span.end] - self.0[span.start]
    }
}

/// The spans of the main content; what stands around it is taken out of the page.
pub(super) fn find(page: &mut Page<'_>) -> Result<Vec<Range<usize>>, ExtractError> {
    let main = page.matches(&parse(MAIN)?);
    let main = if main.is_empty() {
        vec![page.whole()]
    } else {
        main
    };
    let prose = Prose::of(page);
    let all: usize = main.iter().map(|span| prose.within(span)).sum();
    let mut around = page.matches(&parse(AROUND)?);
    let mut maybe = page.matches(&parse(MAYBE_AROUND)?);
    maybe.extend(
        page.whole()
            .filter(|place| is_named(page, *place))
            .map(|place| page.span(place)),
    );
    maybe.retain(|span| prose.within(span) * 100 <= TOO_MUCH * all);
    around.extend(maybe);
    for span in around {
        // What holds the main content does not stand around it.
        if !main
            .iter()
            .any(|main| span.start <= main.start && main.end <= span.end)
        {
            page.remove(span);
        }
    }
    let prose = Prose::of(page);
    Ok(main
        .into_iter()
        .map(|span| deepest(page, &prose, span))
        .collect())
}

/// The deepest element that holds nearly all prose of a span, with the headings before it.
fn deepest(page: &Page<'_>, prose: &Prose, span: Range<usize>) -> Range<usize> {
    let mut current = span;
    loop {
        let all = prose.within(&current);
        let mut before = current.start + 1..current.start + 1;
        let holding = page.children(current.start).find_map(|child| {
            let span = page.span(child);
            let holds = page.is_block(child) && prose.within(&span) * 100 >= HOLDS * all && all > 0;
            before.end = span.start;
            holds.then_some(span)
        });
        let Some(holding) = holding else {
            return current;
        };
        let is_heading =
            |place: usize| matches!(page.name(place), "h1" | "h2") && !page.is_removed(place);
        if before.into_iter().any(is_heading) {
            return current;
        }
        current = holding;
    }
}

/// Whether the names of an element say that it stands around the main content.
fn is_named(page: &Page<'_>, place: usize) -> bool {
    let Content::Element(element) = page.content(place) else {
        return false;
    };
    ["class", "id"]
        .into_iter()
        .filter_map(|key| element.attr(key))
        .any(|names| {
            names.split_ascii_whitespace().any(|name| {
                NAMED.iter().any(|one| {
                    let start = name.get(..one.len());
                    start.is_some_and(|start| start.eq_ignore_ascii_case(one))
                })
            })
        })
}
