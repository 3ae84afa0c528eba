//! What is wrong with a search index, as far as it can be told without building it again.

use crate::archive::layout::Layout;
use crate::archive::withheld::withheld_since;
use crate::store::{Log, SearchIndex};

/// What is wrong with the index; nothing where there is none.
pub(in crate::archive) fn findings(layout: &Layout, log: &Log) -> Vec<String> {
    let path = layout.search();
    if !path.exists() {
        return Vec::new();
    }
    let checked = SearchIndex::open(&path).and_then(|index| {
        let structure = index.check_structure()?;
        Ok((index.state(), structure))
    });
    let (state, structure) = match checked {
        Ok(checked) => checked,
        Err(error) => return vec![format!("{error} ({AGAIN})")],
    };
    let mut found: Vec<String> = structure
        .iter()
        .map(|line| format!("SQLite on search.sqlite: {line} ({AGAIN})"))
        .collect();
    if state.cursor > log.size() {
        // It was brought up to events that came after the log was opened.
        return found;
    }
    match log.root_at(state.cursor) {
        Ok(root) if root == state.root => {}
        Ok(_) => found.push(format!("search.sqlite is of another log ({AGAIN})")),
        // What is wrong with the log is told of the log.
        Err(_) => return found,
    }
    if withheld_since(log, state.cursor).is_ok_and(|blobs| !blobs.is_empty()) {
        found.push(
            "search.sqlite may have words of what was withheld since it was made: `recension withhold` on that goes on"
                .to_owned(),
        );
    }
    found
}

const AGAIN: &str = "`recension rebuild` deletes it, and the next search builds it again";
