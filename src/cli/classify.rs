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
    Classifier, Crosswalk, Measured, Model, Taxonomy, above, context, examples, in_documents,
    measure, normal, train,
};
use crate::export::shape::ProvisionLine;

/// A text to classify, as JSON.
#[derive(Deserialize)]
struct Asked {
    id: Option<serde_json::Value>,
    text: String,
    heading: Option<Words>,
    document_type: Option<String>,
    #[serde(default, alias = "categories", alias = "label")]
    labels: Option<Words>,
}

impl Asked {
    /// What it stands under.
    fn stands_under(&self) -> Option<String> {
        let headings = self.heading.iter().flat_map(Words::all);
        context(self.document_type.as_deref(), headings.map(String::as_str))
    }

    /// What people labelled it with.
    fn labels(&self) -> BTreeSet<String> {
        let labels = self.labels.iter().flat_map(Words::all);
        let named = labels.map(|label| normal(label));
        named
            .filter(|label| !label.is_empty() && label != "none")
            .collect()
    }
}

/// A string or a list of them: the labels of a text, the headings that it stands under.
#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    Several(Vec<String>),
}

impl Words {
    fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(all) => all,
        }
    }
}

/// What a text holds, as JSON.
#[derive(Serialize)]
struct Answered {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<[usize; 2]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    heading: Vec<String>,
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
            let provisions = classifier.classify(&asked.text, asked.stands_under().as_deref());
            let answered = Answered {
                id: asked.id,
                span: None,
                heading: Vec::new(),
                text: None,
                provisions: provisions.iter().map(ProvisionLine::new).collect(),
            };
            output::json_line(&mut out, &answered)?;
        }
        out.flush()?;
        return Ok(Outcome::Fine);
    }
    let answered = clauses(&classifier, args.document_type.as_deref(), &input);
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
fn clauses(classifier: &Classifier, document_type: Option<&str>, text: &str) -> Vec<Answered> {
    let clauses = clauses_of(text);
    let all = clauses.all().iter().zip(above(&clauses));
    all.map(|(clause, above)| {
        let said = clauses.reading(clause);
        let context = context(document_type, above.iter().copied());
        let provisions = classifier.classify_clause(clause.kind, said, context.as_deref());
        Answered {
            id: None,
            span: Some([clause.span.start, clause.span.end]),
            heading: above.into_iter().map(str::to_owned).collect(),
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
        let provisions = classifier.classify(&asked.text, asked.stands_under().as_deref());
        let given = match crosswalk {
            Some(crosswalk) => crosswalk.labels(taxonomy, &provisions),
            None => provisions.into_iter().map(|one| one.kind).collect(),
        };
        let right = asked.labels();
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
    let all = in_documents(all, taxonomy);
    let model = train(taxonomy, &all, args.threshold);
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
    Ok(Cow::Owned(Classifier::new(model, Taxonomy::built_in()?)))
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
