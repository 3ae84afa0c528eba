//! Contents that were read lately, up to a number of bytes.

use std::collections::HashMap;
use std::sync::Arc;

/// How many bytes each of the two generations may have, unless it has one content alone.
const GENERATION_BYTES: usize = 8 << 20;
/// A content of more bytes is not kept.
const CONTENT_BYTES: usize = 24 << 20;

/// A cache of two generations: when the young one is full, it becomes the old one, and the old one is dropped. What is
/// used is taken back into the young one, so what was used last stays.
#[derive(Debug, Default)]
pub(super) struct ContentCache {
    young: HashMap<i64, Arc<Vec<u8>>>,
    young_bytes: usize,
    old: HashMap<i64, Arc<Vec<u8>>>,
}

impl ContentCache {
    pub(super) fn get(&mut self, row: i64) -> Option<Arc<Vec<u8>>> {
        if let Some(content) = self.young.get(&row) {
            return Some(content.clone());
        }
        let content = self.old.remove(&row)?;
        self.put(row, content.clone());
        Some(content)
    }

    /// Takes a content in, unless it is too large.
    pub(super) fn put(&mut self, row: i64, content: Arc<Vec<u8>>) {
        if content.len() > CONTENT_BYTES {
            return;
        }
        if self.young_bytes + content.len() > GENERATION_BYTES {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += content.len();
        if let Some(before) = self.young.insert(row, content) {
            self.young_bytes -= before.len();
        }
    }
}
