//! The way from a root to a blob, decoded step by step: the content of each is the base of the next.

use std::cell::OnceCell;
use std::sync::Arc;

use super::delta::Decoder;
use crate::model::BlobId;

/// How many bytes of contents one decoder may hold on to.
const HELD_BYTES: usize = 8 << 20;

/// A step of a way.
pub(super) struct Step {
    /// The row of the blob.
    pub(super) row: i64,
    pub(super) blob: BlobId,
    /// The length of its content, in bytes.
    pub(super) size: usize,
    pub(super) frame: Vec<u8>,
}

/// A content, decoded.
pub(super) type Content = Arc<Vec<u8>>;

/// The row and the blob of a step that can't be decoded, and why.
pub(super) type Broken = (i64, BlobId, String);

/// Decodes a way that leads from `base` over the last step to the first; `keep` gets each content with its row. Returns
/// the content of the first step, or `base` where there is none.
///
/// # Errors
/// The step that can't be decoded.
pub(super) fn decode(
    mut way: Vec<Step>,
    mut base: Option<Content>,
    mut keep: impl FnMut(i64, &Content),
) -> Result<Option<Content>, Broken> {
    while !way.is_empty() {
        base = stretch(&mut way, base.as_ref(), &mut keep)?;
    }
    Ok(base)
}

/// Decodes as many of the last steps as one decoder may, and takes them off the way.
fn stretch(
    way: &mut Vec<Step>,
    base: Option<&Content>,
    keep: &mut impl FnMut(i64, &Content),
) -> Result<Option<Content>, Broken> {
    // A decoder borrows each base until its own end.
    let contents: Vec<OnceCell<Content>> = vec![OnceCell::new(); way.len()];
    let mut last = base;
    let mut held = 0;
    let mut decoder = Decoder::new();
    for place in &contents {
        let Some(step) = way.pop_if(|step| held == 0 || held + step.size <= HELD_BYTES) else {
            break;
        };
        held += step.size;
        let base = last.map(|content| content.as_slice());
        let content = decoder
            .decompress(&step.frame, base, step.size)
            .map_err(|reason| (step.row, step.blob, reason))?;
        let content = place.get_or_init(|| Arc::new(content));
        keep(step.row, content);
        last = Some(content);
    }
    Ok(last.cloned())
}
