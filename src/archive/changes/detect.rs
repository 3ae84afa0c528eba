//! Detection: the versions that have no change yet get theirs, and changes that look different now are judged anew. What
//! their clauses stipulate is told with it.
//!
//! What is recorded depends on the events alone: documents in the order of the archive, versions in that of the log.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::follow::Recorded;
use super::map::Mapper;
use crate::archive::{Archive, ArchiveError, Writer};
use crate::compare::DETECTOR;
use crate::model::{Change, ChangeReassessed, EventId, Fact, Instant, StreamId};
use crate::project::Document;
use crate::store::{Appended, BlobError, NewEvent};

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
    let mut detected = Detected::default();
    let mut done = 0;
    while !documents.is_empty() {
        let rest = documents.split_off(group(&documents));
        detect_in(writer, &documents, all, now, &mut detected, &mut || {
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
    detected: &mut Detected,
    progress: &mut dyn FnMut(),
) -> Result<(), ArchiveError> {
    let folder = writer.folder().to_owned();
    let mut recorded = Archive::open(&folder)?.recorded_of(documents)?;
    let mut todo: Vec<Todo<'_>> = documents
        .iter()
        .zip(recorded.drain(..))
        .filter(|(_, recorded)| all || !recorded.is_complete)
        .enumerate()
        .map(|(place, (document, recorded))| Todo {
            place,
            document,
            recorded,
        })
        .collect();
    // Those that take long come first, so that in the end no worker has to wait for another.
    todo.sort_by_key(|one| Reverse(one.document.versions));
    (todo.len()..documents.len()).for_each(|_| progress());
    let (next, todo) = (AtomicUsize::new(0), &todo);
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
        record(writer, todo.len(), &receiver, now, detected, progress)
    })
}

/// A document that is to be followed.
struct Todo<'a> {
    /// Its place in the order in which what is found is recorded.
    place: usize,
    document: &'a Document,
    recorded: Recorded,
}

/// What a worker found out of a document, by its place.
type Found = (usize, Result<Option<Vec<NewEvent>>, ArchiveError>);

/// Follows one document after the other until there are no more or nobody listens.
fn work(
    folder: &Path,
    todo: &[Todo<'_>],
    anew: bool,
    next: &AtomicUsize,
    sender: &SyncSender<Found>,
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
        let found = events(&archive, one.document, &one.recorded, anew);
        if sender.send((one.place, found)).is_err() {
            return;
        }
    }
}

/// Records what the workers find, in the order of the documents.
fn record(
    writer: &mut Writer,
    total: usize,
    receiver: &Receiver<Found>,
    now: &dyn Fn() -> Instant,
    detected: &mut Detected,
    progress: &mut dyn FnMut(),
) -> Result<(), ArchiveError> {
    let mut waiting = BTreeMap::new();
    let mut batch: Vec<NewEvent> = Vec::new();
    let mut done = 0;
    for (place, events) in receiver {
        waiting.insert(place, events?);
        while let Some(events) = waiting.remove(&done) {
            detected.unread += u64::from(events.is_none());
            batch.extend(events.into_iter().flatten());
            done += 1;
            if batch.len() >= BATCH_EVENTS || done == total {
                append(writer, &mut batch, now(), detected)?;
            }
            progress();
        }
    }
    Ok(())
}

fn append(
    writer: &mut Writer,
    batch: &mut Vec<NewEvent>,
    now: Instant,
    detected: &mut Detected,
) -> Result<(), ArchiveError> {
    if batch.is_empty() {
        return Ok(());
    }
    for appended in writer.record(batch, now)? {
        if let Appended::New(event) = appended {
            match event.fact {
                Fact::ChangeReassessed(_) => detected.reassessed += 1,
                Fact::ProvisionsMapped(_) => detected.mapped += 1,
                _ => detected.detected += 1,
            }
        }
    }
    batch.clear();
    Ok(())
}

/// The events that a document's changes lack; none where a text of it can't be read, which is for a verification to name.
fn events(
    archive: &Archive,
    document: &Document,
    recorded: &Recorded,
    anew: bool,
) -> Result<Option<Vec<NewEvent>>, ArchiveError> {
    let mut mapper = Mapper::new(document.name.document_type(), recorded, anew)?;
    let history = archive.follow(document, &recorded.versions, |event, history| {
        mapper.take(event, history);
        Ok(())
    });
    let history = match history {
        Err(ArchiveError::Blob(BlobError::Damaged { .. } | BlobError::Missing { .. })) => {
            return Ok(None);
        }
        history => history?,
    };
    let stream = document.stream();
    let observed_at = recorded.versions.last().map(|event| event.observed_at);
    let mut events = mapper.events(stream, &history);
    let changes = history.changes().iter();
    events.extend(changes.filter_map(|change| event(recorded, stream, change, observed_at?)));
    Ok(Some(events))
}

/// The event that a change lacks: its detection, or what is said of it now and wasn't.
fn event(
    recorded: &Recorded,
    stream: StreamId,
    change: &Change,
    latest: Instant,
) -> Option<NewEvent> {
    let Some(known) = recorded.changes.get(&change.to) else {
        let is_version = |event: &&crate::model::Event| event.seq == change.to;
        let version = recorded.versions.iter().find(is_version)?;
        return Some(NewEvent {
            event_id: EventId::change_detected(version.event_id),
            stream,
            observed_at: version.observed_at,
            fact: Fact::ChangeDetected(change.clone()),
        });
    };
    let same = known.change().is_some_and(|before| {
        let as_of_now = Change {
            detector: DETECTOR,
            ..before.clone()
        };
        as_of_now == *change
    });
    (!same).then(|| NewEvent {
        event_id: EventId::change_reassessed(known.detected, known.reassessments),
        stream,
        observed_at: latest,
        fact: Fact::ChangeReassessed(ChangeReassessed {
            of: known.detected,
            change: change.clone(),
        }),
    })
}
