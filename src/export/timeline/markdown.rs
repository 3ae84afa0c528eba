//! Timelines as Markdown: a table for people, and below it the lines that prove it.

use std::io::{self, Write};

use super::{LIMIT_NOTE, count, jsonl, look, remark, summary};
use crate::export::escape;
use crate::export::page::STANDING_NOTE;
use crate::export::shape::{CheckpointLine, ProvenDocumentLine, ProvenEntryLine};

pub(super) fn begin(
    out: &mut impl Write,
    checkpoint: &CheckpointLine,
    names: &[String],
) -> io::Result<()> {
    let names: Vec<String> = names.iter().map(|name| escape::markdown(name)).collect();
    writeln!(out, "# Timeline of {}\n", names.join(", "))?;
    writeln!(out, "{STANDING_NOTE}\n\n{LIMIT_NOTE}\n")?;
    writeln!(out, "## Checkpoint\n")?;
    writeln!(
        out,
        "All proofs below lead to this checkpoint of {} events:\n",
        count(checkpoint.size)
    )?;
    fenced(out, "text", &checkpoint.note)?;
    writeln!(
        out,
        "It is signed by this key. Compare the key with a copy that you have from elsewhere:\n"
    )?;
    fenced(out, "text", &checkpoint.verifier)?;
    fenced(out, "text", &checkpoint.public_key_pem)?;
    writeln!(
        out,
        "The blocks of JSON Lines are those of the export in that format, and are checked in the same way: the \
         checkpoint first, then for each document the event that declared it and one line for each entry.\n"
    )?;
    writeln!(out, "```jsonl")?;
    jsonl::begin(out, checkpoint)?;
    writeln!(out, "```\n")
}

pub(super) fn document(
    out: &mut impl Write,
    document: &ProvenDocumentLine,
    entries: &[ProvenEntryLine],
) -> io::Result<()> {
    writeln!(
        out,
        "## {}\n",
        escape::markdown(&document.document.document)
    )?;
    writeln!(out, "{}\n", summary(document, entries))?;
    if !entries.is_empty() {
        writeln!(
            out,
            "| Observed at (UTC) | Look | Length in bytes | SHA-256 of the text | Event | Remark |"
        )?;
        writeln!(out, "|---|---|--:|---|--:|---|")?;
    }
    for line in entries {
        let entry = &line.entry;
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            entry.observed_at,
            look(line),
            entry.size_bytes.map_or_else(String::new, count),
            entry
                .sha256
                .map_or_else(String::new, |hash| format!("`{hash}`")),
            entry.seq,
            escape::markdown(&remark(line)),
        )?;
    }
    writeln!(out, "\n### Evidence\n\n```jsonl")?;
    jsonl::document(out, document, entries)?;
    writeln!(out, "```\n")
}

pub(super) fn end(out: &mut impl Write, entries: u64) -> io::Result<()> {
    writeln!(out, "## End\n\n```jsonl")?;
    jsonl::end(out, entries)?;
    writeln!(out, "```")
}

/// Writes a block as it is. Only what the archive makes itself is written so, and never a fence.
fn fenced(out: &mut impl Write, language: &str, text: &str) -> io::Result<()> {
    writeln!(out, "```{language}\n{}\n```\n", text.trim_end())
}
