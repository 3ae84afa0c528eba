//! Tracking: declarations enter the archive, and from then on their documents are fetched.

use std::collections::HashMap;
use std::path::Path;

use super::CaptureError;
use crate::archive::{Archive, ArchiveError, Writer};
use crate::import::declarations::{self, Problem, Severity};
use crate::model::{
    BlobId, Content, Declaration, DeclaredDocument, DocumentName, EventId, Fact, Instant, StreamId,
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

/// Records the declarations that files, or all files below folders, hold now. Unless `lenient`, nothing is recorded where
/// one of them is wrong; else what can be read is.
///
/// # Errors
/// [`CaptureError::Declarations`] with everything that is wrong, and what the archive says.
pub fn track(
    writer: &mut Writer,
    paths: &[impl AsRef<Path>],
    lenient: bool,
    now: Instant,
) -> Result<Tracked, ArchiveError> {
    let mut tracked = Tracked::default();
    let mut declared: Vec<DeclaredDocument> = Vec::new();
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
    if has_errors && (!lenient || declared.is_empty()) {
        return Err(CaptureError::Declarations(tracked.problems).into());
    }
    let archive = Archive::open(writer.folder())?;
    let documents = archive.documents()?.into_iter();
    let known: HashMap<StreamId, Option<u64>> = documents
        .map(|document| (document.stream(), document.declaration_seq))
        .collect();
    let mut batch = Vec::new();
    for (document, declaration) in last_of_each(&declared) {
        let stream = StreamId::of_document(document);
        let canonical = declaration.canonical().map_err(CaptureError::NoJson)?;
        let is_known = known.contains_key(&stream);
        let before = known.get(&stream).copied().flatten();
        if let Some(seq) = before {
            let declared = archive.event(seq)?;
            let same = |content: &Content| content.blob == BlobId::of(&canonical);
            if declared.fact.content().is_some_and(same) {
                tracked.unchanged += 1;
                continue;
            }
            tracked.changed.push(document.clone());
        } else {
            tracked.added.push(document.clone());
        }
        let new = |event_id, fact| NewEvent {
            event_id,
            stream,
            observed_at: now,
            fact,
        };
        if !is_known {
            let document = document.clone();
            let fact = Fact::DocumentDeclared { document };
            batch.push(new(EventId::declared(stream), fact));
        }
        let declaration = writer.put(stream, &canonical)?;
        let event_id = EventId::declaration_changed(stream, declaration.blob, before);
        batch.push(new(event_id, Fact::DeclarationChanged { declaration }));
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

/// What holds now of each document; where several files declare one, the last of them says it.
fn last_of_each(
    declared: &[DeclaredDocument],
) -> impl Iterator<Item = (&DocumentName, &Declaration)> {
    let last: HashMap<&DocumentName, usize> = declared
        .iter()
        .enumerate()
        .map(|(place, one)| (&one.document, place))
        .collect();
    let last = declared
        .iter()
        .enumerate()
        .filter(move |(place, one)| last.get(&one.document) == Some(place));
    last.filter_map(|(_, one)| Some((&one.document, one.current.as_ref()?)))
}
