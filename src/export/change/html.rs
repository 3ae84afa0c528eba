//! A change as one HTML page: the redline inline or side by side, without scripts; and changes as a list.

use std::io::{self, Write};

use super::{FeedHead, LeftOut, Shown, claims, provisions, trimmed, withheld, wording};
use crate::compare::blocks::{Block, Changed, blocks};
use crate::compare::redline::{Mark, Piece};
use crate::export::escape::html as text;
use crate::export::numbers::counted;
use crate::export::page::{self, STANDING_NOTE, code, fact, isolated};
use crate::export::shape::{ChangeLine, QuoteLine, SummaryLine};
use crate::model::{ClauseChangeKind, ClauseKind};

/// How inserted and deleted words look.
pub(in crate::export) const STYLE: &str = include_str!("change.css");

/// Where the pages of the changes before and after stand, for one that is read among others.
#[derive(Debug, Clone, Copy, Default)]
pub struct Neighbours<'a> {
    /// The page of the change before.
    pub previous: Option<&'a str>,
    /// The page of the change after.
    pub next: Option<&'a str>,
}

/// Writes a change as a page that stands alone.
///
/// # Errors
/// Those of `out`.
pub fn html(out: &mut impl Write, shown: &Shown<'_>, neighbours: Neighbours<'_>) -> io::Result<()> {
    let line = &shown.line;
    page::begin(out, &format!("{}: {}", line.document, line.headline), STYLE)?;
    writeln!(
        out,
        "<header>\n<p class=\"lead\">{}</p>\n<h1>{}</h1>\n<p><strong class=\"significance\">{}</strong>, {}</p>\n\
         <p class=\"note\">{STANDING_NOTE}</p>",
        isolated(&line.document),
        isolated(&line.headline),
        line.significance,
        line.status
    )?;
    navigation(out, neighbours)?;
    writeln!(out, "</header>\n<main>")?;
    facts(out, shown)?;
    if let Some(summary) = &line.summary {
        writeln!(
            out,
            "<section aria-labelledby=\"summary\">\n<h2 id=\"summary\">In short</h2>"
        )?;
        for claim in claims(line) {
            writeln!(out, "<p>{}</p>", isolated(&claim))?;
        }
        writeln!(out, "{}</section>", excerpts(summary))?;
    }
    provisions::html(out, line)?;
    redlined(out, shown)?;
    writeln!(out, "</main>\n</body>\n</html>")
}

fn navigation(out: &mut impl Write, neighbours: Neighbours<'_>) -> io::Result<()> {
    let links = [
        ("prev", "Change before", neighbours.previous),
        ("next", "Change after", neighbours.next),
    ];
    if links.iter().all(|(.., address)| address.is_none()) {
        return Ok(());
    }
    writeln!(out, "<nav aria-label=\"Changes\">\n<ul>")?;
    for (relation, words, address) in links {
        if let Some(address) = address {
            writeln!(
                out,
                "<li><a rel=\"{relation}\" href=\"{}\">{words}</a></li>",
                text(address)
            )?;
        }
    }
    writeln!(out, "</ul>\n</nav>")
}

fn facts(out: &mut impl Write, shown: &Shown<'_>) -> io::Result<()> {
    let (line, change) = (&shown.line, shown.change);
    writeln!(
        out,
        "<section aria-labelledby=\"why\">\n<h2 id=\"why\">What was judged, and why</h2>\n<dl>"
    )?;
    let of = |side: &crate::export::shape::ComparedLine| {
        format!(
            "event {}, observed at {}<br>SHA-256 {}",
            side.seq,
            side.observed_at,
            code(side.sha256)
        )
    };
    fact(out, "Version before", of(&line.from))?;
    fact(out, "Version", of(&line.to))?;
    fact(out, "Change", code(line.id))?;
    let judged = format!(
        "event {}, recorded at {}, by detector {}",
        line.seq, line.recorded_at, line.detector
    );
    fact(out, "Judged", judged)?;
    let meaning = [
        wording::significance(change.significance),
        wording::status(change.status),
    ];
    fact(
        out,
        "Judgement",
        format!(
            "{}, {}: {}",
            line.significance,
            line.status,
            text(&meaning.join(" "))
        ),
    )?;
    let reasons: Vec<String> = change
        .reasons
        .iter()
        .map(|reason| text(&wording::reason(reason)))
        .collect();
    fact(out, "Reasons", reasons.join("<br>"))?;
    let counts: Vec<String> = change
        .counts
        .iter()
        .map(|(kind, count)| format!("{count} {}", kind.word()))
        .collect();
    let counts = if counts.is_empty() {
        "none".to_owned()
    } else {
        counts.join(", ")
    };
    fact(out, "Clauses that changed", counts)?;
    writeln!(out, "</dl>\n</section>")
}

fn redlined(out: &mut impl Write, shown: &Shown<'_>) -> io::Result<()> {
    writeln!(
        out,
        "<section aria-labelledby=\"redline\">\n<h2 id=\"redline\">Redline</h2>"
    )?;
    let Some(compared) = shown.compared else {
        return writeln!(
            out,
            "<p class=\"note\">{}</p>\n</section>",
            isolated(&withheld(&shown.line))
        );
    };
    writeln!(
        out,
        "<p class=\"legend\"><ins>inserted</ins> <del>deleted</del> <span>¶ a clause ends here</span></p>\n\
         <input type=\"radio\" name=\"view\" id=\"inline\" checked><label for=\"inline\">In one text</label>\n\
         <input type=\"radio\" name=\"view\" id=\"beside\"><label for=\"beside\">Side by side</label>\n<div class=\"redline\">"
    )?;
    for block in blocks(compared) {
        match block {
            Block::Heading { level, reading } => {
                let level = (level + 2).min(6);
                writeln!(out, "<h{level} dir=\"auto\">{}</h{level}>", text(reading))?;
            }
            Block::Unchanged { clauses } => {
                writeln!(
                    out,
                    "<p class=\"unchanged\">{}</p>",
                    wording::unchanged(clauses)
                )?;
            }
            Block::Changed(changed) => change(out, &changed)?,
        }
    }
    writeln!(out, "</div>\n</section>")
}

fn change(out: &mut impl Write, changed: &Changed<'_>) -> io::Result<()> {
    let class = changed.kind.word().replace(' ', "-");
    writeln!(
        out,
        "<article class=\"change {class}\">\n<p class=\"became\">{} <small>Rule “{}”: {}</small></p>\n<div class=\"pair\">",
        isolated(&wording::became(changed)),
        changed.rule.word(),
        text(wording::rule(changed.rule))
    )?;
    let form = match changed.clause {
        ClauseKind::Heading { .. } => "heading",
        ClauseKind::Item => "item",
        ClauseKind::Code => "code",
        ClauseKind::Row | ClauseKind::Paragraph => "paragraph",
    };
    let words = pieces(&changed.pieces);
    // Of what only came or went, the other side is empty.
    let (before, after) = match changed.kind {
        ClauseChangeKind::Added => ("", "both"),
        ClauseChangeKind::Removed => ("both", ""),
        _ => ("before", "after"),
    };
    if !before.is_empty() {
        writeln!(out, "<p class=\"{before} {form}\" dir=\"auto\">{words}</p>")?;
    }
    if !after.is_empty() {
        writeln!(out, "<p class=\"{after} {form}\" dir=\"auto\">{words}</p>")?;
    }
    writeln!(out, "</div>")?;
    for (old, new) in &changed.retargeted {
        let (old, new) = (text(old), text(new));
        writeln!(
            out,
            "<p class=\"link\">Link: <del>{old}</del> <ins>{new}</ins></p>"
        )?;
    }
    writeln!(out, "</article>")
}

/// Pieces as inline HTML; gaps at the ends of an edit stand outside its mark.
pub(in crate::export) fn pieces(pieces: &[Piece]) -> String {
    let mut out = String::new();
    for piece in pieces {
        let tag = match piece.mark {
            Mark::Kept => {
                out.push_str(&text(&piece.text).replace('\n', "<br>\n"));
                continue;
            }
            Mark::Inserted => "ins",
            Mark::Deleted => "del",
        };
        let (before, words, behind) = trimmed(piece);
        let words = text(words).replace('\n', "¶ ");
        out.push_str(&format!("{before}<{tag}>{words}</{tag}>{behind}"));
    }
    out
}

/// What changed under each heading, in quotes.
pub(super) fn excerpts(summary: &SummaryLine) -> String {
    let mut out = String::new();
    for section in &summary.sections {
        let heading = section
            .heading
            .as_deref()
            .unwrap_or("Above the first heading");
        out.push_str(&format!("<p><b>{}</b></p>\n<ul>\n", isolated(heading)));
        for change in &section.changes {
            let quoted = |quote: &Option<QuoteLine>, tag| {
                quote
                    .as_ref()
                    .map(|quote| format!("<{tag}>{}</{tag}>", text(&quote.words)))
            };
            let words = match (quoted(&change.before, "del"), quoted(&change.after, "ins")) {
                // What stands elsewhere or is divided otherwise is neither deleted nor inserted.
                (Some(_), Some(_))
                    if change.before.as_ref().map(|quote| &quote.words)
                        == change.after.as_ref().map(|quote| &quote.words) =>
                {
                    change
                        .after
                        .as_ref()
                        .map_or_else(String::new, |quote| text(&quote.words))
                }
                (Some(before), Some(after)) => format!("{before} {after}"),
                (before, after) => before.or(after).unwrap_or_default(),
            };
            out.push_str(&format!("<li>{}: {words}", change.kind));
            for (old, new) in &change.links {
                out.push_str(&format!(
                    "<br>Link: <del>{}</del> <ins>{}</ins>",
                    text(old),
                    text(new)
                ));
            }
            out.push_str("</li>\n");
        }
        out.push_str("</ul>\n");
    }
    if summary.left_out > 0 {
        out.push_str(&format!(
            "<p>Not quoted: {} more.</p>\n",
            counted(summary.left_out, "clause")
        ));
    }
    out
}

pub(super) fn begin_list(out: &mut impl Write, head: &FeedHead<'_>) -> io::Result<()> {
    page::begin(out, head.title, STYLE)?;
    writeln!(
        out,
        "<header>\n<h1>{}</h1>\n<p class=\"lead\">From the log {} as of its checkpoint of {}.</p>\n\
         <p class=\"note\">{STANDING_NOTE}</p>\n</header>\n<main>",
        isolated(head.title),
        code(head.origin),
        counted(head.size, "event")
    )
}

pub(super) fn list(out: &mut impl Write, line: &ChangeLine, page: Option<&str>) -> io::Result<()> {
    let headline = match page {
        Some(page) => format!(
            "<a href=\"{}\">{}</a>",
            text(page),
            isolated(&line.headline)
        ),
        None => isolated(&line.headline),
    };
    writeln!(
        out,
        "<article id=\"c{}\">\n<h2>{}</h2>\n<p>{headline}</p>\n\
         <p class=\"lead\"><strong class=\"significance\">{}</strong>, {}; observed at <time>{}</time>, event {}</p>",
        line.id,
        isolated(&line.document),
        line.significance,
        line.status,
        line.observed_at,
        line.seq
    )?;
    if let Some(summary) = &line.summary {
        writeln!(
            out,
            "<details>\n<summary>Words of both texts</summary>\n{}</details>",
            excerpts(summary)
        )?;
    }
    writeln!(out, "</article>")
}

pub(super) fn end_list(
    out: &mut impl Write,
    changes: u64,
    left_out: &[LeftOut<'_>],
) -> io::Result<()> {
    writeln!(
        out,
        "</main>\n<footer>\n<p>{} on this page.</p>",
        counted(changes, "change")
    )?;
    for left_out in left_out {
        writeln!(out, "<p>{}</p>", text(&left_out.to_string()))?;
    }
    writeln!(out, "</footer>\n</body>\n</html>")
}
