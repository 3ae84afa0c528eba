//! The views, built by replaying the log.

use std::fs;
use std::path::Path;

use super::ArchiveError;
use super::layout::{Layout, Manifest};
use crate::model::{Event, Sha256};
use crate::store::{self, FileError, Log, Views, ViewsWriter};

/// How many events go into one transaction: enough that its cost doesn't count.
const BATCH: u64 = 8192;

/// What a rebuild found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// How many events were replayed.
    pub events: u64,
    /// Whether the views that were there before could be read at all.
    pub compared: bool,
    /// Whether they were the same, row for row.
    pub same: bool,
}

/// Builds the views of the archive in `folder` again from its log, and replaces the ones that are there.
///
/// # Errors
/// An [`ArchiveError`]; the old views are then still in place.
pub fn rebuild(folder: &Path, mut progress: impl FnMut(u64, u64)) -> Result<Rebuilt, ArchiveError> {
    let layout = Layout::new(folder);
    let manifest: Manifest = layout.read_manifest()?;
    let log = Log::open(&layout.log(), manifest.origin(), &manifest.verifier)?;
    let _lock = store::WriterLock::take(&layout.lock())?;
    let before = Views::open(&layout.views())
        .and_then(|views| Ok((views.state().cursor, views.digest()?)))
        .ok();
    let fresh = layout.folder().join("views.sqlite.new");
    build(&fresh, &log, &mut progress)?;
    let (cursor, digest) = {
        let views = Views::open(&fresh)?;
        (views.state().cursor, views.digest()?)
    };
    put_in_place(&fresh, &layout.views())?;
    Ok(Rebuilt {
        events: log.size(),
        compared: before.is_some(),
        same: before == Some((cursor, digest)),
    })
}

/// Opens the views as of the log's newest checkpoint, after bringing them up to it if need be.
pub(super) fn current_views(layout: &Layout, log: &Log) -> Result<Views, ArchiveError> {
    let path = layout.views();
    if !path.exists() {
        return built(&path, log);
    }
    let views = Views::open(&path)?;
    let state = views.state();
    if state.cursor > log.size() {
        return built(&path, log);
    }
    if log.root_at(state.cursor)? != state.root {
        let what = format!(
            "they are not views of this log ({} events, root {})",
            state.cursor, state.root
        );
        return Err(crate::store::ViewsError::Damaged { path, what }.into());
    }
    if state.cursor == log.size() {
        return Ok(views);
    }
    drop(views);
    let mut writer = ViewsWriter::open(&path)?;
    let cursor = writer.state().cursor;
    replay(log, cursor, log.size(), &mut |_, _| (), |events, root| {
        Ok(writer.apply(events, root)?)
    })?;
    writer.close()?;
    Ok(Views::open(&path)?)
}

/// Builds views where there are none that can be used.
fn built(path: &Path, log: &Log) -> Result<Views, ArchiveError> {
    let fresh = path.with_extension("sqlite.new");
    build(&fresh, log, &mut |_, _| ())?;
    put_in_place(&fresh, path)?;
    Ok(Views::open(path)?)
}

/// Replays the whole log into new views at `path`.
pub(super) fn build(
    path: &Path,
    log: &Log,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), ArchiveError> {
    remove(path)?;
    let mut writer = ViewsWriter::open(path)?;
    replay(log, 0, log.size(), progress, |events, root| {
        Ok(writer.apply(events, root)?)
    })?;
    Ok(writer.close()?)
}

/// Reads the events from `cursor` to `end` and hands them on in batches, each with the root after its last event.
fn replay(
    log: &Log,
    cursor: u64,
    end: u64,
    progress: &mut dyn FnMut(u64, u64),
    mut take: impl FnMut(&[Event], Sha256) -> Result<(), ArchiveError>,
) -> Result<(), ArchiveError> {
    let mut first = cursor;
    while first < end {
        let next = (first + BATCH).min(end);
        let mut events = Vec::new();
        log.scan::<ArchiveError>(first, next, |event, _| {
            events.push(event);
            Ok(())
        })?;
        take(&events, log.root_at(next)?)?;
        first = next;
        progress(first, end);
    }
    Ok(())
}

fn put_in_place(fresh: &Path, path: &Path) -> Result<(), ArchiveError> {
    // A write-ahead log that belongs to the old file must not be taken for one of the new file.
    remove(path)?;
    fs::rename(fresh, path).map_err(|source| {
        ArchiveError::File(FileError::Write {
            path: path.to_owned(),
            source,
        })
    })
}

/// Removes a database with what SQLite keeps beside it.
fn remove(path: &Path) -> Result<(), ArchiveError> {
    for suffix in ["", "-wal", "-shm"] {
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
