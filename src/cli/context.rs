//! What every command needs of the world: the archive, the time, and a place for progress.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::Args;
use super::output::{self, count};
use crate::archive::{self, Archive, Clock, Writer};
use crate::model::{self, Instant};

/// The world around a command.
pub(super) struct Context {
    archive: Option<PathBuf>,
    fixed_now: Option<Instant>,
}

impl Context {
    pub(super) fn new(args: &Args) -> anyhow::Result<Self> {
        let fixed_now = args
            .now
            .as_deref()
            .map(|text| {
                Instant::parse_rfc3339(text)
                    .with_context(|| format!("--now {text:?} is not an RFC 3339 instant"))
            })
            .transpose()?;
        Ok(Self {
            // An empty variable of the environment names nothing.
            archive: args
                .archive
                .clone()
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            fixed_now,
        })
    }

    /// The world as it is, with the archive in `folder`.
    pub(super) fn with_archive(folder: PathBuf) -> Self {
        Self {
            archive: Some(folder),
            fixed_now: None,
        }
    }

    /// The present.
    pub(super) fn now(&self) -> Instant {
        self.fixed_now.unwrap_or_else(system_now)
    }

    /// What tells the present.
    pub(super) fn clock(&self) -> Clock {
        let fixed = self.fixed_now;
        Arc::new(move || fixed.unwrap_or_else(system_now))
    }

    /// The folder that was named for the archive, if one was.
    pub(super) fn named_folder(&self) -> Option<&Path> {
        self.archive.as_deref()
    }

    /// The archive's folder.
    pub(super) fn folder(&self) -> anyhow::Result<PathBuf> {
        match &self.archive {
            Some(folder) => Ok(folder.clone()),
            None => {
                let here =
                    std::env::current_dir().context("the working directory can't be told")?;
                Ok(archive::discover(&here)?)
            }
        }
    }

    /// Opens the archive for reading; says so if something about it is alarming.
    pub(super) fn open(&self) -> anyhow::Result<Archive> {
        let archive = Archive::open(&self.folder()?)?;
        warn(&archive);
        Ok(archive)
    }

    /// Opens the archive for writing.
    pub(super) fn open_writer(&self) -> anyhow::Result<Writer> {
        Ok(Writer::open(&self.folder()?)?)
    }

    /// Reads a date as the instant that a question is about: the end of what it names.
    pub(super) fn as_of(&self, text: Option<&str>) -> anyhow::Result<Instant> {
        Ok(text.map_or(Ok(self.now()), |text| model::as_of(text, self.now()))?)
    }

    /// Reads two dates as the beginning of what the one names and the end of what the other names.
    pub(super) fn range(
        &self,
        since: Option<&str>,
        until: Option<&str>,
    ) -> anyhow::Result<RangeInclusive<Instant>> {
        let first = since.map_or(Ok(Instant::MIN), |text| model::since(text, self.now()))?;
        let last = until.map_or(Ok(Instant::MAX), |text| model::until(text, self.now()))?;
        if first > last {
            bail!(
                "--since {:?} ({first}) is after --until {:?} ({last}): nothing lies between them",
                since.unwrap_or_default(),
                until.unwrap_or_default()
            );
        }
        Ok(first..=last)
    }

    /// Reads what a question limits the archive's knowledge to.
    pub(super) fn known_at(&self, text: Option<&str>) -> anyhow::Result<Option<Instant>> {
        Ok(text
            .map(|text| model::as_of(text, self.now()))
            .transpose()?)
    }
}

/// Says so if something about an archive is alarming.
pub(super) fn warn(archive: &Archive) {
    if let Some(alarm) = archive.alarm() {
        output::message(&format!("warning: the archive is read-only: {alarm}"));
    }
}

fn system_now() -> Instant {
    Instant::from_utc(chrono::Utc::now()).unwrap_or(Instant::MAX)
}

/// The first event after a cursor, which must be that of an event of this archive.
pub(super) fn after(archive: &Archive, cursor: Option<u64>) -> anyhow::Result<u64> {
    let size = archive.checkpoint().size();
    match cursor {
        None => Ok(0),
        Some(seq) if seq < size => Ok(seq + 1),
        Some(seq) => bail!(
            "there is no event {seq}: the log has {} signed events; is this cursor of another archive?",
            count(size)
        ),
    }
}

/// A bar on standard error, on a terminal only.
pub(super) fn progress_bar(template: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8));
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
