//! Where a blob hangs in the tree of bases: near enough to its base to be small, near enough to the root to be read soon.
//!
//! The blob before is the best base, but a path over all that came before is long. So a path takes at most a *stride* of
//! steps from blob to blob; then the next blob goes back to where that stride began, and is a step of the tier above.
//! There, too, a stride is the most, and so on: a path has about a stride's steps for each tier, and of those there are
//! as many as the logarithm of the number of blobs. The steps of a higher tier are larger deltas, but few.

use super::blobs::Node;

/// How many bytes of content a stride is to decode.
const STRIDE_BYTES: u64 = 1 << 21;
/// The bounds of a stride: large contents need some steps, small ones cost more to look up than to decode.
const STRIDE: std::ops::RangeInclusive<u64> = 4..=128;

/// A blob's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The row of its base; none for a root.
    pub(super) base: Option<i64>,
    /// Its tier: 0 is the lowest.
    pub(super) tier: u8,
    /// How many blobs of its tier lead to it without one of a higher tier in between, itself included.
    pub(super) steps: u64,
}

impl Place {
    /// The place of a blob that stands alone.
    pub(super) const ROOT: Self = Self {
        base: None,
        tier: u8::MAX,
        steps: 0,
    };

    /// The place of a blob whose way was made short at leisure: strides begin at it, as at a root.
    pub(super) const fn settled(base: Option<i64>) -> Self {
        Self { base, ..Self::ROOT }
    }
}

/// The place of a blob of `size_bytes` for which `wanted` is the best base: after it, or after one that it builds on.
///
/// # Errors
/// Those of `read`, which gives the blob of a row.
pub(super) fn place<E>(
    wanted: Node,
    size_bytes: u64,
    read: impl Fn(i64) -> Result<Node, E>,
) -> Result<Place, E> {
    let stride = (STRIDE_BYTES / size_bytes.max(1)).clamp(*STRIDE.start(), *STRIDE.end());
    let mut node = wanted;
    let mut tier = 0;
    loop {
        if node.place.tier > tier {
            return Ok(Place {
                base: Some(node.id),
                tier,
                steps: 1,
            });
        }
        if node.place.steps < stride {
            return Ok(Place {
                base: Some(node.id),
                tier,
                steps: node.place.steps + 1,
            });
        }
        while node.place.tier <= tier
            && let Some(base) = node.place.base
        {
            node = read(base)?;
        }
        tier += 1;
    }
}
