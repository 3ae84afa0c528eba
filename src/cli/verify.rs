//! `recension verify`.

use std::io::{self, Write};
use std::path::Path;

use super::Outcome;
use super::args::Verify;
use super::context::{Context, progress_bar};
use super::output::{self, bytes, count, visible};
use crate::archive::{Finding, Verification};
use crate::export::shape::{FindingLine, TouchedLine, VerificationLine};
use crate::prove::VerifierKey;
use anyhow::Context as _;

pub(super) fn run(args: &Verify, context: &Context) -> anyhow::Result<Outcome> {
    let folder = context.folder()?;
    let trusted = args.verifier.as_deref().map(read_verifier).transpose()?;
    let bar = progress_bar("{bar:30} {pos}/{len} events, {msg} of content, {eta} left");
    let verification = verify(
        &folder,
        trusted.as_ref(),
        &mut |events, total, content_bytes| {
            bar.set_length(total);
            bar.set_position(events);
            bar.set_message(bytes(content_bytes));
        },
    );
    bar.finish_and_clear();
    let verification = verification?;
    let clean = verification.is_clean();
    let report = VerificationLine {
        clean,
        verifier_known_from_elsewhere: trusted.is_some(),
        events: verification.events,
        checkpoints: verification.checkpoints,
        root: verification.root,
        blobs: verification.blobs,
        content_bytes: verification.content_bytes,
        withheld: verification.withheld,
        findings: verification.findings.into_iter().map(finding).collect(),
    };
    output::value(args.format, &report, print)?;
    Ok(if clean {
        Outcome::Fine
    } else {
        Outcome::Finding
    })
}

/// Verifies with as many threads as there are cores, and with a temporary folder for the views.
pub(super) fn verify(
    folder: &Path,
    trusted: Option<&VerifierKey>,
    progress: &mut dyn FnMut(u64, u64, u64),
) -> anyhow::Result<Verification> {
    let scratch = tempfile::tempdir().context("a temporary folder can't be made")?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Verification::run(
        folder,
        trusted,
        scratch.path(),
        threads,
        &mut |now| {
            progress(now.events, now.total, now.content_bytes);
        },
    )?)
}

fn read_verifier(given: &str) -> anyhow::Result<VerifierKey> {
    let text = match std::fs::read_to_string(given) {
        Ok(text) => text.trim().to_owned(),
        Err(_) => given.to_owned(),
    };
    text.parse()
        .with_context(|| format!("--verifier {given:?} is neither a key nor a file that holds one"))
}

fn finding(finding: Finding) -> FindingLine {
    let touches = finding
        .touches
        .into_iter()
        .map(|(document, observed_at, seq)| TouchedLine {
            document: document.to_string(),
            observed_at,
            seq,
        });
    FindingLine {
        what: finding.what,
        touches: touches.collect(),
    }
}

fn print(out: &mut output::Out, report: &VerificationLine) -> io::Result<()> {
    writeln!(
        out,
        "Checked {} events, {} checkpoints and {} contents ({}).",
        count(report.events),
        count(report.checkpoints),
        count(report.blobs),
        bytes(report.content_bytes)
    )?;
    if report.withheld > 0 {
        writeln!(
            out,
            "{} contents are withheld, and their bytes are gone.",
            count(report.withheld)
        )?;
    }
    if let Some(root) = report.root {
        writeln!(out, "root {root}")?;
    }
    for finding in &report.findings {
        writeln!(out, "WRONG: {}.", visible(&finding.what))?;
        for touched in &finding.touches {
            let document = visible(&touched.document);
            writeln!(
                out,
                "       touches {document} as observed at {} (event {})",
                touched.observed_at, touched.seq
            )?;
        }
    }
    if report.clean {
        writeln!(out, "Nothing was altered since it was recorded.")?;
        if !report.verifier_known_from_elsewhere {
            writeln!(
                out,
                "(The key was taken from the archive itself; --verifier checks against the one\nyou know.)"
            )?;
        }
        Ok(())
    } else {
        writeln!(
            out,
            "{} findings: the archive is not as it was recorded.",
            count(report.findings.len() as u64)
        )
    }
}
