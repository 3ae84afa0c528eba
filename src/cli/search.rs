//! `recension search`.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::Value;

use super::Outcome;
use super::args::{Format, Search};
use super::context::{Context, progress_bar, warn};
use super::output::{self, Out, count, one_line, visible, visible_text, wrap, wrap_at};
use super::{batch, taxonomy};
use crate::archive::{Question, Searcher};
use crate::export::shape::{HitLine, SearchLine, SearchRefusalLine};
use crate::search::Query;

/// How much of a clause is shown around the first mark, in characters.
const BEFORE: usize = 160;
const BEHIND: usize = 480;
/// What stands around a word that was looked for.
const SIGNS: (&str, &str) = ("{=", "=}");

/// What is asked, as the arguments and the lines of a batch say it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    query: String,
    as_of: Option<String>,
    #[serde(default)]
    platforms: Vec<String>,
    kind: Option<String>,
    #[serde(default = "default_limit")]
    limit: usize,
}

fn default_limit() -> usize {
    10
}

pub(super) fn run(args: &Search, context: &Context) -> anyhow::Result<Outcome> {
    if let Some(file) = &args.batch {
        return answer_batch(file, context);
    }
    let asked = Asked {
        query: args.query.clone().unwrap_or_default(),
        as_of: args.as_of.clone(),
        platforms: args.platforms.clone(),
        kind: (!args.kind.is_empty()).then(|| args.kind.join(",")),
        limit: args.limit,
    };
    // What can't be asked is said before an index is built for it.
    Query::parse(&asked.query)?;
    let searcher = open(context)?;
    let line = answer(&searcher, context, &asked)?;
    match args.format {
        Format::Jsonl => output::lines(args.format, &line.hits, |_, _| Ok(()))?,
        format => output::value(format, &line, print)?,
    }
    if !line.hits.is_empty() {
        return Ok(Outcome::Fine);
    }
    output::message(&nothing(&searcher, &asked)?);
    Ok(Outcome::Finding)
}

fn answer_batch(file: &Path, context: &Context) -> anyhow::Result<Outcome> {
    let searcher = open(context)?;
    let answer = |question: &[u8]| {
        let asked: Asked = serde_json::from_slice(question).context("it is not a question")?;
        answer(&searcher, context, &asked)
    };
    batch::answer_each(file, answer, |line, question, error| {
        let given: Value = serde_json::from_slice(question).unwrap_or_default();
        SearchRefusalLine {
            line,
            query: given
                .get("query")
                .and_then(Value::as_str)
                .map(str::to_owned),
            error: format!("{error:#}"),
            hint: super::hint(error),
        }
    })
}

fn open(context: &Context) -> anyhow::Result<Searcher> {
    let bar = progress_bar(
        "the words of {len} versions are looked up for the index: {bar:30} {pos}, {eta} left",
    );
    let searcher = Searcher::open(&context.folder()?, &mut |progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.versions);
    });
    bar.finish_and_clear();
    let searcher = searcher?;
    warn(searcher.archive());
    Ok(searcher)
}

fn answer(searcher: &Searcher, context: &Context, asked: &Asked) -> anyhow::Result<SearchLine> {
    let query = Query::parse(&asked.query)?;
    let as_of = asked.as_of.as_deref();
    let as_of = as_of.map(|date| context.as_of(Some(date))).transpose()?;
    let mut documents = (!asked.platforms.is_empty()).then(std::collections::BTreeSet::new);
    for name in &asked.platforms {
        let named = searcher.archive().documents_named(Some(name))?;
        documents
            .get_or_insert_default()
            .extend(named.iter().map(|document| document.number));
    }
    let kinds = asked.kind.as_slice();
    let kinds = (!kinds.is_empty()).then(|| taxonomy::ids(kinds));
    let kinds = kinds.transpose()?;
    let found = searcher.ask(&Question {
        query,
        as_of,
        documents,
        kinds: kinds.map(|kinds| kinds.into_iter().collect()),
        limit: asked.limit,
    })?;
    Ok(SearchLine {
        query: asked.query.clone(),
        as_of,
        hits: found.hits.iter().map(Into::into).collect(),
        has_more: found.has_more,
    })
}

/// Says that nothing was found, and what may be done about it.
fn nothing(searcher: &Searcher, asked: &Asked) -> anyhow::Result<String> {
    let documents = searcher.archive().documents()?.len() as u64;
    let mut among = format!("any version of {} documents", count(documents));
    if !asked.platforms.is_empty() {
        among = format!("any version of {}", asked.platforms.join(" or "));
    }
    if let Some(date) = &asked.as_of {
        among = format!(
            "{}, as of {date}",
            among.replace("any version", "the versions")
        );
    }
    let of_kind = asked.kind.as_ref();
    let of_kind = of_kind.map_or_else(String::new, |kind| format!(" and is told to hold {kind}"));
    let found = wrap(&format!(
        "No clause in {among} answers {:?}{of_kind}.",
        asked.query
    ));
    Ok(format!("{found}\n{}", wrap(FEWER)))
}

const FEWER: &str = "hint: ask for fewer words, or for their beginnings, as arbitrat*; all must stand in one clause";

fn print(out: &mut Out, line: &SearchLine) -> io::Result<()> {
    let is_styled = output::is_styled();
    for (number, hit) in line.hits.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        print_hit(out, hit, is_styled)?;
    }
    if line.has_more {
        writeln!(
            out,
            "\nThere are more: --limit {} shows them.",
            line.hits.len() * 2
        )?;
    }
    Ok(())
}

fn print_hit(out: &mut Out, hit: &HitLine, is_styled: bool) -> io::Result<()> {
    let mut title = visible(&hit.document);
    for heading in &hit.headings {
        title.push_str(" > ");
        title.push_str(&visible(heading));
    }
    writeln!(out, "{}", wrap(&title))?;
    let quote = wrap_at(&excerpt(hit), 76).replace('\n', "\n    ");
    let quote = if is_styled {
        let (open, close) = SIGNS;
        quote
            .replace(open, &format!("\u{1b}[1m{open}"))
            .replace(close, &format!("{close}\u{1b}[0m"))
    } else {
        quote
    };
    writeln!(out, "    {quote}")?;
    let span = hit.span;
    writeln!(out, "  {}", life(hit))?;
    writeln!(
        out,
        "  event {}, bytes {}-{}",
        hit.version_seq, span.start, span.end
    )?;
    for provision in &hit.provisions {
        writeln!(out, "  {}, {}", provision.kind, provision.polarity)?;
    }
    Ok(())
}

/// When a wording stood, in a sentence without its full stop.
fn life(hit: &HitLine) -> String {
    let since = hit.since.date();
    let mut life = match (hit.until, hit.retired_at) {
        (Some(until), _) => format!("from {since}, first seen gone {}", until.date()),
        (None, Some(retired)) => format!(
            "since {since}, in the newest version, which is archived no longer since {}",
            retired.date()
        ),
        (None, None) => format!("since {since}, still in the newest version"),
    };
    match hit.stood.len() {
        0 | 1 => {}
        2 => life.push_str(", once gone meanwhile"),
        times => life.push_str(&format!(", {} times gone meanwhile", times - 1)),
    }
    life
}

/// The clause with signs around its marks, in one line; of a long one, what stands around the first mark.
fn excerpt(hit: &HitLine) -> String {
    let (mut marked, mut done, mut first) = (String::new(), 0, None);
    for mark in &hit.marks {
        let (start, end) = (mark.start - hit.span.start, mark.end - hit.span.start);
        marked.push_str(hit.quote.get(done..start).unwrap_or_default());
        first.get_or_insert(marked.len());
        marked.push_str(SIGNS.0);
        marked.push_str(hit.quote.get(start..end).unwrap_or_default());
        marked.push_str(SIGNS.1);
        done = end;
    }
    marked.push_str(hit.quote.get(done..).unwrap_or_default());
    let (before, behind) = marked.split_at(first.unwrap_or(0));
    let nth_back = |(at, _): (usize, char)| at;
    let start = before.char_indices().rev().nth(BEFORE).map_or(0, nth_back);
    let end = behind.char_indices().nth(BEHIND).map(|(at, _)| at);
    let shown = format!(
        "{}{}{}{}",
        if start > 0 { "... " } else { "" },
        &before[start..],
        &behind[..end.unwrap_or(behind.len())],
        if end.is_some() { " ..." } else { "" }
    );
    visible_text(&one_line(&shown))
}
