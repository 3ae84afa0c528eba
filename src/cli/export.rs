//! `recension export`.

use std::io::Write as _;

use super::Outcome;
use super::args::{Export, ExportEvents, ExportWhat};
use super::context::Context;
use super::output;
use crate::export::shape::EventLine;

pub(super) fn run(args: Export, context: &Context) -> anyhow::Result<Outcome> {
    match args.what {
        ExportWhat::Events(args) => events(&args, context),
        ExportWhat::Timeline(_) => anyhow::bail!("not yet"),
    }
}

/// Events after a cursor, a line each. The cursor of a line is its seq: positions have no gaps.
fn events(args: &ExportEvents, context: &Context) -> anyhow::Result<Outcome> {
    let archive = context.open()?;
    let names = archive.names()?;
    let first = args.after.map_or(0, |after| after.saturating_add(1));
    let end = first.saturating_add(args.limit.unwrap_or(u64::MAX));
    let mut out = output::stdout();
    archive.events::<anyhow::Error>(first, end, |event, leaf| {
        let line = EventLine::new(&event, leaf, |stream| {
            names.get(&stream).map(ToString::to_string)
        });
        output::json_line(&mut out, &line)
    })?;
    out.flush()?;
    Ok(Outcome::Fine)
}
