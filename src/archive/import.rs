//! The import of a history of versions that Open Terms Archive keeps in git: one pass, resumable, and idempotent.
//!
//! Every version becomes an event whose id derives from its document and commit, so that a second run finds it there.
//! A run that ends records `HistoryImported`; a later run on a longer history starts behind that commit.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::{ArchiveError, Writer};
use crate::import::ota::{self, PathMeaning};
use crate::import::{Change, ChangeKind, Commit, GitError, History, ObjectId};
use crate::model::{
    BlobId, Cause, CommitId, DocumentName, EventId, Fact, HistoryImported, ImportCounts,
    ImportedCommit, Instant, Origin, StreamId, VersionRecorded,
};
use crate::store::{Appended, Blobs, FileError, Log, MAX_BLOB_BYTES, NewEvent};

/// A batch of events ends at this many, or at [`BATCH_BYTES`] of texts, whichever comes first.
const BATCH_EVENTS: usize = 1024;
const BATCH_BYTES: usize = 64 << 20;
/// How much of a path a report of what was left out repeats.
const PATH_CHARS: usize = 120;
const NO_TIME: &str = "its commit has no time, or one outside the years 0000 to 9999";
/// How many commits and texts may wait between the reading of the history and the writing of the archive.
const STEPS_WAITING: usize = 8;

/// How far an import has come.
#[derive(Debug, Clone, Copy)]
pub struct ImportProgress {
    /// Commits whose content is in the archive.
    pub commits: u64,
    /// Commits in all.
    pub total: u64,
    /// Bytes of texts read.
    pub text_bytes: u64,
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
    /// Texts that events name and that were lost: they are stored again.
    pub healed: u64,
    /// Bytes of texts read.
    pub text_bytes: u64,
    /// The files left out, each with its commit and the reason; at most [`Self::PROBLEMS`] of them.
    pub problems: Vec<String>,
}

impl ImportReport {
    /// How many problems are spelled out; all are counted in `counts.left_out`.
    pub const PROBLEMS: usize = 100;
}

/// An import of a history of versions.
#[derive(Debug, Clone, Copy)]
pub struct VersionsImport<'a> {
    /// A bare repository, a work tree, or a `.bundle` file.
    pub path: &'a Path,
    /// The branch; `HEAD` without one.
    pub branch: Option<&'a str>,
    /// The largest text that is taken, in bytes; larger ones are left out and reported.
    pub max_text_bytes: u64,
    /// Whether commits that an earlier import read are read again, for what it left out.
    pub again: bool,
}

impl VersionsImport<'_> {
    /// Runs the import. `now` is asked for the time of each batch.
    ///
    /// # Errors
    /// [`ArchiveError::Git`] where the history can't be read, [`ArchiveError::NoVersions`] where it holds none, and what
    /// the archive says. What was recorded until then stays and a later run goes on from there.
    pub fn run(
        &self,
        writer: &mut Writer,
        now: &dyn Fn() -> Instant,
        progress: &mut dyn FnMut(ImportProgress),
    ) -> Result<ImportReport, ArchiveError> {
        let scratch = Scratch::make(writer.folder())?;
        let mut history = History::open(self.path, scratch.path(), self.branch)?;
        let mut earlier: Vec<HistoryImported> = writer.histories()?;
        earlier.retain(|import| !self.again && history.contains(import.head));
        let known: Vec<CommitId> = earlier.iter().map(|import| import.head).collect();
        let since = earlier.last().map(|import| import.head);
        let head = history.head();
        let commits = history.commits(&known);
        let mut run = Run {
            writer,
            now,
            progress,
            total: commits.len() as u64,
            report: ImportReport {
                head: Some(head),
                since,
                left_out_before: earlier.iter().map(|import| import.counts.left_out).sum(),
                ..ImportReport::default()
            },
            batch: Vec::new(),
            batch_bytes: 0,
            declared: HashSet::new(),
            latest: HashMap::new(),
            healed: HashSet::new(),
            snapshots: false,
        };
        if commits.is_empty() {
            return Ok(run.report);
        }
        let limit = self.max_text_bytes.min(MAX_BLOB_BYTES);
        let recorded = Recorded {
            log: run.writer.reader()?,
            blobs: run.writer.blobs()?,
        };
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(STEPS_WAITING);
            scope.spawn(move || read_commits(&mut history, &commits, &recorded, limit, &sender));
            run.take_all(&receiver)
        })?;
        if run.report.counts.versions == 0 && since.is_none() {
            return Err(run.no_versions(self.path));
        }
        run.finish(head)
    }
}

/// A folder for what an import needs while it runs, removed at its end.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn make(archive: &Path) -> Result<Self, ArchiveError> {
        let path = archive.join("import.new");
        let write_error = |source| {
            ArchiveError::File(FileError::Write {
                path: path.clone(),
                source,
            })
        };
        // One that an interrupted import left behind: the writer's lock says that no one uses it.
        match std::fs::remove_dir_all(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(write_error(error));
            }
            _ => std::fs::create_dir(&path).map_err(write_error)?,
        }
        Ok(Self(path))
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

/// A step of the history, as it is read: a commit, then each of its changes.
enum Step {
    /// The commit, its changes taken out, and whether any of them is one of a document.
    Commit(Arc<Commit>, bool),
    /// A change of a commit.
    Change(Arc<Commit>, Change, PathMeaning, Text),
}

/// The text that a change brings.
enum Text {
    /// None, or one that no document needs.
    None,
    /// One whose event is in the log already.
    Recorded {
        /// Whether it has no bytes.
        is_empty: bool,
    },
    /// The bytes of one whose event is in the log and which itself is lost.
    Lost(Vec<u8>),
    /// The bytes.
    Content(Vec<u8>),
    /// More bytes than are allowed.
    TooLarge(u64),
}

/// What the archive held before the import.
struct Recorded {
    log: Log,
    blobs: Blobs,
}

impl Recorded {
    /// Whether the text that an event recorded is not there any more.
    fn has_lost(&self, seq: u64) -> Result<bool, ArchiveError> {
        match self.log.event(seq)?.fact {
            Fact::VersionRecorded(version) => Ok(!self.blobs.has(version.text.blob)?),
            _ => Ok(false),
        }
    }
}

/// Reads commits one after the other and sends them on, a text at a time, so that memory is bounded by the texts
/// that wait; ends at the first error or when nobody listens any more.
fn read_commits(
    history: &mut History,
    commits: &[CommitId],
    recorded: &Recorded,
    limit: u64,
    sender: &SyncSender<Result<Step, ArchiveError>>,
) {
    for commit in commits {
        let send = |step| sender.send(Ok(step)).is_ok();
        match read_commit(history, *commit, recorded, limit, send) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                // If nobody listens, an earlier error has ended the import.
                drop(sender.send(Err(error)));
                return;
            }
        }
    }
}

/// Reads a commit and sends it and its changes on; tells whether somebody still listens.
fn read_commit(
    history: &mut History,
    id: CommitId,
    recorded: &Recorded,
    limit: u64,
    send: impl Fn(Step) -> bool,
) -> Result<bool, ArchiveError> {
    let mut commit = history.commit(id)?;
    let changes: Vec<(Change, PathMeaning)> = std::mem::take(&mut commit.changes)
        .into_iter()
        .map(|change| {
            let meaning = ota::path_meaning(&change.path);
            (change, meaning)
        })
        .collect();
    let of_document =
        |(_, meaning): &(Change, PathMeaning)| matches!(meaning, PathMeaning::Version { .. });
    let commit = Arc::new(commit);
    let touches_document = changes.iter().any(of_document);
    if !send(Step::Commit(Arc::clone(&commit), touches_document)) {
        return Ok(false);
    }
    for (change, meaning) in changes {
        let text = match (&meaning, new_blob(&change.kind)) {
            (PathMeaning::Version { document, .. }, Some(blob)) => {
                let event_id = EventId::imported_version(StreamId::of_document(document), id);
                match recorded.log.find(event_id)? {
                    Some(seq) if recorded.has_lost(seq)? => {
                        match read_text(history, blob, limit)? {
                            Text::Content(content) => Text::Lost(content),
                            text => text,
                        }
                    }
                    Some(_) => Text::Recorded {
                        is_empty: blob == ObjectId::EMPTY_BLOB,
                    },
                    None => read_text(history, blob, limit)?,
                }
            }
            _ => Text::None,
        };
        if !send(Step::Change(Arc::clone(&commit), change, meaning, text)) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn read_text(history: &mut History, blob: ObjectId, limit: u64) -> Result<Text, GitError> {
    let mut content = Vec::new();
    match history.read_blob(blob, limit, &mut content) {
        Ok(()) => Ok(Text::Content(content)),
        Err(GitError::TooLarge { bytes, .. }) => Ok(Text::TooLarge(bytes)),
        Err(error) => Err(error),
    }
}

fn new_blob(kind: &ChangeKind) -> Option<ObjectId> {
    match kind {
        ChangeKind::Added { blob }
        | ChangeKind::Modified { blob }
        | ChangeKind::Renamed { blob, .. } => Some(*blob),
        ChangeKind::Deleted => None,
    }
}

/// An import under way.
struct Run<'a> {
    writer: &'a mut Writer,
    now: &'a dyn Fn() -> Instant,
    progress: &'a mut dyn FnMut(ImportProgress),
    total: u64,
    report: ImportReport,
    batch: Vec<NewEvent>,
    batch_bytes: usize,
    /// Documents whose declaration is known to be in the log or in the batch.
    declared: HashSet<StreamId>,
    /// The latest observation of each document among the commits read.
    latest: HashMap<StreamId, Instant>,
    /// The lost texts that are stored again.
    healed: HashSet<BlobId>,
    /// Whether there are files such as histories of snapshots have.
    snapshots: bool,
}

impl Run<'_> {
    fn take_all(
        &mut self,
        receiver: &Receiver<Result<Step, ArchiveError>>,
    ) -> Result<(), ArchiveError> {
        for step in receiver {
            match step? {
                Step::Commit(commit, touches_document) => {
                    self.take_commit(&commit, touches_document);
                }
                Step::Change(commit, change, meaning, text) => {
                    self.take_change(&commit, &change, meaning, text)?;
                }
            }
            if self.batch.len() >= BATCH_EVENTS || self.batch_bytes >= BATCH_BYTES {
                self.record()?;
            }
        }
        self.record()
    }

    fn take_commit(&mut self, commit: &Commit, touches_document: bool) {
        let counts = &mut self.report.counts;
        counts.commits += 1;
        counts.merges += u64::from(commit.parents > 1);
        counts.commits_without_document += u64::from(!touches_document);
        if commit.skipped_entries > 0 {
            counts.left_out += commit.skipped_entries as u64;
            let (links, id) = (commit.skipped_entries, commit.id);
            self.tell(format!(
                "{links} symbolic links or submodules in commit {id}: they are no texts"
            ));
        }
    }

    fn take_change(
        &mut self,
        commit: &Commit,
        change: &Change,
        meaning: PathMeaning,
        text: Text,
    ) -> Result<(), ArchiveError> {
        match meaning {
            PathMeaning::Version { document, part } => {
                self.take_document(commit, change, &document, part, text)?;
            }
            PathMeaning::Snapshot => {
                self.snapshots = true;
                self.report.counts.other_files += 1;
            }
            PathMeaning::Other => self.report.counts.other_files += 1,
            PathMeaning::Unusable { reason } => {
                self.leave_out(commit, &change.path, &reason);
                if let ChangeKind::Renamed { from, .. } = &change.kind {
                    self.retire(commit, from, None)?;
                }
            }
        }
        Ok(())
    }

    fn take_document(
        &mut self,
        commit: &Commit,
        change: &Change,
        document: &DocumentName,
        part: bool,
        text: Text,
    ) -> Result<(), ArchiveError> {
        if change.kind == ChangeKind::Deleted {
            return self.retire(commit, &change.path, None);
        }
        if let ChangeKind::Renamed { from, .. } = &change.kind {
            self.retire(commit, from, Some(document.clone()))?;
        }
        let (Some(observed_at), Some(committed_at)) = (commit.author_time, commit.committer_time)
        else {
            self.leave_out(commit, &change.path, NO_TIME);
            return Ok(());
        };
        if let Text::TooLarge(size) = text {
            let reason = format!("it has {size} bytes, more than --max-text-bytes allows");
            self.leave_out(commit, &change.path, &reason);
            return Ok(());
        }
        let stream = StreamId::of_document(document);
        self.count(&change.kind, stream, observed_at, part);
        // Counted alike whether this run records the text or an interrupted one did: the counts enter the log.
        let is_empty = match &text {
            Text::Content(text) | Text::Lost(text) => text.is_empty(),
            Text::Recorded { is_empty } => *is_empty,
            Text::None | Text::TooLarge(_) => false,
        };
        self.report.counts.empty_texts += u64::from(is_empty);
        if let Text::Lost(text) = &text {
            self.healed.insert(self.writer.put(stream, text)?.blob);
            self.report.healed = self.healed.len() as u64;
            self.batch_bytes += text.len();
        }
        let Text::Content(text) = text else {
            self.report.already += 1;
            self.declared.insert(stream);
            return Ok(());
        };
        let first = self.declare(stream, document, observed_at)?;
        self.report.text_bytes += text.len() as u64;
        self.batch_bytes += text.len();
        let version = VersionRecorded {
            text: self.writer.put(stream, &text)?,
            cause: if first { Cause::First } else { Cause::Changed },
            origin: origin(commit, committed_at),
        };
        self.batch.push(NewEvent {
            event_id: EventId::imported_version(stream, commit.id),
            stream,
            observed_at,
            fact: Fact::VersionRecorded(version),
        });
        Ok(())
    }

    fn count(&mut self, kind: &ChangeKind, stream: StreamId, observed_at: Instant, part: bool) {
        let counts = &mut self.report.counts;
        counts.versions += 1;
        let latest = self.latest.get(&stream).copied();
        if latest.is_none() && matches!(kind, ChangeKind::Added { .. } | ChangeKind::Renamed { .. })
        {
            counts.documents += 1;
            counts.parts += u64::from(part);
        }
        counts.out_of_order += u64::from(latest.is_some_and(|latest| latest > observed_at));
        self.latest.insert(
            stream,
            latest.map_or(observed_at, |latest| latest.max(observed_at)),
        );
    }

    /// Declares the document unless it is; tells whether it was not.
    fn declare(
        &mut self,
        stream: StreamId,
        document: &DocumentName,
        observed_at: Instant,
    ) -> Result<bool, ArchiveError> {
        let event_id = EventId::declared(stream);
        if !self.declared.insert(stream) || self.writer.has(event_id)? {
            return Ok(false);
        }
        let fact = Fact::DocumentDeclared {
            document: document.clone(),
        };
        self.batch.push(NewEvent {
            event_id,
            stream,
            observed_at,
            fact,
        });
        Ok(true)
    }

    /// Records that the file of a document is gone.
    fn retire(
        &mut self,
        commit: &Commit,
        path: &[u8],
        successor: Option<DocumentName>,
    ) -> Result<(), ArchiveError> {
        let PathMeaning::Version { document, .. } = ota::path_meaning(path) else {
            self.report.counts.other_files += 1;
            return Ok(());
        };
        let (Some(observed_at), Some(committed_at)) = (commit.author_time, commit.committer_time)
        else {
            self.leave_out(commit, path, NO_TIME);
            return Ok(());
        };
        let stream = StreamId::of_document(&document);
        self.declare(stream, &document, observed_at)?;
        let event_id = EventId::imported_retirement(stream, commit.id);
        let (count, reason) = match successor {
            Some(_) => (
                &mut self.report.counts.renamed,
                "its file was renamed in the history that is imported",
            ),
            None => (
                &mut self.report.counts.deleted,
                "its file was deleted from the history that is imported",
            ),
        };
        *count += 1;
        let origin = origin(commit, committed_at);
        let fact = Fact::DocumentRetired {
            reason: reason.to_owned(),
            successor,
            origin,
        };
        self.batch.push(NewEvent {
            event_id,
            stream,
            observed_at,
            fact,
        });
        Ok(())
    }

    fn leave_out(&mut self, commit: &Commit, path: &[u8], reason: &str) {
        self.report.counts.left_out += 1;
        let whole = String::from_utf8_lossy(path);
        let mut path: String = whole.escape_debug().take(PATH_CHARS).collect();
        if whole.escape_debug().nth(PATH_CHARS).is_some() {
            path.push('…');
        }
        self.tell(format!("\"{path}\" in commit {}: {reason}", commit.id));
    }

    /// Adds to the problems that are spelled out, of which there are only so many.
    fn tell(&mut self, problem: String) {
        if self.report.problems.len() < ImportReport::PROBLEMS {
            self.report.problems.push(problem);
        }
    }

    fn record(&mut self) -> Result<(), ArchiveError> {
        // An empty batch still makes the texts durable that were lost and are stored again.
        if !self.batch.is_empty() || !self.healed.is_empty() {
            let now = (self.now)();
            for appended in self.writer.record(&self.batch, now)? {
                match appended {
                    Appended::New(_) => self.report.appended += 1,
                    Appended::Already { .. } => self.report.already += 1,
                }
            }
            self.batch.clear();
            self.batch_bytes = 0;
        }
        let (commits, text_bytes) = (self.report.counts.commits, self.report.text_bytes);
        (self.progress)(ImportProgress {
            commits,
            total: self.total,
            text_bytes,
        });
        Ok(())
    }

    /// Why a history without a single version isn't imported.
    fn no_versions(self, path: &Path) -> ArchiveError {
        let path = path.to_owned();
        match self.report.problems.into_iter().next() {
            Some(example) => ArchiveError::AllLeftOut {
                path,
                left_out: self.report.counts.left_out,
                example,
            },
            None => ArchiveError::NoVersions {
                path,
                snapshots: self.snapshots,
            },
        }
    }

    fn finish(mut self, head: CommitId) -> Result<ImportReport, ArchiveError> {
        let event_id = EventId::history_imported(head);
        if self.writer.has(event_id)? {
            // The history was read again: what was new is recorded, and the account of it stands.
            return Ok(self.report);
        }
        let (since, counts) = (self.report.since, self.report.counts);
        let observed_at = self.latest.values().max().copied().unwrap_or((self.now)());
        self.batch.push(NewEvent {
            event_id,
            stream: StreamId::of_archive(),
            observed_at,
            fact: Fact::HistoryImported(HistoryImported {
                head,
                since,
                counts,
            }),
        });
        self.record()?;
        Ok(self.report)
    }
}

fn origin(commit: &Commit, committed_at: Instant) -> Origin {
    Origin::Imported(ImportedCommit {
        commit: commit.id,
        committed_at,
        kind: ota::commit_kind(&commit.message),
        snapshot: ota::snapshot_reference(&commit.message),
        trailers: ota::trailers(&commit.message),
    })
}
