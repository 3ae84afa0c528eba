//! `recension report`.

use std::io::{BufWriter, Write};

use anyhow::bail;

use super::Outcome;
use super::args::{Report, ReportFormat};
use super::context::{Context, progress_bar};
use super::output;
use crate::archive::{Archive, Peers, Reference, ReportOn};
use crate::classify::{Classifier, Regulations, Taxonomy};
use crate::export::report::{write_html, write_markdown};
use crate::export::shape::Dossier;

/// What stands for no platforms in `--peers`.
pub(super) const NO_PEERS: &str = "none";

pub(super) fn run(args: &Report, context: &Context) -> anyhow::Result<Outcome> {
    let archive = context.open()?;
    let on = on(args, context, &archive)?;
    let reference = reference()?;
    let bar = progress_bar("{bar:30} {pos}/{len} texts and changes, {eta} left");
    let dossier = archive.report(&on, reference, &mut |read, all| {
        bar.set_length(all);
        bar.set_position(read);
    })?;
    bar.finish_and_clear();
    match &args.output {
        None => write(output::stdout(), args.format, &dossier)?,
        Some(path) => output::replace(path, |file| {
            write(BufWriter::new(file), args.format, &dossier)
        })?,
    }
    Ok(if dossier.documents.iter().any(|line| line.answer.found) {
        Outcome::Fine
    } else {
        Outcome::Finding
    })
}

/// What the program carries to tell provisions by.
pub(super) fn reference() -> anyhow::Result<Reference<'static>> {
    Ok(Reference {
        classifier: Classifier::built_in()?,
        taxonomy: Taxonomy::built_in()?,
        regulations: Regulations::built_in()?,
    })
}

/// What is asked for. No clock is read where no date is given.
fn on(args: &Report, context: &Context, archive: &Archive) -> anyhow::Result<ReportOn> {
    let known_at = context.known_at(args.known_at.as_deref())?;
    let as_of = match args.as_of.as_deref().or(args.to.as_deref()) {
        Some(date) => context.as_of(Some(date))?,
        None => match archive.newest_sight(&args.name, known_at)? {
            Some(newest) => newest,
            None => bail!(
                "no text of {} was observed: there is nothing to report on",
                args.name
            ),
        },
    };
    let since = match args.from.as_deref() {
        Some(date) => Some(*context.range(Some(date), None)?.start()),
        None => None,
    };
    if let Some(since) = since.filter(|since| *since > as_of) {
        bail!("the period begins at {since}, after its end at {as_of}: nothing lies between them");
    }
    let peers = match args.peers.as_slice() {
        [] => Peers::Alike,
        [none] if none == NO_PEERS => Peers::None,
        named => Peers::Named(named.to_vec()),
    };
    Ok(ReportOn {
        name: args.name.clone(),
        since,
        as_of,
        known_at,
        peers,
    })
}

fn write(mut out: impl Write, format: ReportFormat, dossier: &Dossier) -> anyhow::Result<()> {
    match format {
        ReportFormat::Md => write_markdown(&mut out, dossier)?,
        ReportFormat::Html => write_html(&mut out, dossier)?,
        ReportFormat::Json => output::json(&mut out, dossier)?,
    }
    Ok(out.flush()?)
}
