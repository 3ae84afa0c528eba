//! `recension taxonomy` and `recension regulations`.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use anyhow::{Context as _, bail};

use super::Outcome;
use super::args::{RegulationsArgs, TaxonomyArgs};
use super::output::{self, Out, wrap_at};
use crate::classify::{Kind, Regulation, Regulations, Taxonomy};

pub(super) fn run(args: &TaxonomyArgs) -> anyhow::Result<Outcome> {
    let kinds = named(args.name.as_slice())?;
    output::lines(args.format, &kinds, |out, kinds| match kinds {
        [kind] => print_kind(out, kind),
        _ => print_list(out, kinds),
    })?;
    Ok(Outcome::Fine)
}

/// The kinds that names mean, in the order of the taxonomy, or all without names. Each is a kind, a group of kinds or several of
/// these with commas between them.
pub(super) fn named(names: &[String]) -> anyhow::Result<Vec<&'static Kind>> {
    let taxonomy = Taxonomy::built_in()?;
    let mut kinds = BTreeMap::new();
    for name in names
        .iter()
        .flat_map(|names| names.split(','))
        .map(str::trim)
    {
        let is_it = |kind: &Kind| kind.id == name || kind.group == name;
        let places = (0..).zip(&taxonomy.kinds);
        let found: Vec<(usize, &Kind)> = places.filter(|(_, kind)| is_it(kind)).collect();
        if found.is_empty() {
            bail!("there is no kind and no group {name}: recension taxonomy lists them");
        }
        kinds.extend(found);
    }
    if names.is_empty() {
        return Ok(taxonomy.kinds.iter().collect());
    }
    Ok(kinds.into_values().collect())
}

/// The ids of the kinds that are named, or none.
pub(super) fn ids(names: &[String]) -> anyhow::Result<Vec<String>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let kinds = named(names)?.into_iter();
    Ok(kinds.map(|kind| kind.id.clone()).collect())
}

/// The kind of an id.
pub(super) fn kind(id: &str) -> anyhow::Result<&'static Kind> {
    let kind = Taxonomy::built_in()?.kind(id);
    kind.with_context(|| format!("there is no kind {id}: recension taxonomy lists them"))
}

fn print_list(out: &mut Out, kinds: &[&Kind]) -> io::Result<()> {
    let mut group = "";
    for kind in kinds {
        if kind.group != group {
            group = &kind.group;
            writeln!(out, "{group}")?;
        }
        writeln!(out, "  {:<22} {}", kind.id, indent(&kind.definition, 25))?;
    }
    Ok(())
}

fn print_kind(out: &mut Out, kind: &Kind) -> io::Result<()> {
    let regulations = Regulations::built_in().map_err(io::Error::other)?;
    writeln!(out, "{} ({}, {})", kind.name, kind.id, kind.group)?;
    writeln!(
        out,
        "\n{}\n{}",
        wrap_at(&kind.definition, 80),
        wrap_at(&kind.not, 80)
    )?;
    writeln!(out, "\nFor a person: {}", wrap_at(&kind.consequence, 66))?;
    for (what, examples) in [
        ("It is in", &kind.positive),
        ("It is not in", &kind.negative),
    ] {
        writeln!(out, "\n{what}")?;
        for example in examples {
            writeln!(out, "  - {}", indent(example, 4))?;
        }
    }
    writeln!(
        out,
        "\nRegulations that it engages, which says nothing of a breach"
    )?;
    for citation in &kind.regulations {
        match regulations.cited(citation) {
            Some((regulation, article)) => {
                let line = format!(
                    "{} {}: {}",
                    regulation.short, article.article, article.title
                );
                writeln!(out, "  - {}", indent(&line, 4))?;
            }
            None => writeln!(out, "  - {citation}")?,
        }
    }
    writeln!(out, "\nTo ask")?;
    for question in &kind.questions {
        writeln!(out, "  - {}", indent(question, 4))?;
    }
    Ok(())
}

/// Breaks a text into lines that begin so far in.
pub(super) fn indent(text: &str, columns: usize) -> String {
    let gap = format!("\n{}", " ".repeat(columns));
    wrap_at(text, 80 - columns).replace('\n', &gap)
}

pub(super) fn regulations(args: &RegulationsArgs) -> anyhow::Result<Outcome> {
    let all = Regulations::built_in()?;
    let wanted =
        |regulation: &&Regulation| args.name.as_ref().is_none_or(|name| *name == regulation.id);
    let found: Vec<&Regulation> = all.all.iter().filter(wanted).collect();
    if let (Some(name), true) = (&args.name, found.is_empty()) {
        bail!("there is no regulation {name}: recension regulations lists them");
    }
    output::lines(args.format, &found, |out, found| {
        for regulation in found {
            writeln!(
                out,
                "{:<10} {}",
                regulation.id,
                indent(&regulation.name, 11)
            )?;
            writeln!(
                out,
                "           {}, {}, applies from {}",
                regulation.identifier, regulation.jurisdiction, regulation.applies_from
            )?;
            if args.name.is_some() {
                for article in &regulation.articles {
                    writeln!(
                        out,
                        "  {:<20} {}",
                        article.article,
                        indent(&article.title, 23)
                    )?;
                }
            }
        }
        Ok(())
    })?;
    Ok(Outcome::Fine)
}
