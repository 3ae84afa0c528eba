//! The writing side of an import: what was read becomes events, in batches, and is counted.

use std::collections::{HashMap, HashSet};
use std::sync::mpsc::Receiver;

use super::events::Sight;
use super::read::{Body, Changed, KnownSnapshot, Step, event_id};
use super::{ImportProgress, ImportReport, words};
use crate::archive::{ArchiveError, Writer};
use crate::import::ota::{self, Named, PathMeaning};
use crate::import::{Change, ChangeKind, Commit};
use crate::model::{
    BlobId, Content, DocumentName, EventId, Fact, HistoryKind, ImportedCommit, Instant, Origin,
    PartName, StreamId,
};
use crate::store::{Appended, Log, NewEvent};

/// A batch of events ends at this many, or at [`BATCH_BYTES`] of contents, whichever comes first.
const BATCH_EVENTS: usize = 1024;
const BATCH_BYTES: usize = 64 << 20;
/// How much of a path a report of what was left out repeats.
const PATH_CHARS: usize = 120;
const NO_TIME: &str = "its commit has no time, or one outside the years 0000 to 9999";

/// An import under way.
pub(super) struct Run<'a> {
    pub(super) kind: HistoryKind,
    pub(super) writer: &'a mut Writer,
    /// The log as it was when the import began.
    pub(super) recorded: Log,
    pub(super) now: &'a dyn Fn() -> Instant,
    pub(super) progress: &'a mut dyn FnMut(ImportProgress),
    pub(super) total: u64,
    pub(super) report: ImportReport,
    pub(super) batch: Vec<NewEvent>,
    batch_bytes: usize,
    /// Documents whose declaration is known to be in the log or in the batch.
    pub(super) declared: HashSet<StreamId>,
    /// Documents of which a version is known to be in the log or in the batch.
    pub(super) versioned: HashSet<StreamId>,
    /// The latest observation of each document among the commits read.
    pub(super) latest: HashMap<StreamId, Instant>,
    /// The parts of documents, and documents without parts, among the commits read.
    seen: HashSet<(StreamId, Option<PartName>)>,
    /// The latest snapshot of each file among the commits read.
    pub(super) snapshots: HashMap<Named, KnownSnapshot>,
    /// The lost contents that are stored again.
    healed: HashSet<BlobId>,
    /// Whether there are files such as the other kind of history has.
    pub(super) other_kind: bool,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        kind: HistoryKind,
        writer: &'a mut Writer,
        now: &'a dyn Fn() -> Instant,
        progress: &'a mut dyn FnMut(ImportProgress),
        total: u64,
        report: ImportReport,
    ) -> Result<Self, ArchiveError> {
        Ok(Self {
            kind,
            recorded: writer.reader()?,
            writer,
            now,
            progress,
            total,
            report,
            batch: Vec::new(),
            batch_bytes: 0,
            declared: HashSet::new(),
            versioned: HashSet::new(),
            latest: HashMap::new(),
            seen: HashSet::new(),
            snapshots: HashMap::new(),
            healed: HashSet::new(),
            other_kind: false,
        })
    }

    pub(super) fn take_all(
        &mut self,
        receiver: &Receiver<Result<Step, ArchiveError>>,
    ) -> Result<(), ArchiveError> {
        for step in receiver {
            match step? {
                Step::Commit(commit, touches_document) => {
                    self.take_commit(&commit, touches_document);
                }
                Step::Change(changed) => self.take_change(*changed)?,
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
            let content = words(self.kind).content;
            self.tell(format!(
                "{links} symbolic links or submodules in commit {id}: they are no {content}s"
            ));
        }
    }

    fn take_change(&mut self, changed: Changed) -> Result<(), ArchiveError> {
        let Changed {
            commit,
            change,
            meaning,
            body,
        } = changed;
        match meaning {
            PathMeaning::Content(named) => self.take_document(&commit, &change, named, body)?,
            PathMeaning::OtherKind => {
                self.other_kind = true;
                self.report.counts.other_files += 1;
            }
            PathMeaning::Other => self.report.counts.other_files += 1,
            PathMeaning::Unusable { reason } => {
                self.leave_out(&commit, &change.path, &reason);
                if let ChangeKind::Renamed { from, .. } = &change.kind {
                    self.retire(&commit, from, None)?;
                }
            }
        }
        Ok(())
    }

    fn take_document(
        &mut self,
        commit: &Commit,
        change: &Change,
        named: Named,
        body: Body,
    ) -> Result<(), ArchiveError> {
        if change.kind == ChangeKind::Deleted {
            return self.retire(commit, &change.path, None);
        }
        if let ChangeKind::Renamed { from, .. } = &change.kind {
            self.retire(commit, from, Some(named.document.clone()))?;
        }
        let (Some(observed_at), Some(committed_at)) = (commit.author_time, commit.committer_time)
        else {
            self.leave_out(commit, &change.path, NO_TIME);
            return Ok(());
        };
        if let Body::TooLarge(size) = body {
            let option = words(self.kind).option;
            let reason = format!("it has {size} bytes, more than {option} allows");
            self.leave_out(commit, &change.path, &reason);
            return Ok(());
        }
        let stream = StreamId::of_document(&named.document);
        self.count(&change.kind, stream, observed_at, named.part.as_ref());
        let sight = Sight {
            event_id: event_id(self.kind, &named, commit.id),
            origin: origin(commit, committed_at),
            named,
            stream,
            observed_at,
        };
        // Counted alike whether this run records the content or an interrupted one did: the counts enter the log.
        let (is_empty, recorded) = match &body {
            Body::Bytes(bytes) => (bytes.is_empty(), false),
            Body::Recorded { is_empty, .. } => (*is_empty, true),
            Body::None | Body::TooLarge(_) => (false, false),
        };
        self.report.counts.empty_texts += u64::from(is_empty);
        if recorded {
            self.report.already += 1;
            self.declared.insert(stream);
        }
        if let Body::Recorded {
            lost: Some(bytes), ..
        } = &body
        {
            self.batch_bytes += bytes.len();
            self.healed.insert(self.writer.restore(stream, bytes)?);
            self.report.healed = self.healed.len() as u64;
        }
        match self.kind {
            HistoryKind::Versions => self.take_version(sight, body),
            HistoryKind::Snapshots => self.take_snapshot(sight, body),
        }
    }

    pub(super) fn put(&mut self, stream: StreamId, bytes: &[u8]) -> Result<Content, ArchiveError> {
        self.report.content_bytes += bytes.len() as u64;
        self.batch_bytes += bytes.len();
        let content = self.writer.put(stream, bytes)?;
        self.report.withheld += u64::from(self.writer.withheld().contains(&content.blob));
        Ok(content)
    }

    fn count(
        &mut self,
        kind: &ChangeKind,
        stream: StreamId,
        observed_at: Instant,
        part: Option<&PartName>,
    ) {
        let counts = &mut self.report.counts;
        let is_new = matches!(kind, ChangeKind::Added { .. } | ChangeKind::Renamed { .. });
        let latest = self.latest.get(&stream).copied();
        counts.documents += u64::from(is_new && latest.is_none());
        let is_first = self.seen.insert((stream, part.cloned()));
        counts.parts += u64::from(is_new && is_first && part.is_some());
        counts.out_of_order += u64::from(latest.is_some_and(|latest| latest > observed_at));
        self.latest.insert(
            stream,
            latest.map_or(observed_at, |latest| latest.max(observed_at)),
        );
    }

    /// Declares the document unless it is; tells whether it was not.
    pub(super) fn declare(
        &mut self,
        stream: StreamId,
        document: &DocumentName,
        observed_at: Instant,
    ) -> Result<bool, ArchiveError> {
        let event_id = EventId::declared(stream);
        if !self.declared.insert(stream) || self.writer.find(event_id)?.is_some() {
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

    /// Takes up that the file of a document is gone. Without the file of a version, there is no text any more; a
    /// snapshot that is not fetched any more says nothing of the text, and is only counted.
    fn retire(
        &mut self,
        commit: &Commit,
        path: &[u8],
        successor: Option<DocumentName>,
    ) -> Result<(), ArchiveError> {
        let PathMeaning::Content(Named { document, .. }) = ota::path_meaning(self.kind, path)
        else {
            self.report.counts.other_files += 1;
            return Ok(());
        };
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
        if self.kind == HistoryKind::Snapshots {
            *count += 1;
            return Ok(());
        }
        let (Some(observed_at), Some(committed_at)) = (commit.author_time, commit.committer_time)
        else {
            self.leave_out(commit, path, NO_TIME);
            return Ok(());
        };
        *count += 1;
        let stream = StreamId::of_document(&document);
        self.declare(stream, &document, observed_at)?;
        let fact = Fact::DocumentRetired {
            reason: reason.to_owned(),
            successor,
            origin: origin(commit, committed_at),
        };
        self.batch.push(NewEvent {
            event_id: EventId::imported_retirement(stream, commit.id),
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

    pub(super) fn record(&mut self) -> Result<(), ArchiveError> {
        // A batch without events still makes the contents durable that are stored again.
        if !self.batch.is_empty() || self.batch_bytes > 0 {
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
        let (commits, content_bytes) = (self.report.counts.commits, self.report.content_bytes);
        (self.progress)(ImportProgress {
            commits,
            total: self.total,
            content_bytes,
            judged: None,
        });
        Ok(())
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
