//! What makes the archive provable: a Merkle tree over the event log, and signed statements of it.
//!
//! Everything here is a pure function of its arguments: keys and stored hashes are handed in.

mod checkpoint;
mod merkle;
mod note;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use merkle::{
    MAX_SIZE, ProofError, RightEdge, TILE_WIDTH, Tile, TileError, Tiles, Tree, TreeError,
    leaf_hash, node_hash, parse_tile, tree_hash, verify_consistency, verify_inclusion,
};
pub use note::{
    KeyError, MAX_NOTE_BYTES, MAX_SIGNATURES, Note, NoteError, Signature, SigningKey, VerifierKey,
};
