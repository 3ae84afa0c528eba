//! An answer a line for a question a line: `--batch`.

use std::fs;
use std::io::{self, Read, Write as _};
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Outcome;
use super::context::Context;
use super::lines::{Lines, MAX_BYTES, TooLong};
use super::output::{self, count};
use super::show::utf8;
use crate::archive::Archive;
use crate::export::shape::{AsOfLine, RefusalLine};

/// A question of a batch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    document: String,
    as_of: Option<String>,
    known_at: Option<String>,
}

pub(super) fn run(file: &Path, with_text: bool, context: &Context) -> anyhow::Result<Outcome> {
    let archive = context.open()?;
    let answer = |question: &[u8]| answer(&archive, context, question, with_text);
    answer_each(file, answer, refusal)
}

/// Answers each line of a file, or of standard input for `-`, by a line: with what `answer` says, or with what `refuse` makes
/// of its number, itself and the error.
pub(super) fn answer_each<A: Serialize, R: Serialize>(
    file: &Path,
    answer: impl Fn(&[u8]) -> anyhow::Result<A>,
    refuse: impl Fn(u64, &[u8], &anyhow::Error) -> R,
) -> anyhow::Result<Outcome> {
    let unreadable = || format!("{} can't be read", file.display());
    let input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(fs::File::open(file).with_context(unreadable)?)
    };
    let mut input = Lines::new(input);
    let mut out = output::stdout();
    let mut refused = 0;
    for line in 1.. {
        let Some(question) = input.next(&mut out).with_context(unreadable)? else {
            break;
        };
        let question = match question {
            Ok(question) if question.trim_ascii().is_empty() => continue,
            question => question,
        };
        let answered = match &question {
            Ok(question) => answer(question),
            Err(TooLong) => Err(anyhow!("it has more than {MAX_BYTES} bytes")),
        };
        match answered {
            Ok(answer) => output::json_line(&mut out, &answer)?,
            Err(error) => {
                refused += 1;
                let question = question.as_deref().unwrap_or_default();
                output::json_line(&mut out, &refuse(line, question, &error))?;
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
        match archive.content(found.version.text.blob)? {
            Ok(text) => line.text = Some(utf8(&answer, text)?),
            Err(withheld) => line.withheld = Some((&withheld).into()),
        }
    }
    Ok(line)
}

/// What is said of a question that can't be answered, with what can be read of it.
fn refusal(line: u64, question: &[u8], error: &anyhow::Error) -> RefusalLine {
    let given: Value = serde_json::from_slice(question).unwrap_or_default();
    let word = |name: &str| given.get(name).and_then(Value::as_str).map(str::to_owned);
    RefusalLine {
        line,
        document: word("document"),
        as_of: word("as_of"),
        known_at: word("known_at"),
        found: false,
        error: format!("{error:#}"),
        hint: super::hint(error),
    }
}
