//! `recension health`.

use std::io::{self, Write as _};

use super::Outcome;
use super::args::HealthArgs;
use super::context::Context;
use super::output::{self, count, visible};
use super::table::{self, Align};
use crate::archive::{Health, State};
use crate::export::shape::{HealthLine, UnmatchedLine};
use crate::model::{Instant, Stage};

pub(super) fn run(args: &HealthArgs, context: &Context) -> anyhow::Result<Outcome> {
    let archive = context.open()?;
    let mut health = archive.health(args.name.as_deref(), args.every.interval())?;
    let is_ill =
        |one: &Health| matches!(one.state, State::Failing { .. }) || !one.unmatched.is_empty();
    let ill = health.iter().filter(|one| is_ill(one)).count();
    let total = health.len();
    if args.failing {
        health.retain(is_ill);
    }
    let lines: Vec<HealthLine> = health.into_iter().map(line).collect();
    let now = context.now();
    output::lines(args.format, &lines, |out, lines| {
        print(out, lines, now)?;
        let (total, ill) = (count(total as u64), count(ill as u64));
        writeln!(out, "{total} documents are tracked; {ill} need a look.")
    })?;
    Ok(match ill {
        0 => Outcome::Fine,
        _ => Outcome::Finding,
    })
}

fn line(health: Health) -> HealthLine {
    let word = health.state.word();
    let (stage, reason) = match health.state {
        State::Failing { stage, reason } => (stage.map(Stage::word), Some(reason)),
        State::New | State::Fine => (None, None),
    };
    let fares = health.fares;
    let unmatched = health.unmatched.into_iter();
    HealthLine {
        document: health.document.to_string(),
        state: word,
        last_look: fares.last_look,
        next_look: fares.last_look.map(|_| fares.next_look),
        failures: fares.failures,
        failing_since: fares.failing_since,
        stage,
        reason,
        unmatched: unmatched
            .map(|(address, selector)| UnmatchedLine { address, selector })
            .collect(),
    }
}

fn print(out: &mut output::Out, lines: &[HealthLine], now: Instant) -> io::Result<()> {
    let header = [
        ("STATE", Align::Left),
        ("LAST LOOK", Align::Left),
        ("NEXT LOOK", Align::Left),
        ("DOCUMENT", Align::Left),
    ];
    let minute = |at: Instant| at.to_utc().format("%Y-%m-%d %H:%M").to_string();
    let row = |line: &HealthLine| {
        let next = match line.next_look {
            Some(next) if next > now => minute(next),
            _ => "now".to_owned(),
        };
        let last = line.last_look.map_or_else(|| "never".to_owned(), minute);
        vec![line.state.to_owned(), last, next, visible(&line.document)]
    };
    if !lines.is_empty() {
        table::print(out, &header, &lines.iter().map(row).collect::<Vec<_>>())?;
        writeln!(out)?;
    }
    for line in lines {
        if let (Some(reason), Some(since)) = (&line.reason, line.failing_since) {
            let stage = line
                .stage
                .map_or_else(String::new, |stage| format!("{stage}: "));
            let document = &line.document;
            let told = format!(
                "{document} fails since {since} ({} looks): {stage}{reason}",
                line.failures
            );
            writeln!(out, "{}", output::wrap(&visible(&told)))?;
        }
        for unmatched in &line.unmatched {
            let told = format!(
                "{}: nothing on {} matches \"{}\" any more",
                line.document, unmatched.address, unmatched.selector
            );
            writeln!(out, "{}", output::wrap(&visible(&told)))?;
        }
    }
    Ok(())
}
