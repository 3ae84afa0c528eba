//! `recension withhold`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Outcome;
use super::args::Withhold;
use super::context::{Context, progress_bar};
use super::output::{self, Out, bytes, count, visible, wrap};
use super::table::{self, Align};
use crate::archive::{self, Use};
use crate::model::{DocumentName, Event, Fact};

/// How many related events are spelled out.
const RELATED: usize = 12;

pub(super) fn run(args: &Withhold, context: &Context) -> anyhow::Result<Outcome> {
    let used = context.open()?.use_of(&args.blob)?;
    let mut out = output::stdout();
    let (blob, size) = (used.content.blob, bytes(used.content.size_bytes));
    if args.dry_run {
        match &used.withheld {
            None => writeln!(out, "Blob {blob} ({size}) would be withheld:")?,
            Some(withheld) => writeln!(
                out,
                "Blob {blob} ({size}) is withheld by event {} already:",
                withheld.seq
            )?,
        }
        list(&mut out, &used)?;
        print_related(&mut out, &used)?;
        out.flush()?;
        return Ok(Outcome::Fine);
    }
    let reason = args.reason.as_deref().unwrap_or_default();
    let bar = progress_bar("{spinner} {msg}");
    bar.set_message("the file of blobs is written anew");
    let withdrawn = archive::withhold(&context.folder()?, &used.content, reason, context.now());
    bar.finish_and_clear();
    let withdrawn = withdrawn?;
    let since = match &used.withheld {
        None => "is withheld".to_owned(),
        Some(before) => format!("was withheld already, at {}", before.recorded_at),
    };
    writeln!(
        out,
        "Blob {blob} ({size}) {since} (event {}).",
        withdrawn.withheld.seq
    )?;
    writeln!(out, "{}", wrap(&touched(&used)))?;
    writeln!(
        out,
        "Its bytes are gone; {} other blobs were compressed anew without them.",
        count(withdrawn.rebased)
    )?;
    print_related(&mut out, &used)?;
    out.flush()?;
    if used.withheld.is_some() && withdrawn.withheld.reason != reason.trim() {
        output::message(
            "warning: the reason that was recorded first stands; this one is not recorded",
        );
    }
    Ok(Outcome::Fine)
}

/// What the blob is to an event.
fn kind(event: &Event) -> &'static str {
    match event.fact {
        Fact::SnapshotRecorded(_) => "snapshot",
        _ => "version",
    }
}

/// What the blob is to several events.
fn kinds(events: &[&Event]) -> &'static str {
    let is_version = |event: &&Event| kind(event) == "version";
    match (events.iter().any(is_version), events.iter().all(is_version)) {
        (_, true) => "versions",
        (false, _) => "snapshots",
        (true, false) => "versions and snapshots",
    }
}

/// Lists the events that name the blob.
fn list(out: &mut Out, used: &Use) -> io::Result<()> {
    let header = [
        ("EVENT", Align::Right),
        ("OBSERVED AT (UTC)", Align::Left),
        ("", Align::Left),
        ("DOCUMENT", Align::Left),
    ];
    let row = |(document, event): &(DocumentName, Event)| {
        vec![
            event.seq.to_string(),
            event.observed_at.to_string(),
            kind(event).to_owned(),
            visible(&document.to_string()),
        ]
    };
    table::print(
        out,
        &header,
        &used.named.iter().map(row).collect::<Vec<_>>(),
    )
}

/// Says in a sentence which documents it touches.
fn touched(used: &Use) -> String {
    let mut documents: BTreeMap<&DocumentName, Vec<&Event>> = BTreeMap::new();
    for (document, event) in &used.named {
        documents.entry(document).or_default().push(event);
    }
    let of = |(name, events): (&DocumentName, Vec<&Event>)| {
        let name = visible(&name.to_string());
        let first = events.iter().map(|event| event.observed_at).min();
        let last = events.iter().map(|event| event.observed_at).max();
        match (&events[..], first, last) {
            ([event], ..) => format!(
                "{name}, the {} observed at {} (event {})",
                kind(event),
                event.observed_at,
                event.seq
            ),
            (_, Some(first), Some(last)) => format!(
                "{name}, {} {} observed from {first} to {last}",
                count(events.len() as u64),
                kinds(&events)
            ),
            _ => name,
        }
    };
    let documents: Vec<String> = documents.into_iter().map(of).collect();
    format!("It is what was recorded of {}.", documents.join("; "))
}

/// Names other blobs that may hold the same words.
fn print_related(out: &mut Out, used: &Use) -> io::Result<()> {
    if used.related.is_empty() {
        return Ok(());
    }
    let mut events: Vec<String> = used.related.iter().map(u64::to_string).collect();
    let more = events.len().saturating_sub(RELATED);
    events.truncate(RELATED);
    let more = match more {
        0 => String::new(),
        more => format!(" and {} more", count(more as u64)),
    };
    let sentence = format!(
        "The same words may stand in what event {}{more} recorded, as the page that a version was taken from or the \
         version taken from a page: `recension show --event SEQ` shows it.",
        events.join(", ")
    );
    writeln!(out, "{}", wrap(&sentence))
}
