//! `recension export`.

use std::io::{BufWriter, Write};
use std::ops::RangeInclusive;

use super::Outcome;
use super::args::{Export, ExportEvents, ExportTimeline, ExportWarc, ExportWhat, TimelineFormat};
use super::context::{Context, after, progress_bar};
use super::output::{self, count};
use crate::archive::{Archive, ChangeFilter, WarcWritten};
use crate::export::timeline::{Judgements, TimelineForm, TimelineWriter};
use crate::model::Instant;
use crate::project::Document;

pub(super) fn run(args: Export, context: &Context) -> anyhow::Result<Outcome> {
    match args.what {
        ExportWhat::Events(args) => events(&args, context),
        ExportWhat::Timeline(args) => timeline(&args, context),
        ExportWhat::Warc(args) => warc(&args, context),
    }
}

/// Events after a cursor, a line each. The cursor of a line is its seq: positions have no gaps.
fn events(args: &ExportEvents, context: &Context) -> anyhow::Result<Outcome> {
    let archive = context.open()?;
    let names = archive.names()?;
    let first = after(&archive, args.after)?;
    let end = first.saturating_add(args.limit.unwrap_or(u64::MAX));
    let mut out = output::stdout();
    archive.events::<anyhow::Error>(first, end, |event, leaf| {
        let line = archive.event_line(&event, leaf, &names)?;
        output::json_line(&mut out, &line)
    })?;
    out.flush()?;
    Ok(Outcome::Fine)
}

/// Timelines with proofs. A file is either whole or as it was before: it is written beside its place, then renamed.
fn timeline(args: &ExportTimeline, context: &Context) -> anyhow::Result<Outcome> {
    let range = context.range(args.since.as_deref(), args.until.as_deref())?;
    let archive = context.open()?;
    let mut documents: Vec<Document> = Vec::new();
    for name in &args.documents {
        let document = archive.document(name)?;
        if documents.iter().all(|one| one.number != document.number) {
            documents.push(document);
        }
    }
    let form = match args.format {
        TimelineFormat::Jsonl => TimelineForm::Jsonl,
        TimelineFormat::Csv => TimelineForm::Csv,
        TimelineFormat::Md => TimelineForm::Markdown,
        TimelineFormat::Html => TimelineForm::Html,
    };
    match &args.output {
        None => write_timelines(output::stdout(), form, &archive, &documents, &range)?,
        Some(path) => output::replace(path, |file| {
            write_timelines(BufWriter::new(file), form, &archive, &documents, &range)
        })?,
    }
    Ok(Outcome::Fine)
}

/// Fetches as WARC records. A file is either whole or as it was before.
fn warc(args: &ExportWarc, context: &Context) -> anyhow::Result<Outcome> {
    let archive = context.open()?;
    let documents = archive.documents_named(args.name.as_deref())?;
    let bar = progress_bar("{bar:30} {pos}/{len} events, {eta} left");
    let now = context.now();
    let write = |out: &mut dyn Write| {
        archive.write_warc(out, &documents, now, &mut |seq, size| {
            bar.set_length(size);
            bar.set_position(seq);
        })
    };
    let mut written = WarcWritten::default();
    match &args.output {
        None => written = write(&mut output::stdout())?,
        Some(path) => output::replace(path, |file| {
            written = write(&mut BufWriter::new(file))?;
            Ok(())
        })?,
    }
    bar.finish_and_clear();
    output::message(&format!(
        "{} snapshots and {} other fetches were written{}",
        count(written.snapshots),
        count(written.others),
        match written.withheld {
            0 => String::new(),
            withheld => format!("; the bytes of {} are withheld", count(withheld)),
        }
    ));
    Ok(Outcome::Fine)
}

fn write_timelines(
    out: impl Write,
    form: TimelineForm,
    archive: &Archive,
    documents: &[Document],
    range: &RangeInclusive<Instant>,
) -> anyhow::Result<()> {
    let names: Vec<String> = documents
        .iter()
        .map(|document| document.name.to_string())
        .collect();
    let mut writer = TimelineWriter::begin(out, form, archive.checkpoint_line(), &names)?;
    for document in documents {
        let judgements = judgements(archive, document, form)?;
        let (document, entries) = archive.proven_timeline(document, range)?;
        writer.document(&document, &entries, &judgements)?;
    }
    writer.end()?;
    Ok(())
}

/// How the changes of a document are judged, for the form that shows it.
fn judgements(
    archive: &Archive,
    document: &Document,
    form: TimelineForm,
) -> anyhow::Result<Judgements> {
    if form != TimelineForm::Html {
        return Ok(Judgements::new());
    }
    let filter = ChangeFilter {
        streams: Some(vec![document.stream()]),
        observed: Instant::MIN..=Instant::MAX,
        known_at: None,
        provisions: Vec::new(),
    };
    let mut judgements = Judgements::new();
    for judged in archive.judged(&filter)? {
        let change = archive.told(&judged)?.change;
        judgements.insert(change.to, (change.significance, change.status));
    }
    Ok(judgements)
}
