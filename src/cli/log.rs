//! `recension log`.

use std::collections::HashSet;
use std::io::{self, Write as _};

use super::Outcome;
use super::args::{Format, Log};
use super::context::{Context, after};
use super::output::{self, count, visible};
use crate::export::shape::{EventLine, FactLine, ObservationLine};
use crate::project::entries;

/// How many events are read at once: those of a bundle.
const STRETCH: u64 = 256;

pub(super) fn run(args: &Log, context: &Context) -> anyhow::Result<Outcome> {
    let archive = context.open()?;
    let wanted = args
        .document
        .as_deref()
        .map(|name| archive.document(name))
        .transpose()?
        .map(|document| document.stream());
    let names = archive.names()?;
    let first = after(&archive, args.after)?;
    let mut left = args.limit.unwrap_or(u64::MAX);
    let mut lines = Vec::new();
    let mut out = output::stdout();
    if args.format == Format::Text {
        row(&mut out, "SEQ", "OBSERVED AT (UTC)", "TYPE", "ABOUT")?;
    }
    let mut seq = first;
    // In stretches, so that a limit ends the reading, and no bundle is read for events behind it.
    while left > 0 && seq < archive.checkpoint().size() {
        let end = seq - seq % STRETCH + STRETCH;
        archive.events::<anyhow::Error>(seq, end, |event, leaf| {
            let passes = |stream| {
                event.stream == stream || entries(&event).iter().any(|(of, _)| *of == stream)
            };
            if left == 0 || wanted.is_some_and(|wanted| !passes(wanted)) {
                return Ok(());
            }
            left -= 1;
            let line = archive.event_line(&event, leaf, &names)?;
            match args.format {
                Format::Text => print(&mut out, &line)?,
                Format::Jsonl => output::json_line(&mut out, &line)?,
                Format::Json => lines.push(line),
            }
            Ok(())
        })?;
        seq = end;
    }
    if args.format == Format::Json {
        output::json(&mut out, &lines)?;
    }
    out.flush()?;
    Ok(Outcome::Fine)
}

fn print(out: &mut output::Out, line: &EventLine) -> io::Result<()> {
    let about = match (&line.fact, &line.document) {
        (FactLine::Observations { observations, .. }, _) => {
            // A look at a document tells of its text and of the bytes of each of its parts.
            let look = |one: &ObservationLine| (one.stream, one.observed_at);
            let looks: HashSet<_> = observations.iter().map(look).collect();
            let failed = observations.iter().filter(|one| one.reason.is_some());
            let failed = failed.map(look).collect::<HashSet<_>>().len();
            format!("{} unchanged, {failed} failed", looks.len() - failed)
        }
        (
            FactLine::Imported {
                history,
                head,
                counts,
                ..
            },
            _,
        ) => {
            let head = &head.to_string()[..12];
            let number = counts.versions + counts.snapshots;
            format!("to {head}: {} {history}", count(number))
        }
        (
            FactLine::Snapshot {
                part: Some(part), ..
            },
            Some(document),
        ) => visible(&format!("{document} #{part}")),
        (FactLine::Withheld { blob, reason, .. }, _) => {
            visible(&format!("blob {}: {reason}", &blob.to_string()[..12]))
        }
        (_, Some(document)) => visible(document),
        (_, None) => String::new(),
    };
    let (seq, observed_at) = (line.seq.to_string(), line.observed_at.to_the_second());
    row(out, &seq, &observed_at, line.event_type, &about)
}

/// Prints what stands in each column. The widths are fixed, so that a row need not wait for those after it.
fn row(
    out: &mut output::Out,
    seq: &str,
    observed_at: &str,
    event_type: &str,
    about: &str,
) -> io::Result<()> {
    let row = format!("{seq:>7}  {observed_at:<20}  {event_type:<20}  {about}");
    writeln!(out, "{}", row.trim_end())
}
