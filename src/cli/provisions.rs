//! `recension provisions` and `recension compare`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};

use anyhow::bail;

use super::Outcome;
use super::args::{Compare, Provisions};
use super::context::{Context, progress_bar};
use super::output::{self, Out, one_line, visible, wrap_at};
use super::taxonomy::{indent, named};
use crate::archive::{Archive, Holding, ProvisionReader};
use crate::classify::{Classifier, Kind, Taxonomy};
use crate::export::shape::{HeldLine, WordingsLine};
use crate::model::Instant;

/// How much of a clause is shown in a list, in characters.
const QUOTE: usize = 300;
/// How many wordings of a platform are shown beside others.
const WORDINGS: usize = 2;

pub(super) fn run(args: &Provisions, context: &Context) -> anyhow::Result<Outcome> {
    let kinds = named(args.kind.as_deref())?;
    let as_of = context.as_of(args.as_of.as_deref())?;
    let known_at = context.known_at(args.known_at.as_deref())?;
    let archive = context.open()?;
    let documents = archive.documents_named(Some(&args.name))?;
    let answers = archive.all_as_of(documents, as_of, known_at)?;
    let mut reader = ProvisionReader::new(&archive, Classifier::built_in()?);
    let mut lines = Vec::new();
    for answer in answers {
        let holding = reader.holding(answer)?;
        let document = &holding.answer.document.name;
        match (&holding.provisions, &holding.answer.found) {
            (Some(_), _) => lines.extend(held_lines(&holding, &kinds)),
            (None, Some(_)) => output::message(&format!("the text of {document} is withheld")),
            (None, None) => {
                output::message(&format!("{document} had not been observed by {as_of}"));
            }
        }
    }
    output::lines(args.format, &lines, |out, lines| print(out, lines, as_of))?;
    Ok(if lines.is_empty() {
        Outcome::Finding
    } else {
        Outcome::Fine
    })
}

/// The lines of what a document holds, by kind in the order of the taxonomy and then of the text.
fn held_lines(holding: &Holding, kinds: &[&Kind]) -> Vec<HeldLine> {
    let mut lines = Vec::new();
    for kind in kinds {
        let all = holding.provisions.iter().flatten();
        let of_kind = all.filter(|held| held.provision.kind == kind.id);
        lines.extend(of_kind.filter_map(|held| held.line(&holding.answer, kind)));
    }
    lines
}

fn print(out: &mut Out, lines: &[HeldLine], as_of: Instant) -> io::Result<()> {
    let mut document = "";
    let mut kind = "";
    for line in lines {
        if line.document != document {
            writeln!(
                out,
                "{}, as of {as_of}: event {}, seen {}",
                visible(&line.document),
                line.version_seq,
                line.observed_at
            )?;
            (document, kind) = (&line.document, "");
        }
        if line.kind != kind {
            writeln!(out, "\n  {} ({}, {})", line.name, line.kind, line.group)?;
            kind = &line.kind;
        }
        print_wording(out, line)?;
    }
    if !lines.is_empty() {
        writeln!(out, "\n{NOTE}")?;
    }
    Ok(())
}

pub(super) const NOTE: &str = "This describes what documents state, permit or reserve, as a program reads them: it is no\n\
                    legal advice, and says nothing of what can be enforced.";

fn print_wording(out: &mut Out, line: &HeldLine) -> io::Result<()> {
    let mut quote = one_line(&line.quote);
    if let Some((end, _)) = quote.char_indices().nth(QUOTE) {
        quote.truncate(end);
        quote.push_str(" ...");
    }
    writeln!(out, "    - {}", indent(&visible(&quote), 6))?;
    let heading = line
        .headings
        .last()
        .map(|heading| format!(", under \"{}\"", visible(heading)));
    writeln!(
        out,
        "      {}; {}, bytes {}-{}{}",
        line.polarity,
        line.id,
        line.span.start,
        line.span.end,
        heading.unwrap_or_default()
    )
}

pub(super) fn compare(args: &Compare, context: &Context) -> anyhow::Result<Outcome> {
    let taxonomy = Taxonomy::built_in()?;
    let Some(kind) = taxonomy.kind(&args.kind) else {
        bail!(
            "there is no kind {}: recension taxonomy lists them",
            args.kind
        );
    };
    let as_of = context.as_of(args.as_of.as_deref())?;
    let archive = context.open()?;
    let platforms = by_platform(&archive, &args.platforms, as_of, kind)?;
    let first = args.platforms.first().cloned();
    let model = first.or_else(|| surest(&platforms));
    let wording = model
        .as_ref()
        .and_then(|model| platforms.get(model)?.first())
        .map(|line| words(&line.quote));
    let mut lines: Vec<WordingsLine> = Vec::new();
    for (platform, provisions) in platforms {
        let like = |line: &HeldLine| {
            wording
                .as_ref()
                .map_or(0.0, |wording| likeness(wording, &words(&line.quote)))
        };
        let mut scored: Vec<(f64, HeldLine)> = provisions
            .into_iter()
            .map(|line| (like(&line), line))
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        let nearest = scored.first().map_or(0.0, |(likeness, _)| *likeness);
        let provisions: Vec<HeldLine> = scored.into_iter().map(|(_, line)| line).collect();
        let finding = provisions.is_empty().then(|| {
            format!("none found in the documents of {platform} that were archived as of {as_of}")
        });
        lines.push(WordingsLine {
            likeness: nearest,
            platform,
            provisions,
            finding,
        });
    }
    lines.sort_by(|a, b| {
        let is_model = |line: &WordingsLine| Some(&line.platform) == model.as_ref();
        let order = is_model(b).cmp(&is_model(a));
        order
            .then(b.likeness.total_cmp(&a.likeness))
            .then(a.platform.cmp(&b.platform))
    });
    output::lines(args.format, &lines, |out, lines| {
        print_compared(out, kind, lines)
    })?;
    Ok(Outcome::Fine)
}

/// What each platform's documents hold of a kind, the surest first.
fn by_platform(
    archive: &Archive,
    wanted: &[String],
    as_of: Instant,
    kind: &Kind,
) -> anyhow::Result<BTreeMap<String, Vec<HeldLine>>> {
    let mut platforms: BTreeMap<String, Vec<HeldLine>> = BTreeMap::new();
    let mut documents = Vec::new();
    if wanted.is_empty() {
        documents = archive.documents()?;
    }
    for platform in wanted {
        documents.extend(archive.documents_named(Some(platform))?);
    }
    let bar = progress_bar("{bar:30} {pos}/{len} documents");
    bar.set_length(documents.len() as u64);
    let mut reader = ProvisionReader::new(archive, Classifier::built_in()?);
    for answer in archive.all_as_of(documents, as_of, None)? {
        bar.inc(1);
        if answer.found.is_none() {
            continue;
        }
        let holding = reader.holding(answer)?;
        let platform = holding.answer.document.name.platform().to_owned();
        let held = platforms.entry(platform).or_default();
        held.extend(held_lines(&holding, &[kind]));
    }
    for held in platforms.values_mut() {
        held.sort_by(|a, b| b.score.total_cmp(&a.score));
    }
    bar.finish_and_clear();
    Ok(platforms)
}

/// The platform with the surest wording.
fn surest(platforms: &BTreeMap<String, Vec<HeldLine>>) -> Option<String> {
    let scored = platforms
        .iter()
        .filter_map(|(platform, held)| Some((platform, held.first()?.score)));
    scored
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(platform, _)| platform.clone())
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|one: char| !one.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// The share of the words of both that both have (Jaccard).
#[allow(clippy::cast_precision_loss, reason = "counts of words")]
fn likeness(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let both = a.intersection(b).count() as f64;
    let all = a.union(b).count().max(1) as f64;
    (both / all * 1000.0).round() / 1000.0
}

fn print_compared(out: &mut Out, kind: &Kind, lines: &[WordingsLine]) -> io::Result<()> {
    writeln!(
        out,
        "{}: {}",
        kind.name,
        wrap_at(&kind.definition, 78 - kind.name.len())
    )?;
    for line in lines {
        writeln!(out, "\n{}", visible(&line.platform))?;
        if let Some(finding) = &line.finding {
            writeln!(out, "  {}", indent(&visible(finding), 2))?;
        }
        for wording in line.provisions.iter().take(WORDINGS) {
            print_wording(out, wording)?;
            writeln!(
                out,
                "      {}, event {}, seen {}",
                visible(&wording.document),
                wording.version_seq,
                wording.observed_at
            )?;
        }
        let more = line.provisions.len().saturating_sub(WORDINGS);
        if more > 0 {
            writeln!(
                out,
                "      and {more} more: recension provisions {:?} --kind {}",
                line.platform, kind.id
            )?;
        }
    }
    writeln!(out, "\n{NOTE}")
}
