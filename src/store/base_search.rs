//! The search for the bases of a blob at leisure: small frames, and short ways to read them.
//!
//! A frame after a near base is small, but a reader has to decode first all that the base builds on. So a base costs the
//! bytes of the frame, and a byte more for so many bytes that are decoded on the way. The way to a base must be known for
//! good, so only blobs that are compressed for good are bases here. A text that is new in its document may have its
//! passages from several others; their contents are then one prefix.

use std::collections::HashMap;
use std::sync::Arc;

use super::blob_writer::{ARRIVAL_LEVEL, BlobWriter, MAX_BASE_BYTES, compress};
use super::blobs::{BlobError, Node};
use super::way::Content;
use crate::model::BlobId;

/// How many bytes of decoding cost as much as a byte of storage. Measured on collections of texts and of pages: a larger
/// number makes ways longer and hardly saves bytes, a smaller one the other way round.
const DECODED_FOR_STORED: u64 = 1000;
/// A way of so many bytes costs twice as much, one of twice as many three times, and so on: large pages with small changes
/// would else have ways that take long to decode.
const LONG_WAY_BYTES: u64 = 4 << 20;
/// What a step of a way costs beside its content, in bytes of decoding: a row has to be found, and a frame begun.
const STEP_BYTES: u64 = 16 << 10;

/// How many bases a blob has at most.
const MOST_BASES: usize = 5;
/// How many blobs with several bases a way leads through at most: a reader has all their bases in memory at once.
const DEEPEST: u32 = 16;

/// What a reader decodes who has nothing in memory.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    bytes: u64,
    /// How many blobs with several bases it leads through, one behind the other.
    depth: u32,
}

impl Way {
    /// Both ways.
    fn and(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_add(other.bytes),
            depth: self.depth.max(other.depth),
        }
    }

    /// What its bytes cost, in bytes of storage.
    fn cost(self) -> u64 {
        let each = self.bytes / DECODED_FOR_STORED;
        each.saturating_add(each.saturating_mul(self.bytes) / LONG_WAY_BYTES)
    }
}

/// The ways to the contents of rows.
#[derive(Debug, Default)]
pub(super) struct Ways(HashMap<i64, Way>);

impl Ways {
    /// The way to a blob's content.
    fn to(&mut self, store: &BlobWriter, node: Node) -> Result<Way, BlobError> {
        if let Some(way) = self.0.get(&node.id) {
            return Ok(*way);
        }
        // A base lies in an earlier row, so this ends.
        let mut unknown = vec![node];
        while let Some(node) = unknown.last().copied() {
            let bases = store.bases_of(node)?;
            if let Some(missing) = bases.iter().find(|base| !self.0.contains_key(base)) {
                unknown.push(store.node(*missing)?);
                continue;
            }
            unknown.pop();
            let ways = bases.iter().filter_map(|base| self.0.get(base));
            let mut way = ways.fold(Way::default(), |all, one| all.and(*one));
            way.bytes = way.bytes.saturating_add(node.size_bytes + STEP_BYTES);
            way.depth += u32::from(bases.len() > 1);
            self.0.insert(node.id, way);
        }
        Ok(self.0.get(&node.id).copied().unwrap_or_default())
    }

    /// Forgets the way to a row, which got another base.
    pub(super) fn forget(&mut self, row: i64) {
        self.0.remove(&row);
    }
}

/// The search for the bases of one content.
pub(super) struct BaseSearch<'a> {
    store: &'a BlobWriter,
    ways: &'a mut Ways,
    blob: BlobId,
    content: &'a [u8],
    best: Option<Found>,
}

/// Bases and what they cost.
pub(super) struct Found {
    /// In the order of their contents.
    pub(super) bases: Vec<i64>,
    /// Their contents, one after another.
    pub(super) prefix: Content,
    way: Way,
    frame_bytes: usize,
    cost: u64,
}

impl<'a> BaseSearch<'a> {
    pub(super) fn new(
        store: &'a BlobWriter,
        ways: &'a mut Ways,
        blob: BlobId,
        content: &'a [u8],
    ) -> Self {
        Self {
            store,
            ways,
            blob,
            content,
            best: None,
        }
    }

    /// Tries a base by itself.
    pub(super) fn try_base(&mut self, base: Node) -> Result<(), BlobError> {
        let Some((way, prefix)) = self.base(base, Way::default())? else {
            return Ok(());
        };
        self.try_prefix(vec![base.id], prefix, way).map(|_| ())
    }

    /// Tries a base beside the best until now, and returns its content if that is better.
    pub(super) fn join(&mut self, base: Node) -> Result<Option<Content>, BlobError> {
        let Some(best) = &self.best else {
            return Ok(None);
        };
        let (before, joined) = (Arc::clone(&best.prefix), best.way);
        let bases = [&[base.id], best.bases.as_slice()].concat();
        if bases.len() > MOST_BASES
            || best.bases.contains(&base.id)
            || before.len() as u64 + base.size_bytes > MAX_BASE_BYTES
        {
            return Ok(None);
        }
        let Some((way, content)) = self.base(base, joined)? else {
            return Ok(None);
        };
        if way.depth == DEEPEST {
            return Ok(None);
        }
        let prefix = Arc::new([content.as_slice(), before.as_slice()].concat());
        let is_better = self.try_prefix(bases, prefix, way)?;
        Ok(is_better.then_some(content))
    }

    /// The way to a base and to what is `joined` with it, and the base's content; none where it can't be a base, or costs
    /// more than all of the best.
    fn base(&mut self, base: Node, joined: Way) -> Result<Option<(Way, Content)>, BlobError> {
        if !base.is_compact || base.size_bytes > MAX_BASE_BYTES {
            return Ok(None);
        }
        let way = self.ways.to(self.store, base)?.and(joined);
        if self
            .best
            .as_ref()
            .is_some_and(|best| best.cost <= way.cost())
        {
            return Ok(None);
        }
        let content = self.store.content(base.id, base.blob)?;
        Ok(content.map(|content| (way, content)))
    }

    /// Compresses after a prefix, and returns whether that is better than the best.
    fn try_prefix(
        &mut self,
        bases: Vec<i64>,
        prefix: Content,
        way: Way,
    ) -> Result<bool, BlobError> {
        let frame = compress(self.blob, self.content, Some(&prefix), ARRIVAL_LEVEL)?;
        let cost = frame.len() as u64 + way.cost();
        let is_better = self.best.as_ref().is_none_or(|best| cost < best.cost);
        if is_better {
            self.best = Some(Found {
                bases,
                prefix,
                way,
                frame_bytes: frame.len(),
                cost,
            });
        }
        Ok(is_better)
    }

    /// Whether the best frame until now is less than so many times smaller than the content.
    pub(super) fn is_bad(&self, ratio: usize) -> bool {
        let limit = self.content.len() / ratio;
        self.best
            .as_ref()
            .is_none_or(|best| best.frame_bytes > limit)
    }

    /// The content of the best base, if there is one.
    pub(super) fn prefix(&self) -> Option<&Content> {
        self.best.as_ref().map(|best| &best.prefix)
    }

    /// The best bases; none where none was of use.
    pub(super) fn best(self) -> Option<Found> {
        self.best
    }
}
