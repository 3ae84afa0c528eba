//! `recension rebuild`.

use std::io::Write as _;

use super::Outcome;
use super::args::Rebuild;
use super::context::{Context, progress_bar};
use super::output::{self, count};
use crate::archive;

pub(super) fn run(_args: &Rebuild, context: &Context) -> anyhow::Result<Outcome> {
    let bar = progress_bar("{bar:30} {pos}/{len} events, {eta} left");
    let rebuilt = archive::rebuild(&context.folder()?, |events, total| {
        bar.set_length(total);
        bar.set_position(events);
    });
    bar.finish_and_clear();
    let rebuilt = rebuilt?;
    let compared = match (rebuilt.compared, rebuilt.same) {
        (true, true) => "they are the same as before, row for row",
        (true, false) => "they differ from those before, which were behind the log or damaged",
        (false, _) => "there were none before that could be read",
    };
    let mut out = output::stdout();
    writeln!(
        out,
        "The views were built again from {} events; {compared}.",
        count(rebuilt.events)
    )?;
    if rebuilt.had_index {
        writeln!(
            out,
            "The search index was deleted: the next search builds it again."
        )?;
    }
    out.flush()?;
    Ok(Outcome::Fine)
}
