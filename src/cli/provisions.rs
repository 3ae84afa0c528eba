//! `recension provisions` and `recension compare`.

use std::io::{self, Write as _};

use indicatif::ProgressBar;

use super::Outcome;
use super::args::{Compare, Provisions};
use super::context::{Context, progress_bar};
use super::output::{self, Out, one_line, visible, wrap_at};
use super::taxonomy::{indent, kind, named};
use crate::archive::{Near, ProvisionReader, WordingsOn};
use crate::classify::{Classifier, Kind};
use crate::export::shape::{HeldLine, HeldSinceLine, SinceLine, WordingsLine};
use crate::model::Instant;

/// How much of a clause is shown in a list, in characters.
const QUOTE: usize = 300;
/// How many wordings of a platform are shown beside others.
const WORDINGS: usize = 2;

pub(super) fn run(args: &Provisions, context: &Context) -> anyhow::Result<Outcome> {
    let kinds = named(&args.kind)?;
    let as_of = context.as_of(args.as_of.as_deref())?;
    let known_at = context.known_at(args.known_at.as_deref())?;
    let archive = context.open()?;
    let documents = archive.documents_named(Some(&args.name))?;
    let answers = archive.all_as_of(documents, as_of, known_at)?;
    let mut reader = ProvisionReader::new(&archive, Classifier::built_in()?);
    let (mut lines, mut timeline) = (Vec::new(), Vec::new());
    for answer in answers {
        let holding = reader.holding(answer)?;
        let document = &holding.answer.document.name;
        match (&holding.provisions, &holding.answer.found) {
            (Some(_), _) if args.timeline => timeline.extend(reader.since(&holding, &kinds)?),
            (Some(_), _) => {
                // By kind in the order of the taxonomy, then in that of the text.
                lines.extend(kinds.iter().flat_map(|kind| holding.lines(kind)));
            }
            (None, Some(_)) => output::message(&format!("the text of {document} is withheld")),
            (None, None) => {
                output::message(&format!("{document} had not been observed by {as_of}"));
            }
        }
    }
    if args.timeline {
        output::lines(args.format, &timeline, |out, lines| {
            print_since(out, lines, as_of)
        })?;
    } else {
        output::lines(args.format, &lines, |out, lines| {
            let mut list = List::default();
            for line in lines {
                list.line(out, line, as_of, |_| Ok(()))?;
            }
            list.end(out)
        })?;
    }
    Ok(if lines.is_empty() && timeline.is_empty() {
        Outcome::Finding
    } else {
        Outcome::Fine
    })
}

/// A list of provisions under their documents and kinds.
#[derive(Default)]
struct List {
    document: String,
    kind: String,
}

impl List {
    /// Prints a provision; `behind_kind` prints what follows the name of its kind.
    fn line(
        &mut self,
        out: &mut Out,
        line: &HeldLine,
        as_of: Instant,
        behind_kind: impl FnOnce(&mut Out) -> io::Result<()>,
    ) -> io::Result<()> {
        if line.document != self.document {
            writeln!(
                out,
                "{}, as of {as_of}: event {}, seen {}",
                visible(&line.document),
                line.version_seq,
                line.observed_at
            )?;
            self.document.clone_from(&line.document);
            self.kind.clear();
        }
        if line.kind != self.kind {
            writeln!(out, "\n  {} ({}, {})", line.name, line.kind, line.group)?;
            self.kind.clone_from(&line.kind);
            behind_kind(out)?;
        }
        print_wording(out, line)
    }

    fn end(&self, out: &mut Out) -> io::Result<()> {
        if self.document.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{NOTE}")
    }
}

fn print_since(out: &mut Out, lines: &[HeldSinceLine], as_of: Instant) -> io::Result<()> {
    let mut list = List::default();
    for one in lines {
        list.line(out, &one.line, as_of, |out| {
            let mut held = format!("held by the document {}", since(&one.document_since));
            if one.document_first != one.document_since {
                held.push_str(&format!("; first {}", since(&one.document_first)));
            }
            writeln!(out, "    {}", indent(&held, 4))
        })?;
        let mut stood = format!("there {}", since(&one.since));
        if one.polarity_since != one.since {
            let polarity = one.line.polarity;
            stood.push_str(&format!("; {polarity} {}", since(&one.polarity_since)));
        }
        if one.first != one.since {
            stood.push_str(&format!("; first there {}", since(&one.first)));
        }
        if let Some(changed) = &one.changed {
            let times = output::counted(one.rewordings, "time");
            stood.push_str(&format!("; reworded {times}, changed last {}", at(changed)));
        }
        writeln!(out, "      {}", indent(&stood, 6))?;
    }
    list.end(out)
}

/// Since when something has been so, in words.
fn since(line: &SinceLine) -> String {
    let sight = match line.absent_at {
        Some(absent) => format!("not so at the look before, on {}", absent.date()),
        None => "so at the first look".to_owned(),
    };
    format!("since {} ({sight})", at(line))
}

fn at(line: &SinceLine) -> String {
    format!("{}, event {}", line.present_at.date(), line.seq)
}

pub(super) const NOTE: &str = "This describes what documents state, permit or reserve, as a program reads them: it is no\n\
                    legal advice, and says nothing of what can be enforced.";

fn print_wording(out: &mut Out, line: &HeldLine) -> io::Result<()> {
    let mut quote = one_line(&line.quote);
    if let Some((end, _)) = quote.char_indices().nth(QUOTE) {
        quote.truncate(end);
        quote.push_str(" ...");
    }
    writeln!(out, "    - {}", indent(&visible(&quote), 6))?;
    let heading = line
        .headings
        .last()
        .map(|heading| format!(", under \"{}\"", visible(heading)));
    writeln!(
        out,
        "      {}; {}, bytes {}-{}{}",
        line.polarity,
        line.id,
        line.span.start,
        line.span.end,
        heading.unwrap_or_default()
    )
}

/// A wording of another platform, with the version that it is of.
pub(super) fn print_beside(out: &mut Out, line: &HeldLine) -> io::Result<()> {
    print_wording(out, line)?;
    writeln!(
        out,
        "      {}, event {}, seen {}",
        visible(&line.document),
        line.version_seq,
        line.observed_at
    )
}

pub(super) fn compare(args: &Compare, context: &Context) -> anyhow::Result<Outcome> {
    let kind = kind(&args.kind)?;
    let on = WordingsOn {
        kind,
        platforms: &args.platforms,
        as_of: context.as_of(args.as_of.as_deref())?,
        near: Near::Surest,
    };
    let archive = context.open()?;
    let bar = documents_bar();
    let lines = archive.wordings(&on, Classifier::built_in()?, &mut |read, all| {
        bar.set_length(all);
        bar.set_position(read);
    })?;
    bar.finish_and_clear();
    output::lines(args.format, &lines, |out, lines| {
        print_compared(out, kind, lines)
    })?;
    Ok(Outcome::Fine)
}

/// A bar that counts documents.
pub(super) fn documents_bar() -> ProgressBar {
    progress_bar("{bar:30} {pos}/{len} documents, {eta} left")
}

fn print_compared(out: &mut Out, kind: &Kind, lines: &[WordingsLine]) -> io::Result<()> {
    writeln!(
        out,
        "{}: {}",
        kind.name,
        wrap_at(&kind.definition, 78 - kind.name.len())
    )?;
    for line in lines {
        writeln!(out, "\n{}", visible(&line.platform))?;
        if let Some(finding) = &line.finding {
            writeln!(out, "  {}", indent(&visible(finding), 2))?;
        }
        for wording in line.provisions.iter().take(WORDINGS) {
            print_beside(out, wording)?;
        }
        let more = line.provisions.len().saturating_sub(WORDINGS);
        if more > 0 {
            writeln!(
                out,
                "      and {more} more: recension provisions {:?} --kind {}",
                line.platform, kind.id
            )?;
        }
    }
    writeln!(out, "\n{NOTE}")
}
