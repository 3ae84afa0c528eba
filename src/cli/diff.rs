//! `recension diff`.

use std::io::{self, Write};

use similar::{ChangeTag, TextDiff};

use super::Outcome;
use super::args::Diff;
use super::context::Context;
use super::output::{self, Out, visible, visible_text};
use super::show::{not_observed, withheld_sentence};
use crate::archive::{Archive, ArchiveError};
use crate::model::{Content, Instant};
use crate::project::{AsOf, Document, Withheld};

pub(super) fn run(args: &Diff, context: &Context) -> anyhow::Result<Outcome> {
    let archive = context.open()?;
    let document = archive.document(&args.document)?;
    let to = archive.as_of(document.clone(), context.as_of(args.to.as_deref())?, None)?;
    let from = match &args.from {
        Some(from) => archive.as_of(document, context.as_of(Some(from))?, None)?,
        None => before(&archive, document, &to)?,
    };
    let (Some(old), Some(new)) = (Side::of(&from), Side::of(&to)) else {
        output::message(&missing(args, &from, &to));
        return Ok(Outcome::Finding);
    };
    let (old_name, new_name) = (&old.name, &new.name);
    let mut out = output::stdout();
    if old.content == new.content {
        writeln!(out, "The text is the same: {old_name} and {new_name}.")?;
        out.flush()?;
        return Ok(Outcome::Fine);
    }
    let (old_text, new_text) = (old.read(&archive)?, new.read(&archive)?);
    let (Ok(old), Ok(new)) = (&old_text, &new_text) else {
        for (side, text) in [(&old, &old_text), (&new, &new_text)] {
            if let Err(withheld) = text {
                let sentence = withheld_sentence("text", withheld);
                output::message(&format!("{}:\n{sentence}", side.name));
            }
        }
        return Ok(Outcome::Finding);
    };
    let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
    if old == new {
        writeln!(
            out,
            "The texts differ only in bytes that are not UTF-8: {old_name} and {new_name}."
        )?;
        out.flush()?;
        return Ok(Outcome::Finding);
    }
    writeln!(out, "--- {old_name}\n+++ {new_name}")?;
    // The work, not the time, is bounded: the same texts always give the same lines.
    let diff = TextDiff::configure()
        .algorithm(similar::Algorithm::Histogram)
        .diff_lines(&*old, &*new);
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

/// Says which of the two texts there isn't.
fn missing(args: &Diff, from: &AsOf, to: &AsOf) -> String {
    match &to.found {
        Some(found) if args.from.is_none() => format!(
            "{} has no text before the one that was first seen at {}: there is nothing to compare it with.",
            to.document.name, found.standing.first_seen
        ),
        Some(_) => not_observed(from),
        None => not_observed(to),
    }
}

/// One of the two texts and what to call it.
struct Side {
    content: Content,
    name: String,
}

impl Side {
    fn of(answer: &AsOf) -> Option<Self> {
        let found = answer.found.as_ref()?;
        let content = found.version.text;
        let (name, event) = (visible(&answer.document.name.to_string()), found.event.seq);
        let (as_of, observed_at) = (answer.as_of, found.event.observed_at);
        let name = format!("{name} as of {as_of} (event {event}, observed at {observed_at})");
        Some(Self { content, name })
    }

    fn read(&self, archive: &Archive) -> Result<Result<Vec<u8>, Withheld>, ArchiveError> {
        archive.content(self.content.blob)
    }
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
                visible_text(change.value().trim_end_matches('\n'))
            )?;
            mark_missing_newline(out, change.missing_newline())?;
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
                let value = visible_text(value.trim_end_matches('\n'));
                if emphasised && !value.is_empty() {
                    mark(out, tag, &value, styled)?;
                } else {
                    write!(out, "{value}")?;
                }
            }
            writeln!(out)?;
            mark_missing_newline(out, change.missing_newline())?;
        }
    }
    Ok(())
}

/// Says that a text ends without a newline, where that may be all that differs.
fn mark_missing_newline(out: &mut Out, missing: bool) -> io::Result<()> {
    if missing {
        writeln!(out, "\\ No newline at the end")
    } else {
        Ok(())
    }
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
