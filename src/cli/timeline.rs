//! `recension timeline`.

use std::io::Write;

use super::Outcome;
use super::args::Timeline;
use super::context::Context;
use super::output::{self, bytes, count, short, visible};
use super::table::{self, Align};
use crate::export::shape::{EntryLine, OriginLine};
use crate::project::Look;

pub(super) fn run(args: &Timeline, context: &Context) -> anyhow::Result<Outcome> {
    let archive = context.open()?;
    let document = archive.document(&args.document)?;
    let known_at = context.known_at(args.known_at.as_deref())?;
    let range = context.range(args.since.as_deref(), args.until.as_deref())?;
    let mut entries = archive.timeline(&document, known_at)?;
    let document = match known_at {
        Some(known_at) => archive.known_at(&document, known_at)?,
        None => document,
    };
    let all = entries.len();
    entries.retain(|(entry, ..)| range.contains(&entry.observed_at));
    let outside = all - entries.len();
    let before_looks = entries.len();
    if !args.all {
        entries.retain(|(entry, ..)| !matches!(entry.look, Look::Unchanged { .. }));
    }
    let unchanged = before_looks - entries.len();
    let lines: Vec<EntryLine> = entries
        .iter()
        .map(|(entry, event, withheld)| EntryLine::new(&document, entry, event, withheld.as_ref()))
        .collect();
    output::lines(args.format, &lines, |out, lines| {
        let name = visible(&document.name.to_string());
        writeln!(
            out,
            "{name}: {} versions in {} looks",
            count(document.versions),
            count(document.looks)
        )?;
        if let Some(known_at) = known_at {
            writeln!(out, "as known at {known_at}")?;
        }
        let header = [
            ("OBSERVED AT (UTC)", Align::Left),
            ("EVENT", Align::Right),
            ("LOOK", Align::Left),
            ("SIZE", Align::Right),
            ("BLOB", Align::Left),
            ("", Align::Left),
        ];
        table::print(out, &header, &lines.iter().map(row).collect::<Vec<_>>())?;
        if unchanged > 0 {
            writeln!(
                out,
                "Left out: {} looks that showed an unchanged text (--all shows them).",
                count(unchanged as u64)
            )?;
        }
        if outside > 0 {
            writeln!(
                out,
                "Left out: {} looks outside the dates asked for.",
                count(outside as u64)
            )?;
        }
        Ok(())
    })?;
    Ok(Outcome::Fine)
}

fn row(line: &EntryLine) -> Vec<String> {
    let look = line.cause.unwrap_or(line.look).to_owned();
    let blob = line.blob.map_or_else(String::new, short);
    let remark = match (&line.reason, &line.origin, line.look) {
        (Some(reason), _, _) => visible(reason),
        (None, Some(OriginLine::Imported { commit_kind, .. }), "version") => {
            (*commit_kind).to_owned()
        }
        (None, _, "unchanged") => line
            .version_seq
            .map_or_else(String::new, |seq| format!("as in event {seq}")),
        _ => String::new(),
    };
    let remark = match &line.withheld {
        Some(withheld) if remark.is_empty() => format!("withheld by event {}", withheld.seq),
        Some(withheld) => format!("{remark}, withheld by event {}", withheld.seq),
        None => remark,
    };
    let size = line.size_bytes.map_or_else(String::new, bytes);
    vec![
        line.observed_at.to_string(),
        line.seq.to_string(),
        look,
        size,
        blob,
        remark,
    ]
}
