//! `recension stats`.

use std::io::Write;

use super::Outcome;
use super::args::List;
use super::context::Context;
use super::documents::date;
use super::output::{self, bytes, count};

pub(super) fn run(args: &List, context: &Context) -> anyhow::Result<Outcome> {
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
