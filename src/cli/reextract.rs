//! `recension reextract`.

use std::io::Write as _;

use super::Outcome;
use super::args::ReExtract;
use super::context::{Context, progress_bar};
use super::output::{self, count};
use crate::archive;
use crate::export::shape::{ChangesLine, ReExtractedLine};

pub(super) fn run(args: &ReExtract, context: &Context) -> anyhow::Result<Outcome> {
    let mut writer = context.open_writer()?;
    let bar = progress_bar("{bar:30} {pos}/{len} documents, {eta} left");
    let name = args.name.as_deref();
    let done = archive::re_extract(&mut writer, name, &|| context.now(), &mut |progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.documents);
    });
    bar.finish_and_clear();
    let done = done?;
    let line = ReExtractedLine {
        documents: done.documents,
        left: done.left,
        snapshots: done.snapshots,
        versions: done.versions,
        unchanged: done.unchanged,
        failed: done.failed,
        changes: ChangesLine {
            detected: done.changes.detected,
            reassessed: done.changes.reassessed,
            unread: done.changes.unread,
        },
    };
    output::value(args.format, &line, |out, line| {
        writeln!(
            out,
            "{} snapshots of {} documents were read: {} new versions, {} unchanged, {} without a text.",
            count(line.snapshots),
            count(line.documents - line.left),
            count(line.versions),
            count(line.unchanged),
            count(line.failed)
        )?;
        if line.left > 0 {
            writeln!(
                out,
                "{} documents were left as they are: others extracted their versions.",
                count(line.left)
            )?;
        }
        Ok(())
    })?;
    Ok(Outcome::Fine)
}
