//! The command line: one file a command. Results go to standard output, everything else to standard error.
//!
//! Exit code 0 means fine, 1 a negative finding (something is wrong with the archive, the texts differ), 2 an error.

mod accept_log;
mod args;
mod backup;
mod batch;
mod capture_args;
mod cat;
mod change;
mod change_args;
mod changes;
mod classify;
mod classify_args;
mod clause;
mod compact;
mod context;
mod demo;
mod demo_site;
mod diff;
mod documents;
mod export;
mod export_args;
mod fetch;
mod formats;
mod health;
mod import;
mod import_args;
mod init;
mod lines;
mod log;
mod output;
mod provision;
mod provisions;
mod reassess;
mod rebuild;
mod reextract;
mod reference;
mod repair;
mod report;
mod report_args;
mod search;
mod search_args;
mod show;
mod show_all;
mod snapshot;
mod stats;
mod table;
mod taxonomy;
mod timeline;
mod track;
mod try_declaration;
mod verify;
mod withhold;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use args::{Args, Command};
use context::Context;

/// How a command ended, when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// As hoped.
    Fine,
    /// With a negative finding.
    Finding,
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let args = Args::parse();
    let context = match Context::new(&args) {
        Ok(context) => context,
        Err(error) => return report(&error),
    };
    match run(args.command, &context) {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Finding) => ExitCode::from(1),
        // Whoever reads our output has had enough, as `head` does.
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => report(&error),
    }
}

fn run(command: Command, context: &Context) -> anyhow::Result<Outcome> {
    match command {
        Command::Init(args) => init::run(&args, context),
        Command::Import(args) => import::run(&args, context),
        Command::Track(args) => track::run(&args, context),
        Command::Fetch(args) => fetch::run(&args, context),
        Command::Watch(args) => fetch::watch(&args, context),
        Command::Health(args) => health::run(&args, context),
        Command::ReExtract(args) => reextract::run(&args, context),
        Command::Platforms(args) => documents::platforms(&args, context),
        Command::Documents(args) => documents::documents(&args, context),
        Command::Log(args) => log::run(&args, context),
        Command::Timeline(args) => timeline::run(&args, context),
        Command::Show(args) => show::run(&args, context),
        Command::Cat(args) => cat::run(&args, context),
        Command::Diff(args) => diff::run(&args, context),
        Command::Changes(args) => changes::run(&args, context),
        Command::Change(args) => change::run(&args, context),
        Command::Clause(args) => clause::run(&args, context),
        Command::Provision(args) => provision::run(&args, context),
        Command::Provisions(args) => provisions::run(&args, context),
        Command::Compare(args) => provisions::compare(&args, context),
        Command::Report(args) => report::run(&args, context),
        Command::Search(args) => search::run(&args, context),
        Command::Taxonomy(args) => taxonomy::run(&args),
        Command::Regulations(args) => taxonomy::regulations(&args),
        Command::Classify(args) => classify::run(&args),
        Command::Evaluate(args) => classify::evaluate(&args),
        Command::Train(args) => classify::train_model(&args),
        Command::Reassess(args) => reassess::run(&args, context),
        Command::Stats(args) => stats::run(&args, context),
        Command::Verify(args) => verify::run(&args, context),
        Command::Rebuild(args) => rebuild::run(&args, context),
        Command::Compact(args) => compact::run(&args, context),
        Command::Repair(args) => repair::run(&args, context),
        Command::Withhold(args) => withhold::run(&args, context),
        Command::Export(args) => export::run(args, context),
        Command::Backup(args) => backup::run(&args, context),
        Command::AcceptLog(args) => accept_log::run(&args, context),
        Command::Try(args) => try_declaration::run(&args, context),
        Command::Demo(args) => demo::run(&args, context),
        Command::Reference => reference::run(Args::command()),
    }
}

/// Says what went wrong and, where there is something to do about it, what.
fn report(error: &anyhow::Error) -> ExitCode {
    let mut message = format!("error: {error}");
    let mut before = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        // A message that ends with its source's needs no second telling.
        if !before.contains(&cause) {
            message.push_str(&format!("\n  because: {cause}"));
        }
        before = cause;
    }
    if let Some(hint) = hint(error) {
        message.push_str(&format!("\nhint: {hint}"));
    }
    output::message(&message);
    ExitCode::from(2)
}

/// What a person may do about an error, where there is something to say.
fn hint(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        let archive = cause
            .downcast_ref::<crate::archive::ArchiveError>()
            .and_then(crate::archive::ArchiveError::hint);
        let period = cause
            .downcast_ref::<crate::model::PeriodError>()
            .and_then(crate::model::PeriodError::hint);
        let query = cause
            .downcast_ref::<crate::search::QueryError>()
            .map(|_| QUERY.to_owned());
        let archive = archive.or(query);
        archive.or_else(|| period.map(|forms| format!("dates are written as {forms}")))
    })
}

const QUERY: &str = "write words that must all be there, \"words one behind the other\", begin* for beginnings, -word for what must not be there";
