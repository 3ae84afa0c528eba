//! Detection: the versions that have no change yet get theirs, and changes that look different now are judged anew. What
//! their clauses stipulate is told with it.
//!
//! What is recorded depends on the events alone: documents in the order of the archive, versions in that of the log.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::find::{Found, KeptHistory, Todo};
use super::keep::Keeper;
use crate::archive::{Archive, ArchiveError, Writer};
use crate::model::{Fact, Instant, StreamId};
use crate::project::Document;
use crate::store::{Appended, NewEvent};

/// A batch of events ends at this many.
const BATCH_EVENTS: usize = 1024;
/// Documents are followed in groups that have so many versions.
const GROUP_VERSIONS: u64 = 1 << 14;
/// How many documents may wait to be recorded for each that compares.
const WAITING: usize = 4;

/// How far a detection has come.
#[derive(Debug, Clone, Copy)]
pub struct DetectProgress {
    /// Documents that were followed.
    pub documents: u64,
    /// Documents in all.
    pub total: u64,
}

/// What a detection recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Detected {
    /// Changes that had none yet.
    pub detected: u64,
    /// Changes that were judged anew.
    pub reassessed: u64,
    /// Mappings of what the new clauses of a version hold.
    pub mapped: u64,
    /// Documents that could not be judged, as texts of theirs are lost or damaged.
    pub unread: u64,
}

/// Judges all changes of the archive with the detector of this program, and records what it says otherwise.
///
/// # Errors
/// What is wrong with the archive. What was recorded until then stays, and a later run goes on.
pub fn reassess(
    folder: &Path,
    now: &dyn Fn() -> Instant,
    progress: &mut dyn FnMut(DetectProgress),
) -> Result<Detected, ArchiveError> {
    let mut writer = Writer::open(folder)?;
    detect(&mut writer, Scope::All, now, progress)
}

/// Which documents are followed.
#[derive(Debug, Clone, Copy)]
pub(in crate::archive) enum Scope<'a> {
    /// All of them, whatever was judged before.
    All,
    /// Those among these that have versions which were not judged yet.
    New(&'a HashSet<StreamId>),
}

/// Records what the versions of documents changed.
///
/// # Errors
/// What is wrong with the archive.
pub(in crate::archive) fn detect(
    writer: &mut Writer,
    scope: Scope<'_>,
    now: &dyn Fn() -> Instant,
    progress: &mut dyn FnMut(DetectProgress),
) -> Result<Detected, ArchiveError> {
    let mut documents = Archive::open(writer.folder())?.documents()?;
    if let Scope::New(streams) = scope {
        documents.retain(|document| streams.contains(&document.stream()));
    }
    let all = matches!(scope, Scope::All);
    let total = documents.len() as u64;
    let mut keeper = Keeper::of(writer.layout())?;
    let mut detected = Detected::default();
    let mut done = 0;
    while !documents.is_empty() {
        let rest = documents.split_off(group(&documents));
        let taken = (&mut keeper, &mut detected);
        detect_in(writer, &documents, all, now, taken, &mut || {
            done += 1;
            progress(DetectProgress {
                documents: done,
                total,
            });
        })?;
        documents = rest;
    }
    Ok(detected)
}

/// How many documents are followed at a time: as many as have so many versions, and one at least.
fn group(documents: &[Document]) -> usize {
    let mut versions = 0;
    let first = documents.iter().take_while(|document| {
        versions += document.versions;
        versions <= GROUP_VERSIONS
    });
    first.count().max(1)
}

/// Records what the versions of some documents changed.
fn detect_in(
    writer: &mut Writer,
    documents: &[Document],
    all: bool,
    now: &dyn Fn() -> Instant,
    (keeper, detected): (&mut Keeper, &mut Detected),
    progress: &mut dyn FnMut(),
) -> Result<(), ArchiveError> {
    let archive = Archive::open(writer.folder())?;
    let rows = documents.iter().map(|document| {
        let is_kept = !all;
        let row = is_kept.then(|| keeper.row(&archive, document.stream()));
        Ok((document, row.transpose()?.flatten()))
    });
    let rows = rows.collect::<Result<Vec<_>, ArchiveError>>()?;
    let recorded = archive.recorded_of(&rows)?;
    let mut todo: Vec<Todo<'_>> = rows
        .into_iter()
        .zip(recorded)
        .filter(|(_, recorded)| all || !recorded.is_complete)
        .enumerate()
        .map(|(place, ((document, row), recorded))| Todo {
            place,
            document,
            row,
            recorded,
        })
        .collect();
    // Those that take long come first, so that in the end no worker has to wait for another.
    todo.sort_by_key(|one| Reverse(one.versions()));
    (todo.len()..documents.len()).for_each(|_| progress());
    let (next, todo, folder) = (AtomicUsize::new(0), &todo, writer.folder().to_owned());
    let workers = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(todo.len());
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(WAITING * workers.max(1));
        for _ in 0..workers {
            let (sender, next, folder) = (sender.clone(), &next, folder.as_path());
            scope.spawn(move || work(folder, todo, all, next, &sender));
        }
        drop(sender);
        let mut batch = Batch::new(writer, keeper, now, detected);
        record(&mut batch, todo.len(), &receiver, progress)
    })
}

/// What a worker found out of a document, by its place.
type FoundOf = (usize, Result<Option<Found>, ArchiveError>);

/// Follows one document after the other until there are no more or nobody listens.
fn work(
    folder: &Path,
    todo: &[Todo<'_>],
    anew: bool,
    next: &AtomicUsize,
    sender: &SyncSender<FoundOf>,
) {
    let archive = match Archive::open(folder) {
        Ok(archive) => archive,
        Err(error) => {
            // Where nobody listens any more, another error was told.
            drop(sender.send((0, Err(error))));
            return;
        }
    };
    loop {
        let Some(one) = todo.get(next.fetch_add(1, Ordering::Relaxed)) else {
            return;
        };
        let found = archive.find(one, anew);
        if sender.send((one.place, found)).is_err() {
            return;
        }
    }
}

/// Records what the workers find, in the order of the documents.
fn record(
    batch: &mut Batch<'_>,
    total: usize,
    receiver: &Receiver<FoundOf>,
    progress: &mut dyn FnMut(),
) -> Result<(), ArchiveError> {
    let mut waiting = BTreeMap::new();
    let mut done = 0;
    for (place, found) in receiver {
        waiting.insert(place, found?);
        while let Some(found) = waiting.remove(&done) {
            done += 1;
            batch.take(found, done == total)?;
            progress();
        }
    }
    Ok(())
}

/// What is to be recorded next.
struct Batch<'a> {
    writer: &'a mut Writer,
    keeper: &'a mut Keeper,
    now: &'a dyn Fn() -> Instant,
    detected: &'a mut Detected,
    events: Vec<NewEvent>,
    kept: Vec<KeptHistory>,
}

impl<'a> Batch<'a> {
    fn new(
        writer: &'a mut Writer,
        keeper: &'a mut Keeper,
        now: &'a dyn Fn() -> Instant,
        detected: &'a mut Detected,
    ) -> Self {
        Self {
            writer,
            keeper,
            now,
            detected,
            events: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// Takes what was found of the next document, which may be the last.
    fn take(&mut self, found: Option<Found>, is_last: bool) -> Result<(), ArchiveError> {
        match found {
            Some(found) => {
                self.events.extend(found.events);
                self.kept.extend(found.kept);
            }
            None => self.detected.unread += 1,
        }
        if self.events.len() >= BATCH_EVENTS || is_last {
            self.append()?;
        }
        Ok(())
    }

    fn append(&mut self) -> Result<(), ArchiveError> {
        if !self.events.is_empty() {
            for appended in self.writer.record(&self.events, (self.now)())? {
                if let Appended::New(event) = appended {
                    match event.fact {
                        Fact::ChangeReassessed(_) => self.detected.reassessed += 1,
                        Fact::ProvisionsMapped(_) => self.detected.mapped += 1,
                        _ => self.detected.detected += 1,
                    }
                }
            }
            self.events.clear();
        }
        // Behind the events: what is kept says that they are recorded.
        let (cursor, root) = self.writer.signed();
        self.keeper.keep(self.kept.drain(..), cursor, root)
    }
}
