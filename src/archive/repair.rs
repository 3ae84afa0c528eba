//! Contents and bundles of events that are lost or damaged, taken from another archive.

use std::collections::BTreeMap;
use std::path::Path;

use super::contents::StoredContents;
use super::layout::{Layout, Manifest};
use super::{ArchiveError, Writer};
use crate::model::{BlobId, Content, StreamId};
use crate::store::{self, Blobs, Log, LogError, RepairedLog, WriterLock};

/// Why nothing was restored where no other archive was named.
const NO_OTHER: &str = "no other archive was named";

/// What a repair did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repaired {
    /// What became of the events.
    pub log: RepairedLog,
    /// Contents that events name and that were lost or damaged.
    pub bad: u64,
    /// How many of them are whole again.
    pub restored: u64,
    /// Those that are not, each with the reason.
    pub left: Vec<(BlobId, String)>,
}

/// Looks for events and for contents that they name which can't be read, and takes them from the archive in `from`, but
/// for what is withheld. All are known by their hashes, so the other archive needn't be trusted, and for contents needn't
/// be a copy of this one. What looks up events in the log is built again where it is damaged, without any other archive.
///
/// `threads` read contents; `progress` gets the bytes read.
///
/// # Errors
/// An [`ArchiveError`], also where there is no archive in `from`; what was restored until then stays.
pub fn repair(
    folder: &Path,
    from: Option<&Path>,
    threads: usize,
    mut progress: impl FnMut(u64),
) -> Result<Repaired, ArchiveError> {
    let other = from.map(Layout::new);
    let other_manifest = other.as_ref().map(Layout::read_manifest).transpose()?;
    let layout = Layout::new(folder);
    let log = repair_log(&layout, || match (&other, &other_manifest) {
        (Some(other), Some(manifest)) => {
            other.open_log(manifest).map_err(|error| error.to_string())
        }
        _ => Err(NO_OTHER.to_owned()),
    })?;
    let other = other.map(|other| Blobs::open(&other.blobs())).transpose()?;
    let mut writer = Writer::open(folder)?;
    let mut named = named(&layout)?;
    named.retain(|blob, _| !writer.withheld().contains(blob));
    let stored = StoredContents::read_all(&layout, threads, &mut progress);
    let blobs = Blobs::open(&layout.blobs())?;
    let mut repaired = Repaired {
        log,
        ..Repaired::default()
    };
    for (content, stream) in named.values() {
        if stored.check(content, Ok::<_, ArchiveError>(&blobs)).is_ok() {
            continue;
        }
        repaired.bad += 1;
        let found = match &other {
            Some(other) => other.get(content.blob).map_err(|error| error.to_string()),
            None => Err(NO_OTHER.to_owned()),
        };
        match found {
            Ok(bytes) => {
                writer.restore(*stream, &bytes)?;
                repaired.restored += 1;
            }
            Err(reason) => repaired.left.push((content.blob, reason)),
        }
    }
    writer.commit_contents()?;
    Ok(repaired)
}

fn repair_log(
    layout: &Layout,
    other: impl FnOnce() -> Result<Log, String>,
) -> Result<RepairedLog, ArchiveError> {
    let manifest = layout.read_manifest()?;
    let _lock = WriterLock::take(&layout.lock())?;
    layout.migrate()?;
    let log = layout.open_log(&manifest)?;
    Ok(store::repair_log(&log, other)?)
}

/// The contents that the events of an archive name, as far as they can be read, each with the document that named it
/// last.
fn named(layout: &Layout) -> Result<BTreeMap<BlobId, (Content, StreamId)>, ArchiveError> {
    let manifest: Manifest = layout.read_manifest()?;
    let log = layout.open_log(&manifest)?;
    let mut named = BTreeMap::new();
    for seq in 0..log.size() {
        let event = match log.event(seq) {
            // Told as one of those that are not restored.
            Err(LogError::Bundle { .. }) => continue,
            event => event?,
        };
        for content in event.fact.contents() {
            named.insert(content.blob, (*content, event.stream));
        }
    }
    Ok(named)
}
