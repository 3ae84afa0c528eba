//! What a clause stands under: the type of its document, its headings, and the words that lead to a list.

use crate::model::{ClauseKind, Clauses};

/// What separates the parts of a context.
const SEPARATOR: &str = " > ";

/// How many bytes of a part count: its last.
const PART: usize = 200;

/// Writes what a text stands under: the type of its document and what is [`above`] it, as far as they are told.
#[must_use]
pub fn context<'t>(
    document_type: Option<&'t str>,
    above: impl IntoIterator<Item = &'t str>,
) -> Option<String> {
    let parts = document_type.into_iter().chain(above);
    let parts = parts.filter(|part| !part.is_empty());
    let parts: Vec<&str> = parts.map(end).collect();
    (!parts.is_empty()).then(|| parts.join(SEPARATOR))
}

/// The end of a part: what leads to a list stands last.
fn end(part: &str) -> &str {
    let from = part.len().saturating_sub(PART);
    let from = (from..part.len()).find(|at| part.is_char_boundary(*at));
    part.get(from.unwrap_or(0)..).unwrap_or(part)
}

/// What each clause stands under in its document: its headings, the highest first, and, for an item of a list, the clause
/// that leads to it. Much of a list says nothing by itself: "spam" is forbidden under "You may not:".
#[must_use]
pub fn above(clauses: &Clauses) -> Vec<Vec<&str>> {
    let mut lead = None;
    let mut all = Vec::with_capacity(clauses.all().len());
    for clause in clauses.all() {
        let reading = clauses.reading(clause);
        let is_item = clause.kind == ClauseKind::Item;
        let leading = lead.filter(|_| is_item);
        all.push(clauses.path(clause).into_iter().chain(leading).collect());
        let leads = reading.ends_with(':') && !matches!(clause.kind, ClauseKind::Heading { .. });
        // An item that leads to others does so only where nothing leads to it: where its own list ends is not told.
        if leads && !(is_item && lead.is_some()) {
            lead = Some(reading);
        } else if !is_item {
            lead = None;
        }
    }
    all
}
