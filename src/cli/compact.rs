//! `recension compact`.

use std::io::Write as _;

use super::Outcome;
use super::args::Compact;
use super::context::{Context, progress_bar};
use super::output::{self, bytes, count};
use crate::archive;

pub(super) fn run(_args: &Compact, context: &Context) -> anyhow::Result<Outcome> {
    let bar = progress_bar("{bar:30} {pos}/{len} blobs, {eta} left");
    let compacted = archive::compact(&context.folder()?, |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let compaction = compacted?;
    let compacted = compaction.blobs;
    let mut out = output::stdout();
    writeln!(
        out,
        "{} blobs were compressed anew: {} became {}.\nblobs.sqlite had {} and has {}, log.sqlite had {} and has {}.",
        count(compacted.blobs),
        bytes(compacted.frame_bytes_before),
        bytes(compacted.frame_bytes_after),
        bytes(compacted.file_bytes_before),
        bytes(compacted.file_bytes_after),
        bytes(compaction.log_bytes_before),
        bytes(compaction.log_bytes_after),
    )?;
    if compacted.damaged > 0 {
        writeln!(
            out,
            "{} blobs are damaged and were left as they are; `recension verify` lists them.",
            count(compacted.damaged)
        )?;
    }
    out.flush()?;
    Ok(match compacted.damaged {
        0 => Outcome::Fine,
        _ => Outcome::Finding,
    })
}
