//! The blobs, compressed anew.

use std::path::Path;

use super::ArchiveError;
use super::layout::Layout;
use crate::store::{BlobWriter, Compacted, WriterLock};

/// Compresses the blobs of the archive in `folder` anew that have not been since they came; see [`BlobWriter::compact`].
///
/// # Errors
/// [`ArchiveError::File`] where another process writes, [`ArchiveError::Blob`]; what was done until then stays.
pub fn compact(folder: &Path, progress: impl FnMut(u64, u64)) -> Result<Compacted, ArchiveError> {
    let layout = Layout::new(folder);
    layout.read_manifest()?;
    let _lock = WriterLock::take(&layout.lock())?;
    Ok(BlobWriter::open(&layout.blobs(), false)?.compact(progress)?)
}
