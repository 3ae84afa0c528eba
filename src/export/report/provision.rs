//! The page of a provision as one HTML page that needs nothing else, and the sentences that its other forms share.

use std::io::{self, Write};

use super::html::{STYLE, held, section};
use super::sections::{checking, engaged, version};
use super::words;
use crate::compare::redline::{Mark, redline};
use crate::export::change::html::{STYLE as REDLINE_STYLE, pieces};
use crate::export::change::trimmed;
use crate::export::escape::html as text;
use crate::export::numbers::counted;
use crate::export::page::{self, STANDING_NOTE, code, fact, isolated};
use crate::export::shape::{HeldLine, OthersLine, ProvisionLifeLine, ProvisionPage};
use crate::export::timeline::html::signed;

/// How many names a sentence bears.
const NAMED: usize = 20;
const PROVISION_STYLE: &str = include_str!("provision.css");

/// Writes the page of a provision.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut impl Write, page: &ProvisionPage) -> io::Result<()> {
    let line = &page.line;
    page::begin(
        out,
        &format!("{}: {}", line.document, line.name),
        &format!("{REDLINE_STYLE}{STYLE}{PROVISION_STYLE}"),
    )?;
    writeln!(
        out,
        "<header>\n<p class=\"lead\">{}</p>\n<h1>{}</h1>\n<p class=\"note\">{STANDING_NOTE}</p>\n</header>\n<main>",
        isolated(&line.document),
        text(&line.name)
    )?;
    says(out, page)?;
    became(out, page)?;
    if let Some(others) = &page.others {
        beside(out, others)?;
    }
    section(out, "regulations", "Regulations engaged")?;
    engaged(out, &page.regulations, page.answer.as_of)?;
    writeln!(out, "</section>")?;
    section(out, "questions", "Questions to ask")?;
    list(out, "questions", page.questions.iter().map(String::as_str))?;
    writeln!(out, "</section>")?;
    section(out, "evidence", "Evidence")?;
    checking(out)?;
    version(out, &page.evidence, Some(&page.answer))?;
    signed(out, &page.checkpoint)?;
    writeln!(out, "</section>")?;
    section(out, "made", "How this page was made")?;
    writeln!(out, "<p>By {}.</p>", text(&words::made(&page.made_by)))?;
    list(out, "note notes", page.notes.iter().copied())?;
    writeln!(out, "</section>\n</main>\n</body>\n</html>")
}

fn list<'t>(
    out: &mut impl Write,
    class: &str,
    items: impl Iterator<Item = &'t str>,
) -> io::Result<()> {
    writeln!(out, "<ul class=\"{class}\">")?;
    for item in items {
        writeln!(out, "<li>{}</li>", text(item))?;
    }
    writeln!(out, "</ul>")
}

/// What it says, and what that means.
fn says(out: &mut impl Write, page: &ProvisionPage) -> io::Result<()> {
    let line = &page.line;
    section(out, "says", "What it says")?;
    held(out, line, &place(line))?;
    writeln!(out, "<dl>")?;
    fact(out, "Provision", code(&line.id))?;
    fact(out, "Its bytes", code(words::cut_out(line)))?;
    fact(
        out,
        "Words that speak for it",
        text(&line.reasons.join(", ")),
    )?;
    writeln!(
        out,
        "</dl>\n</section>\n<section aria-labelledby=\"k-{0}\">\n<h2 id=\"k-{0}\">What it means for a person</h2>\n\
         <p>{1}</p>\n</section>",
        text(&line.kind),
        text(&page.consequence)
    )
}

/// The version that a provision is quoted from, in HTML.
fn place(line: &HeldLine) -> String {
    format!(
        "{}, event {}, seen {}",
        isolated(&line.document),
        line.version_seq,
        line.observed_at
    )
}

/// Whether the clause of a provision still stands.
#[must_use]
pub fn stood(page: &ProvisionPage) -> String {
    let stands = if page.stands {
        "stands"
    } else {
        "no longer stands"
    };
    format!(
        "The clause {} {stands} in the newest version.",
        page.clause_id
    )
}

/// The turns in the life of a provision's clause, each with the reading that went before, where it is another.
pub fn rewordings(
    page: &ProvisionPage,
) -> impl Iterator<Item = (&ProvisionLifeLine, Option<&str>)> {
    let turns = page.turns.iter().enumerate();
    turns.map(|(place, turn)| {
        let mut before = page.turns.iter().take(place).rev();
        let before = before.find_map(|turn| turn.reading.as_deref());
        (
            turn,
            before.filter(|before| turn.reading.as_deref() != Some(*before)),
        )
    })
}

/// A rewording in one text, with `[-deleted-]` and `{+inserted+}` words.
#[must_use]
pub fn reworded(before: &str, after: &str) -> String {
    let mut marked = String::new();
    for piece in redline(before, after) {
        let (open, close) = match piece.mark {
            Mark::Kept => {
                marked.push_str(&piece.text);
                continue;
            }
            Mark::Inserted => ("{+", "+}"),
            Mark::Deleted => ("[-", "-]"),
        };
        let (gap, words, behind) = trimmed(&piece);
        marked.push_str(&format!("{gap}{open}{words}{close}{behind}"));
    }
    marked
}

fn became(out: &mut impl Write, page: &ProvisionPage) -> io::Result<()> {
    section(out, "became", "What changed, and when")?;
    writeln!(
        out,
        "<p>{}</p>\n<p class=\"legend\"><ins>inserted</ins> <del>deleted</del></p>\n<ol class=\"turns\">",
        text(&stood(page))
    )?;
    for (turn, before) in rewordings(page) {
        let polarity = turn.polarity.unwrap_or("holds nothing of the kind");
        writeln!(
            out,
            "<li><time datetime=\"{}\">{}</time> <b>{}</b>: {polarity} <small>event {}</small>",
            turn.observed_at,
            turn.observed_at.date(),
            turn.turn,
            turn.seq
        )?;
        let words = match (turn.reading.as_deref(), before) {
            (Some(reading), Some(before)) => Some(pieces(&redline(before, reading))),
            (Some(reading), None) if turn.turn != "moved" => Some(text(reading)),
            _ => None,
        };
        if let Some(words) = words {
            writeln!(out, "<p dir=\"auto\">{words}</p>")?;
        }
        writeln!(out, "</li>")?;
    }
    writeln!(out, "</ol>\n</section>")
}

fn beside(out: &mut impl Write, others: &OthersLine) -> io::Result<()> {
    writeln!(
        out,
        "<section class=\"others\" aria-labelledby=\"others\">\n<h2 id=\"others\">How other platforms word it</h2>\n\
         <p>As of {}, the nearest wordings first. How near is the share of the words of both that both have.</p>",
        others.as_of
    )?;
    for platform in &others.nearest {
        writeln!(
            out,
            "<h3>{} <small>{}</small></h3>",
            isolated(&platform.platform),
            platform.likeness
        )?;
        for line in &platform.provisions {
            held(out, line, &place(line))?;
        }
        if platform.left_out > 0 {
            writeln!(out, "<p>And {} more of it.</p>", platform.left_out)?;
        }
    }
    for sentence in others_left(others) {
        writeln!(out, "<p>{}</p>", text(&sentence))?;
    }
    writeln!(out, "</section>")
}

/// What is said of the platforms that are not quoted, a sentence each.
#[must_use]
pub fn others_left(others: &OthersLine) -> Vec<String> {
    let (as_of, kind) = (others.as_of, &others.kind);
    let mut sentences = Vec::new();
    if others.more > 0 {
        let more = counted(others.more, "more platform");
        let hold = if others.more == 1 { "holds" } else { "hold" };
        sentences.push(format!(
            "{more} {hold} provisions of this kind: recension compare {kind} shows them."
        ));
    }
    if !others.none_found.is_empty() {
        sentences.push(format!(
            "None found in the documents archived as of {as_of}, which is not that there is none, of {}.",
            names(&others.none_found)
        ));
    }
    if !others.unread.is_empty() {
        sentences.push(format!(
            "No document can be read as of {as_of} of {}.",
            names(&others.unread)
        ));
    }
    if sentences.is_empty() && others.nearest.is_empty() {
        sentences.push(format!(
            "No document of another platform was observed by {as_of}."
        ));
    }
    sentences
}

/// Names in a sentence, as many as it bears.
fn names(all: &[String]) -> String {
    let listed = all.iter().take(NAMED).map(String::as_str);
    let listed = listed.collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(NAMED) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}
