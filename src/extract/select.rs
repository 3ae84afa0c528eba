//! What of a page a declaration keeps: what it removes goes first, then what it selects is taken in its order.

use std::ops::Range;

use scraper::Selector;

use super::ExtractError;
use super::main_content;
use super::page::Page;
use crate::model::{Boundary, Selection, SourcePart};

/// What is kept of a page.
pub(super) struct Selected {
    pub(super) spans: Vec<Range<usize>>,
    /// The selectors that matched nothing.
    pub(super) unmatched: Vec<String>,
}

/// Takes out of a page what a declaration removes, and tells what it selects.
pub(super) fn select(page: &mut Page<'_>, part: &SourcePart) -> Result<Selected, ExtractError> {
    let mut unmatched = Vec::new();
    for selection in &part.remove {
        for span in spans(page, selection, &mut unmatched)? {
            page.remove(span);
        }
    }
    let mut selected = Vec::new();
    for selection in &part.select {
        selected.extend(spans(page, selection, &mut unmatched)?);
    }
    if part.select.is_empty() {
        selected = main_content::find(page)?;
    } else if selected.is_empty() {
        let selectors = part.select.iter().flat_map(selectors).collect();
        return Err(ExtractError::NoMatch { selectors });
    }
    Ok(Selected {
        spans: selected,
        unmatched,
    })
}

fn spans(
    page: &Page<'_>,
    selection: &Selection,
    unmatched: &mut Vec<String>,
) -> Result<Vec<Range<usize>>, ExtractError> {
    match selection {
        Selection::Elements(selector) => {
            let spans = page.matches(&parse(selector)?);
            if spans.is_empty() {
                unmatched.push(selector.clone());
            }
            Ok(spans)
        }
        Selection::Range { start, end } => {
            let (from, to) = (boundary(page, start)?, boundary(page, end)?);
            for (place, boundary) in [(from, start), (to, end)] {
                if place.is_none() {
                    unmatched.push(selector_of(boundary).to_owned());
                }
            }
            let (Some(from), Some(to)) = (from, to) else {
                return Ok(Vec::new());
            };
            if to < from {
                return Err(ExtractError::Range {
                    start: selector_of(start).to_owned(),
                    end: selector_of(end).to_owned(),
                });
            }
            Ok(std::iter::once(from..to).collect())
        }
    }
}

/// The place of a boundary: that of the first element that its selector matches, or the one behind it.
fn boundary(page: &Page<'_>, boundary: &Boundary) -> Result<Option<usize>, ExtractError> {
    let matches = page.matches(&parse(selector_of(boundary))?);
    Ok(matches.first().map(|first| match boundary {
        Boundary::Before(_) => first.start,
        Boundary::After(_) => first.end,
    }))
}

fn selector_of(boundary: &Boundary) -> &str {
    match boundary {
        Boundary::Before(selector) | Boundary::After(selector) => selector,
    }
}

fn selectors(selection: &Selection) -> Vec<String> {
    match selection {
        Selection::Elements(selector) => vec![selector.clone()],
        Selection::Range { start, end } => {
            vec![selector_of(start).to_owned(), selector_of(end).to_owned()]
        }
    }
}

pub(super) fn parse(selector: &str) -> Result<Selector, ExtractError> {
    Selector::parse(selector).map_err(|_| ExtractError::Selector {
        selector: selector.to_owned(),
    })
}
