//! What reading a file may cost: a count of bytes that every step takes from, whatever the file asks for.

use std::cell::Cell;

use super::PdfFault;

/// What a small file may cost.
const LEAST: usize = 8 << 20;
/// What any file may cost.
const MOST: usize = 128 << 20;
/// What each byte of a file may cost: what deflate gives at its best is a thousand, and text gives less than ten.
const FOR_EACH_BYTE: usize = 64;

/// Bytes that may still be produced, read once more, or held.
pub(super) struct Budget(Cell<usize>);

impl Budget {
    pub(super) fn of(file: &[u8]) -> Self {
        let all = file.len().saturating_mul(FOR_EACH_BYTE);
        Self(Cell::new(all.clamp(LEAST, MOST)))
    }

    /// Takes the cost of a step before it is done.
    pub(super) fn spend(&self, bytes: usize) -> Result<(), PdfFault> {
        let left = self.0.get().checked_sub(bytes);
        self.0.set(left.ok_or(PdfFault::TooMuch)?);
        Ok(())
    }
}
