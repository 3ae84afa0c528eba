//! `recension provision`.

use std::io::{self, Write as _};

use super::Outcome;
use super::args::{Provision, ProvisionFormat};
use super::context::Context;
use super::output::{self, Out, one_line, visible};
use super::provisions::{NOTE, documents_bar, print_beside};
use super::report::{NO_PEERS, reference};
use super::taxonomy::{indent, kind};
use crate::archive::ProvisionOn;
use crate::export::report::{
    ENGAGES_NOTE, bracket, cut_out, made, others_left, reworded, rewordings, stood, write_provision,
};
use crate::export::shape::ProvisionPage;
use crate::model::ProvisionId;

pub(super) fn run(args: &Provision, context: &Context) -> anyhow::Result<Outcome> {
    let id: ProvisionId = args.id.parse()?;
    let as_of = args.as_of.as_deref();
    let on = ProvisionOn {
        id: &id,
        kind: kind(&id.kind)?,
        as_of: as_of.map(|date| context.as_of(Some(date))).transpose()?,
        others: (args.platforms != [NO_PEERS]).then_some(args.platforms.as_slice()),
    };
    let archive = context.open()?;
    let bar = documents_bar();
    let page = archive.provision(&on, reference()?, &mut |read, all| {
        bar.set_length(all);
        bar.set_position(read);
    })?;
    bar.finish_and_clear();
    let mut out = output::stdout();
    match args.format {
        ProvisionFormat::Text => print(&mut out, &page)?,
        ProvisionFormat::Json => output::json(&mut out, &page)?,
        ProvisionFormat::Jsonl => output::json_line(&mut out, &page)?,
        ProvisionFormat::Html => write_provision(&mut out, &page)?,
    }
    out.flush()?;
    Ok(Outcome::Fine)
}

fn print(out: &mut Out, page: &ProvisionPage) -> io::Result<()> {
    let line = &page.line;
    writeln!(
        out,
        "{} ({}, {})\n{}, event {}, observed at {}",
        line.name,
        line.kind,
        line.group,
        visible(&line.document),
        line.version_seq,
        page.evidence.observed_at
    )?;
    if !line.headings.is_empty() {
        writeln!(out, "under {}", visible(&line.headings.join(" > ")))?;
    }
    writeln!(out, "\nWhat it says: {}, {}", line.polarity, line.modality)?;
    paragraph(out, &one_line(&line.quote))?;
    writeln!(
        out,
        "  bytes {}-{}: {}",
        line.span.start,
        line.span.end,
        cut_out(line)
    )?;
    writeln!(out, "\nWhat that means for a person")?;
    paragraph(out, &page.consequence)?;
    became(out, page)?;
    others(out, page)?;
    writeln!(out, "\nRegulations that it engages")?;
    for regulation in &page.regulations {
        for article in &regulation.articles {
            let cited = format!(
                "{} {}: {} ({})",
                regulation.short, article.article, article.title, regulation.identifier
            );
            paragraph(out, &cited)?;
        }
    }
    paragraph(out, ENGAGES_NOTE)?;
    writeln!(out, "\nWhat a reviewer would ask")?;
    for question in &page.questions {
        writeln!(out, "  - {}", indent(question, 4))?;
    }
    evidence(out, page)?;
    writeln!(out, "\nMade by {}.", made(&page.made_by))?;
    writeln!(out, "\n{NOTE}")
}

fn paragraph(out: &mut Out, text: &str) -> io::Result<()> {
    writeln!(out, "  {}", indent(&visible(text), 2))
}

fn became(out: &mut Out, page: &ProvisionPage) -> io::Result<()> {
    writeln!(out, "\nWhat changed, and when")?;
    paragraph(out, &stood(page))?;
    for (turn, before) in rewordings(page) {
        writeln!(
            out,
            "  {}  {:<8}  event {}: {}",
            turn.observed_at.date(),
            turn.turn,
            turn.seq,
            turn.polarity.unwrap_or("holds nothing of the kind")
        )?;
        let words = match (&turn.reading, before) {
            (Some(reading), Some(before)) => reworded(before, reading),
            (Some(reading), None) if turn.turn != "moved" => reading.clone(),
            _ => continue,
        };
        writeln!(out, "    {}", indent(&visible(&one_line(&words)), 4))?;
    }
    Ok(())
}

fn others(out: &mut Out, page: &ProvisionPage) -> io::Result<()> {
    let Some(others) = &page.others else {
        return Ok(());
    };
    writeln!(out, "\nHow other platforms word it, as of {}", others.as_of)?;
    for platform in &others.nearest {
        writeln!(
            out,
            "  {}, near by {}",
            visible(&platform.platform),
            platform.likeness
        )?;
        for line in &platform.provisions {
            print_beside(out, line)?;
        }
        if platform.left_out > 0 {
            writeln!(out, "      and {} more of it", platform.left_out)?;
        }
    }
    for sentence in others_left(others) {
        paragraph(out, &sentence)?;
    }
    Ok(())
}

fn evidence(out: &mut Out, page: &ProvisionPage) -> io::Result<()> {
    let (line, checkpoint) = (&page.evidence, &page.checkpoint);
    writeln!(
        out,
        "\nEvidence\n  event {} of {}, {}\n  recorded at {}, leaf {}",
        line.seq,
        visible(&checkpoint.origin),
        line.event_id,
        line.recorded_at,
        line.proof.leaf_hash
    )?;
    paragraph(out, &format!("seen {}", bracket(&page.answer)))?;
    writeln!(out, "  text SHA-256 {}", line.sha256)?;
    if let Some(blob) = page.answer.blob {
        writeln!(out, "  text BLAKE3 {blob}")?;
    }
    writeln!(
        out,
        "  checkpoint of {} events, root {}",
        checkpoint.size, checkpoint.root
    )?;
    for command in &line.commands {
        writeln!(out, "  {command}")?;
    }
    Ok(())
}
