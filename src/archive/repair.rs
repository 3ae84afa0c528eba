//! Contents that are lost or damaged, taken from another archive.

use std::collections::BTreeMap;
use std::path::Path;

use super::contents::StoredContents;
use super::layout::{Layout, Manifest};
use super::{ArchiveError, Writer};
use crate::model::{BlobId, Content, StreamId};
use crate::store::Blobs;

/// What a repair did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Contents that events name and that were lost or damaged.
    pub bad: u64,
    /// How many of them are whole again.
    pub restored: u64,
    /// Those that are not, each with the reason.
    pub left: Vec<(BlobId, String)>,
}

/// Looks for contents that events name and that can't be read, and takes them from the archive in `from`, but for what is
/// withheld. A content is known by its hash, so the other archive needn't be trusted, nor be a copy of this one.
///
/// `threads` read contents; `progress` gets the bytes read.
///
/// # Errors
/// An [`ArchiveError`], also where there is no archive in `from`; what was restored until then stays.
pub fn repair(
    folder: &Path,
    from: &Path,
    threads: usize,
    mut progress: impl FnMut(u64),
) -> Result<Repaired, ArchiveError> {
    let other = Layout::new(from);
    other.read_manifest()?;
    let other = Blobs::open(&other.blobs())?;
    let layout = Layout::new(folder);
    let mut writer = Writer::open(folder)?;
    let mut named = named(&layout)?;
    named.retain(|blob, _| !writer.withheld().contains(blob));
    let stored = StoredContents::read_all(&layout, threads, &mut progress);
    let blobs = Blobs::open(&layout.blobs())?;
    let mut repaired = Repaired::default();
    for (content, stream) in named.values() {
        if stored.check(content, Ok::<_, ArchiveError>(&blobs)).is_ok() {
            continue;
        }
        repaired.bad += 1;
        match other.get(content.blob) {
            Ok(bytes) => {
                writer.restore(*stream, &bytes)?;
                repaired.restored += 1;
            }
            Err(error) => repaired.left.push((content.blob, error.to_string())),
        }
    }
    writer.commit_contents()?;
    Ok(repaired)
}

/// The contents that the events of an archive name, each with the document that named it last.
fn named(layout: &Layout) -> Result<BTreeMap<BlobId, (Content, StreamId)>, ArchiveError> {
    let manifest: Manifest = layout.read_manifest()?;
    let log = layout.open_log(&manifest)?;
    let mut named = BTreeMap::new();
    log.scan::<ArchiveError>(0, log.size(), |event, _| {
        if let Some(content) = event.fact.content() {
            named.insert(content.blob, (*content, event.stream));
        }
        Ok(())
    })?;
    Ok(named)
}
