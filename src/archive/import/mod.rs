//! The import of a history that Open Terms Archive keeps in git, of versions or of snapshots: one pass, resumable, and
//! idempotent.
//!
//! Every content becomes an event whose id derives from its document and commit, so that a second run finds it there.
//! A run that ends records `HistoryImported`; a later run on a longer history starts behind that commit.

mod events;
mod finish;
mod read;
mod take;

use std::path::Path;
use std::sync::mpsc::sync_channel;

use super::changes::{DetectProgress, Detected};
use super::layout::Layout;
use super::{ArchiveError, Writer};
use crate::import::History;
use crate::model::{CommitId, HistoryImported, HistoryKind, ImportCounts, Instant};
use crate::store::{FileError, MAX_BLOB_BYTES};
use read::Reading;
use take::Run;

/// How many commits and contents may wait between the reading of the history and the writing of the archive.
const STEPS_WAITING: usize = 4;

/// How an import speaks of what it brings in.
struct Words {
    /// The content of a file.
    content: &'static str,
    /// The option that limits its size.
    option: &'static str,
}

fn words(kind: HistoryKind) -> Words {
    match kind {
        HistoryKind::Versions => Words {
            content: "text",
            option: "--max-text-bytes",
        },
        HistoryKind::Snapshots => Words {
            content: "snapshot",
            option: "--max-snapshot-bytes",
        },
    }
}

/// How far an import has come.
#[derive(Debug, Clone, Copy)]
pub struct ImportProgress {
    /// Commits whose content is in the archive.
    pub commits: u64,
    /// Commits in all.
    pub total: u64,
    /// Bytes of contents read.
    pub content_bytes: u64,
    /// How far the versions are judged, once all are in the archive.
    pub judged: Option<DetectProgress>,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// The last commit.
    pub head: Option<CommitId>,
    /// The earlier import that this one continues, by its last commit.
    pub since: Option<CommitId>,
    /// Changed files that the earlier imports, up to that commit, left out.
    pub left_out_before: u64,
    /// What the commits read held.
    pub counts: ImportCounts,
    /// Events that were new to the archive.
    pub appended: u64,
    /// Events that were there already.
    pub already: u64,
    /// Contents that events name and that were lost: they are stored again.
    pub healed: u64,
    /// Contents of new events that are withheld and so were not stored.
    pub withheld: u64,
    /// The changes that its versions brought, and those judged anew in their light.
    pub changes: Detected,
    /// Bytes of contents read.
    pub content_bytes: u64,
    /// The files left out, each with its commit and the reason; at most [`Self::PROBLEMS`] of them.
    pub problems: Vec<String>,
}

impl ImportReport {
    /// How many problems are spelled out; all are counted in `counts.left_out`.
    pub const PROBLEMS: usize = 100;
}

/// An import of a history.
#[derive(Debug, Clone, Copy)]
pub struct HistoryImport<'a> {
    /// What the history consists of.
    pub kind: HistoryKind,
    /// A bare repository, a work tree, or a `.bundle` file.
    pub path: &'a Path,
    /// The branch; `HEAD` without one.
    pub branch: Option<&'a str>,
    /// The largest content that is taken, in bytes; larger ones are left out and reported.
    pub max_bytes: u64,
    /// Whether commits that an earlier import read are read again, for what it left out.
    pub again: bool,
}

impl HistoryImport<'_> {
    /// Runs the import. `now` is asked for the time of each batch.
    ///
    /// # Errors
    /// [`ArchiveError::Git`] where the history can't be read, [`ArchiveError::NothingToImport`] where it holds
    /// nothing of its kind, and what the archive says. What was recorded until then stays and a later run goes on from there.
    pub fn run(
        &self,
        writer: &mut Writer,
        now: &dyn Fn() -> Instant,
        progress: &mut dyn FnMut(ImportProgress),
    ) -> Result<ImportReport, ArchiveError> {
        let scratch = Scratch::make(writer.layout())?;
        let mut history = History::open(self.path, scratch.path(), self.branch)?;
        let mut earlier: Vec<HistoryImported> = writer.histories()?;
        earlier.retain(|import| {
            !self.again && import.kind == self.kind && history.contains(import.head)
        });
        let known: Vec<CommitId> = earlier.iter().map(|import| import.head).collect();
        let since = earlier.last().map(|import| import.head);
        let head = history.head();
        let commits = history.commits(&known);
        let report = ImportReport {
            head: Some(head),
            since,
            left_out_before: earlier.iter().map(|import| import.counts.left_out).sum(),
            ..ImportReport::default()
        };
        if commits.is_empty() {
            return Ok(report);
        }
        let recorded = writer.reader()?;
        let blobs = self.again.then(|| writer.blobs()).transpose()?;
        let withheld = writer.withheld().clone();
        let total = commits.len() as u64;
        let mut run = Run::new(self.kind, writer, now, progress, total, report)?;
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(STEPS_WAITING);
            let reading = Reading {
                kind: self.kind,
                limit: self.max_bytes.min(MAX_BLOB_BYTES),
                recorded,
                blobs,
                withheld,
                sender,
            };
            scope.spawn(move || reading.commits(&mut history, &commits));
            run.take_all(&receiver)
        })?;
        let counts = &run.report.counts;
        if counts.versions + counts.snapshots == 0 && since.is_none() {
            return Err(run.nothing(self.path));
        }
        run.finish(head)
    }
}

/// A folder for what an import needs while it runs, removed at its end.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn make(layout: &Layout) -> Result<Self, ArchiveError> {
        layout.clear_scratch()?;
        let path = layout.scratch();
        match std::fs::create_dir(&path) {
            Ok(()) => Ok(Self(path)),
            Err(source) => Err(FileError::Write { path, source }.into()),
        }
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What can't be removed now is removed by the next import.
        drop(std::fs::remove_dir_all(&self.0));
    }
}
