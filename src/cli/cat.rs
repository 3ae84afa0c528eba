//! `recension cat`: the bytes of blobs, by their names.

use std::io::{self, Write as _};

use anyhow::bail;

use super::Outcome;
use super::args::Cat;
use super::context::Context;
use super::lines::{Lines, MAX_BYTES};
use super::output::{self, Out, count};
use super::show::withheld_sentence;
use crate::archive::Archive;

pub(super) fn run(args: &Cat, context: &Context) -> anyhow::Result<Outcome> {
    let archive = context.open()?;
    let mut out = output::stdout();
    let outcome = if args.batch {
        batch(&archive, &mut out)?
    } else {
        one_by_one(&archive, &args.blobs, &mut out)?
    };
    out.flush()?;
    Ok(outcome)
}

/// Writes the bytes of the blobs, one after another.
fn one_by_one(archive: &Archive, names: &[String], out: &mut Out) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::Fine;
    for name in names {
        let blob = archive.blob_named(name)?;
        match archive.content(blob)? {
            Ok(content) => out.write_all(&content)?,
            Err(withheld) => {
                output::message(&withheld_sentence(&format!("blob {blob}"), &withheld));
                outcome = Outcome::Finding;
            }
        }
    }
    Ok(outcome)
}

/// Answers each name with a line that says what there is, and with the bytes and a line feed where there are any, as
/// `git cat-file --batch` does.
fn batch(archive: &Archive, out: &mut Out) -> anyhow::Result<Outcome> {
    let mut input = Lines::new(io::stdin().lock());
    let mut outcome = Outcome::Fine;
    let mut damaged = 0;
    while let Some(line) = input.next(out)? {
        let Ok(line) = line else {
            bail!("a line of the batch has more than {MAX_BYTES} bytes, and a name has 64 digits");
        };
        let name = line.trim_ascii();
        let found = archive
            .blob_named(&String::from_utf8_lossy(name))
            .and_then(|blob| Ok((blob, archive.content(blob)?)));
        match found {
            Ok((blob, Ok(content))) => {
                writeln!(out, "{blob} blob {}", content.len())?;
                out.write_all(&content)?;
                out.write_all(b"\n")?;
                continue;
            }
            Ok((blob, Err(_))) => writeln!(out, "{blob} withheld")?,
            Err(error) => {
                let Some(word) = error.of_blob() else {
                    return Err(error.into());
                };
                if word == "damaged" {
                    output::message(&format!("warning: {error}"));
                    damaged += 1;
                }
                out.write_all(name)?;
                writeln!(out, " {word}")?;
            }
        }
        outcome = Outcome::Finding;
    }
    if damaged > 0 {
        out.flush()?;
        bail!("{} blobs of the batch are damaged", count(damaged));
    }
    Ok(outcome)
}
