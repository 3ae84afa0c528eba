//! What separates versions, and what of it matters: known cases, laws, and the real corpora.

mod corpus;
mod imports;
mod input;
mod known;
mod known_history;
mod laws;
mod markdown;

use std::ops::Range;
use std::sync::Arc;

use recension::compare::{Comparison, History, VersionSeen, compare};
use recension::model::{Change, Clauses, Instant, Reason, Sha256, Significance, Status, StreamId};
use recension::segment::segment;

/// The seconds of a day.
const DAY: i64 = 86_400;

/// Compares two texts.
fn compared(before: &str, after: &str) -> Comparison {
    compare(&segment(before), &segment(after))
}

/// What a comparison of two texts says: the significance, and a line for each change of a clause.
fn told(before: &str, after: &str) -> String {
    let (from, to) = (segment(before), segment(after));
    let found = compare(&from, &to);
    let said = |clauses: &Clauses, range: &Range<usize>| {
        let all = clauses.all()[range.clone()].iter();
        let readings: Vec<&str> = all.map(|clause| clauses.reading(clause)).collect();
        readings.join(" / ")
    };
    let lines = found.deltas.iter().map(|delta| {
        let (kind, rule) = (delta.kind.word(), delta.rule.word());
        let (old, new) = (said(&from, &delta.from), said(&to, &delta.to));
        match (old == new, old.is_empty(), new.is_empty()) {
            (true, ..) | (_, true, _) => format!("\n{kind} ({rule}): {new}"),
            (.., true) => format!("\n{kind} ({rule}): {old}"),
            _ => format!("\n{kind} ({rule}): {old} => {new}"),
        }
    });
    format!(
        "{}{}",
        found.significance().word(),
        lines.collect::<String>()
    )
}

/// Insists on what a comparison of two texts says.
#[track_caller]
fn tells(before: &str, after: &str, expected: &str) {
    assert_eq!(told(before, after), expected, "\n{before}\n=>\n{after}");
}

/// Insists on the significance of what separates two texts.
#[track_caller]
fn weighs(before: &str, after: &str, expected: Significance) {
    let found = compared(before, after).significance();
    assert_eq!(
        found,
        expected,
        "\n{before}\n=>\n{after}\n{}",
        told(before, after)
    );
}

/// A version with the given seq, observed so many days after the beginning of 1970.
fn version(seq: usize, day: i64, text: &str) -> VersionSeen {
    VersionSeen {
        seq: seq as u64,
        observed_at: Instant::from_seconds(day * DAY).unwrap(),
        text: Sha256::of(&[text.as_bytes()]),
        snapshot: None,
        re_extracted: false,
        clauses: Arc::new(segment(text)),
    }
}

/// The history of a document: each version with the day on which it was observed.
fn history(versions: &[(i64, &str)]) -> History {
    let mut history = History::new(StreamId([7; 16]));
    for (seq, (day, text)) in versions.iter().enumerate() {
        history.add(&version(seq, *day, text));
    }
    history
}

/// How a change is judged: what it is, against which version it is told, and why.
fn line(change: &Change) -> String {
    let unsure = match change.status {
        Status::Confirmed => "",
        Status::Unconfirmed => "?",
    };
    let reasons: Vec<String> = change.reasons.iter().map(reason).collect();
    format!(
        "{}..{} {}{unsure}: {}",
        change.from,
        change.to,
        change.significance.word(),
        reasons.join(", ")
    )
}

fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Clause(rule) => rule.word().to_owned(),
        Reason::SameReading => "same reading".to_owned(),
        Reason::Returns { to } => format!("returns to {to}"),
        Reason::GaveWay { to } => format!("gave way to {to}"),
        Reason::Empty => "empty".to_owned(),
        Reason::NotTheDocument(sign) => sign.word().to_owned(),
        Reason::LargeLoss { percent } => format!("lost {percent} %"),
        Reason::Recovered { version } => format!("recovered {version}"),
        Reason::SeenAgain { version } => format!("seen again {version}"),
        Reason::SameSnapshot => "same snapshot".to_owned(),
        Reason::ReExtracted => "re-extracted".to_owned(),
        Reason::Against { left_out } => format!("without {left_out}"),
    }
}

/// Insists on the judgements of a history.
#[track_caller]
fn judges(versions: &[(i64, &str)], expected: &[&str]) {
    let history = history(versions);
    let found: Vec<String> = history.changes().map(line).collect();
    assert_eq!(found, expected);
}
