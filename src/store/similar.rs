//! Which blobs have passages in common, over all documents.
//!
//! A passage is a run of words; of all passages the few whose hash is a multiple of a number are kept, which are the same
//! ones wherever a passage stands (Manber, "Finding Similar Files in a Large File System", 1994).

use std::collections::HashMap;

/// How many words make a passage.
const WORDS: usize = 5;
/// One passage in so many is kept.
const ONE_IN: u64 = 16;
/// How many blobs are kept for a passage: boilerplate that everybody has says little.
const BLOBS: usize = 16;
/// How many passages are kept; then it begins anew, so that memory does not grow with the archive.
const PASSAGES: usize = 1 << 21;

/// An index of passages.
#[derive(Debug, Default)]
pub(super) struct Similar {
    rows: HashMap<u64, Vec<i64>>,
}

impl Similar {
    /// The rows before a row that have the most passages in common with these, the best first.
    pub(super) fn before(&self, row: i64, passages: &[u64], most: usize) -> Vec<i64> {
        let end = row;
        let mut shared: HashMap<i64, usize> = HashMap::new();
        for row in passages
            .iter()
            .filter_map(|one| self.rows.get(one))
            .flatten()
            .filter(|row| **row < end)
        {
            *shared.entry(*row).or_default() += 1;
        }
        let mut rows: Vec<(usize, i64)> = shared.into_iter().map(|(row, n)| (n, row)).collect();
        rows.sort_unstable_by(|a, b| b.cmp(a));
        rows.into_iter().take(most).map(|(_, row)| row).collect()
    }

    /// Takes up the passages of a row.
    pub(super) fn add(&mut self, row: i64, passages: &[u64]) {
        if self.rows.len() > PASSAGES {
            self.rows.clear();
        }
        for passage in passages {
            let rows = self.rows.entry(*passage).or_default();
            if rows.len() < BLOBS {
                rows.push(row);
            }
        }
    }
}

/// The passages of a content that are kept, each once.
pub(super) fn passages(content: &[u8]) -> Vec<u64> {
    // What is not ASCII counts as part of a word, so that texts in any script have words.
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
    let words: Vec<u64> = content
        .split(|byte| !is_word(byte))
        .filter(|word| !word.is_empty())
        .map(hash)
        .collect();
    let mut passages: Vec<u64> = words
        .windows(WORDS)
        .map(|window| {
            let mixed = window.iter().fold(0_u64, |before, word| {
                (before.rotate_left(13) ^ word).wrapping_mul(ODD)
            });
            mixed ^ (mixed >> 31)
        })
        .filter(|passage| passage % ONE_IN == 0)
        .collect();
    passages.sort_unstable();
    passages.dedup();
    passages
}

/// A multiplier that spreads bits: 2^64 divided by the golden ratio.
const ODD: u64 = 0x9E37_79B9_7F4A_7C15;

/// FNV-1a.
fn hash(word: &[u8]) -> u64 {
    word.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
