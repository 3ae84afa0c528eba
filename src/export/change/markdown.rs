//! A change as Markdown, and changes as a list.

use std::io::{self, Write};

use super::{FeedHead, LeftOut, Shown, claims, provisions, trimmed, withheld, wording};
use crate::compare::blocks::{Block, blocks};
use crate::compare::redline::{Mark, Piece};
use crate::export::escape::markdown as escape;
use crate::export::numbers::counted;
use crate::export::page::STANDING_NOTE;
use crate::export::shape::{ChangeLine, QuoteLine, SummaryLine};

/// Writes a change as a document in Markdown.
///
/// # Errors
/// Those of `out`.
pub fn markdown(out: &mut impl Write, shown: &Shown<'_>) -> io::Result<()> {
    let (line, change) = (&shown.line, shown.change);
    writeln!(
        out,
        "# {}\n\n{}\n",
        escape(&line.document),
        escape(&line.headline)
    )?;
    writeln!(out, "{STANDING_NOTE}\n\n## What was judged, and why\n")?;
    for (name, side) in [("Version before", &line.from), ("Version", &line.to)] {
        let sha256 = side.sha256;
        writeln!(
            out,
            "- {name}: event {}, observed at {}, SHA-256 `{sha256}`",
            side.seq, side.observed_at
        )?;
    }
    writeln!(
        out,
        "- Change: `{}`, judged by event {} of {}",
        line.id, line.seq, line.recorded_at
    )?;
    writeln!(
        out,
        "- **{}**, {}: {} {}",
        line.significance,
        line.status,
        wording::significance(change.significance),
        wording::status(change.status)
    )?;
    for reason in &change.reasons {
        writeln!(out, "- {}", escape(&wording::reason(reason)))?;
    }
    for claim in claims(line) {
        writeln!(out, "- {}", escape(&claim))?;
    }
    writeln!(out)?;
    provisions::markdown(out, line)?;
    writeln!(out, "## Redline\n")?;
    let Some(compared) = shown.compared else {
        return writeln!(out, "{}", escape(&withheld(line)));
    };
    for block in blocks(compared) {
        match block {
            Block::Heading { reading, .. } => writeln!(out, "### {}\n", escape(reading))?,
            Block::Unchanged { clauses } => writeln!(out, "*{}*\n", wording::unchanged(clauses))?,
            Block::Changed(changed) => {
                writeln!(
                    out,
                    "**{}** (rule “{}”: {})\n\n> {}\n",
                    escape(&wording::became(&changed)),
                    changed.rule.word(),
                    wording::rule(changed.rule),
                    pieces(&changed.pieces)
                )?;
                for (old, new) in &changed.retargeted {
                    writeln!(
                        out,
                        "> Link: <del>{}</del> <ins>{}</ins>\n",
                        escape(old),
                        escape(new)
                    )?;
                }
            }
        }
    }
    Ok(())
}

/// Pieces on one line, with the elements of HTML that Markdown has no signs for.
fn pieces(pieces: &[Piece]) -> String {
    let mut out = String::new();
    for piece in pieces {
        let (before, words, behind) = trimmed(piece);
        let words = words
            .split('\n')
            .map(escape)
            .collect::<Vec<_>>()
            .join(" ¶ ");
        let (open, close) = match piece.mark {
            Mark::Kept => ("", ""),
            Mark::Inserted => ("<ins>", "</ins>"),
            Mark::Deleted => ("<del>", "</del>"),
        };
        out.push_str(&format!("{before}{open}{words}{close}{behind}"));
    }
    out
}

pub(super) fn begin_list(out: &mut impl Write, head: &FeedHead<'_>) -> io::Result<()> {
    writeln!(
        out,
        "# {}\n\nFrom the log `{}` as of its checkpoint of {}.\n\n{STANDING_NOTE}\n",
        escape(head.title),
        head.origin.replace('`', ""),
        counted(head.size, "event")
    )
}

pub(super) fn list(out: &mut impl Write, line: &ChangeLine) -> io::Result<()> {
    writeln!(
        out,
        "## {}\n\n{}\n\n**{}**, {}; observed at {}, event {}, change `{}`\n",
        escape(&line.document),
        escape(&line.headline),
        line.significance,
        line.status,
        line.observed_at,
        line.seq,
        line.id
    )?;
    match &line.summary {
        Some(summary) => excerpts(out, summary),
        None => Ok(()),
    }
}

fn excerpts(out: &mut impl Write, summary: &SummaryLine) -> io::Result<()> {
    for section in &summary.sections {
        let heading = section
            .heading
            .as_deref()
            .unwrap_or("Above the first heading");
        writeln!(out, "*{}*\n", escape(heading))?;
        for change in &section.changes {
            let quoted = |quote: &Option<QuoteLine>, tag| {
                quote
                    .as_ref()
                    .map(|quote| format!("<{tag}>{}</{tag}>", escape(&quote.words)))
            };
            let words: Vec<String> = [quoted(&change.before, "del"), quoted(&change.after, "ins")]
                .into_iter()
                .flatten()
                .collect();
            writeln!(out, "- {}: {}", change.kind, words.join(" "))?;
            for (old, new) in &change.links {
                writeln!(
                    out,
                    "  Link: <del>{}</del> <ins>{}</ins>",
                    escape(old),
                    escape(new)
                )?;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

pub(super) fn end_list(
    out: &mut impl Write,
    changes: u64,
    left_out: &[LeftOut<'_>],
) -> io::Result<()> {
    writeln!(out, "---\n\n{} on this page.\n", counted(changes, "change"))?;
    left_out
        .iter()
        .try_for_each(|left_out| writeln!(out, "{}\n", escape(&left_out.to_string())))
}
