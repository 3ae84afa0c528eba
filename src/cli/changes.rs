//! `recension changes`.

use std::collections::HashMap;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context as _, bail};

use super::Outcome;
use super::args::{Changes, ChangesFormat, SignificanceArg};
use super::change::shown;
use super::context::{Context, progress_bar};
use super::output::{self, visible};
use super::taxonomy::ids;
use crate::archive::{Archive, ChangeFilter, Judged, ProvisionReader, ToldChange};
use crate::classify::Classifier;
use crate::export::change::{self, FeedForm, FeedHead, FeedWriter, LeftOut, Neighbours, wording};
use crate::export::shape::ChangeLine;
use crate::model::{DocumentName, Significance, Status, StreamId};
use crate::project::Document;

pub(super) fn run(args: &Changes, context: &Context) -> anyhow::Result<Outcome> {
    let archive = context.open()?;
    let names = archive.names()?;
    let filter = filter(args, context, &archive)?;
    let all = archive.judged(&filter)?;
    let (mut asked, left_out): (Vec<Judged>, Vec<Judged>) =
        all.into_iter().partition(|one| is_asked(args, one));
    let mut left_out = left_out_by(&left_out);
    let older = asked.len().saturating_sub(args.limit.unwrap_or(usize::MAX));
    asked.drain(..older);
    if older > 0 {
        left_out.push((older as u64, "older than those at the limit".to_owned()));
    }
    let feed = Feed {
        args,
        archive: &archive,
        names: &names,
        asked: &asked,
        title: title(args),
    };
    match &args.pages {
        Some(folder) => feed.pages(folder, &left_out)?,
        None => feed.print(&left_out)?,
    }
    Ok(Outcome::Fine)
}

fn filter(args: &Changes, context: &Context, archive: &Archive) -> anyhow::Result<ChangeFilter> {
    let streams = args
        .of
        .as_deref()
        .map(|of| streams(archive, of))
        .transpose()?;
    Ok(ChangeFilter {
        streams,
        observed: context.range(args.since.as_deref(), args.until.as_deref())?,
        known_at: context.known_at(args.known_at.as_deref())?,
        provisions: ids(&args.provision)?,
    })
}

/// The streams of a document, or of all documents of a platform.
fn streams(archive: &Archive, of: &str) -> anyhow::Result<Vec<StreamId>> {
    if of.contains('/') {
        return Ok(vec![archive.document(of)?.stream()]);
    }
    let documents = archive.documents_of(of)?;
    Ok(documents.iter().map(Document::stream).collect())
}

fn is_asked(args: &Changes, one: &Judged) -> bool {
    if args.all {
        return true;
    }
    if args.significance.is_empty() {
        return one.significance == Significance::Substantive && one.status == Status::Confirmed;
    }
    let mut asked = args.significance.iter().map(|asked| significance(*asked));
    asked.any(|asked| asked == one.significance)
}

fn significance(asked: SignificanceArg) -> Significance {
    match asked {
        SignificanceArg::Substantive => Significance::Substantive,
        SignificanceArg::Editorial => Significance::Editorial,
        SignificanceArg::Presentational => Significance::Presentational,
        SignificanceArg::Reverted => Significance::Reverted,
        SignificanceArg::CaptureFault => Significance::CaptureFault,
        SignificanceArg::ReExtraction => Significance::ReExtraction,
    }
}

/// How many are left out, by why.
fn left_out_by(left_out: &[Judged]) -> Vec<(u64, String)> {
    let of = |significance: Significance, status: Status| {
        let same = |one: &&Judged| (one.significance, one.status) == (significance, status);
        let why = match status {
            Status::Confirmed => significance.word().to_owned(),
            Status::Unconfirmed => format!("{}, {}", significance.word(), status.word()),
        };
        (left_out.iter().filter(same).count() as u64, why)
    };
    let both = [Status::Confirmed, Status::Unconfirmed];
    let all = Significance::ALL
        .into_iter()
        .flat_map(|significance| both.map(|status| of(significance, status)));
    all.filter(|(changes, _)| *changes > 0).collect()
}

fn title(args: &Changes) -> String {
    let of = args.of.as_deref();
    let mut title = of.map_or_else(|| "Changes".to_owned(), |of| format!("Changes of {of}"));
    if let Some(heading) = &args.heading {
        title.push_str(&format!(" about “{heading}”"));
    }
    title
}

/// The changes that are asked for.
struct Feed<'a> {
    args: &'a Changes,
    archive: &'a Archive,
    names: &'a HashMap<StreamId, DocumentName>,
    asked: &'a [Judged],
    title: String,
}

impl Feed<'_> {
    /// Calls `take` with each change, in the order of observation; with its words where `with_texts`.
    fn each(
        &self,
        with_texts: bool,
        mut take: impl FnMut(&ToldChange, &DocumentName, ChangeLine) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let bar = progress_bar("{bar:30} {pos}/{len} changes, {eta} left");
        bar.set_length(self.asked.len() as u64);
        let mut reader = ProvisionReader::new(self.archive, Classifier::built_in()?);
        for judged in self.asked {
            let told = self.archive.told(judged)?;
            let name = self.names.get(&judged.stream);
            let name =
                name.with_context(|| format!("no document has the stream {}", judged.stream))?;
            let texts = if with_texts || self.args.heading.is_some() {
                self.archive.texts(&told)?
            } else {
                None
            };
            let turns = if with_texts || !self.args.provision.is_empty() {
                reader.turns(&told, name)?
            } else {
                Vec::new()
            };
            let line = shown(&told, name, texts.as_ref(), turns).line;
            if self
                .args
                .heading
                .as_deref()
                .is_none_or(|words| speaks_of(&line, words))
            {
                take(&told, name, line)?;
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn print(&self, left_out: &[(u64, String)]) -> anyhow::Result<()> {
        let form = match self.args.format {
            ChangesFormat::Text => return self.text(left_out),
            ChangesFormat::Json | ChangesFormat::Jsonl => return self.json(),
            ChangesFormat::Md => FeedForm::Markdown,
            ChangesFormat::Html => FeedForm::Html,
            ChangesFormat::Atom => FeedForm::Atom,
        };
        self.write(output::stdout(), form, None, left_out)
    }

    fn write(
        &self,
        out: impl Write,
        form: FeedForm,
        pages: Option<&str>,
        left_out: &[(u64, String)],
    ) -> anyhow::Result<()> {
        let size = self.archive.checkpoint().size();
        let newest = size
            .checked_sub(1)
            .map(|seq| self.archive.event(seq))
            .transpose()?;
        let updated = newest.map_or(crate::model::Instant::MIN, |event| event.recorded_at);
        let head = FeedHead {
            title: &self.title,
            origin: self.archive.verifier().name(),
            size,
            updated,
            pages,
        };
        let mut feed = FeedWriter::begin(out, form, head)?;
        self.each(true, |_, _, line| Ok(feed.change(&line)?))?;
        let left_out: Vec<LeftOut<'_>> = left_out
            .iter()
            .map(|(changes, why)| LeftOut {
                changes: *changes,
                why,
            })
            .collect();
        feed.end(&left_out)?;
        Ok(())
    }

    fn json(&self) -> anyhow::Result<()> {
        let mut out = output::stdout();
        if self.args.format == ChangesFormat::Jsonl {
            self.each(true, |_, _, line| output::json_line(&mut out, &line))?;
            return Ok(out.flush()?);
        }
        let mut between = "[\n";
        self.each(true, |_, _, line| {
            write!(out, "{between}")?;
            between = ",\n";
            Ok(serde_json::to_writer_pretty(&mut out, &line)?)
        })?;
        writeln!(out, "{}", if between == "[\n" { "[]" } else { "\n]" })?;
        Ok(out.flush()?)
    }

    fn text(&self, left_out: &[(u64, String)]) -> anyhow::Result<()> {
        let mut out = output::stdout();
        let mut changes = 0_u64;
        let kinds = ids(&self.args.provision)?;
        let wanted = |kind: &String| kinds.contains(kind);
        self.each(false, |told, name, line| {
            changes += 1;
            let status = match told.change.status {
                Status::Confirmed => String::new(),
                Status::Unconfirmed => format!(", {}", told.change.status.word()),
            };
            let id = &told.id.to_string()[..12];
            let date = line.observed_at.date();
            writeln!(out, "{date}  {id}  {}{status}", line.significance)?;
            writeln!(out, "    {}", visible(&name.to_string()))?;
            for sentence in output::wrap_at(&visible(&line.headline), 76).lines() {
                writeln!(out, "    {sentence}")?;
            }
            for one in line.provisions.iter().filter(|one| wanted(&one.kind)) {
                for sentence in output::wrap_at(&visible(&change::provision(one)), 74).lines() {
                    writeln!(out, "      {sentence}")?;
                }
            }
            if self.args.explain {
                for reason in &told.change.reasons {
                    for sentence in output::wrap_at(&wording::reason(reason), 74).lines() {
                        writeln!(out, "      {sentence}")?;
                    }
                }
            }
            Ok(())
        })?;
        if changes == 0 {
            writeln!(out, "No changes are as asked for.")?;
        }
        for (changes, why) in left_out {
            writeln!(
                out,
                "{}",
                LeftOut {
                    changes: *changes,
                    why
                }
            )?;
        }
        if !left_out.is_empty() && !self.args.all {
            writeln!(out, "--all shows all of them.")?;
        }
        Ok(out.flush()?)
    }

    /// Writes a page for each change and a list of them.
    fn pages(&self, folder: &Path, left_out: &[(u64, String)]) -> anyhow::Result<()> {
        if folder
            .read_dir()
            .is_ok_and(|mut entries| entries.next().is_some())
        {
            bail!(
                "{} is not empty: --pages takes a new or an empty folder",
                folder.display()
            );
        }
        fs::create_dir_all(folder)
            .with_context(|| format!("{} can't be made", folder.display()))?;
        let page = |judged: Option<&Judged>| -> anyhow::Result<Option<String>> {
            let Some(judged) = judged else {
                return Ok(None);
            };
            let event = self.archive.event(judged.detected_seq)?;
            Ok(Some(format!("{}.html", event.event_id)))
        };
        let mut reader = ProvisionReader::new(self.archive, Classifier::built_in()?);
        for (place, judged) in self.asked.iter().enumerate() {
            let told = self.archive.told(judged)?;
            let name = self.names.get(&judged.stream);
            let name =
                name.with_context(|| format!("no document has the stream {}", judged.stream))?;
            let texts = self.archive.texts(&told)?;
            let before = page(place.checked_sub(1).and_then(|place| self.asked.get(place)))?;
            let after = page(self.asked.get(place + 1))?;
            let neighbours = Neighbours {
                previous: before.as_deref(),
                next: after.as_deref(),
            };
            let path = folder.join(format!("{}.html", told.id));
            let mut out = BufWriter::new(create(&path)?);
            let turns = reader.turns(&told, name)?;
            change::html(
                &mut out,
                &shown(&told, name, texts.as_ref(), turns),
                neighbours,
            )?;
            out.flush()?;
        }
        let index = BufWriter::new(create(&folder.join("index.html"))?);
        self.write(index, FeedForm::Html, Some(""), left_out)
    }
}

fn create(path: &Path) -> anyhow::Result<fs::File> {
    fs::File::create_new(path).with_context(|| format!("{} can't be written", path.display()))
}

/// Whether a changed clause says some words or stands under a heading that does.
fn speaks_of(line: &ChangeLine, words: &str) -> bool {
    let words = words.to_lowercase();
    let has = |text: &Option<String>| {
        text.as_ref()
            .is_some_and(|text| text.to_lowercase().contains(&words))
    };
    line.clauses
        .iter()
        .any(|clause| has(&clause.heading) || has(&clause.quote))
}
