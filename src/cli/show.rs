//! `recension show`.

use std::io::{self, Write};

use anyhow::Context as _;

use super::args::{Show, ShowFormat};
use super::context::Context;
use super::output::{self, bytes, visible, visible_text, wrap};
use super::{Outcome, batch, show_all, snapshot};
use crate::archive::Archive;
use crate::export::shape::AsOfLine;
use crate::model::{Fact, ImportedCommit, Instant, Origin};
use crate::project::{AsOf, Certainty, Found, Withheld};

pub(super) fn run(args: &Show, context: &Context) -> anyhow::Result<Outcome> {
    if let Some(file) = &args.batch {
        return batch::run(file, args.with_text, context);
    }
    let as_of = context.as_of(args.as_of.as_deref())?;
    let known_at = context.known_at(args.known_at.as_deref())?;
    let archive = context.open()?;
    if let Some(folder) = &args.output {
        let answers = archive.all_as_of(archive.documents()?, as_of, known_at)?;
        return show_all::run(&archive, &answers, folder);
    }
    let answer = match args.event {
        Some(seq) => {
            let event = archive.event(seq)?;
            if let Fact::SnapshotRecorded(snapshot) = &event.fact {
                return snapshot::print(&archive, &event, snapshot, args);
            }
            archive.version(seq)?
        }
        None => {
            let document = archive.document(args.document.as_deref().unwrap_or_default())?;
            archive.as_of(document, as_of, known_at)?
        }
    };
    print(&archive, &answer, args)
}

/// Prints one answer in the form asked for.
fn print(archive: &Archive, answer: &AsOf, args: &Show) -> anyhow::Result<Outcome> {
    let mut out = output::stdout();
    let Some(found) = &answer.found else {
        match args.format {
            ShowFormat::Json => output::json(&mut out, &AsOfLine::from(answer))?,
            ShowFormat::Raw => output::message(&not_observed(answer)),
            ShowFormat::Text | ShowFormat::Markdown => writeln!(out, "{}", not_observed(answer))?,
        }
        out.flush()?;
        return Ok(Outcome::Finding);
    };
    let text = archive.content(found.version.text.blob)?;
    let outcome = match &text {
        Ok(_) => Outcome::Fine,
        Err(_) => Outcome::Finding,
    };
    match (args.format, text) {
        (ShowFormat::Json, text) => {
            let mut line = AsOfLine::from(answer);
            match text {
                Ok(text) if args.with_text => line.text = Some(utf8(answer, text)?),
                Ok(_) => {}
                Err(withheld) => line.withheld = Some((&withheld).into()),
            }
            output::json(&mut out, &line)?;
        }
        (ShowFormat::Raw, Ok(text)) => out.write_all(&text)?,
        (ShowFormat::Raw, Err(withheld)) => output::message(&withheld_sentence("text", &withheld)),
        (ShowFormat::Text, text) => {
            heading(&mut out, answer, found)?;
            if let Some(seq) = snapshot_seq(archive, answer, found)? {
                heading_line(&mut out, "snapshot", &format!("event {seq}"))?;
            }
            match text {
                Ok(_) if args.brief => {}
                Ok(text) => {
                    let text = String::from_utf8_lossy(&text);
                    writeln!(out, "\n{}", visible_text(text.trim_end_matches('\n')))?;
                }
                Err(withheld) => writeln!(out, "\n{}", withheld_sentence("text", &withheld))?,
            }
        }
        (ShowFormat::Markdown, text) => {
            front_matter(&mut out, answer, found, text.as_ref().err())?;
            if let Ok(text) = text.as_ref()
                && !args.brief
            {
                out.write_all(text)?;
            }
        }
    }
    out.flush()?;
    Ok(outcome)
}

/// Says why a content isn't shown: a `text` or a `snapshot`.
pub(super) fn withheld_sentence(what: &str, withheld: &Withheld) -> String {
    let Withheld {
        seq,
        recorded_at,
        reason,
    } = withheld;
    wrap(&visible(&format!(
        "The {what} is withheld since {recorded_at} (event {seq}): {reason}"
    )))
}

/// Says how the answer is known.
fn heading(out: &mut impl Write, answer: &AsOf, found: &Found) -> io::Result<()> {
    let mut line = |what: &str, value: &str| heading_line(out, what, value);
    line("document", &visible(&answer.document.name.to_string()))?;
    line("as of", &answer.as_of.to_string())?;
    if let Some(known_at) = answer.known_at {
        line("known at", &known_at.to_string())?;
    }
    line("certainty", certainty(found, answer.as_of))?;
    line("first seen", &found.standing.first_seen.to_string())?;
    line("last seen", &found.standing.sight.observed_at.to_string())?;
    line(
        "next seen",
        &found
            .standing
            .next
            .map_or_else(|| "never".to_owned(), |next| next.observed_at.to_string()),
    )?;
    if let Some(retired_at) = answer.retired_at {
        let back = found.standing.next.is_some();
        let until = if back {
            "gone until seen again"
        } else {
            "not looked at since"
        };
        line("retired", &format!("{retired_at}: {until}"))?;
    }
    line(
        "event",
        &format!(
            "{} (recorded at {})",
            found.event.seq, found.event.recorded_at
        ),
    )?;
    line("blake3", &found.version.text.blob.to_string())?;
    line("sha256", &found.version.text.sha256.to_string())?;
    line("length", &bytes(found.version.text.size_bytes))
}

/// Says one thing in a heading.
pub(super) fn heading_line(out: &mut impl Write, what: &str, value: &str) -> io::Result<()> {
    writeln!(out, "{what:<12}{value}")
}

/// The event of the snapshot that a version was taken from, where the archive has it.
fn snapshot_seq(archive: &Archive, answer: &AsOf, found: &Found) -> anyhow::Result<Option<u64>> {
    let Origin::Imported(ImportedCommit {
        snapshot: Some(snapshot),
        ..
    }) = &found.version.origin
    else {
        return Ok(None);
    };
    Ok(archive.snapshot_of(&answer.document.name, snapshot.commit)?)
}

fn certainty(found: &Found, as_of: Instant) -> &'static str {
    match found.certainty {
        Certainty::Held if found.standing.sight.observed_at == as_of => {
            "held: seen at that very instant"
        }
        Certainty::Held => "held: seen before and after, with nothing else seen between",
        Certainty::ChangedInBetween if found.standing.next.is_some_and(|next| next.same_text) => {
            "changed in between: the document was gone for a time, then back"
        }
        Certainty::ChangedInBetween => "changed in between: the next look showed another text",
        Certainty::Latest => "latest: nothing was observed since",
    }
}

fn front_matter(
    out: &mut impl Write,
    answer: &AsOf,
    found: &Found,
    withheld: Option<&Withheld>,
) -> io::Result<()> {
    let quoted = |text: &str| serde_json::Value::String(text.to_owned()).to_string();
    writeln!(out, "---")?;
    writeln!(
        out,
        "document: {}",
        quoted(&answer.document.name.to_string())
    )?;
    writeln!(out, "as_of: {}", answer.as_of)?;
    if let Some(known_at) = answer.known_at {
        writeln!(out, "known_at: {known_at}")?;
    }
    writeln!(out, "certainty: {}", found.certainty.word())?;
    writeln!(out, "first_seen: {}", found.standing.first_seen)?;
    writeln!(out, "last_seen: {}", found.standing.sight.observed_at)?;
    if let Some(next) = found.standing.next {
        writeln!(out, "next_seen: {}", next.observed_at)?;
    }
    if let Some(retired_at) = answer.retired_at {
        writeln!(out, "retired_at: {retired_at}")?;
    }
    writeln!(out, "event: {}", found.event.seq)?;
    writeln!(out, "blake3: {}", found.version.text.blob)?;
    writeln!(out, "sha256: {}", found.version.text.sha256)?;
    if let Some(withheld) = withheld {
        writeln!(out, "withheld_by: {}", withheld.seq)?;
        writeln!(out, "withheld_at: {}", withheld.recorded_at)?;
        writeln!(out, "withheld_reason: {}", quoted(&withheld.reason))?;
    }
    writeln!(out, "---")
}

/// Says that there is no answer, and from when on there is one.
pub(super) fn not_observed(answer: &AsOf) -> String {
    let name = visible(&answer.document.name.to_string());
    let known = answer
        .known_at
        .map_or_else(String::new, |known_at| format!(" (as known at {known_at})"));
    let first = answer.first_observed_at.map_or_else(String::new, |first| {
        format!(": its first observation is of {first}")
    });
    let as_of = answer.as_of;
    let sentence = match answer.first_observed_at {
        Some(_) => format!("{name} had not been observed by {as_of}{known}{first}."),
        // There may be snapshots of it.
        None => format!("No text of {name} had been observed by {as_of}{known}."),
    };
    wrap(&sentence)
}

/// The text of an answer as it can stand in JSON.
pub(super) fn utf8(answer: &AsOf, text: Vec<u8>) -> anyhow::Result<String> {
    String::from_utf8(text).with_context(|| {
        format!(
            "the text of {} is not UTF-8 and can't stand in JSON; --format raw gives its bytes",
            answer.document.name
        )
    })
}
