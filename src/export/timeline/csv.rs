//! Timelines as comma-separated values, a row an entry.
//!
//! Every row is whole by itself: it names the checkpoint that its proof leads to and repeats the signature, and it says
//! how many rows its document has, so that a file cut short is noticed.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::export::shape::{CheckpointLine, OriginLine, ProofLine, ProvenEntryLine};

const COLUMNS: [&str; 30] = [
    "document",
    "entry",
    "entries",
    "observed_at",
    "recorded_at",
    "look",
    "seq",
    "version_seq",
    "cause",
    "blob",
    "sha256",
    "size_bytes",
    "withheld_seq",
    "withheld_at",
    "withheld_reason",
    "reason",
    "origin",
    "commit",
    "committed_at",
    "snapshot",
    "leaf",
    "leaf_hash",
    "inclusion_proof",
    "withheld_leaf",
    "withheld_inclusion_proof",
    "checkpoint_origin",
    "checkpoint_size",
    "checkpoint_root",
    "checkpoint_signature",
    "verifier",
];

pub(super) fn begin(out: &mut impl Write) -> io::Result<()> {
    let mut rows = writer(out);
    rows.write_record(COLUMNS)?;
    rows.flush()
}

pub(super) fn document(
    out: &mut impl Write,
    checkpoint: &CheckpointLine,
    entries: &[ProvenEntryLine],
) -> io::Result<()> {
    let mut rows = writer(out);
    let all = entries.len();
    for (number, line) in (1..).zip(entries) {
        for cell in row(number, all, checkpoint, line) {
            rows.write_field(harmless(&cell).as_bytes())?;
        }
        rows.write_record(None::<&[u8]>)?;
    }
    rows.flush()
}

fn writer<W: Write>(out: W) -> csv::Writer<W> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out)
}

fn row(
    number: usize,
    all: usize,
    checkpoint: &CheckpointLine,
    line: &ProvenEntryLine,
) -> [String; COLUMNS.len()] {
    fn or_empty(value: Option<impl ToString>) -> String {
        value.map_or_else(String::new, |value| value.to_string())
    }
    let (entry, proof) = (&line.entry, &line.proof);
    let withheld = entry.withheld.as_ref();
    let withheld_proof = line.withheld_proof.as_ref();
    let [origin, commit, committed_at, snapshot] = origin(entry.origin.as_ref());
    [
        entry.document.clone(),
        number.to_string(),
        all.to_string(),
        entry.observed_at.to_string(),
        entry.recorded_at.to_string(),
        entry.look.to_owned(),
        entry.seq.to_string(),
        or_empty(entry.version_seq),
        or_empty(entry.cause),
        or_empty(entry.blob),
        or_empty(entry.sha256),
        or_empty(entry.size_bytes),
        or_empty(withheld.map(|withheld| withheld.seq)),
        or_empty(withheld.map(|withheld| withheld.recorded_at)),
        or_empty(withheld.map(|withheld| &withheld.reason)),
        or_empty(entry.reason.as_ref()),
        origin,
        commit,
        committed_at,
        snapshot,
        proof.leaf.clone(),
        proof.leaf_hash.to_string(),
        siblings(proof),
        or_empty(withheld_proof.map(|proof| &proof.leaf)),
        or_empty(withheld_proof.map(siblings)),
        checkpoint.origin.clone(),
        checkpoint.size.to_string(),
        checkpoint.root.to_string(),
        signature(&checkpoint.note).to_owned(),
        checkpoint.verifier.clone(),
    ]
}

fn siblings(proof: &ProofLine) -> String {
    let siblings: Vec<String> = proof
        .inclusion_proof
        .iter()
        .map(ToString::to_string)
        .collect();
    siblings.join(" ")
}

fn origin(origin: Option<&OriginLine>) -> [String; 4] {
    match origin {
        None => Default::default(),
        Some(OriginLine::Demonstration) => [
            "demonstration".to_owned(),
            String::new(),
            String::new(),
            String::new(),
        ],
        Some(OriginLine::Fetched { .. }) => [
            "fetched".to_owned(),
            String::new(),
            String::new(),
            String::new(),
        ],
        Some(OriginLine::Extracted { snapshots, .. }) => {
            let snapshots: Vec<String> = snapshots.iter().map(u64::to_string).collect();
            [
                "extracted".to_owned(),
                String::new(),
                String::new(),
                format!("event {}", snapshots.join(" ")),
            ]
        }
        Some(OriginLine::Imported {
            commit,
            committed_at,
            commit_kind,
            snapshot,
            ..
        }) => {
            let snapshot = snapshot.as_ref().map_or_else(String::new, |snapshot| {
                format!("{} {}", snapshot.repository, snapshot.commit)
                    .trim_start()
                    .to_owned()
            });
            [
                (*commit_kind).to_owned(),
                commit.to_string(),
                committed_at.to_string(),
                snapshot,
            ]
        }
    }
}

/// The line of the signature in a note: the rest of the note follows from the checkpoint's other cells.
fn signature(note: &str) -> &str {
    let signatures = note.split_once("\n\n").map_or("", |(_, rest)| rest);
    signatures.lines().next().unwrap_or_default()
}

/// Puts an apostrophe before what a spreadsheet would run as a formula, and before an apostrophe, so that taking one
/// away gives the cell back.
fn harmless(cell: &str) -> Cow<'_, str> {
    let runs = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\'');
    // Spreadsheets may drop what is blank before a formula.
    let blank = |c: char| c.is_whitespace() || c.is_control();
    let starts_with_control = cell.starts_with(char::is_control);
    if starts_with_control || cell.trim_start_matches(blank).starts_with(runs) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}
