//! `recension demo`: invented platforms are archived as real ones are, then every step of the tour is a command run as
//! a person would type it.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use clap::Parser as _;

use super::args::{Args, Demo};
use super::context::Context;
use super::output::{self, count};
use super::{Outcome, demo_site, init};
use crate::archive::{self, Demonstration, Writer};
use crate::model::Instant;

/// What the demonstration's archive calls itself.
const ORIGIN: &str = "demo.example/archive";

/// The tour: what a step shows, and the commands that show it.
const TOUR: &[(&str, &[&[&str]])] = &[
    ("What is archived", &[&["documents"]]),
    (
        "When one document was seen, and when its text was another",
        &[&["timeline", "Glimmerfold/Privacy Policy"]],
    ),
    (
        "What it said on two dates, on both sides of a change, and how sure that is",
        &[
            &[
                "show",
                "Glimmerfold/Privacy Policy",
                "--as-of",
                "2022-10-01",
                "--brief",
            ],
            &[
                "show",
                "Glimmerfold/Privacy Policy",
                "--as-of",
                "2022-11",
                "--brief",
            ],
        ],
    ),
    (
        "What changed between them",
        &[&[
            "diff",
            "glimmerfold/privacy policy",
            "--from",
            "2022-10-01",
            "--to",
            "2022-11",
            "--context",
            "0",
        ]],
    ),
    (
        "A flicker: a text that was another for a day, then came back to the byte (compare the blobs)",
        &[
            &[
                "timeline",
                "Glimmerfold/Privacy Policy",
                "--since",
                "2023-03",
                "--until",
                "2023-05",
                "--all",
            ],
            &[
                "diff",
                "Glimmerfold/Privacy Policy",
                "--to",
                "2023-05-16",
                "--words",
                "--context",
                "0",
            ],
        ],
    ),
    (
        "A date before the first observation has a clear answer, too",
        &[&["show", "Glimmerfold/Privacy Policy", "--as-of", "2020"]],
    ),
    (
        "What the archive knew at an earlier time",
        &[&[
            "show",
            "Verbelune/Developer Terms",
            "--known-at",
            "2024-01",
            "--brief",
        ]],
    ),
    ("Nothing was altered since it was recorded", &[&["verify"]]),
    (
        "The events, for jobs that follow the log",
        &[&["export", "events", "--after", "1", "--limit", "1"]],
    ),
];

pub(super) fn run(args: &Demo, context: &Context) -> anyhow::Result<Outcome> {
    let temporary = tempfile::tempdir().context("a temporary folder can't be made")?;
    let folder = match &args.keep {
        Some(folder) => folder.clone(),
        None => temporary.path().join("archive"),
    };
    let total = make(&folder, context.now())?;
    let mut out = output::stdout();
    writeln!(
        out,
        "Three invented platforms were archived: {} looks at their documents, {} of which\nbrought a version. All \
         that follows is the output of the commands shown.",
        count(total.looks),
        count(total.versions)
    )?;
    out.flush()?;
    drop(out);
    let context = Context::with_archive(folder.clone());
    for (caption, commands) in TOUR {
        heading(caption)?;
        for command in *commands {
            step(command, &context)?;
        }
    }
    heading(
        "A timeline with a proof for every entry, which an auditor can check without this program",
    )?;
    let page = folder.join("timeline.html");
    let page = page.to_str().context("the folder's name is not UTF-8")?;
    step(
        &[
            "export",
            "timeline",
            "Glimmerfold/Privacy Policy",
            "--format",
            "html",
            "--output",
            page,
        ],
        &context,
    )?;
    fetched(temporary.path())?;
    let mut out = output::stdout();
    match &args.keep {
        Some(folder) => {
            writeln!(
                out,
                "\nThe archive is in {}; name it with --archive, or work in that folder.",
                folder.display()
            )?;
        }
        None => writeln!(
            out,
            "\nThe archive is gone now; `recension demo --keep DIR` keeps it for you to ask."
        )?,
    }
    out.flush()?;
    Ok(Outcome::Fine)
}

/// Fetches the documents of another invented platform over HTTP, from a site of the demonstration's own.
fn fetched(folder: &Path) -> anyhow::Result<()> {
    heading(
        "Another archive, which fetches its documents: from a site on this machine, with a redirect,\na server that is \
         busy at first, a wall, and a page in Windows-1252",
    )?;
    let site = demo_site::open().context("the demonstration's site can't be opened")?;
    let file = folder.join("harrowmint.toml");
    std::fs::write(&file, demo_site::DECLARATIONS.replace("{site}", &site))
        .context("the demonstration's declarations can't be written")?;
    let archive = folder.join("fetched");
    archive::init(
        &archive,
        Some(ORIGIN),
        &init::entropy()?,
        Context::with_archive(archive.clone()).now(),
    )?;
    let context = Context::with_archive(archive);
    let file = file.to_str().context("the folder's name is not UTF-8")?;
    step(&["track", file], &context)?;
    let contact = ["--contact", "mailto:demo@example.org"];
    let fetch = [
        "fetch",
        "--all",
        "--allow-host",
        "127.0.0.1",
        "--pause-ms",
        "0",
    ];
    let fetch = [&fetch[..], &contact].concat();
    step(&fetch, &context)?;
    step(&["show", "Harrowmint/Conditions of Sale"], &context)?;
    heading("Later: one document says something else, and one page is as it was (304)")?;
    step(&fetch, &context)?;
    step(&["changes"], &context)?;
    step(&["health", "--failing"], &context)
}

fn make(folder: &Path, now: Instant) -> anyhow::Result<Demonstration> {
    archive::init(folder, Some(ORIGIN), &init::entropy()?, now)?;
    let mut writer = Writer::open(folder)?;
    Ok(archive::demonstrate(&mut writer)?)
}

fn heading(caption: &str) -> io::Result<()> {
    let mut out = output::stdout();
    writeln!(out, "\n── {caption}")?;
    out.flush()
}

fn step(command: &[&str], context: &Context) -> anyhow::Result<()> {
    let quoted = command.iter().map(|word| {
        if word.contains(' ') {
            format!("{word:?}")
        } else {
            (*word).to_owned()
        }
    });
    let mut out = output::stdout();
    writeln!(
        out,
        "\n$ recension {}",
        quoted.collect::<Vec<_>>().join(" ")
    )?;
    out.flush()?;
    drop(out);
    let words = std::iter::once("recension").chain(command.iter().copied());
    let parsed =
        Args::try_parse_from(words).with_context(|| format!("{command:?} is no command"))?;
    match super::run(parsed.command, context)? {
        Outcome::Finding if command.first() == Some(&"verify") => {
            bail!("the archive just made is not whole")
        }
        Outcome::Fine | Outcome::Finding => Ok(()),
    }
}
