//! Tracking: declarations enter the archive, and from then on their documents are fetched.

use std::collections::HashMap;
use std::path::Path;

use super::CaptureError;
use crate::archive::{Archive, ArchiveError, Writer};
use crate::import::declarations::{self, Problem, Severity};
use crate::model::{
    BlobId, Declaration, DeclaredDocument, DocumentName, Event, EventId, Fact, Instant, StreamId,
};
use crate::store::NewEvent;

/// How many declarations are recorded at once.
const BATCH: usize = 256;

/// What tracking did.
#[derive(Debug, Default)]
pub struct Tracked {
    /// Documents that were not tracked before.
    pub added: Vec<DocumentName>,
    /// Documents that are obtained in another way than before.
    pub changed: Vec<DocumentName>,
    /// Documents whose declarations say what they said.
    pub unchanged: u64,
    /// What in the files was read without, or left out.
    pub problems: Vec<Problem>,
}

/// How declarations are taken.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tracking {
    /// Whether those that can be read are taken although others are wrong; else nothing is.
    pub lenient: bool,
    /// Whether those that held before are taken too, each from the instant at which it began to hold; where that is not
    /// known, from 1970 on.
    pub history: bool,
}

/// Records the declarations that files, or all files below folders, hold.
///
/// # Errors
/// [`CaptureError::Declarations`] with everything that is wrong, and what the archive says.
pub fn track(
    writer: &mut Writer,
    paths: &[impl AsRef<Path>],
    tracking: Tracking,
    now: Instant,
) -> Result<Tracked, ArchiveError> {
    let mut tracked = Tracked::default();
    let declared = read(paths, tracking, &mut tracked)?;
    let archive = Archive::open(writer.folder())?;
    let documents = archive.documents()?.into_iter();
    let known: HashMap<StreamId, Option<u64>> = documents
        .map(|document| (document.stream(), document.declaration_seq))
        .collect();
    let mut batch = Vec::new();
    for one in last_of_each(&declared) {
        let stream = StreamId::of_document(&one.document);
        let before = known.get(&stream).copied();
        let mut declarations = Vec::new();
        for (since, declaration) in held(one, tracking.history, now) {
            let canonical = declaration.canonical().map_err(CaptureError::NoJson)?;
            let blob = BlobId::of(&canonical);
            let event_id = if tracking.history {
                EventId::declared_since(stream, blob, since)
            } else {
                EventId::declaration_changed(stream, blob, before.flatten())
            };
            let is_recorded = match before.flatten() {
                Some(seq) if !tracking.history => declares(&archive.event(seq)?, blob),
                _ => writer.find(event_id)?.is_some(),
            };
            if !is_recorded {
                let declaration = writer.put(stream, &canonical)?;
                let fact = Fact::DeclarationChanged { declaration };
                declarations.push((event_id, since, fact));
            }
        }
        match before.flatten() {
            _ if declarations.is_empty() => tracked.unchanged += 1,
            Some(_) => tracked.changed.push(one.document.clone()),
            None => tracked.added.push(one.document.clone()),
        }
        let document = one.document.clone();
        let first = (
            EventId::declared(stream),
            now,
            Fact::DocumentDeclared { document },
        );
        let first = (before.is_none() && !declarations.is_empty()).then_some(first);
        batch.extend(
            first
                .into_iter()
                .chain(declarations)
                .map(|(event_id, observed_at, fact)| NewEvent {
                    event_id,
                    stream,
                    observed_at,
                    fact,
                }),
        );
        if batch.len() >= BATCH {
            writer.record(&batch, now)?;
            batch.clear();
        }
    }
    if !batch.is_empty() {
        writer.record(&batch, now)?;
    }
    Ok(tracked)
}

/// Reads the declarations, and the problems with them.
fn read(
    paths: &[impl AsRef<Path>],
    tracking: Tracking,
    tracked: &mut Tracked,
) -> Result<Vec<DeclaredDocument>, ArchiveError> {
    let mut declared = Vec::new();
    for path in paths {
        let path = path.as_ref();
        let read = declarations::read(path).map_err(|source| CaptureError::Files {
            path: path.to_owned(),
            source,
        })?;
        declared.extend(read.documents);
        tracked.problems.extend(read.problems);
    }
    let is_error = |problem: &Problem| problem.severity == Severity::Error;
    let has_errors = tracked.problems.iter().any(is_error);
    if has_errors && (!tracking.lenient || declared.is_empty()) {
        let problems = std::mem::take(&mut tracked.problems);
        return Err(CaptureError::Declarations(problems).into());
    }
    Ok(declared)
}

/// Whether an event records that declaration.
fn declares(event: &Event, declaration: BlobId) -> bool {
    let content = event.fact.content();
    content.is_some_and(|content| content.blob == declaration)
}

/// What holds of a document and, with its history, what held, each with the instant from which on it did.
fn held(one: &DeclaredDocument, history: bool, now: Instant) -> Vec<(Instant, &Declaration)> {
    let Some(current) = &one.current else {
        return Vec::new();
    };
    if !history {
        return vec![(now, current)];
    }
    let mut earlier: Vec<_> = one.earlier.iter().collect();
    earlier.sort_by_key(|earlier| earlier.valid_until);
    let mut since = Instant::from_micros(0).unwrap_or(Instant::MIN);
    let mut held = Vec::with_capacity(earlier.len() + 1);
    for one in earlier {
        held.push((since, &one.declaration));
        since = Instant::from_micros(one.valid_until.micros() + 1).unwrap_or(Instant::MAX);
    }
    held.push((since, current));
    held
}

/// The documents; where several files declare one, the last of them says how it is obtained.
fn last_of_each(declared: &[DeclaredDocument]) -> impl Iterator<Item = &DeclaredDocument> {
    let last: HashMap<&DocumentName, usize> = declared
        .iter()
        .enumerate()
        .map(|(place, one)| (&one.document, place))
        .collect();
    let last = declared
        .iter()
        .enumerate()
        .filter(move |(place, one)| last.get(&one.document) == Some(place));
    last.map(|(_, one)| one)
}
