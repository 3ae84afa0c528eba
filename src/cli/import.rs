//! `recension import`.

use std::io::{self, Write};

use super::args::{Format, Import, ImportSource, ImportWarc};
use super::context::{Context, progress_bar};
use super::output::{self, bytes, count};
use super::{Outcome, track};
use crate::archive::{self, HistoryImport, ImportReport};
use crate::export::shape::{ChangesLine, ImportLine, WarcLine};
use crate::model::HistoryKind;

pub(super) fn run(args: &Import, context: &Context) -> anyhow::Result<Outcome> {
    let (kind, args, max_bytes) = match &args.source {
        ImportSource::Declarations(args) => return track::history(args, context),
        ImportSource::Warc(args) => return warc(args, context),
        ImportSource::Versions(args) => (HistoryKind::Versions, &args.history, args.max_text_bytes),
        ImportSource::Snapshots(args) => {
            let max_bytes = args.max_snapshot_bytes;
            (HistoryKind::Snapshots, &args.history, max_bytes)
        }
    };
    let import = HistoryImport {
        kind,
        path: &args.path,
        branch: args.branch.as_deref(),
        max_bytes,
        again: args.again,
    };
    history(&import, args.format, context)
}

fn warc(args: &ImportWarc, context: &Context) -> anyhow::Result<Outcome> {
    let mut writer = context.open_writer()?;
    let done = archive::import_warc(&mut writer, &args.path, args.max_page_bytes, context.now())?;
    for problem in &done.problems {
        output::message(&format!("left out: {problem}"));
    }
    let line = WarcLine {
        records: done.records,
        snapshots: done.snapshots,
        already: done.already,
        untracked: done.untracked,
        problems: done.problems,
    };
    output::value(args.format, &line, |out, line| {
        writeln!(
            out,
            "{} records were read: {} new snapshots, {} that were there already, {} responses of addresses that are not tracked.",
            count(line.records),
            count(line.snapshots),
            count(line.already),
            count(line.untracked)
        )?;
        if line.snapshots > 0 {
            writeln!(out, "`recension reextract` takes their texts.")?;
        }
        Ok(())
    })?;
    Ok(Outcome::Fine)
}

fn history(
    import: &HistoryImport<'_>,
    format: Format,
    context: &Context,
) -> anyhow::Result<Outcome> {
    let mut writer = context.open_writer()?;
    let bar = progress_bar(match import.kind {
        HistoryKind::Versions => "{bar:30} {pos}/{len} commits, {msg} of text, {eta} left",
        HistoryKind::Snapshots => "{bar:30} {pos}/{len} commits, {msg} of snapshots, {eta} left",
    });
    bar.set_message("0 B");
    let judging = progress_bar("{bar:30} {pos}/{len} documents judged, {eta} left");
    let report = import.run(&mut writer, &|| context.now(), &mut |progress| {
        if let Some(judged) = progress.judged {
            bar.finish_and_clear();
            judging.set_length(judged.total);
            judging.set_position(judged.documents);
            return;
        }
        bar.set_length(progress.total);
        bar.set_position(progress.commits);
        bar.set_message(bytes(progress.content_bytes));
    });
    bar.finish_and_clear();
    judging.finish_and_clear();
    let report = report?;
    let spelled_out = report.problems.len() as u64;
    for problem in &report.problems {
        output::message(&format!("left out: {problem}"));
    }
    if report.counts.left_out > spelled_out {
        output::message(&format!(
            "left out: {} more files",
            count(report.counts.left_out - spelled_out)
        ));
    }
    output::value(format, &summary(import.kind, report), |out, summary| {
        print(out, import.kind, summary)
    })?;
    Ok(Outcome::Fine)
}

fn summary(kind: HistoryKind, report: ImportReport) -> ImportLine {
    ImportLine {
        history: kind.word(),
        head: report.head,
        since: report.since,
        left_out_before: report.left_out_before,
        counts: (&report.counts).into(),
        appended: report.appended,
        already: report.already,
        healed: report.healed,
        withheld: report.withheld,
        changes: ChangesLine {
            detected: report.changes.detected,
            reassessed: report.changes.reassessed,
            unread: report.changes.unread,
        },
        content_bytes: report.content_bytes,
        problems: report.problems,
    }
}

/// How to get at files that were left out.
const AGAIN: &str = "(--again reads the whole history again)";

fn print(out: &mut output::Out, kind: HistoryKind, summary: &ImportLine) -> io::Result<()> {
    let counts = &summary.counts;
    let head = summary
        .head
        .map_or_else(String::new, |head| head.to_string());
    if counts.commits == 0 {
        let but = match summary.left_out_before {
            0 => String::new(),
            1 => format!(", but for 1 file that was left out {AGAIN}"),
            number => format!(
                ", but for {} files that were left out {AGAIN}",
                count(number)
            ),
        };
        return writeln!(
            out,
            "Nothing to do: everything up to commit {head} is in the archive{but}."
        );
    }
    writeln!(out, "Imported up to commit {head}.")?;
    if let Some(since) = summary.since {
        writeln!(
            out,
            "An earlier import ended with commit {since}; what follows counts the commits since."
        )?;
    }
    print_counts(out, kind, summary)
}

/// Prints what the commits held, each number with its name.
fn print_counts(out: &mut output::Out, kind: HistoryKind, summary: &ImportLine) -> io::Result<()> {
    let counts = &summary.counts;
    let mut line = |number: u64, what: &str| writeln!(out, "{:>12}  {what}", count(number));
    line(counts.commits, "commits read")?;
    line(counts.commits_without_document, "  that touch no document")?;
    line(counts.merges, "  that are merges")?;
    match kind {
        HistoryKind::Versions => {
            line(counts.versions, "versions")?;
            line(counts.empty_texts, "  with an empty text")?;
            line(
                counts.out_of_order,
                "  observed before an earlier version of the document",
            )?;
            line(counts.documents, "documents seen for the first time")?;
            line(counts.parts, "  that are numbered parts of a larger one")?;
            line(counts.renamed, "documents that continue under another name")?;
            line(counts.deleted, "documents deleted")?;
        }
        HistoryKind::Snapshots => {
            line(counts.snapshots, "snapshots")?;
            line(counts.unchanged, "observations of unchanged bytes")?;
            line(counts.empty_texts, "  of either, without a byte")?;
            line(
                counts.out_of_order,
                "  observed before an earlier one of the document",
            )?;
            line(counts.documents, "documents seen for the first time")?;
            line(counts.parts, "parts of documents seen for the first time")?;
            line(counts.renamed, "files that continue under another name")?;
            line(counts.deleted, "files deleted")?;
        }
    }
    line(counts.other_files, "changed files that are no documents")?;
    line(counts.left_out, "changed files left out, as listed")?;
    line(summary.appended, "events appended")?;
    line(
        summary.already,
        match kind {
            HistoryKind::Versions => "versions and events that were in the archive already",
            HistoryKind::Snapshots => "snapshots and events that were in the archive already",
        },
    )?;
    for (number, what) in seldom(summary) {
        line(number, what)?;
    }
    let what = match kind {
        HistoryKind::Versions => "text",
        HistoryKind::Snapshots => "snapshots",
    };
    writeln!(out, "{:>12}  of {what} read", bytes(summary.content_bytes))
}

/// What is only told of where there is any.
fn seldom(summary: &ImportLine) -> impl Iterator<Item = (u64, &'static str)> {
    let changes = &summary.changes;
    [
        (
            summary.withheld,
            "contents that are withheld and were not stored",
        ),
        (changes.detected, "changes judged for the first time"),
        (changes.reassessed, "changes judged otherwise than before"),
        (
            changes.unread,
            "documents not judged, as texts of theirs are lost or damaged",
        ),
        (
            summary.healed,
            "contents that were lost from the archive and are stored again",
        ),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
}
