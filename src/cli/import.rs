//! `recension import`.

use std::io::{self, Write};

use super::Outcome;
use super::args::{Import, ImportSource, OtaVersions};
use super::context::{Context, progress_bar};
use super::output::{self, bytes, count};
use crate::archive::{ImportReport, VersionsImport};
use crate::export::shape::ImportLine;

pub(super) fn run(args: &Import, context: &Context) -> anyhow::Result<Outcome> {
    match &args.source {
        ImportSource::OtaVersions(args) => ota_versions(args, context),
    }
}

fn ota_versions(args: &OtaVersions, context: &Context) -> anyhow::Result<Outcome> {
    let mut writer = context.open_writer()?;
    let import = VersionsImport {
        path: &args.path,
        branch: args.branch.as_deref(),
        max_text_bytes: args.max_text_bytes,
        again: args.again,
    };
    let bar = progress_bar("{bar:30} {pos}/{len} commits, {msg} of text, {eta} left");
    bar.set_message("0 B");
    let report = import.run(&mut writer, &|| context.now(), &mut |progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.commits);
        bar.set_message(bytes(progress.text_bytes));
    });
    bar.finish_and_clear();
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
    output::value(args.format, &summary(report), print)?;
    Ok(Outcome::Fine)
}

fn summary(report: ImportReport) -> ImportLine {
    ImportLine {
        head: report.head,
        since: report.since,
        left_out_before: report.left_out_before,
        counts: (&report.counts).into(),
        appended: report.appended,
        already: report.already,
        healed: report.healed,
        text_bytes: report.text_bytes,
        problems: report.problems,
    }
}

/// How to get at files that were left out.
const AGAIN: &str = "(--again reads the whole history again)";

fn print(out: &mut output::Out, summary: &ImportLine) -> io::Result<()> {
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
    let mut line = |number: u64, what: &str| writeln!(out, "{:>12}  {what}", count(number));
    line(counts.commits, "commits read")?;
    line(counts.commits_without_document, "  that touch no document")?;
    line(counts.merges, "  that are merges")?;
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
    line(counts.other_files, "changed files that are no documents")?;
    line(counts.left_out, "changed files left out, as listed")?;
    line(summary.appended, "events appended")?;
    line(
        summary.already,
        "versions and events that were in the archive already",
    )?;
    if summary.healed > 0 {
        line(
            summary.healed,
            "texts that were lost from the archive and are stored again",
        )?;
    }
    writeln!(out, "{:>12}  of text read", bytes(summary.text_bytes))
}
