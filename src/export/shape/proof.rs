//! Exported timelines: entries and documents with their proofs, and the checkpoint that these lead to.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Serialize;

use super::{DocumentLine, EntryLine};
use crate::model::{Sha256, StreamId};
use crate::prove::{Checkpoint, Note, VerifierKey, leaf_hash};

/// A line of an exported timeline: the checkpoint, then each document followed by its entries, then the end.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TimelineLine<'a> {
    /// What all proofs lead to.
    Checkpoint(&'a CheckpointLine),
    /// A document, with the proof of its declaration.
    Document(&'a ProvenDocumentLine),
    /// A look at it, with the proof of its event.
    Entry(&'a ProvenEntryLine),
    /// The last line: a file without it is cut short.
    End {
        /// How many entries were written.
        entries: u64,
    },
}

/// A signed checkpoint and the key to verify it with.
#[derive(Debug, Clone, Serialize)]
pub struct CheckpointLine {
    /// The name of the log.
    pub origin: String,
    /// How many events the log has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Sha256,
    /// The checkpoint as it was signed.
    pub note: String,
    /// The verifier key: `<name>+<key id>+<base64>`.
    pub verifier: String,
    /// The same key as openssl reads it.
    pub public_key_pem: String,
}

impl CheckpointLine {
    /// Tells of a checkpoint, the note that it was read from and the key that signed it.
    #[must_use]
    pub fn new(checkpoint: &Checkpoint, note: &Note, verifier: &VerifierKey) -> Self {
        Self {
            origin: checkpoint.origin().to_owned(),
            size: checkpoint.size(),
            root: *checkpoint.root(),
            note: note.to_string(),
            verifier: verifier.to_string(),
            public_key_pem: verifier.to_pem(),
        }
    }
}

/// An event's bytes and the proof that they are in the tree of a checkpoint.
#[derive(Debug, Clone, Serialize)]
pub struct ProofLine {
    /// The event's bytes in base64.
    pub leaf: String,
    /// SHA-256(0x00 ‖ the event's bytes).
    pub leaf_hash: Sha256,
    /// The siblings from the leaf upwards.
    pub inclusion_proof: Vec<Sha256>,
}

impl ProofLine {
    /// Takes an event's bytes and the siblings from its leaf upwards.
    #[must_use]
    pub fn new(leaf: &[u8], inclusion_proof: Vec<Sha256>) -> Self {
        Self {
            leaf: BASE64_STANDARD.encode(leaf),
            leaf_hash: leaf_hash(leaf),
            inclusion_proof,
        }
    }
}

/// A document with the proof of its declaration, which ties its name to its stream.
#[derive(Debug, Serialize)]
pub struct ProvenDocumentLine {
    /// The document as a whole, whatever part of its timeline is exported.
    #[serde(flatten)]
    pub document: DocumentLine,
    /// The stream of its events.
    pub stream: StreamId,
    /// The proof of the event that declared it.
    #[serde(flatten)]
    pub proof: ProofLine,
}

/// One entry of a timeline with the proof of its event.
#[derive(Debug, Serialize)]
pub struct ProvenEntryLine {
    /// The entry.
    #[serde(flatten)]
    pub entry: EntryLine,
    /// The proof of the event that tells of the look.
    #[serde(flatten)]
    pub proof: ProofLine,
    /// The proof of the event that took the text seen out of the archive, if one did.
    pub withheld_proof: Option<ProofLine>,
}
