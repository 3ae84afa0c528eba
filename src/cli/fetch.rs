//! `recension fetch` and `recension watch`.

use std::io::{self, Write as _};
use std::thread;
use std::time::Duration;

use super::Outcome;
use super::args::{Fetch, Network, Pace, Watch};
use super::context::{Context, progress_bar};
use super::output::{self, count, counted, visible};
use crate::archive::{Archive, Scope, Stop, SweepReport, Sweeper};
use crate::export::shape::{ChangesLine, FailedLine, SweepLine};

/// How long a watch waits at most before it looks again at what is tracked.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

pub(super) fn run(args: &Fetch, context: &Context) -> anyhow::Result<Outcome> {
    let scope = match (&args.name, args.all) {
        (Some(name), _) => Scope::Named(name.clone()),
        (None, true) => Scope::All,
        (None, false) => Scope::Due,
    };
    let sweeper = sweeper(&args.pace, &args.network, context)?;
    let stop = stop_on_signal()?;
    let line = line(sweep(&sweeper, &scope, &stop, context)?);
    output::value(args.format, &line, print)?;
    Ok(if line.failed.is_empty() {
        Outcome::Fine
    } else {
        Outcome::Finding
    })
}

pub(super) fn watch(args: &Watch, context: &Context) -> anyhow::Result<Outcome> {
    let sweeper = sweeper(&args.pace, &args.network, context)?;
    let stop = stop_on_signal()?;
    let mut out = output::stdout();
    loop {
        let report = sweep(&sweeper, &Scope::Due, &stop, context)?;
        if report.documents > 0 || args.once {
            write!(out, "{} ", context.now())?;
            print(&mut out, &line(report))?;
            out.flush()?;
        }
        if args.once || stop.is_stopped() {
            return Ok(Outcome::Fine);
        }
        rest(args, context, &stop)?;
        if stop.is_stopped() {
            return Ok(Outcome::Fine);
        }
    }
}

/// Waits until the next document is due, or what is tracked may have changed.
fn rest(args: &Watch, context: &Context, stop: &Stop) -> anyhow::Result<()> {
    let every = args.pace.every.interval();
    let next = Archive::open(&context.folder()?)?.next_look(every)?;
    let bar = progress_bar("{spinner} {msg}");
    if let Some(next) = next {
        bar.set_message(format!("the next document is due at {next}"));
    }
    let micros = next.map_or(i64::MAX, |next| {
        next.micros().saturating_sub(context.now().micros())
    });
    let wait = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
    let wait = wait.clamp(Duration::from_secs(1), LONGEST_WAIT);
    runtime()?.block_on(async {
        // What comes first ends the wait.
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.wait() => {}
        }
    });
    bar.finish_and_clear();
    Ok(())
}

fn sweeper(pace: &Pace, network: &Network, context: &Context) -> anyhow::Result<Sweeper> {
    let at_once = usize::from(pace.hosts_at_once);
    let every = pace.every.interval();
    Ok(Sweeper::new(
        network.policy()?,
        context.clock(),
        at_once,
        every,
    )?)
}

fn sweep(
    sweeper: &Sweeper,
    scope: &Scope,
    stop: &Stop,
    context: &Context,
) -> anyhow::Result<SweepReport> {
    let mut writer = context.open_writer()?;
    let bar = progress_bar("{bar:30} {pos}/{len} documents, {msg} failed, {eta} left");
    bar.set_message("0");
    let report = sweeper.sweep(&mut writer, scope, stop, &mut |progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.documents);
        bar.set_message(count(progress.failed));
    });
    bar.finish_and_clear();
    Ok(report?)
}

fn line(report: SweepReport) -> SweepLine {
    let failed = report.failed.into_iter().map(|look| FailedLine {
        document: look.document.to_string(),
        stage: look.stage.word(),
        reason: look.reason,
    });
    SweepLine {
        resumed: report.resumed,
        documents: report.documents,
        snapshots: report.snapshots,
        versions: report.versions.iter().map(ToString::to_string).collect(),
        unchanged: report.unchanged,
        failed: failed.collect(),
        re_extracted: report.re_extracted,
        unshown: report.unshown,
        changes: ChangesLine {
            detected: report.changes.detected,
            reassessed: report.changes.reassessed,
            unread: report.changes.unread,
        },
        stopped: report.stopped,
    }
}

fn print(out: &mut output::Out, line: &SweepLine) -> io::Result<()> {
    if let Some(began) = line.resumed {
        writeln!(out, "This went on with the sweep that began at {began}.")?;
    }
    if line.documents == 0 {
        return writeln!(out, "No document is due.");
    }
    writeln!(
        out,
        "{}: {} with a new version, {} unchanged, {} failed.",
        counted(line.documents, "document"),
        count(line.versions.len() as u64),
        count(line.unchanged),
        count(line.failed.len() as u64)
    )?;
    for document in &line.versions {
        writeln!(out, "  new version  {}", visible(document))?;
    }
    for look in &line.failed {
        let told = format!("{} ({}: {})", look.document, look.stage, look.reason);
        writeln!(out, "  failed       {}", visible(&told))?;
    }
    if line.re_extracted > 0 {
        writeln!(
            out,
            "The stored pages of {} were read anew and say otherwise.",
            counted(line.re_extracted, "document")
        )?;
    }
    if line.unshown > 0 {
        writeln!(
            out,
            "Scripts make the text of {}, by their declarations, and no browser was found to run them: install Chromium \
             (on Debian: apt install chromium), or name one with --browser.",
            counted(line.unshown, "document")
        )?;
    }
    if line.changes.detected > 0 {
        writeln!(
            out,
            "`recension changes` tells what changed, and whether it matters."
        )?;
    }
    if line.stopped {
        writeln!(
            out,
            "It was stopped before its end; the next goes on with it."
        )?;
    }
    Ok(())
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

/// What is told to stop when the system asks this program to end; asked again, the program ends at once.
fn stop_on_signal() -> anyhow::Result<Stop> {
    let stop = Stop::default();
    let told = stop.clone();
    let runtime = runtime()?;
    thread::spawn(move || {
        runtime.block_on(async {
            asked_to_end().await;
            output::message("stopping: what was fetched is recorded; again ends at once");
            told.stop();
            asked_to_end().await;
            std::process::exit(130);
        });
    });
    Ok(stop)
}

/// Waits until the system asks this program to end.
#[cfg(unix)]
fn asked_to_end() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    async {
        let terminate = async {
            match signal(SignalKind::terminate()) {
                Ok(mut signal) => drop(signal.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            () = terminate => {}
            asked = tokio::signal::ctrl_c() => drop(asked),
        }
    }
}

/// Waits until the system asks this program to end.
#[cfg(not(unix))]
fn asked_to_end() -> impl Future<Output = ()> {
    async { drop(tokio::signal::ctrl_c().await) }
}
