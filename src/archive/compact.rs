//! The blobs, compressed anew, and the log without its free pages.

use std::path::Path;

use super::ArchiveError;
use super::layout::Layout;
use crate::store::{self, BlobWriter, Compacted, WriterLock};

/// What a compaction did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compaction {
    /// What became of the blobs.
    pub blobs: Compacted,
    /// The length of the log's file before, in bytes.
    pub log_bytes_before: u64,
    /// The length of the log's file after.
    pub log_bytes_after: u64,
}

/// Compresses the blobs of the archive in `folder` anew that have not been since they came, see [`BlobWriter::compact`];
/// brings a log of an older format to this program's, and gives back what is free in its file.
///
/// # Errors
/// [`ArchiveError::File`] where another process writes, [`ArchiveError::Blob`], [`ArchiveError::Log`]; what was done until
/// then stays.
pub fn compact(folder: &Path, progress: impl FnMut(u64, u64)) -> Result<Compaction, ArchiveError> {
    let layout = Layout::new(folder);
    layout.read_manifest()?;
    let _lock = WriterLock::take(&layout.lock())?;
    store::migrate_log(&layout.log())?;
    store::migrate_blobs(&layout.blobs())?;
    let (log_bytes_before, log_bytes_after) = store::compact_log(&layout.log())?;
    Ok(Compaction {
        blobs: BlobWriter::open(&layout.blobs(), false)?.compact(progress)?,
        log_bytes_before,
        log_bytes_after,
    })
}
