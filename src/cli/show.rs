//! `recension show`.

use std::collections::HashSet;
use std::fs;
use std::io::{self, BufRead, BufReader, Read as _, Write};
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use serde::{Deserialize, Serialize};

use super::Outcome;
use super::args::{Show, ShowFormat};
use super::context::Context;
use super::output::{self, bytes, count, is_hidden, visible, visible_text};
use crate::archive::Archive;
use crate::export::shape::AsOfLine;
use crate::model::{BlobId, DocumentName, Instant};
use crate::project::{AsOf, Certainty, Found};

/// The longest line that a batch may have, in bytes.
const MAX_QUESTION_BYTES: u64 = 1 << 16;
/// The longest name of a file or folder before what is cut off is replaced by a hash: systems allow 255 bytes in all.
const MAX_FILE_NAME_BYTES: usize = 200;

pub(super) fn run(args: &Show, context: &Context) -> anyhow::Result<Outcome> {
    if let Some(file) = &args.batch {
        return batch(file, args.with_text, context);
    }
    let as_of = context.as_of(args.as_of.as_deref())?;
    let known_at = context.known_at(args.known_at.as_deref())?;
    let archive = context.open()?;
    if let Some(folder) = &args.output {
        let answers = archive
            .documents()?
            .into_iter()
            .map(|document| Ok(archive.as_of(document, as_of, known_at)?))
            .collect::<anyhow::Result<Vec<AsOf>>>()?;
        return all(&archive, &answers, folder);
    }
    let answer = match args.event {
        Some(seq) => archive.version(seq)?,
        None => {
            let document = archive.document(args.document.as_deref().unwrap_or_default())?;
            archive.as_of(document, as_of, known_at)?
        }
    };
    print(&archive, &answer, args)
}

/// Prints one answer in the form asked for.
fn print(archive: &Archive, answer: &AsOf, args: &Show) -> anyhow::Result<Outcome> {
    let text = answer
        .found
        .as_ref()
        .map(|found| archive.content(&found.version.text))
        .transpose()?;
    let mut out = output::stdout();
    match (args.format, &answer.found, &text) {
        (ShowFormat::Json, _, _) => {
            let mut line = AsOfLine::from(answer);
            if args.with_text {
                line.text = text.map(|text| utf8(answer, text)).transpose()?;
            }
            serde_json::to_writer_pretty(&mut out, &line)?;
            writeln!(out)?;
        }
        (ShowFormat::Raw, _, Some(text)) => out.write_all(text)?,
        (ShowFormat::Raw, _, None) => output::message(&not_observed(answer)),
        (ShowFormat::Text, Some(found), Some(text)) => {
            heading(&mut out, answer, found)?;
            if !args.brief {
                let text = String::from_utf8_lossy(text);
                writeln!(out, "\n{}", visible_text(text.trim_end_matches('\n')))?;
            }
        }
        (ShowFormat::Markdown, Some(found), Some(text)) => {
            front_matter(&mut out, answer, found)?;
            if !args.brief {
                out.write_all(text)?;
            }
        }
        (ShowFormat::Text | ShowFormat::Markdown, _, _) => {
            writeln!(out, "{}", not_observed(answer))?;
        }
    }
    out.flush()?;
    Ok(if answer.found.is_some() {
        Outcome::Fine
    } else {
        Outcome::Finding
    })
}

/// Says how the answer is known.
fn heading(out: &mut impl Write, answer: &AsOf, found: &Found) -> io::Result<()> {
    let mut line = |what: &str, value: &str| writeln!(out, "{what:<12}{value}");
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
        line("retired", &format!("{retired_at}: not looked at since"))?;
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

fn front_matter(out: &mut impl Write, answer: &AsOf, found: &Found) -> io::Result<()> {
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
    writeln!(out, "---")
}

pub(super) fn not_observed(answer: &AsOf) -> String {
    let name = visible(&answer.document.name.to_string());
    let known = answer
        .known_at
        .map_or_else(String::new, |known_at| format!(" (as known at {known_at})"));
    match answer.first_observed_at {
        Some(first) => {
            format!(
                "{name} had not been observed by {}{known}: its first observation is of {first}.",
                answer.as_of
            )
        }
        None => format!("{name} had not been observed by {}{known}.", answer.as_of),
    }
}

fn utf8(answer: &AsOf, text: Vec<u8>) -> anyhow::Result<String> {
    String::from_utf8(text).with_context(|| {
        format!(
            "the text of {} is not UTF-8 and can't stand in JSON; --format raw gives its bytes",
            answer.document.name
        )
    })
}

/// Writes every document's text as of the date into a file, and a list of them.
fn all(archive: &Archive, answers: &[AsOf], folder: &Path) -> anyhow::Result<Outcome> {
    let written = |path: &Path| format!("{} can't be written", path.display());
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is not empty", folder.display());
    }
    let mut index = Vec::new();
    let mut texts = 0;
    let mut taken = HashSet::new();
    for answer in answers {
        let line = AsOfLine::from(answer);
        if let Some(found) = &answer.found {
            let (platform, file) = file_names(&answer.document.name, &mut taken);
            let platform = folder.join(platform);
            fs::create_dir_all(&platform).with_context(|| written(&platform))?;
            let path = platform.join(file);
            fs::write(&path, archive.content(&found.version.text)?)
                .with_context(|| written(&path))?;
            texts += 1;
        }
        output::json_line(&mut index, &line)?;
    }
    fs::create_dir_all(folder).with_context(|| written(folder))?;
    let path = folder.join("documents.jsonl");
    fs::write(&path, index).with_context(|| written(&path))?;
    let mut out = output::stdout();
    let missing = answers.len() - texts;
    writeln!(
        out,
        "{} texts were written below {}.",
        count(texts as u64),
        visible(&folder.display().to_string())
    )?;
    if missing > 0 {
        writeln!(
            out,
            "{} documents had not been observed by then.",
            count(missing as u64)
        )?;
    }
    writeln!(
        out,
        "documents.jsonl lists them all, with hashes and brackets."
    )?;
    out.flush()?;
    Ok(Outcome::Fine)
}

/// The folder and the file for a document: not those of another one, on systems without regard to case either.
fn file_names(name: &DocumentName, taken: &mut HashSet<String>) -> (String, String) {
    let (folder, stem) = (file_name(name.platform()), file_name(name.document_type()));
    let mut file = format!("{stem}.md");
    for number in 2.. {
        if taken.insert(format!("{folder}/{file}").to_lowercase()) {
            break;
        }
        file = format!("{stem}~{number}.md");
    }
    (folder, file)
}

/// A name that every file system takes: what Windows forbids and what could make it look like another name becomes its
/// code in per cent, and what is too long is cut and told apart by its hash.
fn file_name(name: &str) -> String {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let reserved = is_device(stem);
    let mut out = String::new();
    for (position, c) in name.char_indices() {
        let ends = position + c.len_utf8() == name.len();
        let forbidden = "<>:\"/\\|?*%".contains(c) || c.is_control() || is_hidden(c);
        let dot_or_space = (ends && (c == '.' || c == ' ')) || (position == 0 && c == '.');
        if forbidden || dot_or_space || (position == 0 && reserved) {
            out.extend(c.to_string().bytes().map(|byte| format!("%{byte:02X}")));
        } else {
            out.push(c);
        }
    }
    if out.len() > MAX_FILE_NAME_BYTES {
        let hash = BlobId::of(name.as_bytes()).to_string();
        while out.len() > MAX_FILE_NAME_BYTES {
            out.pop();
        }
        out.push_str(&format!("~{}", &hash[..16]));
    }
    out
}

/// Whether Windows takes a name for a device, whatever its ending.
fn is_device(stem: &str) -> bool {
    let stem = stem.to_ascii_uppercase();
    let numbered = ["COM", "LPT"]
        .iter()
        .filter_map(|device| stem.strip_prefix(device))
        .any(|number| number.chars().count() == 1);
    numbered || ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str())
}

/// A question of a batch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    document: String,
    as_of: Option<String>,
    known_at: Option<String>,
}

/// What is said of a question that can't be answered.
#[derive(Serialize)]
struct Refusal {
    line: u64,
    found: bool,
    error: String,
    /// What may be done about it, where there is something to say.
    hint: Option<String>,
}

fn batch(file: &Path, with_text: bool, context: &Context) -> anyhow::Result<Outcome> {
    let archive = context.open()?;
    let unreadable = || format!("{} can't be read", file.display());
    let mut input: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(
            fs::File::open(file).with_context(unreadable)?,
        ))
    };
    let mut out = output::stdout();
    let mut refused = 0;
    for line in 1.. {
        let Some(question) = next_question(&mut *input).with_context(unreadable)? else {
            break;
        };
        if matches!(&question, Ok(question) if question.trim_ascii().is_empty()) {
            continue;
        }
        match question.and_then(|question| answer(&archive, context, &question, with_text)) {
            Ok(answer) => output::json_line(&mut out, &answer)?,
            Err(error) => {
                refused += 1;
                output::json_line(
                    &mut out,
                    &Refusal {
                        line,
                        found: false,
                        error: format!("{error:#}"),
                        hint: super::hint(&error),
                    },
                )?;
            }
        }
    }
    out.flush()?;
    if refused > 0 {
        bail!(
            "{} questions of the batch could not be answered; their lines say why",
            count(refused)
        );
    }
    Ok(Outcome::Fine)
}

/// Reads a line; none at the end, and an error in place of a line that is too long, which is passed over.
fn next_question(input: &mut dyn BufRead) -> io::Result<Option<anyhow::Result<Vec<u8>>>> {
    let mut line = Vec::new();
    if input
        .take(MAX_QUESTION_BYTES + 1)
        .read_until(b'\n', &mut line)?
        == 0
    {
        return Ok(None);
    }
    if line.len() as u64 <= MAX_QUESTION_BYTES {
        return Ok(Some(Ok(line)));
    }
    while !line.ends_with(b"\n") {
        line.clear();
        if input
            .take(MAX_QUESTION_BYTES)
            .read_until(b'\n', &mut line)?
            == 0
        {
            break;
        }
    }
    Ok(Some(Err(anyhow!(
        "it has more than {MAX_QUESTION_BYTES} bytes"
    ))))
}

fn answer(
    archive: &Archive,
    context: &Context,
    question: &[u8],
    with_text: bool,
) -> anyhow::Result<AsOfLine> {
    let question: Question = serde_json::from_slice(question).context("it is not a question")?;
    let document = archive.document(&question.document)?;
    let as_of = context.as_of(question.as_of.as_deref())?;
    let answer = archive.as_of(
        document,
        as_of,
        context.known_at(question.known_at.as_deref())?,
    )?;
    let mut line = AsOfLine::from(&answer);
    if let Some(found) = answer.found.as_ref().filter(|_| with_text) {
        line.text = Some(utf8(&answer, archive.content(&found.version.text)?)?);
    }
    Ok(line)
}
