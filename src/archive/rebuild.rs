//! The views, built by replaying the log.

use std::fs;
use std::path::Path;
use std::sync::mpsc::sync_channel;

use super::ArchiveError;
use super::changes::remove_histories;
use super::layout::{Layout, Manifest};
use super::search::remove_index;
use crate::model::{Event, Sha256};
use crate::store::{self, FileError, Log, Views, ViewsError, ViewsLock, ViewsWriter, WriterLock};

/// How many events go into one transaction: enough that its cost doesn't count and rows next to each other meet.
const BATCH: u64 = 4096;
/// How often the views are brought up to a log that goes on meanwhile.
const ATTEMPTS: u32 = 8;

/// What a rebuild found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// How many events were replayed.
    pub events: u64,
    /// Whether the views that were there before could be read at all.
    pub compared: bool,
    /// Whether they were the same, row for row.
    pub same: bool,
    /// Whether a search index was there, which is deleted: the next search builds it.
    pub had_index: bool,
}

/// Builds the views of the archive in `folder` again from its log, and replaces the ones that are there.
///
/// # Errors
/// An [`ArchiveError`]; the old views are then still in place.
pub fn rebuild(folder: &Path, mut progress: impl FnMut(u64, u64)) -> Result<Rebuilt, ArchiveError> {
    let layout = Layout::new(folder);
    let manifest: Manifest = layout.read_manifest()?;
    let _lock = WriterLock::take(&layout.lock())?;
    let log = layout.open_log(&manifest)?;
    let scratch = store::scratch_folder(layout.folder(), "views.new.")?;
    let fresh = scratch.path().join("views.sqlite");
    let before = std::thread::scope(|scope| {
        let before = scope.spawn(|| digest(&layout.views()).ok());
        build(&fresh, &log, log.size(), &mut progress)?;
        Ok::<_, ArchiveError>(joined(before))
    })?;
    let after = Views::digest_at_rest(&fresh)?;
    put_in_place(&fresh, &layout.views())?;
    remove_histories(&layout.histories())?;
    Ok(Rebuilt {
        events: log.size(),
        compared: before.is_some(),
        same: before == Some(after),
        had_index: remove_index(&layout.search())?,
    })
}

/// How far the views in a file have come, and the digest over their rows.
fn digest(path: &Path) -> Result<(u64, [u8; 32]), ViewsError> {
    let views = Views::open(path)?;
    Ok((views.state().cursor, views.digest()?))
}

/// Opens the views and the log as of its newest checkpoint, after bringing the views up to it if need be.
///
/// Beside a writer that never rests, the views that are returned may lag behind the log: they are whole as of their
/// cursor all the same, and the log proves what they say.
pub(super) fn current(layout: &Layout, manifest: &Manifest) -> Result<(Log, Views), ArchiveError> {
    let path = layout.views();
    let mut attempts = 0;
    loop {
        // The views before the log, so that they are not ahead of it when a writer goes on in between.
        let views = path.exists().then(|| Views::open(&path));
        let views = match views.transpose() {
            // An older program wrote them.
            Err(error) if error.is_older_format() => None,
            views => views?,
        };
        let log = layout.open_log(manifest)?;
        let Some(views) = views else {
            build_in_place(layout, &log)?;
            continue;
        };
        let state = views.state();
        if state.cursor > log.size() {
            drop(views);
            build_in_place(layout, &log)?;
            continue;
        }
        if log.root_at(state.cursor)? != state.root {
            let what = format!(
                "they are not views of this log ({} events, root {})",
                state.cursor, state.root
            );
            return Err(ViewsError::Damaged { path, what }.into());
        }
        if state.cursor == log.size() || attempts == ATTEMPTS {
            return Ok((log, views));
        }
        attempts += 1;
        drop(views);
        bring_up(&path, &log)?;
    }
}

/// Brings views that are behind up to the log.
fn bring_up(path: &Path, log: &Log) -> Result<(), ArchiveError> {
    let mut writer = ViewsWriter::open(path)?;
    replay(log, &mut writer, log.size(), &mut |_, _| ())?;
    Ok(writer.close()?)
}

/// Builds views where there are none that can be used.
fn build_in_place(layout: &Layout, log: &Log) -> Result<(), ArchiveError> {
    // Others may be doing the same: each builds in a folder of its own, and any of the results is right.
    let scratch = store::scratch_folder(layout.folder(), "views.new.")?;
    let fresh = scratch.path().join("views.sqlite");
    build(&fresh, log, log.size(), &mut |_, _| ())?;
    put_in_place(&fresh, &layout.views())
}

/// Replays the log up to `end` into new views at `path`, where nothing is yet.
pub(super) fn build(
    path: &Path,
    log: &Log,
    end: u64,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), ArchiveError> {
    let mut writer = ViewsWriter::create(path)?;
    replay(log, &mut writer, end, progress)?;
    Ok(writer.close()?)
}

/// Replays the events from the writer's cursor to `end`, in batches: while one is taken up, the next is read.
fn replay(
    log: &Log,
    writer: &mut ViewsWriter,
    end: u64,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), ArchiveError> {
    let mut first = writer.state().cursor;
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<(Vec<Event>, Sha256)>(1);
        let taken = scope.spawn(move || {
            receiver
                .into_iter()
                .try_for_each(|(events, root)| writer.apply(&events, root))
        });
        while first < end {
            let next = (first + BATCH).min(end);
            let mut events = Vec::new();
            log.scan::<ArchiveError>(first, next, |event, _| {
                events.push(event);
                Ok(())
            })?;
            // Nobody takes it up after a failure, which is told below.
            if sender.send((events, log.root_at(next)?)).is_err() {
                break;
            }
            first = next;
            progress(first, end);
        }
        drop(sender);
        Ok(joined(taken)?)
    })
}

/// What a thread returns; a panic in it goes on here.
pub(super) fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn put_in_place(fresh: &Path, path: &Path) -> Result<(), ArchiveError> {
    let _lock = ViewsLock::exclude(path)?;
    // A write-ahead log that belongs to the old file must not be taken for one of the new file. The old file itself
    // stays until the new one replaces it: somebody may be about to open it.
    remove(path, &["-wal", "-shm"])?;
    fs::rename(fresh, path).map_err(|source| {
        ArchiveError::File(FileError::Write {
            path: path.to_owned(),
            source,
        })
    })
}

/// Removes what SQLite keeps of a database under its name with these endings.
pub(super) fn remove(path: &Path, endings: &[&str]) -> Result<(), ArchiveError> {
    for suffix in endings {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        match fs::remove_file(&file) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(FileError::Write {
                    path: file.into(),
                    source,
                }
                .into());
            }
            _ => {}
        }
    }
    Ok(())
}
