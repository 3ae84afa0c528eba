//! Timelines as JSON Lines: what other programs read, and what the other forms repeat.

use std::io::{self, Write};

use crate::export::shape::{CheckpointLine, ProvenDocumentLine, ProvenEntryLine, TimelineLine};

pub(super) fn begin(out: &mut impl Write, checkpoint: &CheckpointLine) -> io::Result<()> {
    line(out, &TimelineLine::Checkpoint(checkpoint))
}

pub(super) fn document(
    out: &mut impl Write,
    document: &ProvenDocumentLine,
    entries: &[ProvenEntryLine],
) -> io::Result<()> {
    line(out, &TimelineLine::Document(document))?;
    entries
        .iter()
        .try_for_each(|entry| line(out, &TimelineLine::Entry(entry)))
}

pub(super) fn end(out: &mut impl Write, entries: u64) -> io::Result<()> {
    line(out, &TimelineLine::End { entries })
}

fn line(out: &mut impl Write, line: &TimelineLine<'_>) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    writeln!(out)
}
