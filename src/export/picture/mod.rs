//! A picture of an archive's store: a page or a drawing that stands alone, with the figures beside it in words.

mod drawings;
mod figures;
mod html;
mod svg;

use std::time::Duration;

pub use html::write as write_html;
pub use svg::write as write_svg;

use crate::model::{BlobId, Instant};

/// What is drawn of an archive.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The name of its log.
    pub origin: String,
    /// How many events it has.
    pub events: u64,
    /// The contents that events name and that are stored.
    pub contents: Vec<StoredContent>,
    /// How many contents that events name were taken out of the archive.
    pub withheld: u64,
    /// How many are not in the store, although nothing withholds them.
    pub lost: u64,
    /// How long reads took that were measured just now, each of another content.
    pub reads: Vec<Duration>,
}

/// A distinct content of the archive.
#[derive(Debug, Clone)]
pub struct StoredContent {
    /// Its name.
    pub blob: BlobId,
    /// The platform of the document that it was first seen in.
    pub platform: String,
    /// When it was first seen.
    pub first_observed_at: Instant,
    /// Its length.
    pub size_bytes: u64,
    /// The length of its frame.
    pub frame_bytes: u64,
    /// How many frames are decoded to read it, where none is in memory.
    pub frames: u64,
}

impl Picture {
    /// The blobs to read for measuring, at most so many: evenly from the order of their names, which is none.
    #[must_use]
    pub fn sample(&self, most: usize) -> Vec<BlobId> {
        let mut blobs: Vec<BlobId> = self.contents.iter().map(|content| content.blob).collect();
        blobs.sort_unstable();
        let step = blobs.len().div_ceil(most.max(1)).max(1);
        blobs.into_iter().step_by(step).collect()
    }
}
