//! A copy of a whole archive, taken while others write to it and read it.

use std::fs;
use std::path::Path;

use super::layout::{Layout, SMALL};
use super::withheld::withheld_since;
use super::{Alarm, ArchiveError, rebuild};
use crate::prove::Checkpoint;
use crate::store::{self, Blobs, FileError, LogError};

/// A copy that was taken and checked.
#[derive(Debug, Clone)]
pub struct Backup {
    /// The newest checkpoint of the copy, which is one of the archive's.
    pub checkpoint: Checkpoint,
    /// What is alarming about the copy, because it is about the archive.
    pub alarm: Option<Alarm>,
}

/// Copies the archive in `folder` to `to`, which must be new or empty, as of its newest checkpoint; the signing key
/// only `with_key`. The copy is opened, its views are built, and its root must be one that the archive had.
///
/// # Errors
/// [`ArchiveError::Occupied`], and what is wrong with the archive or with the disk. The copy is then no archive.
pub fn backup(folder: &Path, to: &Path, with_key: bool) -> Result<Backup, ArchiveError> {
    let (layout, copy) = (Layout::new(folder), Layout::new(to));
    let manifest = layout.read_manifest()?;
    make_empty(to)?;
    // Each before what it may not be ahead of: a writer stores the texts, then the events that name them, then signs in
    // the log and last in the sidecar. So the log has what the sidecar was signed over, and the blobs what it names.
    if layout.sidecar().exists() {
        copy_small(&layout.sidecar(), &copy.sidecar(), false)?;
    }
    layout.open_log(&manifest)?.copy_to(&copy.log())?;
    Blobs::open(&layout.blobs())?.copy_to(&copy.blobs())?;
    if with_key {
        copy_small(&layout.key(), &copy.key(), true)?;
    }
    let sidecar = copy.read_sidecar(&manifest);
    let (log, _) = rebuild::current(&copy, &manifest)?;
    let alarm = sidecar.compare(&log)?;
    let checkpoint = log.checkpoint().clone();
    let original = layout.open_log(&manifest)?;
    // Between the two copies, bytes may have gone that the copied log doesn't say to be withheld.
    if !withheld_since(&original, checkpoint.size())?.is_empty() {
        let to = to.to_owned();
        return Err(ArchiveError::WithheldMeanwhile { to });
    }
    let (size, signed) = (checkpoint.size(), *checkpoint.root());
    let found = original.root_at(size)?;
    if found != signed {
        let path = layout.log();
        return Err(LogError::OtherRoot {
            path,
            size,
            signed,
            found,
        }
        .into());
    }
    // Last, so that a folder is an archive only when everything else is there.
    copy_small(&layout.manifest(), &copy.manifest(), false)?;
    Ok(Backup { checkpoint, alarm })
}

fn make_empty(folder: &Path) -> Result<(), ArchiveError> {
    let write_error = |source| FileError::Write {
        path: folder.to_owned(),
        source,
    };
    if folder.exists() && !folder.is_dir() {
        return Err(ArchiveError::Occupied {
            path: folder.to_owned(),
            what: "is not a folder",
        });
    }
    fs::create_dir_all(folder).map_err(write_error)?;
    if fs::read_dir(folder).map_err(write_error)?.next().is_some() {
        return Err(ArchiveError::Occupied {
            path: folder.to_owned(),
            what: "is not empty",
        });
    }
    Ok(())
}

fn copy_small(from: &Path, to: &Path, private: bool) -> Result<(), ArchiveError> {
    let content = store::read_small(from, SMALL)?;
    Ok(store::replace(to, &content, private)?)
}
