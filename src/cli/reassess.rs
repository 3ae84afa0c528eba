//! `recension reassess`.

use std::io::Write as _;

use super::Outcome;
use super::args::Reassess;
use super::context::{Context, progress_bar};
use super::output::{self, count};
use crate::archive;

pub(super) fn run(_args: &Reassess, context: &Context) -> anyhow::Result<Outcome> {
    let bar = progress_bar("{bar:30} {pos}/{len} documents, {eta} left");
    let detected = archive::reassess(&context.folder()?, &|| context.now(), &mut |progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.documents);
    });
    bar.finish_and_clear();
    let detected = detected?;
    let mut out = output::stdout();
    match (detected.detected, detected.reassessed) {
        (0, 0) => writeln!(out, "Nothing is judged otherwise than before.")?,
        (new, again) => writeln!(
            out,
            "{} changes were judged for the first time, and {} otherwise than before.",
            count(new),
            count(again)
        )?,
    }
    if detected.mapped > 0 {
        writeln!(
            out,
            "The provisions of {} versions were told anew.",
            count(detected.mapped)
        )?;
    }
    if detected.unread > 0 {
        writeln!(
            out,
            "{} documents were not judged: texts of theirs are lost or damaged.\n`recension verify` lists them.",
            count(detected.unread)
        )?;
    }
    out.flush()?;
    Ok(match detected.unread {
        0 => Outcome::Fine,
        _ => Outcome::Finding,
    })
}
