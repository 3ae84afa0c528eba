//! `recension timeline`.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::RangeInclusive;

use super::Outcome;
use super::args::{Format, Timeline};
use super::context::Context;
use super::output::{self, bytes, count, short, visible};
use super::table::{self, Align};
use crate::export::shape::{EntryLine, OriginLine};
use crate::model::{Change, Instant, Significance, Status};
use crate::project::{Entry, Look};

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
    let changes = archive.changes_of(&document, known_at)?;
    let mut left_out = LeftOut::default();
    entries.retain(|(entry, ..)| left_out.keeps(args, &range, entry, changes.get(&entry.seq)));
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
        let rows: Vec<Vec<String>> = lines
            .iter()
            .map(|line| row(line, changes.get(&line.seq)))
            .collect();
        table::print(out, &header, &rows)?;
        left_out.print(out)
    })?;
    Ok(Outcome::Fine)
}

/// What a timeline leaves out.
#[derive(Default)]
struct LeftOut {
    outside: u64,
    unchanged: u64,
    /// Versions whose change is not substantive; only people are spared them.
    insignificant: BTreeMap<Significance, u64>,
}

impl LeftOut {
    /// Whether an entry is shown; counts it where it isn't.
    fn keeps(
        &mut self,
        args: &Timeline,
        range: &RangeInclusive<Instant>,
        entry: &Entry,
        change: Option<&Change>,
    ) -> bool {
        let significance = change.map(|change| change.significance);
        if !range.contains(&entry.observed_at) {
            self.outside += 1;
        } else if args.all {
            return true;
        } else if matches!(entry.look, Look::Unchanged { .. }) {
            self.unchanged += 1;
        } else if let Some(significance) = significance
            && significance != Significance::Substantive
            && args.format == Format::Text
        {
            *self.insignificant.entry(significance).or_default() += 1;
        } else {
            return true;
        }
        false
    }

    fn print(&self, out: &mut output::Out) -> io::Result<()> {
        if self.unchanged > 0 {
            writeln!(
                out,
                "Left out: {} looks that showed an unchanged text (--all shows them).",
                count(self.unchanged)
            )?;
        }
        for (significance, versions) in &self.insignificant {
            writeln!(
                out,
                "Left out: {} versions, {} (--all shows them).",
                count(*versions),
                significance.word()
            )?;
        }
        if self.outside > 0 {
            writeln!(
                out,
                "Left out: {} looks outside the dates asked for.",
                count(self.outside)
            )?;
        }
        Ok(())
    }
}

fn row(line: &EntryLine, change: Option<&Change>) -> Vec<String> {
    let look = match change {
        Some(change) if change.status == Status::Unconfirmed => change.status.word(),
        Some(change) => change.significance.word(),
        None => line.cause.unwrap_or(line.look),
    };
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
        look.to_owned(),
        size,
        blob,
        remark,
    ]
}
