//! `recension provision`.

use std::io::{self, Write as _};

use anyhow::Context as _;

use super::Outcome;
use super::args::Provision;
use super::context::Context;
use super::output::{self, Out, one_line, visible};
use super::provisions::NOTE;
use super::taxonomy::indent;
use crate::archive::ProvisionReader;
use crate::classify::{Classifier, Taxonomy};
use crate::export::shape::ProvisionPage;
use crate::model::ProvisionId;

pub(super) fn run(args: &Provision, context: &Context) -> anyhow::Result<Outcome> {
    let id: ProvisionId = args.id.parse()?;
    let kind = Taxonomy::built_in()?.kind(&id.kind);
    let kind = kind.with_context(|| {
        format!(
            "there is no kind {}: recension taxonomy lists them",
            id.kind
        )
    })?;
    let archive = context.open()?;
    let mut reader = ProvisionReader::new(&archive, Classifier::built_in()?);
    let life = reader.life(&id)?;
    let page = life.page(&id, kind, &archive)?;
    output::value(args.format, &page, print)?;
    Ok(Outcome::Fine)
}

fn print(out: &mut Out, page: &ProvisionPage) -> io::Result<()> {
    writeln!(
        out,
        "{} ({}, {})\n{}, event {}, observed at {}",
        page.name,
        page.kind,
        page.group,
        visible(&page.document),
        page.version_seq,
        page.observed_at
    )?;
    if !page.headings.is_empty() {
        writeln!(out, "under {}", visible(&page.headings.join(" > ")))?;
    }
    writeln!(out, "\nWhat it says: {}, {}", page.polarity, page.modality)?;
    writeln!(out, "  {}", indent(&visible(&one_line(&page.quote)), 2))?;
    writeln!(out, "\nWhat that means for a person")?;
    writeln!(out, "  {}", indent(&page.consequence, 2))?;
    writeln!(
        out,
        "\nWhat became of it: clause {}, which {} in the newest version",
        page.clause_id,
        if page.stands {
            "stands"
        } else {
            "no longer stands"
        }
    )?;
    for turn in &page.turns {
        writeln!(
            out,
            "  {}  {:<8}  event {}: {}",
            turn.observed_at.date(),
            turn.turn,
            turn.seq,
            turn.polarity.unwrap_or("holds nothing of the kind")
        )?;
        if let Some(reading) = &turn.reading {
            writeln!(out, "    {}", indent(&visible(&one_line(reading)), 4))?;
        }
    }
    writeln!(out, "\nHow others word it: recension compare {}", page.kind)?;
    writeln!(
        out,
        "\nRegulations that it engages, which says nothing of a breach"
    )?;
    for one in &page.regulations {
        let line = format!("{} {}: {}", one.short, one.article, one.title);
        writeln!(out, "  {}", indent(&visible(&line), 2))?;
    }
    writeln!(out, "\nWhat a reviewer would ask")?;
    for question in &page.questions {
        writeln!(out, "  - {}", indent(question, 4))?;
    }
    evidence(out, page)?;
    writeln!(out, "\n{NOTE}")
}

fn evidence(out: &mut Out, page: &ProvisionPage) -> io::Result<()> {
    writeln!(
        out,
        "\nEvidence\n  event {} of {}, leaf {}\n  text SHA-256 {}, bytes {}-{}\n  checkpoint of {} events, root {}",
        page.version_seq,
        visible(&page.checkpoint.origin),
        page.leaf_hash,
        page.sha256,
        page.span.start,
        page.span.end,
        page.checkpoint.size,
        page.checkpoint.root
    )?;
    writeln!(
        out,
        "  recension show --event {} --format raw",
        page.version_seq
    )
}
