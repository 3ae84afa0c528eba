//! `recension classify`, `recension evaluate` and `recension train`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use super::Outcome;
use super::args::{Classify, Evaluate, Format, Train};
use super::output::{self, Out, visible};
use crate::archive::clauses_of;
use crate::classify::{
    Classifier, Crosswalk, Measured, Model, Taxonomy, examples, measure, normal, train,
};
use crate::export::shape::ProvisionLine;

/// A text to classify, as JSON.
#[derive(Deserialize)]
struct Asked {
    id: Option<serde_json::Value>,
    text: String,
    heading: Option<String>,
    #[serde(default, alias = "categories", alias = "label")]
    labels: Labels,
}

/// What people labelled a text with: one label or several.
#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Labels {
    #[default]
    None,
    One(String),
    Several(Vec<String>),
}

impl Labels {
    fn all(&self) -> BTreeSet<String> {
        let all = match self {
            Self::None => &[][..],
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(all) => all,
        };
        let named = all.iter().map(|label| normal(label));
        named
            .filter(|label| !label.is_empty() && label != "none")
            .collect()
    }
}

/// What a text holds, as JSON.
#[derive(Serialize)]
struct Answered {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<[usize; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heading: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    provisions: Vec<ProvisionLine>,
}

pub(super) fn run(args: &Classify) -> anyhow::Result<Outcome> {
    let classifier = classifier(args.model.as_deref())?;
    let input = match &args.file {
        Some(path) if path != Path::new("-") => read(path)?,
        _ => {
            let mut input = String::new();
            io::stdin()
                .lock()
                .read_to_string(&mut input)
                .context("standard input is no text")?;
            input
        }
    };
    let is_lines = input.trim_start().starts_with('{');
    let mut out = output::stdout();
    if is_lines {
        for (place, line) in lines(&input) {
            let asked: Asked = serde_json::from_str(line)
                .with_context(|| format!("line {place} is no text to classify"))?;
            let heading = asked.heading.as_deref();
            let provisions = classifier.classify(&asked.text, heading);
            let answered = Answered {
                id: asked.id,
                span: None,
                heading: None,
                text: None,
                provisions: provisions.iter().map(ProvisionLine::new).collect(),
            };
            output::json_line(&mut out, &answered)?;
        }
        out.flush()?;
        return Ok(Outcome::Fine);
    }
    let answered = clauses(&classifier, &input);
    match args.format {
        Format::Text => print(&mut out, &answered)?,
        Format::Json => output::json(&mut out, &answered)?,
        Format::Jsonl => {
            for one in &answered {
                output::json_line(&mut out, one)?;
            }
        }
    }
    out.flush()?;
    Ok(Outcome::Fine)
}

/// The clauses of a text in Markdown, each with its provisions.
fn clauses(classifier: &Classifier, text: &str) -> Vec<Answered> {
    let clauses = clauses_of(text);
    let all = clauses.all().iter();
    all.map(|clause| {
        let said = clauses.reading(clause);
        let path = clauses.path(clause);
        let provisions = classifier.classify(said, path.last().copied());
        Answered {
            id: None,
            span: Some([clause.span.start, clause.span.end]),
            heading: path.last().map(|heading| (*heading).to_owned()),
            text: Some(said.to_owned()),
            provisions: provisions.iter().map(ProvisionLine::new).collect(),
        }
    })
    .collect()
}

fn print(out: &mut Out, answered: &[Answered]) -> io::Result<()> {
    for one in answered {
        writeln!(out, "{}", visible(one.text.as_deref().unwrap_or_default()))?;
        for provision in &one.provisions {
            writeln!(
                out,
                "    {:<24} {:>5.3}  {}, {}  ({})",
                provision.kind,
                provision.score,
                provision.polarity,
                provision.modality,
                visible(&provision.reasons.join(", "))
            )?;
        }
    }
    Ok(())
}

pub(super) fn evaluate(args: &Evaluate) -> anyhow::Result<Outcome> {
    let classifier = classifier(args.model.as_deref())?;
    let taxonomy = Taxonomy::built_in()?;
    let input = read(&args.file)?;
    let crosswalk = args.crosswalk.map(|one| match one {
        super::args::CrosswalkArg::Opp115 => Crosswalk::Opp115,
        super::args::CrosswalkArg::UnfairTos => Crosswalk::UnfairTos,
    });
    let mut pairs = Vec::new();
    for (place, line) in lines(&input) {
        let asked: Asked = serde_json::from_str(line)
            .with_context(|| format!("line {place} is no labelled text"))?;
        let provisions = classifier.classify(&asked.text, asked.heading.as_deref());
        let kinds: BTreeSet<String> = provisions.into_iter().map(|one| one.kind).collect();
        let given = match crosswalk {
            Some(crosswalk) => crosswalk.labels(taxonomy, &kinds),
            None => kinds,
        };
        let right = asked.labels.all();
        if args.errors && given != right {
            let told =
                |labels: &BTreeSet<String>| labels.iter().cloned().collect::<Vec<_>>().join(" ");
            output::message(&format!(
                "{place}: given [{}] right [{}] {}",
                told(&given),
                told(&right),
                asked.text
            ));
        }
        pairs.push((given, right));
    }
    if pairs.is_empty() {
        bail!("{} holds no labelled text", args.file.display());
    }
    let measured = measure(pairs.iter().map(|(given, right)| (given, right)));
    let lines = table(&measured);
    output::lines(args.format, &lines, |out, lines| {
        print_table(out, lines, &measured)
    })?;
    Ok(Outcome::Fine)
}

/// How well one label was told, or all.
#[derive(Serialize)]
struct Row {
    label: String,
    texts: u64,
    precision: f64,
    recall: f64,
    f1: f64,
}

fn table(measured: &Measured) -> Vec<Row> {
    let thousandths = |share: f64| (share * 1000.0).round() / 1000.0;
    let row = |label: &str, counts: crate::classify::Counts, f1: f64| Row {
        label: label.to_owned(),
        texts: counts.right + counts.missed,
        precision: thousandths(counts.precision()),
        recall: thousandths(counts.recall()),
        f1: thousandths(f1),
    };
    let mut rows: Vec<Row> = measured
        .labels
        .iter()
        .map(|(label, counts)| row(label, *counts, counts.f1()))
        .collect();
    let micro = measured.micro();
    rows.push(row("(micro)", micro, micro.f1()));
    rows.push(row("(macro)", micro, measured.macro_f1()));
    rows
}

fn print_table(out: &mut Out, rows: &[Row], measured: &Measured) -> io::Result<()> {
    writeln!(
        out,
        "{:<40} {:>6} {:>9} {:>7} {:>6}",
        "label", "texts", "precision", "recall", "F1"
    )?;
    for row in rows {
        writeln!(
            out,
            "{:<40} {:>6} {:>9.3} {:>7.3} {:>6.3}",
            visible(&row.label),
            row.texts,
            row.precision,
            row.recall,
            row.f1
        )?;
    }
    writeln!(out, "{} texts", measured.texts)
}

pub(super) fn train_model(args: &Train) -> anyhow::Result<Outcome> {
    let taxonomy = Taxonomy::built_in()?;
    let kinds: Vec<String> = taxonomy.kinds.iter().map(|kind| kind.id.clone()).collect();
    let mut files: Vec<PathBuf> = Vec::new();
    for path in &args.patterns {
        if path.is_dir() {
            let inside = fs::read_dir(path)
                .with_context(|| format!("{} can't be listed", path.display()))?;
            for entry in inside {
                files.push(entry?.path());
            }
        } else {
            files.push(path.clone());
        }
    }
    files.sort();
    let mut all = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "txt"))
    {
        let text = read(file)?;
        all.extend(examples(&text).with_context(|| format!("{} can't be read", file.display()))?);
    }
    for example in &all {
        if let Some(unknown) = example.kinds.iter().find(|kind| !kinds.contains(kind)) {
            bail!("\"{unknown}\" is no kind of the taxonomy: recension taxonomy lists them");
        }
    }
    if all.is_empty() {
        bail!("no patterns are there to train from");
    }
    let model = train(&kinds, &all, args.threshold);
    fs::write(&args.output, model.to_text())
        .with_context(|| format!("{} can't be written", args.output.display()))?;
    output::message(&format!(
        "{} was trained from {} clauses",
        model.id(),
        all.len()
    ));
    Ok(Outcome::Fine)
}

/// The classifier of a model in a file, or the one that the program carries.
fn classifier(model: Option<&Path>) -> anyhow::Result<Cow<'static, Classifier>> {
    let Some(path) = model else {
        return Ok(Cow::Borrowed(Classifier::built_in()?));
    };
    let model = Model::parse(&read(path)?);
    let model = model.with_context(|| format!("{} is no model", path.display()))?;
    Ok(Cow::Owned(Classifier::new(model)))
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} can't be read as text", path.display()))
}

/// The lines of JSON Lines with their numbers.
fn lines(input: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = input
        .lines()
        .enumerate()
        .map(|(place, line)| (place + 1, line));
    lines.filter(|(_, line)| !line.trim().is_empty())
}
