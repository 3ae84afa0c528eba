//! `recension diff`.

use std::io::{self, Write};

use similar::{ChangeTag, TextDiff};

use super::Outcome;
use super::args::Diff;
use super::context::Context;
use super::output::{self, Out, visible};
use super::show::not_observed;
use crate::archive::{Archive, ArchiveError};
use crate::model::Instant;
use crate::project::{AsOf, Document};

pub(super) fn run(args: &Diff, context: &Context) -> anyhow::Result<Outcome> {
    let archive = context.open()?;
    let document = archive.document(&args.document)?;
    let to = archive.as_of(document.clone(), context.as_of(args.to.as_deref())?, None)?;
    let from = match &args.from {
        Some(from) => archive.as_of(document, context.as_of(Some(from))?, None)?,
        None => before(&archive, document, &to)?,
    };
    let (Some((old, old_name)), Some((new, new_name))) =
        (text(&archive, &from)?, text(&archive, &to)?)
    else {
        let missing = if from.found.is_none() { &from } else { &to };
        output::message(&not_observed(missing));
        return Ok(Outcome::Finding);
    };
    let mut out = output::stdout();
    if old == new {
        writeln!(out, "The text is the same: {old_name} and {new_name}.")?;
        out.flush()?;
        return Ok(Outcome::Fine);
    }
    writeln!(out, "--- {old_name}\n+++ {new_name}")?;
    // The work, not the time, is bounded: the same texts always give the same lines.
    let diff = TextDiff::configure()
        .algorithm(similar::Algorithm::Histogram)
        .diff_lines(&old, &new);
    if args.words {
        words(&mut out, &diff, args.context)?;
    } else {
        unified(&mut out, &diff, args.context)?;
    }
    out.flush()?;
    Ok(Outcome::Finding)
}

/// What stood before the text that stood at `to`: nothing if that was the first.
fn before(archive: &Archive, document: Document, to: &AsOf) -> Result<AsOf, ArchiveError> {
    let first_seen = to
        .found
        .as_ref()
        .map_or(to.as_of, |found| found.standing.first_seen);
    let earlier = Instant::from_micros(first_seen.micros() - 1).unwrap_or(Instant::MIN);
    archive.as_of(document, earlier, None)
}

/// The text of an answer and what to call it.
fn text(archive: &Archive, answer: &AsOf) -> Result<Option<(String, String)>, ArchiveError> {
    let Some(found) = &answer.found else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&archive.content(&found.version.text)?).into_owned();
    let (name, event) = (visible(&answer.document.name.to_string()), found.event.seq);
    Ok(Some((
        text,
        format!(
            "{name} as of {} (event {event}, observed at {})",
            answer.as_of, found.event.observed_at
        ),
    )))
}

type Lines<'a> = TextDiff<'a, 'a, str>;

fn unified(out: &mut Out, diff: &Lines<'_>, context: usize) -> io::Result<()> {
    for hunk in diff.unified_diff().context_radius(context).iter_hunks() {
        writeln!(out, "{}", hunk.header())?;
        for change in hunk.iter_changes() {
            let sign = sign(change.tag());
            writeln!(
                out,
                "{sign}{}",
                visible(change.value().trim_end_matches('\n'))
            )?;
        }
    }
    Ok(())
}

fn words(out: &mut Out, diff: &Lines<'_>, context: usize) -> io::Result<()> {
    let styled = output::is_styled();
    for (number, group) in diff.grouped_ops(context).iter().enumerate() {
        if number > 0 {
            writeln!(out, "…")?;
        }
        for change in group.iter().flat_map(|op| diff.iter_inline_changes(op)) {
            let tag = change.tag();
            write!(out, "{} ", sign(tag))?;
            for (emphasised, value) in change.iter_strings_lossy() {
                let value = visible(value.trim_end_matches('\n'));
                if emphasised && !value.is_empty() {
                    mark(out, tag, &value, styled)?;
                } else {
                    write!(out, "{value}")?;
                }
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

/// Marks words as inserted or struck, with signs and not by colour alone.
fn mark(out: &mut Out, tag: ChangeTag, words: &str, styled: bool) -> io::Result<()> {
    let (signs, style) = match tag {
        ChangeTag::Insert => (["{+", "+}"], "\u{1b}[4m"),
        ChangeTag::Delete => (["[-", "-]"], "\u{1b}[9m"),
        ChangeTag::Equal => return write!(out, "{words}"),
    };
    let [open, close] = signs;
    if styled {
        write!(out, "{open}{style}{words}\u{1b}[0m{close}")
    } else {
        write!(out, "{open}{words}{close}")
    }
}

fn sign(tag: ChangeTag) -> char {
    match tag {
        ChangeTag::Equal => ' ',
        ChangeTag::Delete => '-',
        ChangeTag::Insert => '+',
    }
}
