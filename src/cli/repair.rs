//! `recension repair`.

use std::io::Write as _;
use std::path::Path;

use super::Outcome;
use super::args::Repair;
use super::context::{Context, progress_bar};
use super::output::{self, bytes, count};
use crate::archive;

pub(super) fn run(args: &Repair, context: &Context) -> anyhow::Result<Outcome> {
    let bar = progress_bar("{spinner} {msg}");
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let repaired = archive::repair(&context.folder()?, args.from.as_deref(), threads, |read| {
        bar.set_message(format!("{} of contents read", bytes(read)));
        bar.tick();
    });
    bar.finish_and_clear();
    let repaired = repaired?;
    let mut out = output::stdout();
    let from = args.from.as_deref().unwrap_or(Path::new("elsewhere"));
    let log = &repaired.log;
    if log.bad > 0 {
        writeln!(
            out,
            "{} bundles of events were lost or damaged; {} were taken from {}.",
            count(log.bad),
            count(log.restored),
            from.display()
        )?;
    }
    for (first, reason) in &log.left {
        writeln!(
            out,
            "  the one from event {first} on is not restored: {reason}"
        )?;
    }
    if log.look_ups {
        writeln!(out, "The tables that look up events were built again.")?;
    }
    writeln!(
        out,
        "{} contents were lost or damaged; {} were taken from {}.",
        count(repaired.bad),
        count(repaired.restored),
        from.display()
    )?;
    for (blob, reason) in &repaired.left {
        writeln!(out, "  {blob} is not restored: {reason}")?;
    }
    out.flush()?;
    Ok(
        if repaired.left.is_empty() && repaired.log.left.is_empty() {
            Outcome::Fine
        } else {
            Outcome::Finding
        },
    )
}
