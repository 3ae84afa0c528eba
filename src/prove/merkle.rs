//! The Merkle tree of RFC 6962 section 2.1, stored as the tiles of C2SP tlog-tiles.
//!
//! A tile at level `L` holds up to 256 hashes, each the root of a complete subtree of 256^`L`
//! leaves; its `index` counts tiles from the left. Every hash in between follows from one tile, so
//! that a proof reads at most two tiles a level however long the log is.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::Sha256;

/// How many hashes a full tile holds.
pub const TILE_WIDTH: usize = 1 << TILE_HEIGHT;
/// The most leaves that a log may have: what a signed 64-bit integer can count.
pub const MAX_SIZE: u64 = i64::MAX as u64;

/// How many levels of the tree a level of tiles spans.
const TILE_HEIGHT: u32 = 8;
/// Enough levels of tiles for 2^64 leaves.
const TILE_LEVELS: usize = 8;

/// Finds the hash over leaf `leaf` at a level of tiles: the index of its tile, its offset therein.
fn place(leaf: u64, level: u32) -> (u64, usize) {
    let hash = leaf >> (level * TILE_HEIGHT);
    (hash >> TILE_HEIGHT, usize::from(hash.to_le_bytes()[0]))
}

/// Hashes a leaf's content: SHA-256(0x00 ‖ `content`), RFC 6962 section 2.1.
#[must_use]
pub fn leaf_hash(content: &[u8]) -> Sha256 {
    Sha256::of(&[&[0], content])
}

/// Hashes an inner node: SHA-256(0x01 ‖ `left` ‖ `right`), RFC 6962 section 2.1.
#[must_use]
pub fn node_hash(left: &Sha256, right: &Sha256) -> Sha256 {
    Sha256::of(&[&[1], left.as_bytes(), right.as_bytes()])
}

/// Computes the root of the tree over `hashes`, those of its leaves: MTH of RFC 6962 section 2.1.
///
/// They may as well be the roots of complete subtrees of one size, the last one's of any lesser.
#[must_use]
pub fn tree_hash(hashes: &[Sha256]) -> Sha256 {
    match hashes {
        [] => Sha256::of(&[]),
        [only] => *only,
        _ => {
            let (left, right) = hashes.split_at(hashes.len().next_power_of_two() / 2);
            node_hash(&tree_hash(left), &tree_hash(right))
        }
    }
}

/// A tile as it is to be stored, over whatever is stored at the same level and index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Its level, 0 for leaves.
    pub level: u32,
    /// Its position among the tiles of its level, from the left.
    pub index: u64,
    /// Its hashes from the left, 1 to [`TILE_WIDTH`] of them.
    pub hashes: Vec<Sha256>,
}

impl Tile {
    /// Its hashes end to end, 32 bytes each: the form of C2SP tlog-tiles.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.hashes
            .iter()
            .flat_map(Sha256::as_bytes)
            .copied()
            .collect()
    }
}

/// Some bytes aren't a tile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a tile is 1 to {TILE_WIDTH} hashes of 32 bytes, not {found} bytes")]
pub struct TileError {
    /// How many bytes were given.
    pub found: usize,
}

/// Reads the hashes of a tile, the reverse of [`Tile::to_bytes`].
///
/// # Errors
/// [`TileError`] if `bytes` isn't 1 to [`TILE_WIDTH`] hashes.
pub fn parse_tile(bytes: &[u8]) -> Result<Vec<Sha256>, TileError> {
    let (hashes, rest) = bytes.as_chunks::<{ Sha256::SIZE }>();
    if rest.is_empty() && (1..=TILE_WIDTH).contains(&hashes.len()) {
        Ok(hashes.iter().copied().map(Sha256).collect())
    } else {
        Err(TileError { found: bytes.len() })
    }
}

/// Where tiles are stored.
pub trait Tiles {
    /// Why a tile can't be had.
    type Error: std::error::Error + 'static;

    /// Reads the tile at `level` and `index`, as wide as it is stored: it may have grown beyond
    /// what the tree that is asked about needs of it.
    ///
    /// # Errors
    /// The storage's own, also where there is no such tile.
    fn tile(&self, level: u32, index: u64) -> Result<Vec<Sha256>, Self::Error>;
}

impl<T: Tiles + ?Sized> Tiles for &T {
    type Error = T::Error;

    fn tile(&self, level: u32, index: u64) -> Result<Vec<Sha256>, Self::Error> {
        (**self).tile(level, index)
    }
}

/// A tree can't answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError<E: std::error::Error + 'static> {
    /// There is no such leaf.
    #[error("there is no leaf {index} in a tree of {size}")]
    Leaf {
        /// The index that was asked for.
        index: u64,
        /// The tree's size in leaves.
        size: u64,
    },
    /// There is no such earlier tree to prove consistency with.
    #[error("a tree of {old} leaves has no consistency proof in one of {size}")]
    Prefix {
        /// The earlier size that was asked for, in leaves.
        old: u64,
        /// The tree's size in leaves.
        size: u64,
    },
    /// No log can have that many leaves.
    #[error("a log of {size} leaves is beyond the most that there may be, {MAX_SIZE}")]
    Size {
        /// The size that was given, in leaves.
        size: u64,
    },
    /// A stored tile has fewer hashes than the tree's size implies.
    #[error("tile {index} of level {level} has {found} hashes where the tree needs {needed}")]
    Short {
        /// The tile's level.
        level: u32,
        /// The tile's index.
        index: u64,
        /// How many hashes are stored.
        found: usize,
        /// How many there must be at least.
        needed: usize,
    },
    /// A tile can't be read.
    #[error("tile {index} of level {level} can't be read")]
    Read {
        /// The tile's level.
        level: u32,
        /// The tile's index.
        index: u64,
        /// Why not.
        source: E,
    },
}

/// The tree over the first `size` leaves of a log whose tiles are stored.
#[derive(Debug, Clone, Copy)]
pub struct Tree<T> {
    tiles: T,
    size: u64,
}

impl<T: Tiles> Tree<T> {
    /// Looks at the first `size` leaves of the log in `tiles`; reads nothing yet.
    pub const fn new(tiles: T, size: u64) -> Self {
        Self { tiles, size }
    }

    /// Computes the root hash.
    ///
    /// # Errors
    /// [`TreeError::Short`] and [`TreeError::Read`] if the tiles don't hold the tree.
    pub fn root(&self) -> Result<Sha256, TreeError<T::Error>> {
        Reader::new(&self.tiles).range(0..self.size)
    }

    /// Proves that the leaf at `index` is in the tree: PATH of RFC 6962 section 2.1.1, which is at
    /// most 64 hashes from the leaf's sibling upwards.
    ///
    /// # Errors
    /// [`TreeError::Leaf`] if `index` isn't below the size; [`TreeError::Short`] and
    /// [`TreeError::Read`] if the tiles don't hold the tree.
    pub fn inclusion_proof(&self, index: u64) -> Result<Vec<Sha256>, TreeError<T::Error>> {
        if index >= self.size {
            return Err(TreeError::Leaf {
                index,
                size: self.size,
            });
        }
        let mut reader = Reader::new(&self.tiles);
        let (mut proof, _) = reader.descend(self.size, index, |at| at.end - at.start == 1)?;
        proof.reverse();
        Ok(proof)
    }

    /// Proves that the tree of the first `old` leaves is a prefix of this one: PROOF of RFC 6962
    /// section 2.1.2, which is at most 65 hashes, and none where the sizes are equal.
    ///
    /// # Errors
    /// [`TreeError::Prefix`] if `old` is 0 or above the size; [`TreeError::Short`] and
    /// [`TreeError::Read`] if the tiles don't hold the tree.
    pub fn consistency_proof(&self, old: u64) -> Result<Vec<Sha256>, TreeError<T::Error>> {
        let last = match old.checked_sub(1) {
            Some(last) if old <= self.size => last,
            _ => {
                return Err(TreeError::Prefix {
                    old,
                    size: self.size,
                });
            }
        };
        let mut reader = Reader::new(&self.tiles);
        let (mut proof, common) = reader.descend(self.size, last, |at| at.end == old)?;
        if common.start > 0 {
            proof.push(reader.range(common)?);
        }
        proof.reverse();
        Ok(proof)
    }
}

type Answer<A, T> = Result<A, TreeError<<T as Tiles>::Error>>;

/// Reads every tile that one answer needs, once.
struct Reader<'a, T> {
    tiles: &'a T,
    read: BTreeMap<(u32, u64), Vec<Sha256>>,
}

impl<'a, T: Tiles> Reader<'a, T> {
    const fn new(tiles: &'a T) -> Self {
        Self {
            tiles,
            read: BTreeMap::new(),
        }
    }

    /// Descends from the root of a tree of `size` leaves towards `leaf`, until `arrived` at a
    /// range of leaves; gives the hashes of the siblings passed, from the top, and that range.
    fn descend(
        &mut self,
        size: u64,
        leaf: u64,
        arrived: impl Fn(&Range<u64>) -> bool,
    ) -> Answer<(Vec<Sha256>, Range<u64>), T> {
        let mut at = 0..size;
        let mut siblings = Vec::new();
        while !arrived(&at) {
            let middle = at.start + (1 << (at.end - at.start - 1).ilog2());
            let (left, right) = (at.start..middle, middle..at.end);
            let sibling = if leaf < middle {
                at = left;
                right
            } else {
                at = right;
                left
            };
            siblings.push(self.range(sibling)?);
        }
        Ok((siblings, at))
    }

    /// Computes the root of the tree over a range of leaves that the tree above has as a node:
    /// complete subtrees, ever smaller to the right.
    fn range(&mut self, leaves: Range<u64>) -> Answer<Sha256, T> {
        let mut root = None;
        let mut end = leaves.end;
        while end > leaves.start {
            let level = (end - leaves.start).trailing_zeros();
            end -= 1 << level;
            let left = self.subtree(level, end)?;
            root = Some(root.map_or(left, |right| node_hash(&left, &right)));
        }
        Ok(root.unwrap_or_else(|| tree_hash(&[])))
    }

    /// Computes the root of the complete subtree of 2^`level` leaves that begins at leaf `start`.
    fn subtree(&mut self, level: u32, start: u64) -> Answer<Sha256, T> {
        let count = 1 << (level % TILE_HEIGHT);
        let level = level / TILE_HEIGHT;
        let (index, offset) = place(start, level);
        let hashes = offset..offset + count;
        let tile = self.tile(level, index)?;
        let short = TreeError::Short {
            level,
            index,
            found: tile.len(),
            needed: hashes.end,
        };
        tile.get(hashes).map(tree_hash).ok_or(short)
    }

    fn tile(&mut self, level: u32, index: u64) -> Answer<&[Sha256], T> {
        use std::collections::btree_map::Entry;
        Ok(match self.read.entry((level, index)) {
            Entry::Occupied(read) => read.into_mut(),
            Entry::Vacant(unread) => unread.insert(self.tiles.tile(level, index).map_err(
                |source| TreeError::Read {
                    level,
                    index,
                    source,
                },
            )?),
        })
    }
}

/// The growing side of a log: of each level the tile that isn't full yet, at most 64 KiB in all.
///
/// A store keeps a row per tile; for a batch of leaves it writes the tiles that [`Self::append`]
/// gives, then those of [`Self::partial`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RightEdge {
    size: u64,
    levels: [Vec<Sha256>; TILE_LEVELS],
}

impl RightEdge {
    /// Rebuilds the edge of a log of `size` leaves from its stored tiles, reading at most one a
    /// level. That of an empty log is the default.
    ///
    /// # Errors
    /// [`TreeError::Size`] if `size` is above [`MAX_SIZE`]; [`TreeError::Short`] and
    /// [`TreeError::Read`] if the tiles don't hold the log.
    pub fn load<T: Tiles>(tiles: &T, size: u64) -> Result<Self, TreeError<T::Error>> {
        if size > MAX_SIZE {
            return Err(TreeError::Size { size });
        }
        let mut edge = Self {
            size,
            ..Self::default()
        };
        let mut reader = Reader::new(tiles);
        for (level, hashes) in (0..).zip(&mut edge.levels) {
            let (index, needed) = place(size, level);
            if needed > 0 {
                let tile = reader.tile(level, index)?;
                let short = TreeError::Short {
                    level,
                    index,
                    found: tile.len(),
                    needed,
                };
                tile.get(..needed).ok_or(short)?.clone_into(hashes);
            }
        }
        Ok(edge)
    }

    /// How many leaves the log has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash; gives the tiles that it made full, mostly none.
    #[must_use = "tiles that became full are to be stored"]
    pub fn append(&mut self, leaf: Sha256) -> Vec<Tile> {
        let mut full = Vec::new();
        let mut hash = leaf;
        for (level, hashes) in (0..).zip(&mut self.levels) {
            hashes.push(hash);
            if hashes.len() < TILE_WIDTH {
                break;
            }
            let hashes = std::mem::replace(hashes, Vec::with_capacity(TILE_WIDTH));
            hash = tree_hash(&hashes);
            full.push(Tile {
                level,
                index: place(self.size, level).0,
                hashes,
            });
        }
        self.size += 1;
        full
    }

    /// The tiles that aren't full, which grow with the next leaves.
    pub fn partial(&self) -> impl Iterator<Item = Tile> {
        (0..)
            .zip(&self.levels)
            .filter(|(_, hashes)| !hashes.is_empty())
            .map(|(level, hashes)| Tile {
                level,
                index: place(self.size, level).0,
                hashes: hashes.clone(),
            })
    }

    /// Computes the root hash of the log's tree.
    #[must_use]
    pub fn root(&self) -> Sha256 {
        let rightmost = self.levels.iter().fold(None, |below, hashes| {
            let hashes: Vec<_> = hashes.iter().copied().chain(below).collect();
            (!hashes.is_empty()).then(|| tree_hash(&hashes))
        });
        rightmost.unwrap_or_else(|| tree_hash(&[]))
    }
}

/// A proof doesn't show what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is no such leaf.
    #[error("there is no leaf {index} in a tree of {size}")]
    Leaf {
        /// The index that was given.
        index: u64,
        /// The tree's size in leaves.
        size: u64,
    },
    /// The sizes aren't those of an earlier tree with leaves and a later one.
    #[error("a tree of {old} leaves can't be proven to be a prefix of one of {new}")]
    Prefix {
        /// The earlier size in leaves.
        old: u64,
        /// The later size in leaves.
        new: u64,
    },
    /// The proof has more or fewer hashes than the sizes call for.
    #[error("a proof of {found} hashes hasn't the length that the tree's size calls for")]
    Length {
        /// How many hashes it has.
        found: usize,
    },
    /// The proof leads to another root than the one that was given.
    #[error("the proof leads to the root {found} at size {size}, not to {expected}")]
    Root {
        /// The size in leaves of the tree whose root it is.
        size: u64,
        /// The root that was given.
        expected: Sha256,
        /// The root that follows from the proof.
        found: Sha256,
    },
}

/// Verifies that the leaf with hash `leaf` is at `index` in the tree of `size` leaves with the
/// given root, by the steps of RFC 9162 section 2.1.3.2.
///
/// # Errors
/// [`ProofError`] if `index` isn't below `size` or the proof doesn't show it.
pub fn verify_inclusion(
    leaf: &Sha256,
    index: u64,
    size: u64,
    proof: &[Sha256],
    root: &Sha256,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Leaf { index, size });
    }
    let length = ProofError::Length { found: proof.len() };
    let mut climb = Climb {
        node: index,
        last: size - 1,
    };
    let mut found = *leaf;
    for sibling in proof {
        found = match climb.step() {
            None => return Err(length),
            Some(Side::Left) => node_hash(sibling, &found),
            Some(Side::Right) => node_hash(&found, sibling),
        };
    }
    climb.is_at_root().then_some(()).ok_or(length)?;
    same_root(size, root, found)
}

/// Verifies that the tree of `old_size` leaves is a prefix of that of `new_size` leaves, each with
/// the root given, by the steps of RFC 9162 section 2.1.4.2. Between equal sizes, which the RFC
/// leaves out, the proof has no hashes and the roots are equal.
///
/// # Errors
/// [`ProofError`] if `old_size` is 0 or above `new_size`, or the proof doesn't show it.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Sha256,
    new_size: u64,
    new_root: &Sha256,
    proof: &[Sha256],
) -> Result<(), ProofError> {
    if old_size == 0 || old_size > new_size {
        return Err(ProofError::Prefix {
            old: old_size,
            new: new_size,
        });
    }
    let length = ProofError::Length { found: proof.len() };
    if old_size == new_size {
        proof.is_empty().then_some(()).ok_or(length)?;
        return same_root(new_size, new_root, *old_root);
    }
    // The largest subtree that ends where the old tree does: all of it, or the proof's first hash.
    let (common, path) = if old_size.is_power_of_two() {
        (old_root, proof)
    } else {
        proof.split_first().ok_or(length.clone())?
    };
    let level = (old_size - 1).trailing_ones();
    let mut climb = Climb {
        node: (old_size - 1) >> level,
        last: (new_size - 1) >> level,
    };
    let (mut old_found, mut new_found) = (*common, *common);
    for sibling in path {
        match climb.step() {
            None => return Err(length),
            Some(Side::Left) => {
                old_found = node_hash(sibling, &old_found);
                new_found = node_hash(sibling, &new_found);
            }
            Some(Side::Right) => new_found = node_hash(&new_found, sibling),
        }
    }
    climb.is_at_root().then_some(()).ok_or(length)?;
    same_root(old_size, old_root, old_found)?;
    same_root(new_size, new_root, new_found)
}

fn same_root(size: u64, expected: &Sha256, found: Sha256) -> Result<(), ProofError> {
    if found == *expected {
        Ok(())
    } else {
        Err(ProofError::Root {
            size,
            expected: *expected,
            found,
        })
    }
}

/// On which side of a node its sibling is.
enum Side {
    Left,
    Right,
}

/// A way up to the root: where a node is on its level, and where the level's last node is
/// (`fn` and `sn` in RFC 9162).
struct Climb {
    node: u64,
    last: u64,
}

impl Climb {
    /// Goes up past the next sibling and tells its side; none once at the root.
    const fn step(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let mut side = Side::Right;
        if self.node & 1 == 1 || self.node == self.last {
            // The last node of a level may have no sibling until some levels up.
            let alone = self.node.trailing_zeros();
            self.node >>= alone;
            self.last >>= alone;
            side = Side::Left;
        }
        self.node >>= 1;
        self.last >>= 1;
        Some(side)
    }

    const fn is_at_root(&self) -> bool {
        self.last == 0
    }
}
