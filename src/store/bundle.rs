//! Bundles: the leaves of 256 events in a row, which fill a tile of leaf hashes, in one zstd frame.
//!
//! What the frame holds is an entry bundle of C2SP tlog-tiles: of each leaf its length as u16, big-endian, then the leaf.
//! A frame stands alone, so that damage to one takes no other with it.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use super::delta;
use crate::model::Sha256;
use crate::prove::{TILE_WIDTH, leaf_hash};

/// How many events a bundle has.
pub(super) const WIDTH: u64 = TILE_WIDTH as u64;
/// The level of zstd's: most of a leaf are hashes, and the highest saves less than one hundredth.
const LEVEL: i32 = 3;
/// The most bytes of bundles that are kept, beside the last one.
const RECENT_BYTES: usize = 4 << 20;

/// The leaves of a bundle and their hashes, computed from them.
#[derive(Debug, Default)]
pub(super) struct Bundle {
    entries: Vec<u8>,
    leaves: Vec<Range<usize>>,
    hashes: Vec<Sha256>,
}

impl Bundle {
    /// Adds a leaf, which has at most 65,535 bytes.
    pub(super) fn push(&mut self, leaf: &[u8]) -> Result<(), std::num::TryFromIntError> {
        let length = u16::try_from(leaf.len())?;
        self.entries.extend_from_slice(&length.to_be_bytes());
        let start = self.entries.len();
        self.entries.extend_from_slice(leaf);
        self.leaves.push(start..self.entries.len());
        self.hashes.push(leaf_hash(leaf));
        Ok(())
    }

    /// The leaf of the event of that seq, which is in the bundle's range.
    pub(super) fn leaf(&self, seq: u64) -> Option<&[u8]> {
        // The place within the bundle is below 256.
        let range = self.leaves.get((seq % WIDTH) as usize)?;
        self.entries.get(range.clone())
    }

    pub(super) fn leaves(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.leaves
            .iter()
            .filter_map(|range| self.entries.get(range.clone()))
    }

    pub(super) fn hashes(&self) -> &[Sha256] {
        &self.hashes
    }

    /// The length of what the frame holds, in bytes.
    pub(super) fn size_bytes(&self) -> usize {
        self.entries.len()
    }

    /// # Errors
    /// What zstd says.
    pub(super) fn to_frame(&self) -> Result<Vec<u8>, String> {
        delta::compress(&self.entries, None, LEVEL)
    }

    /// Reads a frame that holds `size_bytes` of entries.
    ///
    /// # Errors
    /// What is wrong, also where there are not 256 leaves.
    pub(super) fn from_frame(frame: &[u8], size_bytes: usize) -> Result<Self, String> {
        let entries = delta::Decoder::new().decompress(frame, None, size_bytes)?;
        let (mut leaves, mut hashes) = (Vec::new(), Vec::new());
        let mut rest = &entries[..];
        while let Some((length, behind)) = rest.split_first_chunk() {
            let length = usize::from(u16::from_be_bytes(*length));
            let start = entries.len() - behind.len();
            let (leaf, behind) = behind
                .split_at_checked(length)
                .ok_or("its last leaf is cut")?;
            leaves.push(start..start + length);
            hashes.push(leaf_hash(leaf));
            rest = behind;
        }
        if leaves.len() != TILE_WIDTH || !rest.is_empty() {
            return Err(format!("{} leaves instead of {TILE_WIDTH}", leaves.len()));
        }
        Ok(Self {
            entries,
            leaves,
            hashes,
        })
    }
}

/// The bundles that were read last, by their positions.
#[derive(Debug, Default)]
pub(super) struct Recent(RefCell<Vec<(u64, Arc<Bundle>)>>);

impl Recent {
    pub(super) fn get(&self, position: u64) -> Option<Arc<Bundle>> {
        let mut kept = self.0.borrow_mut();
        let at = kept.iter().position(|(kept, _)| *kept == position)?;
        kept[..=at].rotate_right(1);
        kept.first().map(|(_, bundle)| Arc::clone(bundle))
    }

    pub(super) fn keep(&self, position: u64, bundle: Bundle) -> Arc<Bundle> {
        let bundle = Arc::new(bundle);
        let mut kept = self.0.borrow_mut();
        let mut bytes = 0;
        kept.retain(|(_, bundle)| {
            bytes += bundle.size_bytes();
            bytes <= RECENT_BYTES
        });
        kept.insert(0, (position, Arc::clone(&bundle)));
        bundle
    }

    /// Forgets all: what was read may never have been committed.
    pub(super) fn forget(&self) {
        self.0.borrow_mut().clear();
    }
}
