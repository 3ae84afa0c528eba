//! A dossier as a Markdown document, whose prose fits 80 columns.

use std::io::{self, Write};

use super::matrix::groups;
use super::prose::{escape, header, item, prose, quoted, table};
use super::words;
use crate::export::change::provision;
use crate::export::numbers::{count, counted};
use crate::export::shape::{
    ComparisonLine, CoveredLine, Dossier, EvidenceLine, HeldLine, KindLine, ListedChangeLine,
    MarkLine,
};
use crate::export::timeline::LIMIT_NOTE;
use crate::model::{Instant, Significance, Status};

/// Writes a dossier.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut impl Write, dossier: &Dossier) -> io::Result<()> {
    writeln!(out, "# {}\n", escape(&words::title(dossier)))?;
    for (name, value) in words::facts(dossier) {
        item(out, &format!("**{name}**: {}", escape(&value)))?;
    }
    writeln!(out)?;
    for note in dossier.notes {
        prose(out, note)?;
    }
    documents(out, dossier)?;
    provisions(out, dossier)?;
    changes(out, dossier)?;
    if let Some(one) = &dossier.comparison {
        comparison(out, dossier, one)?;
    }
    regulations(out, dossier)?;
    writeln!(out, "## Questions to ask\n")?;
    for kind in &dossier.kinds {
        writeln!(out, "### {}: what to ask\n", escape(&kind.name))?;
        for question in &kind.questions {
            item(out, &escape(question))?;
        }
        writeln!(out)?;
    }
    evidence(out, dossier)
}

fn documents(out: &mut impl Write, dossier: &Dossier) -> io::Result<()> {
    writeln!(out, "## Documents and their coverage\n")?;
    let date = |at: Option<Instant>| at.map_or("never".to_owned(), Instant::date);
    let rows = dossier.documents.iter().map(|line| {
        let coverage = &line.coverage;
        let seq = line.answer.seq;
        vec![
            escape(&line.document.document_type),
            count(coverage.looks),
            count(coverage.versions),
            date(coverage.first_observed_at),
            date(coverage.last_observed_at),
            seq.map_or("none".to_owned(), |seq| format!("event {seq}")),
            words::provisions(line),
        ]
    });
    let names = header(&words::DOCUMENT_COLUMNS);
    table(out, &names, rows)?;
    prose(
        out,
        "Versions in the period by the significance of the change that each brought; the first of a document brings none:",
    )?;
    let mut names = header(&["Document", "Not judged"]);
    names.extend(Significance::ALL.map(|one| one.word().to_owned()));
    names.push("Of these unconfirmed".to_owned());
    table(out, &names, dossier.documents.iter().map(by_significance))?;
    for line in &dossier.documents {
        document(out, line)?;
    }
    Ok(())
}

fn by_significance(line: &CoveredLine) -> Vec<String> {
    let versions = |is: &dyn Fn(&MarkLine) -> bool| {
        count(line.versions.iter().filter(|mark| is(mark)).count() as u64)
    };
    let mut row = vec![
        escape(&line.document.document_type),
        versions(&|mark| mark.significance.is_none()),
    ];
    row.extend(Significance::ALL.map(|one| {
        let word = Some(one.word());
        versions(&|mark: &MarkLine| mark.significance == word)
    }));
    row.push(versions(&|mark| {
        mark.status == Some(Status::Unconfirmed.word())
    }));
    row
}

fn document(out: &mut impl Write, line: &CoveredLine) -> io::Result<()> {
    writeln!(out, "### {}\n", escape(&line.document.document))?;
    prose(out, &words::coverage(&line.coverage))?;
    for gap in &line.coverage.longest_gaps {
        item(out, &words::gap(gap))?;
    }
    if !line.coverage.longest_gaps.is_empty() {
        writeln!(out)?;
    }
    for (name, value) in words::answer(&line.answer) {
        item(out, &format!("**{name}**: {}", escape(&value)))?;
    }
    if let (Some(sha256), Some(blob)) = (line.answer.sha256, line.answer.blob) {
        writeln!(out, "- **SHA-256**: `{sha256}`\n- **BLAKE3**: `{blob}`")?;
    }
    writeln!(out)
}

fn provisions(out: &mut impl Write, dossier: &Dossier) -> io::Result<()> {
    writeln!(out, "## Provisions\n")?;
    prose(out, &words::in_force(dossier))?;
    for (group, kinds) in words::by_group(dossier) {
        writeln!(out, "### {}\n", escape(group))?;
        for kind in kinds {
            of_kind(out, kind, &dossier.provisions)?;
        }
    }
    Ok(())
}

fn of_kind(out: &mut impl Write, kind: &KindLine, provisions: &[HeldLine]) -> io::Result<()> {
    writeln!(out, "#### {} (`{}`)\n", escape(&kind.name), kind.kind)?;
    let meaning = format!("{} For a person: {}", kind.definition, kind.consequence);
    prose(out, &escape(&meaning))?;
    for line in provisions.iter().filter(|line| line.kind == kind.kind) {
        let under = match line.headings.join(" › ") {
            empty if empty.is_empty() => String::new(),
            under => format!(", under {}", escape(&under)),
        };
        let place = format!(
            "**{}**{under}; {}, event {}, bytes {} to {}:",
            words::stance(line),
            escape(&line.document),
            line.version_seq,
            line.span.start,
            line.span.end
        );
        prose(out, &place)?;
        writeln!(out, "{}\n", quoted(&line.quote))?;
    }
    Ok(())
}

fn changes(out: &mut impl Write, dossier: &Dossier) -> io::Result<()> {
    writeln!(out, "## What changed\n")?;
    let changes = &dossier.changes;
    match changes.listed.len() as u64 {
        0 => prose(
            out,
            "No confirmed substantive change was observed in the period.",
        )?,
        listed => {
            let listed = counted(listed, "confirmed substantive change");
            prose(
                out,
                &format!(
                    "{listed} in the period, the earliest first; `recension change ID` shows one:"
                ),
            )?;
            let rows = changes.listed.iter().map(|line| {
                vec![
                    line.observed_at.date(),
                    escape(&line.document),
                    escape(&line.headline),
                    format!("{} to {}", line.from_seq, line.to_seq),
                    format!("`{}`", line.id),
                ]
            });
            let names = header(&["Observed", "Document", "What changed", "Events", "Change"]);
            table(out, &names, rows)?;
        }
    }
    for line in &changes.left_out {
        prose(out, &words::left_out(line))?;
    }
    touched(out, &changes.listed)
}

/// What the changes did to provisions, with the beginnings of the clauses.
fn touched(out: &mut impl Write, changes: &[ListedChangeLine]) -> io::Result<()> {
    let is_told = |line: &&ListedChangeLine| !line.provisions.is_empty() || line.reworded > 0;
    let mut told = changes.iter().filter(is_told).peekable();
    if told.peek().is_some() {
        writeln!(out, "### What became of provisions by these changes\n")?;
    }
    for line in told {
        let (date, document) = (line.observed_at.date(), escape(&line.document));
        prose(
            out,
            &format!("**{date}**, {document}, change `{}`:", line.id),
        )?;
        for one in words::touched(line) {
            let sentence = std::iter::once(provision(one)).chain(words::said(one));
            item(out, &escape(&sentence.collect::<Vec<_>>().join("; ")))?;
        }
        for counted in words::touched_left(line) {
            item(out, &counted)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn comparison(
    out: &mut impl Write,
    dossier: &Dossier,
    comparison: &ComparisonLine,
) -> io::Result<()> {
    writeln!(out, "## Beside other platforms\n")?;
    prose(out, &escape(&words::compared(comparison)))?;
    prose(out, &words::comparison_note(dossier))?;
    let documents = comparison.platforms.iter().flat_map(|one| &one.documents);
    let rows = documents.map(|line| {
        let version = match (line.seq, &line.withheld) {
            (Some(seq), None) => format!("event {seq}"),
            (Some(seq), Some(_)) => format!("event {seq}, withheld"),
            (None, _) => "not observed by then".to_owned(),
        };
        let hash = line.sha256.map(|hash| format!("`{hash}`"));
        vec![
            escape(&line.document),
            version,
            line.last_seen.map_or_else(String::new, Instant::date),
            hash.unwrap_or_default(),
        ]
    });
    let names = header(&["Document", "Version", "Last seen", "SHA-256"]);
    table(out, &names, rows)?;
    let platforms = comparison.platforms.iter();
    let mut names = header(&["Kind"]);
    names.extend(platforms.map(|one| escape(&one.platform)));
    for rows in groups(&comparison.rows) {
        let group = rows.first().map_or("", |row| row.group.as_str());
        writeln!(out, "### {}, by platform\n", escape(group))?;
        let rows = rows.iter().map(|row| {
            let cells = row.cells.iter().map(words::cell);
            std::iter::once(escape(&row.name)).chain(cells).collect()
        });
        table(out, &names, rows)?;
    }
    if comparison.none_found.is_empty() {
        return Ok(());
    }
    prose(
        out,
        &format!(
            "Of these kinds none was found in any of the documents compared: {}.",
            escape(&comparison.none_found.join(", "))
        ),
    )
}

fn regulations(out: &mut impl Write, dossier: &Dossier) -> io::Result<()> {
    writeln!(out, "## Regulations engaged\n")?;
    prose(out, words::ENGAGES_NOTE)?;
    for regulation in &dossier.regulations {
        writeln!(out, "### {}\n", escape(&regulation.short))?;
        let note = regulation.note.as_deref().unwrap_or_default();
        let about = format!(
            "{}. {}; {}; applies from {}. {note}",
            regulation.name,
            regulation.jurisdiction,
            regulation.identifier,
            words::applies(regulation, dossier.as_of)
        );
        prose(out, &escape(&about))?;
        let rows = regulation.articles.iter().map(|article| {
            vec![
                escape(&article.article),
                escape(&article.title),
                escape(&article.kinds.join(", ")),
            ]
        });
        let names = header(&["Article", "What it is about", "Engaged by"]);
        table(out, &names, rows)?;
    }
    Ok(())
}

fn evidence(out: &mut impl Write, dossier: &Dossier) -> io::Result<()> {
    writeln!(out, "## Evidence\n")?;
    prose(out, LIMIT_NOTE)?;
    prose(out, words::COMMANDS_NOTE)?;
    writeln!(out, "```sh\n{}\n```\n", words::VERIFY)?;
    if let Some(line) = dossier.provisions.first() {
        prose(
            out,
            "A quote is cut out of its text by its span, here the first of this dossier:",
        )?;
        writeln!(out, "```sh\n{}\n```\n", words::cut_out(line))?;
    }
    for line in &dossier.evidence {
        version(out, line)?;
    }
    writeln!(out, "### Checkpoint\n")?;
    prose(
        out,
        "All proofs lead to this checkpoint, which is signed by the key above. Compare the key with a copy that you have \
         from elsewhere.",
    )?;
    writeln!(out, "```text\n{}\n```", dossier.checkpoint.note.trim_end())
}

fn version(out: &mut impl Write, line: &EvidenceLine) -> io::Result<()> {
    writeln!(out, "### {}, event {}\n", escape(&line.document), line.seq)?;
    let proof = &line.proof;
    for (name, value) in [
        ("Event", line.event_id.to_string()),
        ("Stream", line.stream.to_string()),
        ("SHA-256 of the text", line.sha256.to_string()),
        ("Leaf hash", proof.leaf_hash.to_string()),
    ] {
        writeln!(out, "- {name}: `{value}`")?;
    }
    item(out, &format!("Observed at {}", line.observed_at))?;
    item(out, &format!("Recorded at {}", line.recorded_at))?;
    item(
        out,
        &escape(&format!("Comes from: {}", words::origin(&line.origin))),
    )?;
    writeln!(out, "\nInclusion proof, from the leaf upwards:\n\n```text")?;
    for sibling in &proof.inclusion_proof {
        writeln!(out, "{sibling}")?;
    }
    writeln!(
        out,
        "```\n\nThe event’s bytes in base64:\n\n```text\n{}\n```\n\n```sh\n{}\n```\n",
        proof.leaf,
        line.commands.join("\n")
    )
}
