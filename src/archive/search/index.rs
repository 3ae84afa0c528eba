//! The search index, brought up to the log. One process at a time does so, and the others wait for it.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use super::IndexProgress;
use crate::archive::rebuild::{joined, remove as remove_files};
use crate::archive::withheld::withheld_since;
use crate::archive::{Archive, ArchiveError};
use crate::model::{BlobId, Clauses, Fact, StreamId};
use crate::segment;
use crate::store::{
    FileError, IndexState, SearchIndex, SearchIndexError, SearchIndexWriter, ViewsLock,
};

/// How often the archive is opened anew because the index is of a log that has grown meanwhile.
const ATTEMPTS: u32 = 8;
/// How many texts are kept divided, so that one that comes back need not be divided again.
const KEPT: usize = 512;
/// How many divided texts may wait to be taken up.
const WAITING: usize = 8;

/// How an index stands to a log.
enum Standing {
    Current,
    Behind,
    Ahead,
    /// It is of another log, or has words of what was withheld since.
    Other,
}

/// A version that is to be taken up.
struct Version {
    seq: u64,
    document: u64,
    blob: BlobId,
}

/// The index as of the archive's newest checkpoint. Where the index is of a log that has grown meanwhile, the archive is
/// opened anew.
pub(super) fn current(
    mut archive: Archive,
    progress: &mut dyn FnMut(IndexProgress),
) -> Result<(Archive, SearchIndex), ArchiveError> {
    let path = archive.layout.search();
    let mut attempts = 0;
    loop {
        match SearchIndex::open(&path) {
            Ok(index) => match standing(&archive, index.state())? {
                Standing::Current => return Ok((archive, index)),
                Standing::Ahead if attempts < ATTEMPTS => {
                    attempts += 1;
                    archive = Archive::open(archive.folder())?;
                    continue;
                }
                Standing::Ahead | Standing::Behind | Standing::Other => {}
            },
            Err(error) if error.is_newer_format() || attempts > ATTEMPTS => {
                return Err(error.into());
            }
            // It is not there yet, or can't be read: it is built.
            Err(_) => attempts += 1,
        }
        bring_up(&archive, &path, progress)?;
    }
}

fn standing(archive: &Archive, state: IndexState) -> Result<Standing, ArchiveError> {
    let log = &archive.log;
    Ok(if state.cursor > log.size() {
        Standing::Ahead
    } else if log.root_at(state.cursor)? != state.root
        || !withheld_since(log, state.cursor)?.is_empty()
    {
        Standing::Other
    } else if state.cursor == log.size() {
        Standing::Current
    } else {
        Standing::Behind
    })
}

/// Brings the index up to the log, or builds it anew, unless another process did so while it was waited for.
fn bring_up(
    archive: &Archive,
    path: &Path,
    progress: &mut dyn FnMut(IndexProgress),
) -> Result<(), ArchiveError> {
    let _lock = ViewsLock::wait(path)?;
    if let Ok(writer) = SearchIndexWriter::open(path) {
        match standing(archive, writer.state())? {
            // The next look at it takes it, or opens the archive anew.
            Standing::Current => return Ok(()),
            Standing::Behind => {
                let cursor = writer.state().cursor;
                match fill(archive, writer, cursor, progress) {
                    Err(ArchiveError::Search(SearchIndexError::Damaged { .. })) => {}
                    filled => return filled,
                }
            }
            Standing::Ahead | Standing::Other => {}
        }
    }
    let fresh = path.with_extension("sqlite.new");
    remove_files(path, &[".new"])?;
    fill(archive, SearchIndexWriter::create(&fresh)?, 0, progress)?;
    // What belongs to the old file must not be taken for a part of the new one.
    remove_files(path, &["-wal", "-shm"])?;
    std::fs::rename(&fresh, path).map_err(|source| {
        ArchiveError::File(FileError::Write {
            path: path.to_owned(),
            source,
        })
    })
}

/// Removes the index and all that is left of one that was being built; returns whether there was one.
///
/// # Errors
/// [`ArchiveError::File`], also where another process builds it.
pub(in crate::archive) fn remove(path: &Path) -> Result<bool, ArchiveError> {
    // Whoever builds one takes the lock first.
    if !path.with_extension("lock").exists() && !path.exists() {
        return Ok(false);
    }
    let _lock = ViewsLock::exclude(path)?;
    let was_there = path.exists();
    remove_files(path, &[".new", "-wal", "-shm", ""])?;
    Ok(was_there)
}

/// Takes up the versions that the log has behind its first `cursor` events: while one is taken up, the next is read.
fn fill(
    archive: &Archive,
    mut writer: SearchIndexWriter,
    cursor: u64,
    progress: &mut dyn FnMut(IndexProgress),
) -> Result<(), ArchiveError> {
    let end = archive.log.size();
    let versions = versions(archive, cursor, end)?;
    let mut texts = Texts::default();
    for version in &versions {
        if let Some(seq) = writer.newest_to_recall(version.document)? {
            if let Fact::VersionRecorded(newest) = archive.log.event(seq)?.fact
                && let Some(clauses) = texts.divided(archive, newest.text.blob)?
            {
                writer.recall(version.document, seq, &clauses)?;
            } else {
                return Err(writer
                    .damaged(format!("event {seq} is no version to go on from"))
                    .into());
            }
        }
    }
    let root = archive.log.root_at(end)?;
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<(u64, u64, Arc<Clauses>)>(WAITING);
        let taken = scope.spawn(move || {
            for (document, seq, clauses) in receiver {
                writer.take(document, seq, &clauses)?;
            }
            Ok::<_, SearchIndexError>(writer)
        });
        let total = versions.len() as u64;
        for (number, version) in (1..).zip(&versions) {
            // Nothing is known of a version whose text is withheld.
            if let Some(clauses) = texts.divided(archive, version.blob)? {
                // Nobody takes it up after a failure, which is told below.
                if sender
                    .send((version.document, version.seq, clauses))
                    .is_err()
                {
                    break;
                }
            }
            progress(IndexProgress {
                versions: number,
                total,
            });
        }
        drop(sender);
        Ok(joined(taken)?.close(end, root)?)
    })
}

/// The versions among these events, in the order of the log.
fn versions(archive: &Archive, cursor: u64, end: u64) -> Result<Vec<Version>, ArchiveError> {
    let documents = archive.documents()?.into_iter();
    let numbers: HashMap<StreamId, u64> = documents.map(|one| (one.stream(), one.number)).collect();
    let mut versions = Vec::new();
    archive.events::<ArchiveError>(cursor, end, |event, _| {
        if let Fact::VersionRecorded(version) = &event.fact
            && let Some(document) = numbers.get(&event.stream)
        {
            versions.push(Version {
                seq: event.seq,
                document: *document,
                blob: version.text.blob,
            });
        }
        Ok(())
    })?;
    Ok(versions)
}

/// Texts that were divided lately.
#[derive(Default)]
struct Texts {
    divided: HashMap<BlobId, Arc<Clauses>>,
    order: VecDeque<BlobId>,
}

impl Texts {
    /// The clauses of a text; none where it is withheld.
    fn divided(
        &mut self,
        archive: &Archive,
        blob: BlobId,
    ) -> Result<Option<Arc<Clauses>>, ArchiveError> {
        if let Some(clauses) = self.divided.get(&blob) {
            return Ok(Some(Arc::clone(clauses)));
        }
        let Ok(bytes) = archive.content(blob)? else {
            return Ok(None);
        };
        let clauses = Arc::new(segment::segment(&String::from_utf8_lossy(&bytes)));
        if self.order.len() == KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.divided.remove(&oldest);
        }
        self.order.push_back(blob);
        self.divided.insert(blob, Arc::clone(&clauses));
        Ok(Some(clauses))
    }
}
