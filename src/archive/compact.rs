//! The blobs, compressed anew, and the log and the views without what is free in their files.

use std::path::Path;

use super::ArchiveError;
use super::layout::Layout;
use crate::store::{self, BlobWriter, Compacted, ViewsWriter, WriterLock};

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
/// brings what has an older format to this program's, and gives back what is free in the files of the log and the views.
///
/// # Errors
/// [`ArchiveError::File`] where another process writes, [`ArchiveError::Blob`], [`ArchiveError::Log`],
/// [`ArchiveError::Views`]; what was done until then stays.
pub fn compact(folder: &Path, progress: impl FnMut(u64, u64)) -> Result<Compaction, ArchiveError> {
    let layout = Layout::new(folder);
    layout.read_manifest()?;
    let _lock = WriterLock::take(&layout.lock())?;
    layout.migrate()?;
    let (log_bytes_before, log_bytes_after) = store::compact_log(&layout.log())?;
    let blobs = BlobWriter::open(&layout.blobs(), false)?.compact(progress)?;
    match ViewsWriter::open(&layout.views()) {
        // Where nothing came since the last compaction, they hold nothing free.
        Ok(views) if blobs.blobs > 0 => views.compact()?,
        Ok(_) => {}
        // They are built again when they are next needed.
        Err(error) if error.is_older_format() => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Compaction {
        blobs,
        log_bytes_before,
        log_bytes_after,
    })
}
