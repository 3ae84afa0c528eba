//! `recension accept-log`.

use std::io::Write as _;

use super::Outcome;
use super::args::AcceptLog;
use super::context::Context;
use super::output::{self, count};
use crate::archive;

pub(super) fn run(_args: &AcceptLog, context: &Context) -> anyhow::Result<Outcome> {
    let accepted = archive::accept_log(&context.folder()?)?;
    let mut out = output::stdout();
    writeln!(
        out,
        "The log is accepted as it is: {} events, root {}.\n\
         Its file checkpoint was written again. If the log lost events before, that can't\n\
         be noticed here any more; only an older copy of the file would show it.",
        count(accepted.size()),
        accepted.root()
    )?;
    out.flush()?;
    Ok(Outcome::Fine)
}
