//! `recension clause`.

use std::io::{self, Write};

use anyhow::bail;

use super::Outcome;
use super::args::{Clause, Format};
use super::context::Context;
use super::output::{self, Out, count, visible, visible_text, wrap};
use crate::archive::Archive;
use crate::export::shape::{ClauseLine, LivesLine};
use crate::model::ClauseId;

/// How many digits of a clause's name are enough.
const LEAST_DIGITS: usize = 8;

pub(super) fn run(args: &Clause, context: &Context) -> anyhow::Result<Outcome> {
    let archive = context.open()?;
    let known_at = context.known_at(args.known_at.as_deref())?;
    let wanted = args.wanted.trim().to_lowercase();
    let is_id =
        wanted.len() >= LEAST_DIGITS && wanted.bytes().all(|digit| digit.is_ascii_hexdigit());
    let name = match (&args.document, is_id) {
        (Some(name), _) => name.clone(),
        (None, true) => document_of(&archive, &wanted)?,
        (None, false) => bail!(
            "--in is missing: name the document in which clauses that say {:?} are looked for",
            args.wanted
        ),
    };
    let document = archive.document(&name)?;
    let lives = archive.lives(&document, known_at, |id: ClauseId, reading, headings| {
        if is_id {
            return id.to_string().starts_with(&wanted);
        }
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        has(reading) || headings.iter().any(|heading| has(heading))
    })?;
    let line = LivesLine::new(&document, &lives);
    match args.format {
        Format::Jsonl => output::lines(args.format, &line.clauses, |_, _| Ok(()))?,
        format => output::value(format, &line, |out, line| print(out, line, &args.wanted))?,
    }
    Ok(if line.clauses.is_empty() {
        Outcome::Finding
    } else {
        Outcome::Fine
    })
}

/// The document of a clause that a change names.
fn document_of(archive: &Archive, wanted: &str) -> anyhow::Result<String> {
    let Some(stream) = archive.stream_of_clause(wanted)? else {
        bail!(
            "no recorded change names the clause {wanted}: with --in DOCUMENT it is looked for among all of a document's clauses"
        );
    };
    let names = archive.names()?;
    let name = names.get(&stream).map(ToString::to_string);
    name.ok_or_else(|| anyhow::anyhow!("the clause {wanted} is of a document that has no name"))
}

fn print(out: &mut Out, lives: &LivesLine, wanted: &str) -> io::Result<()> {
    let name = visible(&lives.document);
    let seen = match (lives.first_observed_at, lives.last_observed_at) {
        (Some(first), Some(last)) => format!(
            "{} versions, observed from {} to {}",
            count(lives.versions),
            first.date(),
            last.date()
        ),
        _ => "no version".to_owned(),
    };
    writeln!(out, "{name}: {seen}")?;
    if lives.clauses.is_empty() {
        return writeln!(
            out,
            "No clause of it ever said, or stood under, {wanted:?}."
        );
    }
    for clause in &lives.clauses {
        print_clause(out, clause, lives.versions)?;
    }
    Ok(())
}

fn print_clause(out: &mut Out, clause: &ClauseLine, versions: u64) -> io::Result<()> {
    let stands = if clause.stands {
        "stands in the newest"
    } else {
        "is gone"
    };
    writeln!(
        out,
        "\nclause {}: in {} of {} versions, {stands}",
        clause.clause_id,
        count(clause.versions),
        count(versions)
    )?;
    for turn in &clause.turns {
        writeln!(
            out,
            "  {}  {:<8}  event {}{}",
            turn.observed_at.date(),
            turn.kind,
            turn.seq,
            turn.span.map_or_else(String::new, |span| format!(
                ", bytes {}..{}",
                span.start, span.end
            ))
        )?;
        if let Some(reading) = &turn.reading {
            if !turn.headings.is_empty() {
                writeln!(
                    out,
                    "              under {}",
                    visible(&turn.headings.join(" > "))
                )?;
            }
            for line in wrap(&visible_text(reading)).lines() {
                writeln!(out, "      {line}")?;
            }
        }
    }
    Ok(())
}
