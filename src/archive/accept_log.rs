//! Going by the log alone, where the checkpoint outside it is lost.

use std::path::Path;

use super::ArchiveError;
use super::layout::Layout;
use crate::prove::Checkpoint;
use crate::store::{self, WriterLock};

/// Writes the file `checkpoint` of the archive in `folder` again, from the newest checkpoint in the log.
///
/// What is given up: if the log lost events before, that can't be noticed any more. A file that is there is never
/// replaced, whatever it says: it may be the only evidence of such a loss.
///
/// # Errors
/// [`ArchiveError::SidecarThere`], and what is wrong with the log.
pub fn accept_log(folder: &Path) -> Result<Checkpoint, ArchiveError> {
    let layout = Layout::new(folder);
    let manifest = layout.read_manifest()?;
    let _lock = WriterLock::take(&layout.lock())?;
    let path = layout.sidecar();
    if path.symlink_metadata().is_ok() {
        return Err(ArchiveError::SidecarThere { path });
    }
    let log = layout.open_log(&manifest)?;
    store::replace(&path, log.note().to_string().as_bytes(), false)?;
    Ok(log.checkpoint().clone())
}
