//! What a timeline shows as one: texts that alternate with each other.

use std::collections::HashMap;

use crate::export::shape::ProvenEntryLine;
use crate::model::{Significance, Status};

/// How the changes that versions brought are judged, by the seqs of the events of these versions.
pub type Judgements = HashMap<u64, (Significance, Status)>;

/// From so many versions on that only go back and forth, they are shown as one.
const FLICKERS: usize = 3;

/// A row of a timeline: one entry, or many that say together that texts alternate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    /// The entry at this place.
    One(usize),
    /// The entries from the first to the last place, with so many versions among them, each judged as reverted.
    Flicker {
        first: usize,
        last: usize,
        versions: usize,
    },
}

/// The rows for entries; looks that showed a text again stand within a flicker when they stand between its versions.
pub(super) fn rows(entries: &[ProvenEntryLine], judgements: &Judgements) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut place = 0;
    while place < entries.len() {
        let (mut last, mut versions) = (place, 0);
        for (at, line) in entries.iter().enumerate().skip(place) {
            if is_reverted(line, judgements) {
                (last, versions) = (at, versions + 1);
            } else if line.entry.look != "unchanged" || versions == 0 {
                break;
            }
        }
        if versions >= FLICKERS {
            let first = place;
            rows.push(Row::Flicker {
                first,
                last,
                versions,
            });
        } else {
            last = place;
            rows.push(Row::One(place));
        }
        place = last + 1;
    }
    rows
}

fn is_reverted(line: &ProvenEntryLine, judgements: &Judgements) -> bool {
    line.entry.look == "version"
        && judgements
            .get(&line.entry.seq)
            .is_some_and(|(significance, _)| *significance == Significance::Reverted)
}

/// How the change that an entry's version brought is judged.
pub(super) fn judgement(
    line: &ProvenEntryLine,
    judgements: &Judgements,
) -> Option<(Significance, Status)> {
    let is_version = line.entry.look == "version";
    is_version.then(|| judgements.get(&line.entry.seq).copied())?
}
