//! Blobs by their names, or by so many digits that one is meant.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::{Archive, ArchiveError};
use crate::model::{BlobId, blobs_named};

impl Archive {
    /// The blob that a name or its first digits mean, among those stored and those withheld. A whole name means its blob,
    /// whether there is one or not.
    ///
    /// # Errors
    /// [`ArchiveError::BlobName`], [`ArchiveError::NoBlob`], [`ArchiveError::SeveralBlobs`], and what is wrong with the
    /// archive.
    pub fn blob_named(&self, name: &str) -> Result<BlobId, ArchiveError> {
        let (name, blobs) = named(name)?;
        if blobs.start() == blobs.end() {
            return Ok(*blobs.start());
        }
        let withheld = self.withheld_blobs()?.keys().copied();
        let stored = self.blobs()?.named(&blobs)?;
        one(
            &name,
            stored
                .into_iter()
                .chain(withheld.filter(|blob| blobs.contains(blob))),
        )
    }
}

/// A name or its first digits as they are written, and the blobs that they may mean.
pub(super) fn named(name: &str) -> Result<(String, RangeInclusive<BlobId>), ArchiveError> {
    let name = name.trim().to_ascii_lowercase();
    match blobs_named(&name) {
        Some(blobs) => Ok((name, blobs)),
        None => Err(ArchiveError::BlobName { name }),
    }
}

/// The only one of the blobs that were found by a name.
pub(super) fn one(
    name: &str,
    found: impl IntoIterator<Item = BlobId>,
) -> Result<BlobId, ArchiveError> {
    let name = name.to_owned();
    let candidates: Vec<BlobId> = BTreeSet::from_iter(found).into_iter().collect();
    match candidates[..] {
        [] => Err(ArchiveError::NoBlob { name }),
        [only] => Ok(only),
        _ => Err(ArchiveError::SeveralBlobs { name, candidates }),
    }
}
