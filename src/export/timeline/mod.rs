//! Timelines with proofs, in forms that an auditor checks without this program.
//!
//! A [`TimelineWriter`] takes one document after the other, so that it never holds more than one.

mod csv;
mod drawing;
pub(super) mod html;
mod jsonl;
mod markdown;
mod rows;
pub(super) mod shapes;
mod worked;

use std::io::{self, Write};

pub use rows::Judgements;

use super::escape::visible;
use super::numbers::{count, counted};
use super::shape::{CheckpointLine, ProvenDocumentLine, ProvenEntryLine, WithheldLine};

/// What proofs can't show.
pub(super) const LIMIT_NOTE: &str = "A proof shows that an entry is in the log unaltered. It does not show that nothing was \
    left out of this page, or that an observer saw what the platform showed to others.";

/// How a timeline is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimelineForm {
    /// JSON Lines: the checkpoint, each document with its entries, the end.
    Jsonl,
    /// Comma-separated values (RFC 4180), a row an entry, safe to open in a spreadsheet.
    Csv,
    /// A Markdown document.
    Markdown,
    /// One HTML page that stands alone.
    Html,
}

/// An entry of which a page works through the proof.
#[derive(Debug)]
struct Example {
    document: String,
    entry: String,
    seq: u64,
    proof: super::shape::ProofLine,
}

impl Example {
    /// The first version among `entries`, or else the first of them.
    fn of(entries: &[ProvenEntryLine]) -> Option<Self> {
        let version = entries.iter().find(|line| line.entry.look == "version");
        version.or(entries.first()).map(|line| Self {
            document: line.entry.document.clone(),
            entry: format!("{} of {}", line.entry.look, line.entry.observed_at),
            seq: line.entry.seq,
            proof: line.proof.clone(),
        })
    }
}

/// Writes timelines in one of the forms.
#[derive(Debug)]
pub struct TimelineWriter<W> {
    out: W,
    form: TimelineForm,
    checkpoint: CheckpointLine,
    example: Option<Example>,
    documents: u64,
    entries: u64,
}

impl<W: Write> TimelineWriter<W> {
    /// Begins a file about the documents of these `names`, whose proofs lead to `checkpoint`.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn begin(
        mut out: W,
        form: TimelineForm,
        checkpoint: CheckpointLine,
        names: &[String],
    ) -> io::Result<Self> {
        match form {
            TimelineForm::Jsonl => jsonl::begin(&mut out, &checkpoint)?,
            TimelineForm::Csv => csv::begin(&mut out)?,
            TimelineForm::Markdown => markdown::begin(&mut out, &checkpoint, names)?,
            TimelineForm::Html => html::begin(&mut out, &checkpoint, names)?,
        }
        Ok(Self {
            out,
            form,
            checkpoint,
            example: None,
            documents: 0,
            entries: 0,
        })
    }

    /// Writes a document and those of its entries that are asked for, in the order of observation. The page in HTML shows
    /// how the changes that the versions brought are judged, where that is known.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn document(
        &mut self,
        document: &ProvenDocumentLine,
        entries: &[ProvenEntryLine],
        judgements: &Judgements,
    ) -> io::Result<()> {
        let out = &mut self.out;
        match self.form {
            TimelineForm::Jsonl => jsonl::document(out, document, entries)?,
            TimelineForm::Csv => csv::document(out, &self.checkpoint, entries)?,
            TimelineForm::Markdown => markdown::document(out, document, entries)?,
            TimelineForm::Html => {
                html::document(out, self.documents, document, entries, judgements)?;
            }
        }
        self.example = self.example.take().or_else(|| Example::of(entries));
        self.documents += 1;
        self.entries += entries.len() as u64;
        Ok(())
    }

    /// Ends the file and gives back what it was written to.
    ///
    /// # Errors
    /// Those of the output.
    pub fn end(mut self) -> io::Result<W> {
        let example = self.example.as_ref();
        match self.form {
            TimelineForm::Jsonl => jsonl::end(&mut self.out, self.entries)?,
            TimelineForm::Csv => {}
            TimelineForm::Markdown => markdown::end(&mut self.out, self.entries)?,
            TimelineForm::Html => {
                html::end(&mut self.out, &self.checkpoint, example, self.entries)?;
            }
        }
        self.out.flush()?;
        Ok(self.out)
    }
}

/// What entries show, in a sentence.
fn summary(document: &ProvenDocumentLine, entries: &[ProvenEntryLine]) -> String {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return "No looks within the dates asked for.".to_owned();
    };
    let of = |look: &str| {
        let looks = entries.iter().filter(|line| line.entry.look == look);
        looks.count() as u64
    };
    let looks = of("version") + of("unchanged") + of("failed");
    let mut text = format!(
        "{} from {} to {}: {}, {} unchanged, {} failed.",
        counted(looks, "look"),
        first.entry.observed_at.date(),
        last.entry.observed_at.date(),
        counted(of("version"), "version"),
        count(of("unchanged")),
        count(of("failed")),
    );
    if document.document.looks > looks {
        let all = counted(document.document.looks, "look");
        text.push_str(&format!(" The archive holds {all} in all."));
    }
    let withheld = entries.iter().filter(|line| line.entry.withheld.is_some());
    match withheld.count() as u64 {
        0 => {}
        number => text.push_str(&format!(
            " In {}, the text is withheld.",
            counted(number, "look")
        )),
    }
    if let Some(retired_at) = document.document.retired_at {
        text.push_str(&format!(" Archiving ended on {}.", retired_at.date()));
    }
    text
}

/// What there is to say of an entry beside its time, length and hash.
fn remark(line: &ProvenEntryLine) -> String {
    let entry = &line.entry;
    let remark = match (&entry.reason, entry.look, entry.version_seq) {
        (Some(reason), _, _) => visible(reason),
        (None, "unchanged", Some(seq)) => format!("as in event {seq}"),
        _ => String::new(),
    };
    match &entry.withheld {
        Some(withheld) if remark.is_empty() => withheld_remark(withheld),
        Some(withheld) => format!("{remark}; {}", withheld_remark(withheld)),
        None => remark,
    }
}

/// Says that the text of an entry isn't in the archive any more.
fn withheld_remark(withheld: &WithheldLine) -> String {
    format!(
        "the text is withheld since {} (event {}): {}",
        withheld.recorded_at,
        withheld.seq,
        visible(&withheld.reason)
    )
}

/// What an entry is, in words: a version's cause stands beside it.
fn look(line: &ProvenEntryLine) -> String {
    match line.entry.cause {
        Some(cause) => format!("{} ({cause})", line.entry.look),
        None => line.entry.look.to_owned(),
    }
}
