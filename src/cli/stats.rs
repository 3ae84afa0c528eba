//! `recension stats`.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::Outcome;
use super::args::Stats;
use super::context::Context;
use super::documents::date;
use super::output::{self, bytes, count};
use crate::archive::Archive;
use crate::export::picture::{Picture, write_html, write_svg};

/// How many contents are read to measure how long it takes, and for how long at most.
const READS: usize = 1000;
const READING: Duration = Duration::from_secs(5);

pub(super) fn run(args: &Stats, context: &Context) -> anyhow::Result<Outcome> {
    if let Some(path) = args.html.as_deref().or(args.svg.as_deref()) {
        return draw(path, args.html.is_some(), &context.open()?);
    }
    let stats = context.open()?.stats()?;
    output::value(args.format, &stats, |out, stats| {
        let mut line = |what: &str, value: String| writeln!(out, "{what:<18}{value:>14}");
        line("platforms", count(stats.platforms))?;
        line("documents", count(stats.documents))?;
        line("versions", count(stats.versions))?;
        line("looks", count(stats.looks))?;
        line("first seen", date(stats.first_observed_at))?;
        line("last seen", date(stats.last_observed_at))?;
        line("events", count(stats.events))?;
        line("distinct texts", count(stats.blobs))?;
        line("their length", bytes(stats.content_bytes))?;
        if stats.snapshots > 0 {
            line("snapshots", count(stats.snapshots))?;
            line("distinct contents", count(stats.snapshot_blobs))?;
            line("their length", bytes(stats.snapshot_bytes))?;
        }
        if stats.withheld > 0 {
            line("withheld contents", count(stats.withheld))?;
        }
        line("stored in", bytes(stats.stored_bytes))?;
        for (file, size) in &stats.files {
            line(&format!("  {file}"), bytes(*size))?;
        }
        Ok(())
    })?;
    Ok(Outcome::Fine)
}

/// Writes a picture of the store.
fn draw(path: &Path, html: bool, archive: &Archive) -> anyhow::Result<Outcome> {
    let mut picture = archive.picture()?;
    picture.reads = measure(archive, &picture);
    if path == Path::new("-") {
        write(output::stdout(), html, &picture)?;
    } else {
        output::replace(path, |file| write(BufWriter::new(file), html, &picture))?;
    }
    Ok(Outcome::Fine)
}

fn write(mut out: impl Write, html: bool, picture: &Picture) -> anyhow::Result<()> {
    if html {
        write_html(&mut out, picture)?;
    } else {
        write_svg(&mut out, picture)?;
    }
    Ok(out.flush()?)
}

/// How long each of a number of reads takes; those that fail are said and left out.
fn measure(archive: &Archive, picture: &Picture) -> Vec<Duration> {
    let mut reads = Vec::new();
    let began = Instant::now();
    for blob in picture.sample(READS) {
        if began.elapsed() > READING {
            break;
        }
        let asked = Instant::now();
        match archive.content(blob) {
            Ok(Ok(_)) => reads.push(asked.elapsed()),
            // It was withheld just now.
            Ok(Err(_)) => {}
            Err(error) => output::message(&format!("warning: {error}")),
        }
    }
    reads
}
