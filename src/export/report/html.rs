//! A dossier as one HTML page that needs nothing else: no scripts, no fonts, no addresses.

use std::io::{self, Write};

use super::sections::{comparison, evidence, questions, regulations};
use super::{NOTES, lanes, words};
use crate::export::change::provision;
use crate::export::escape::html as text;
use crate::export::numbers::{count, counted};
use crate::export::page::{self, code, fact, isolated};
use crate::export::shape::{CoveredLine, Dossier, HeldLine, KindLine, ListedChangeLine, MarkLine};
use crate::export::timeline::html::STYLE as TIMELINE_STYLE;
use crate::model::{Instant, Significance, Status};

pub(super) const STYLE: &str = include_str!("report.css");

/// The sections, each with the id of its heading.
const SECTIONS: [(&str, &str); 8] = [
    ("cover", "What this is"),
    ("documents", "Documents and their coverage"),
    ("provisions", "Provisions"),
    ("changes", "What changed"),
    ("comparison", "Beside other platforms"),
    ("regulations", "Regulations engaged"),
    ("questions", "Questions to ask"),
    ("evidence", "Evidence"),
];

/// Writes a dossier.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut impl Write, dossier: &Dossier) -> io::Result<()> {
    page::begin(
        out,
        &words::title(dossier),
        &format!("{TIMELINE_STYLE}{STYLE}"),
    )?;
    cover(out, dossier)?;
    documents(out, dossier)?;
    provisions(out, dossier)?;
    changes(out, dossier)?;
    comparison(out, dossier)?;
    regulations(out, dossier)?;
    questions(out, dossier)?;
    evidence(out, dossier)?;
    writeln!(
        out,
        "</main>\n<footer><p>{}</p></footer>\n</body>\n</html>",
        text(NOTES.first().copied().unwrap_or_default())
    )
}

/// Begins the section with this id.
pub(super) fn begin(out: &mut impl Write, id: &str) -> io::Result<()> {
    let heading = SECTIONS.iter().find(|(one, _)| *one == id);
    section(out, id, heading.map_or("", |(_, heading)| heading))
}

/// Begins a section.
pub(super) fn section(out: &mut impl Write, id: &str, heading: &str) -> io::Result<()> {
    writeln!(
        out,
        "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{heading}</h2>"
    )
}

/// Begins a table with its caption, as HTML, and the headings of its columns.
pub(super) fn begin_table(
    out: &mut impl Write,
    class: &str,
    caption: &str,
    columns: &[String],
) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"table\">\n<table class=\"{class}\">\n<caption>{caption}</caption>\n<thead><tr>"
    )?;
    for column in columns {
        writeln!(out, "<th scope=\"col\">{column}</th>")?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")
}

pub(super) fn end_table(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "</tbody>\n</table>\n</div>")
}

/// Headings of columns that are our own words.
pub(super) fn columns(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A link to the evidence of a version.
pub(super) fn event_link(document: &str, seq: u64) -> String {
    format!(
        "{}, <a href=\"#v{seq}\">event {seq}</a>",
        isolated(document)
    )
}

fn cover(out: &mut impl Write, dossier: &Dossier) -> io::Result<()> {
    writeln!(
        out,
        "<header>\n<h1>Dossier of {}</h1>\n<p class=\"lead\">As of {}</p>\n<nav aria-label=\"Contents\">\n<ol>",
        isolated(&dossier.subject),
        dossier.as_of
    )?;
    for (id, heading) in SECTIONS {
        if id != "comparison" || dossier.comparison.is_some() {
            writeln!(out, "<li><a href=\"#{id}\">{heading}</a></li>")?;
        }
    }
    writeln!(out, "</ol>\n</nav>\n</header>\n<main>")?;
    begin(out, "cover")?;
    writeln!(out, "<dl class=\"cover\">")?;
    for (name, value) in words::facts(dossier) {
        fact(out, name, isolated(&value))?;
    }
    writeln!(out, "</dl>\n<ul class=\"note notes\">")?;
    for note in dossier.notes {
        writeln!(out, "<li>{}</li>", text(note))?;
    }
    writeln!(out, "</ul>\n</section>")
}

fn documents(out: &mut impl Write, dossier: &Dossier) -> io::Result<()> {
    begin(out, "documents")?;
    begin_table(
        out,
        "",
        "The documents: looks in the period, and the version that answers",
        &columns(&words::DOCUMENT_COLUMNS),
    )?;
    for line in &dossier.documents {
        let date = |at: Option<Instant>| {
            at.map_or("never".to_owned(), |at| {
                format!("<time>{}</time>", at.date())
            })
        };
        let coverage = &line.coverage;
        let answers = match line.answer.seq {
            Some(seq) if line.provisions.is_some_and(|found| found > 0) => {
                format!("<a href=\"#v{seq}\">event {seq}</a>")
            }
            Some(seq) => format!("event {seq}"),
            None => "none".to_owned(),
        };
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{answers}</td><td>{}</td></tr>",
            isolated(&line.document.document_type),
            count(coverage.looks),
            count(coverage.versions),
            date(coverage.first_observed_at),
            date(coverage.last_observed_at),
            words::provisions(line)
        )?;
    }
    end_table(out)?;
    lanes::draw(out, dossier)?;
    by_significance(out, dossier)?;
    for line in &dossier.documents {
        document(out, line)?;
    }
    writeln!(out, "</section>")
}

/// The table that says in numbers what the drawing of the lanes shows.
fn by_significance(out: &mut impl Write, dossier: &Dossier) -> io::Result<()> {
    let mut names = columns(&["Document", "Not judged"]);
    names.extend(Significance::ALL.map(|one| one.word().to_owned()));
    names.push("Of these unconfirmed".to_owned());
    begin_table(
        out,
        "",
        "Versions in the period by the significance of the change that each brought; the first of a document brings none",
        &names,
    )?;
    for line in &dossier.documents {
        let versions = |is: &dyn Fn(&MarkLine) -> bool| {
            let of = line.versions.iter().filter(|mark| is(mark));
            format!("<td>{}</td>", count(of.count() as u64))
        };
        let judged = Significance::ALL.map(|one| {
            let word = Some(one.word());
            versions(&|mark: &MarkLine| mark.significance == word)
        });
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th>{}{}{}</tr>",
            isolated(&line.document.document_type),
            versions(&|mark| mark.significance.is_none()),
            judged.concat(),
            versions(&|mark| mark.status == Some(Status::Unconfirmed.word()))
        )?;
    }
    end_table(out)
}

fn document(out: &mut impl Write, line: &CoveredLine) -> io::Result<()> {
    writeln!(
        out,
        "<h3>{}</h3>\n<p>{}</p>",
        isolated(&line.document.document),
        text(&words::coverage(&line.coverage))
    )?;
    if !line.coverage.longest_gaps.is_empty() {
        writeln!(out, "<ul>")?;
        for gap in &line.coverage.longest_gaps {
            writeln!(out, "<li>{}</li>", text(&words::gap(gap)))?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "<dl>")?;
    for (name, value) in words::answer(&line.answer) {
        fact(out, name, isolated(&value))?;
    }
    for (name, hash) in [
        ("SHA-256 of the text", line.answer.sha256.map(code)),
        ("BLAKE3 of the text", line.answer.blob.map(code)),
    ] {
        if let Some(hash) = hash {
            fact(out, name, hash)?;
        }
    }
    let document = &line.document;
    let all = format!(
        "{}, {}, {} withheld",
        counted(document.looks, "look"),
        counted(document.versions, "version"),
        count(document.withheld)
    );
    fact(out, "In the whole archive", all)?;
    writeln!(out, "</dl>")
}

fn provisions(out: &mut impl Write, dossier: &Dossier) -> io::Result<()> {
    begin(out, "provisions")?;
    writeln!(out, "<p>{}</p>", words::in_force(dossier))?;
    for (group, kinds) in words::by_group(dossier) {
        writeln!(out, "<h3>{}</h3>", text(group))?;
        for kind in kinds {
            of_kind(out, kind, &dossier.provisions)?;
        }
    }
    writeln!(out, "</section>")
}

fn of_kind(out: &mut impl Write, kind: &KindLine, provisions: &[HeldLine]) -> io::Result<()> {
    writeln!(
        out,
        "<h4 id=\"k-{}\">{}</h4>\n<p class=\"meaning\">{} For a person: {}</p>",
        text(&kind.kind),
        text(&kind.name),
        text(&kind.definition),
        text(&kind.consequence)
    )?;
    for line in provisions.iter().filter(|line| line.kind == kind.kind) {
        held(out, line, &event_link(&line.document, line.version_seq))?;
    }
    Ok(())
}

/// A provision with its quote. `place` says in HTML where it stands.
pub(super) fn held(out: &mut impl Write, line: &HeldLine, place: &str) -> io::Result<()> {
    let under = line.headings.join(" › ");
    let under = if under.is_empty() {
        String::new()
    } else {
        format!(", under {}", isolated(&under))
    };
    writeln!(
        out,
        "<article class=\"provision\">\n<p><span class=\"stance\">{}</span>{under}<br><small>{place}, bytes {} to {}</small></p>\n\
         <blockquote dir=\"auto\">{}</blockquote>\n</article>",
        text(&words::stance(line)),
        line.span.start,
        line.span.end,
        text(&line.quote)
    )
}

fn changes(out: &mut impl Write, dossier: &Dossier) -> io::Result<()> {
    begin(out, "changes")?;
    let changes = &dossier.changes;
    match changes.listed.len() as u64 {
        0 => writeln!(
            out,
            "<p>No confirmed substantive change was observed in the period.</p>"
        )?,
        listed => {
            let caption = format!(
                "{} in the period, the earliest first; <code>recension change ID</code> shows one",
                counted(listed, "confirmed substantive change")
            );
            let names = columns(&["Observed", "Document", "What changed", "Change"]);
            begin_table(out, "", &caption, &names)?;
            for line in &changes.listed {
                writeln!(
                    out,
                    "<tr><td><time datetime=\"{}\">{}</time></td><td>{}<br><small>events {} to {}</small></td>\
                     <td>{}{}</td><td>{}</td></tr>",
                    line.observed_at,
                    line.observed_at.date(),
                    isolated(&line.document),
                    line.from_seq,
                    line.to_seq,
                    isolated(&line.headline),
                    touched(line),
                    code(line.id)
                )?;
            }
            end_table(out)?;
        }
    }
    for line in &changes.left_out {
        writeln!(out, "<p>{}</p>", text(&words::left_out(line)))?;
    }
    writeln!(out, "</section>")
}

/// What a change did to provisions, with the beginnings of the clauses.
fn touched(line: &ListedChangeLine) -> String {
    let mut items = Vec::new();
    for one in words::touched(line) {
        let mut item = text(&provision(one));
        for words in words::said(one) {
            item.push_str(&format!("<br><small dir=\"auto\">{}</small>", text(&words)));
        }
        items.push(item);
    }
    items.extend(words::touched_left(line));
    if items.is_empty() {
        return String::new();
    }
    format!(
        "<ul class=\"touched\"><li>{}</li></ul>",
        items.join("</li>\n<li>")
    )
}
