//! `recension try`: what a declaration keeps of a document's pages.

use std::io::Write as _;

use super::Outcome;
use super::args::Try;
use super::context::Context;
use super::output::{self, bytes, count};
use crate::archive::{Pages, try_declaration};

pub(super) fn run(args: &Try, context: &Context) -> anyhow::Result<Outcome> {
    let as_of = context.as_of(args.as_of.as_deref())?;
    let pages = if args.pages.is_empty() {
        Pages::Fetched(Box::new(args.network.policy()?), context.clock())
    } else {
        Pages::Saved(&args.pages)
    };
    let trial = try_declaration(&args.declaration, args.document.as_deref(), as_of, pages)?;
    for evidence in &trial.evidence {
        for exchange in &evidence.exchanges {
            let status = exchange.response.as_ref().map(|response| response.status);
            let status = status.map_or_else(|| "no answer".to_owned(), |one| one.to_string());
            output::message(&format!("{status} {}", exchange.address));
        }
    }
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
