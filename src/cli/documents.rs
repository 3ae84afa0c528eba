//! `recension platforms` and `recension documents`.

use std::collections::BTreeMap;

use super::Outcome;
use super::args::{Documents, Format, List};
use super::context::Context;
use super::output::{self, bytes, count, short, visible};
use super::table::{self, Align};
use crate::export::shape::{AsOfLine, DocumentLine, Platform};
use crate::model::Instant;
use crate::project::{AsOf, Document};

pub(super) fn platforms(args: &List, context: &Context) -> anyhow::Result<Outcome> {
    let mut platforms: BTreeMap<String, Platform> = BTreeMap::new();
    for document in context.open()?.documents()? {
        let name = document.name.platform().to_owned();
        let platform = platforms.entry(name.clone()).or_insert(Platform {
            platform: name,
            documents: 0,
            versions: 0,
            first_observed_at: None,
            last_observed_at: None,
        });
        platform.documents += 1;
        platform.versions += document.versions;
        let earliest = [platform.first_observed_at, document.first_observed_at];
        platform.first_observed_at = earliest.into_iter().flatten().min();
        platform.last_observed_at = platform.last_observed_at.max(document.last_observed_at);
    }
    let lines: Vec<Platform> = platforms.into_values().collect();
    output::lines(args.format, &lines, |out, lines| {
        let header = [
            ("PLATFORM", Align::Left),
            ("DOCUMENTS", Align::Right),
            ("VERSIONS", Align::Right),
            ("FIRST SEEN", Align::Left),
            ("LAST SEEN", Align::Left),
        ];
        let row = |line: &Platform| {
            let platform = visible(&line.platform);
            let (first, last) = (date(line.first_observed_at), date(line.last_observed_at));
            vec![
                platform,
                count(line.documents),
                count(line.versions),
                first,
                last,
            ]
        };
        table::print(out, &header, &lines.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Outcome::Fine)
}

pub(super) fn documents(args: &Documents, context: &Context) -> anyhow::Result<Outcome> {
    let archive = context.open()?;
    let mut documents = match &args.platform {
        Some(platform) => archive.documents_of(platform)?,
        None => archive.documents()?,
    };
    documents.sort_by(|a: &Document, b| a.name.cmp(&b.name));
    if args.as_of.is_some() {
        let as_of = context.as_of(args.as_of.as_deref())?;
        let answers = archive.all_as_of(documents, as_of, None)?;
        return standing(args.format, &answers);
    }
    let lines = documents
        .iter()
        .map(|one| Ok(DocumentLine::new(one, archive.withheld_versions(one)?)))
        .collect::<anyhow::Result<Vec<DocumentLine>>>()?;
    output::lines(args.format, &lines, |out, lines| {
        let header = [
            ("DOCUMENT", Align::Left),
            ("VERSIONS", Align::Right),
            ("FIRST SEEN", Align::Left),
            ("LAST SEEN", Align::Left),
            ("", Align::Left),
        ];
        let row = |line: &DocumentLine| {
            let withheld = match line.withheld {
                0 => None,
                number => Some(format!("{} withheld", count(number))),
            };
            let retired = line.retired_at.map(|at| format!("retired {}", at.date()));
            let remarks: Vec<String> = withheld.into_iter().chain(retired).collect();
            let (first, last) = (date(line.first_observed_at), date(line.last_observed_at));
            vec![
                visible(&line.document),
                count(line.versions),
                first,
                last,
                remarks.join(", "),
            ]
        };
        table::print(out, &header, &lines.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Outcome::Fine)
}

/// Lists the version of each document that stood at a date.
fn standing(format: Format, answers: &[AsOf]) -> anyhow::Result<Outcome> {
    let lines: Vec<AsOfLine> = answers.iter().map(AsOfLine::from).collect();
    output::lines(format, &lines, |out, lines| {
        let header = [
            ("DOCUMENT", Align::Left),
            ("OBSERVED AT (UTC)", Align::Left),
            ("EVENT", Align::Right),
            ("SIZE", Align::Right),
            ("BLOB", Align::Left),
            ("", Align::Left),
        ];
        table::print(out, &header, &lines.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(if lines.iter().any(|line| line.found) {
        Outcome::Fine
    } else {
        Outcome::Finding
    })
}

fn row(line: &AsOfLine) -> Vec<String> {
    let withheld = line.withheld.as_ref();
    let remarks: Vec<String> = [
        (!line.found).then(|| "not observed by then".to_owned()),
        line.certainty.map(str::to_owned),
        line.retired_at.map(|at| format!("retired {}", at.date())),
        withheld.map(|withheld| format!("withheld by event {}", withheld.seq)),
    ]
    .into_iter()
    .flatten()
    .collect();
    vec![
        visible(&line.document),
        line.observed_at
            .map_or_else(String::new, |at| at.to_string()),
        line.seq.map_or_else(String::new, |seq| seq.to_string()),
        line.size_bytes.map_or_else(String::new, bytes),
        line.blob.map_or_else(String::new, short),
        remarks.join(", "),
    ]
}

pub(super) fn date(instant: Option<Instant>) -> String {
    instant.map_or_else(|| "never".to_owned(), Instant::date)
}
