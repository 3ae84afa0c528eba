//! `recension track` and `recension import ota-declarations`.

use std::io::Write as _;

use super::Outcome;
use super::args::Track;
use super::context::Context;
use super::output::{self, count};
use crate::archive::{self, Tracking};
use crate::export::shape::TrackedLine;

pub(super) fn run(args: &Track, context: &Context) -> anyhow::Result<Outcome> {
    take(args, false, context)
}

/// Takes declarations with those that held before.
pub(super) fn history(args: &Track, context: &Context) -> anyhow::Result<Outcome> {
    take(args, true, context)
}

fn take(args: &Track, history: bool, context: &Context) -> anyhow::Result<Outcome> {
    let mut writer = context.open_writer()?;
    let tracking = Tracking {
        lenient: args.lenient,
        history,
    };
    let tracked = archive::track(&mut writer, &args.paths, tracking, context.now())?;
    for problem in &tracked.problems {
        output::message(&format!("warning: {problem}"));
    }
    let line = TrackedLine {
        added: tracked.added.iter().map(ToString::to_string).collect(),
        changed: tracked.changed.iter().map(ToString::to_string).collect(),
        unchanged: tracked.unchanged,
        problems: tracked.problems.iter().map(ToString::to_string).collect(),
    };
    output::value(args.format, &line, |out, line| {
        let (added, changed) = (line.added.len() as u64, line.changed.len() as u64);
        writeln!(
            out,
            "{} documents are tracked from now on, {} in another way than before, {} as they were.",
            count(added),
            count(changed),
            count(line.unchanged)
        )?;
        if added + changed > 0 {
            writeln!(out, "`recension fetch` fetches what is due.")?;
        }
        Ok(())
    })?;
    Ok(Outcome::Fine)
}
