//! `recension try`: what a declaration keeps of saved pages.

use std::io::Write as _;

use super::Outcome;
use super::args::Try;
use super::context::Context;
use super::output::{self, bytes, count};
use crate::archive::try_declaration;

pub(super) fn run(args: &Try, context: &Context) -> anyhow::Result<Outcome> {
    let as_of = context.as_of(args.as_of.as_deref())?;
    let trial = try_declaration(
        &args.declaration,
        args.document.as_deref(),
        as_of,
        &args.pages,
    )?;
    for problem in &trial.problems {
        output::message(&format!("warning: {problem}"));
    }
    for (address, selector) in &trial.unmatched {
        output::message(&format!(
            "warning: nothing on the page of {address} matches \"{selector}\""
        ));
    }
    let mut out = output::stdout();
    out.write_all(trial.text.as_bytes())?;
    out.flush()?;
    output::message(&format!(
        "{}: kept {} in {} clauses",
        trial.document,
        bytes(trial.text.len() as u64),
        count(trial.clauses as u64)
    ));
    Ok(Outcome::Fine)
}
