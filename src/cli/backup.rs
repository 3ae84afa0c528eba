//! `recension backup`.

use std::io::Write as _;

use super::Outcome;
use super::args::Backup;
use super::context::Context;
use super::output::{self, count, visible};
use crate::archive;

pub(super) fn run(args: &Backup, context: &Context) -> anyhow::Result<Outcome> {
    let backup = archive::backup(&context.folder()?, &args.folder, args.with_key)?;
    if let Some(alarm) = &backup.alarm {
        output::message(&format!(
            "warning: as the archive, so the copy is read-only: {alarm}"
        ));
    }
    let mut out = output::stdout();
    writeln!(
        out,
        "The archive was copied to {}: {} events, root {}.",
        visible(&args.folder.display().to_string()),
        count(backup.checkpoint.size()),
        backup.checkpoint.root()
    )?;
    let key = if args.with_key {
        "The copy holds the signing key: whoever has it can sign in the archive's name."
    } else {
        "Without the signing key, the copy can be read and verified, not written to."
    };
    writeln!(out, "{key}")?;
    out.flush()?;
    Ok(Outcome::Fine)
}
