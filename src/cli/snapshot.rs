//! `recension show --event SEQ` where the event records a snapshot.

use std::io::{self, Write};

use super::Outcome;
use super::args::{Show, ShowFormat};
use super::output::{self, bytes, visible, visible_text};
use super::show::{heading_line, withheld_sentence};
use crate::archive::Archive;
use crate::model::{Event, Origin, SnapshotRecorded};

/// Prints a snapshot in the form asked for. Only its bytes are archived: it has no text and no Markdown of its own.
pub(super) fn print(
    archive: &Archive,
    event: &Event,
    snapshot: &SnapshotRecorded,
    args: &Show,
) -> anyhow::Result<Outcome> {
    let withheld = archive.withheld_of(event)?;
    let names = archive.names()?;
    let name = |stream| names.get(&stream).map(ToString::to_string);
    let mut out = output::stdout();
    match args.format {
        ShowFormat::Raw => match archive.content(snapshot.content.blob)? {
            Ok(bytes) => out.write_all(&bytes)?,
            Err(withheld) => output::message(&withheld_sentence("snapshot", &withheld)),
        },
        ShowFormat::Json if !args.with_text => {
            let (leaf, _) = archive.proof(event.seq)?;
            output::json(&mut out, &archive.event_line(event, &leaf, &names)?)?;
        }
        ShowFormat::Text => {
            let document = name(event.stream).unwrap_or_default();
            heading(&mut out, &document, event, snapshot)?;
            if let Some(withheld) = &withheld {
                writeln!(out, "\n{}", withheld_sentence("snapshot", withheld))?;
            } else if !args.brief
                && snapshot.media_type.is_text()
                && let Ok(content) = archive.content(snapshot.content.blob)?
            {
                let text = String::from_utf8_lossy(&content);
                writeln!(out, "\n{}", visible_text(text.trim_end_matches('\n')))?;
            }
        }
        ShowFormat::Json | ShowFormat::Markdown => anyhow::bail!(
            "event {} records a snapshot, which has bytes and no text; --format raw gives them",
            event.seq
        ),
    }
    out.flush()?;
    Ok(if withheld.is_none() {
        Outcome::Fine
    } else {
        Outcome::Finding
    })
}

fn heading(
    out: &mut impl Write,
    document: &str,
    event: &Event,
    snapshot: &SnapshotRecorded,
) -> io::Result<()> {
    let mut line = |what: &str, value: &str| heading_line(out, what, &visible(value));
    line("document", document)?;
    if let Some(part) = &snapshot.part {
        line("part", part.as_str())?;
    }
    line("observed", &event.observed_at.to_string())?;
    line("media type", snapshot.media_type.as_str())?;
    match &snapshot.origin {
        Origin::Imported(imported) => {
            for location in imported.trailer("X-source-document-location") {
                line("location", location)?;
            }
            for fetcher in imported.trailer("X-fetcher") {
                line("fetcher", fetcher)?;
            }
            line("commit", &imported.commit.to_string())?;
            line(
                "evidence",
                "that commit's word; none of the fetch was archived",
            )?;
        }
        Origin::Demonstration => line("evidence", "none: it is invented")?,
        Origin::Fetched(fetch) => {
            line("location", &fetch.address)?;
            let evidence = fetch.evidence.blob;
            line("evidence", &format!("recension cat {evidence}"))?;
        }
        Origin::Extracted(_) => {}
    }
    line(
        "event",
        &format!("{} (recorded at {})", event.seq, event.recorded_at),
    )?;
    line("blake3", &snapshot.content.blob.to_string())?;
    line("sha256", &snapshot.content.sha256.to_string())?;
    line("length", &bytes(snapshot.content.size_bytes))
}
