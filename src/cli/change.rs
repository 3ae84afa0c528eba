//! `recension change`.

use std::io::Write as _;

use super::Outcome;
use super::args::{Change, ChangeFormat};
use super::context::Context;
use super::output;
use crate::archive::{Archive, ProvisionReader, Texts, ToldChange, VersionTold};
use crate::classify::Classifier;
use crate::export::change::{self, Neighbours, Shown, Terminal};
use crate::export::shape::{ComparedLine, Judgement};
use crate::model::{DocumentName, ProvisionChange, Remains};

/// How wide a terminal is that doesn't say.
const COLUMNS: usize = 80;

pub(super) fn run(args: &Change, context: &Context) -> anyhow::Result<Outcome> {
    let archive = context.open()?;
    let known_at = context.known_at(args.known_at.as_deref())?;
    let told = archive.change(&args.name, known_at)?;
    let document = name(&archive, &told)?;
    let texts = archive.texts(&told)?;
    let mut reader = ProvisionReader::new(&archive, Classifier::built_in()?);
    let turns = reader.turns(&told, &document)?;
    let shown = shown(&told, &document, texts.as_ref(), turns);
    let mut out = output::stdout();
    match args.format {
        ChangeFormat::Text => {
            let terminal = Terminal {
                width: width(),
                styled: output::is_styled(),
                explain: args.explain,
            };
            change::terminal(&mut out, &shown, terminal)?;
        }
        ChangeFormat::Json => output::json(&mut out, &shown.line)?,
        ChangeFormat::Md => change::markdown(&mut out, &shown)?,
        ChangeFormat::Html => change::html(&mut out, &shown, Neighbours::default())?,
    }
    out.flush()?;
    Ok(Outcome::Fine)
}

/// The name of the document that changed.
pub(super) fn name(archive: &Archive, told: &ToldChange) -> anyhow::Result<DocumentName> {
    let mut names = archive.names()?;
    let stream = told.detected.stream;
    let name = names.remove(&stream);
    name.ok_or_else(|| anyhow::anyhow!("no document has the stream {stream}"))
}

/// A change with its texts, as it is shown.
pub(super) fn shown<'a>(
    told: &'a ToldChange,
    document: &'a DocumentName,
    texts: Option<&'a Texts>,
    provisions: Vec<(ProvisionChange, Option<Remains>)>,
) -> Shown<'a> {
    let side = |version: &VersionTold| {
        let withheld = version.withheld.as_ref().map(Into::into);
        ComparedLine::new(&version.event, version.text.sha256, withheld)
    };
    let judgement = Judgement {
        id: told.id,
        document,
        seq: told.judged.seq,
        recorded_at: told.judged.recorded_at,
        change: &told.change,
        from: side(&told.before),
        to: side(&told.version),
        provisions,
    };
    Shown::new(judgement, texts.map(Texts::compared))
}

/// How many characters fit a line of the terminal.
fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok();
    let columns = columns.and_then(|columns| columns.parse().ok());
    columns.filter(|columns| *columns >= 40).unwrap_or(COLUMNS)
}
