//! An inclusion proof worked through, step by step, as a page shows it.

use crate::model::Sha256;
use crate::prove::node_hash;

/// One step up the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// Whether the sibling stands to the left of what was reached before.
    pub(super) sibling_is_left: bool,
    /// The sibling.
    pub(super) sibling: Sha256,
    /// The hash of the two.
    pub(super) node: Sha256,
}

/// Climbs from the leaf at `seq` in a tree of `size` leaves, as RFC 9162 section 2.1.3.2 does.
pub(super) fn steps(seq: u64, size: u64, leaf_hash: Sha256, proof: &[Sha256]) -> Vec<Step> {
    let (mut index, mut last) = (seq, size.saturating_sub(1));
    let mut node = leaf_hash;
    let mut steps = Vec::with_capacity(proof.len());
    for &sibling in proof {
        let sibling_is_left = index % 2 == 1 || index == last;
        if sibling_is_left {
            node = node_hash(&sibling, &node);
            while index % 2 == 0 && index > 0 {
                (index, last) = (index / 2, last / 2);
            }
        } else {
            node = node_hash(&node, &sibling);
        }
        (index, last) = (index / 2, last / 2);
        steps.push(Step {
            sibling_is_left,
            sibling,
            node,
        });
    }
    steps
}
