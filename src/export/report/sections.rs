//! The later sections of a dossier in HTML: the comparison, the regulations, the questions, the evidence.

use std::io::{self, Write};

use super::html::{begin, begin_table, columns, end_table};
use super::matrix::{self, groups};
use super::words;
use crate::export::escape::html as text;
use crate::export::page::{code, fact, isolated};
use crate::export::shape::{
    AsOfLine, ComparisonLine, CoveredLine, Dossier, EvidenceLine, MatrixRowLine, RegulationLine,
};
use crate::export::timeline::LIMIT_NOTE;
use crate::export::timeline::html::{proof, signed};
use crate::model::Instant;

pub(super) fn comparison(out: &mut impl Write, dossier: &Dossier) -> io::Result<()> {
    let Some(comparison) = &dossier.comparison else {
        return Ok(());
    };
    begin(out, "comparison")?;
    writeln!(
        out,
        "<p>{}</p>\n<p class=\"note\">{}</p>",
        isolated(&words::compared(comparison)),
        text(&words::comparison_note(dossier))
    )?;
    read(out, comparison)?;
    if !comparison.rows.is_empty() {
        matrix::draw(out, comparison)?;
        table(out, comparison)?;
    }
    let none: Vec<String> = comparison.none_found.iter().map(code).collect();
    if !none.is_empty() {
        writeln!(
            out,
            "<p>Of these kinds none was found in any of the documents compared: {}.</p>",
            none.join(", ")
        )?;
    }
    writeln!(out, "</section>")
}

/// The versions that were read of each platform.
fn read(out: &mut impl Write, comparison: &ComparisonLine) -> io::Result<()> {
    let names = columns(&["Platform", "Document", "Version", "Last seen", "SHA-256"]);
    begin_table(out, "", "What was read", &names)?;
    for platform in &comparison.platforms {
        for line in &platform.documents {
            let version = match (line.seq, &line.withheld) {
                (Some(seq), None) => format!("event {seq}"),
                (Some(seq), Some(_)) => format!("event {seq}, withheld"),
                (None, _) => "not observed by then".to_owned(),
            };
            writeln!(
                out,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{version}</td><td>{}</td><td>{}</td></tr>",
                isolated(&platform.platform),
                isolated(&line.document),
                line.last_seen.map_or_else(String::new, Instant::date),
                line.sha256
                    .map_or_else(String::new, |hash| code(&hash.to_string()[..12]))
            )?;
        }
    }
    end_table(out)
}

fn table(out: &mut impl Write, comparison: &ComparisonLine) -> io::Result<()> {
    let platforms = comparison.platforms.iter();
    let mut names = columns(&["Kind"]);
    names.extend(platforms.map(|one| isolated(&one.platform)));
    let width = names.len();
    begin_table(out, "matrix", "Kinds by platform, in words", &names)?;
    for rows in groups(&comparison.rows) {
        let group = rows.first().map_or("", |row| row.group.as_str());
        writeln!(
            out,
            "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{width}\">{}</th></tr>",
            text(group)
        )?;
        rows.iter().try_for_each(|row| cells(out, row))?;
    }
    end_table(out)
}

fn cells(out: &mut impl Write, row: &MatrixRowLine) -> io::Result<()> {
    write!(out, "<tr><th scope=\"row\">{}</th>", text(&row.name))?;
    for cell in &row.cells {
        let class = match cell.finding {
            Some(_) => " class=\"nothing\"",
            None => "",
        };
        write!(out, "<td{class}>{}</td>", text(&words::cell(cell)))?;
    }
    writeln!(out, "</tr>")
}

pub(super) fn regulations(out: &mut impl Write, dossier: &Dossier) -> io::Result<()> {
    begin(out, "regulations")?;
    engaged(out, &dossier.regulations, dossier.as_of)?;
    writeln!(out, "</section>")
}

/// The articles of regulations that kinds engage, each kind with a link to where it is told.
pub(super) fn engaged(
    out: &mut impl Write,
    regulations: &[RegulationLine],
    as_of: Instant,
) -> io::Result<()> {
    writeln!(out, "<p class=\"note\">{}</p>", words::ENGAGES_NOTE)?;
    if regulations.is_empty() {
        writeln!(out, "<p>The kinds that were found engage none.</p>")?;
    }
    for regulation in regulations {
        let applies = words::applies(regulation, as_of);
        let note = regulation.note.as_deref().unwrap_or_default();
        let caption = format!(
            "<b>{}</b>: {}. {}; {}; applies from {applies}. {}",
            text(&regulation.short),
            text(&regulation.name),
            text(&regulation.jurisdiction),
            text(&regulation.identifier),
            text(note)
        );
        let names = columns(&["Article", "What it is about", "Engaged by"]);
        begin_table(out, "", caption.trim_end(), &names)?;
        for article in &regulation.articles {
            let kinds = article.kinds.iter();
            let kinds: Vec<String> = kinds
                .map(|id| format!("<a href=\"#k-{0}\">{0}</a>", text(id)))
                .collect();
            writeln!(
                out,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
                text(&article.article),
                text(&article.title),
                kinds.join(", ")
            )?;
        }
        end_table(out)?;
    }
    Ok(())
}

pub(super) fn questions(out: &mut impl Write, dossier: &Dossier) -> io::Result<()> {
    begin(out, "questions")?;
    if dossier.kinds.is_empty() {
        writeln!(
            out,
            "<p>No kind was found that there is something to ask about.</p>"
        )?;
    }
    for kind in &dossier.kinds {
        writeln!(
            out,
            "<h3><a href=\"#k-{}\">{}</a></h3>\n<ul class=\"questions\">",
            text(&kind.kind),
            text(&kind.name)
        )?;
        for question in &kind.questions {
            writeln!(out, "<li>{}</li>", text(question))?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "</section>")
}

/// What a proof shows, and how anybody checks it.
pub(super) fn checking(out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "<p>{LIMIT_NOTE}</p>\n<p>{}</p>\n<pre>{}</pre>",
        text(words::COMMANDS_NOTE),
        words::VERIFY
    )
}

pub(super) fn evidence(out: &mut impl Write, dossier: &Dossier) -> io::Result<()> {
    begin(out, "evidence")?;
    checking(out)?;
    if let Some(line) = dossier.provisions.first() {
        writeln!(
            out,
            "<p>A quote is cut out of its text by its span, here the first of this dossier:</p>\n<pre>{}</pre>",
            text(&words::cut_out(line))
        )?;
    }
    for line in &dossier.evidence {
        let is_it = |one: &&CoveredLine| one.document.document == line.document;
        let covered = dossier.documents.iter().find(is_it);
        writeln!(out, "<h3 id=\"v{}\">{}</h3>", line.seq, event_heading(line))?;
        version(out, line, covered.map(|covered| &covered.answer))?;
    }
    signed(out, &dossier.checkpoint)?;
    writeln!(out, "</section>")
}

/// How a version is checked: its event, its hashes, the bracket of its observation, its proof, commands.
pub(super) fn version(
    out: &mut impl Write,
    line: &EvidenceLine,
    answer: Option<&AsOfLine>,
) -> io::Result<()> {
    writeln!(out, "<dl>")?;
    fact(
        out,
        "Event",
        format!("{}, {}", line.seq, code(line.event_id)),
    )?;
    fact(out, "Stream", code(line.stream))?;
    fact(out, "Observed at", line.observed_at)?;
    fact(out, "Recorded at", line.recorded_at)?;
    fact(out, "Comes from", isolated(&words::origin(&line.origin)))?;
    if let Some(answer) = answer {
        fact(out, "Seen", text(&words::bracket(answer)))?;
        if let Some(blob) = answer.blob {
            fact(out, "BLAKE3 of the text", code(blob))?;
        }
    }
    fact(out, "SHA-256 of the text", code(line.sha256))?;
    proof(out, &line.proof)?;
    writeln!(
        out,
        "</dl>\n<pre class=\"commands\">{}</pre>",
        text(&line.commands.join("\n"))
    )
}

fn event_heading(line: &EvidenceLine) -> String {
    format!("{}, event {}", isolated(&line.document), line.seq)
}
