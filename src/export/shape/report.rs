//! What commands report of an archive as a whole: its numbers, an import, a verification.

use serde::Serialize;

use super::Counts;
use crate::model::{CommitId, Instant, Sha256};

/// An archive in numbers.
#[derive(Debug, Serialize)]
pub struct Stats {
    /// Events in the log.
    pub events: u64,
    /// Platforms.
    pub platforms: u64,
    /// Documents.
    pub documents: u64,
    /// Versions.
    pub versions: u64,
    /// Looks, versions included.
    pub looks: u64,
    /// The earliest observation.
    pub first_observed_at: Option<Instant>,
    /// The latest observation.
    pub last_observed_at: Option<Instant>,
    /// Distinct texts.
    pub blobs: u64,
    /// Their length.
    pub content_bytes: u64,
    /// Snapshots.
    pub snapshots: u64,
    /// Their distinct contents.
    pub snapshot_blobs: u64,
    /// The length of these.
    pub snapshot_bytes: u64,
    /// The contents among these that were taken out of the archive.
    pub withheld: u64,
    /// What texts and snapshots take compressed.
    pub stored_bytes: u64,
    /// Each file of the archive and its size.
    pub files: Vec<(String, u64)>,
}

/// What an import did.
#[derive(Debug, Serialize)]
pub struct ImportLine {
    /// What the history consists of: `versions` or `snapshots`.
    pub history: &'static str,
    /// The last commit.
    pub head: Option<CommitId>,
    /// The last commit of the import before.
    pub since: Option<CommitId>,
    /// Files that earlier imports of this history left out.
    pub left_out_before: u64,
    /// What the commits held.
    pub counts: Counts,
    /// Events appended.
    pub appended: u64,
    /// Versions and events that were in the archive already.
    pub already: u64,
    /// Contents that were lost from the archive and are stored again.
    pub healed: u64,
    /// Contents of new events that are withheld and so were not stored.
    pub withheld: u64,
    /// What was judged of the changes that its versions brought.
    pub changes: ChangesLine,
    /// Length of the contents read.
    pub content_bytes: u64,
    /// The files left out, each with its commit and the reason; not all if there are many.
    pub problems: Vec<String>,
}

/// What a verification found.
#[derive(Debug, Serialize)]
pub struct VerificationLine {
    /// Whether nothing is wrong.
    pub clean: bool,
    /// Whether the caller gave the key that must have signed.
    pub verifier_known_from_elsewhere: bool,
    /// Events checked.
    pub events: u64,
    /// Checkpoints checked.
    pub checkpoints: u64,
    /// The root of the log's tree, as computed from the events.
    pub root: Option<Sha256>,
    /// Distinct contents read and hashed: texts and snapshots.
    pub blobs: u64,
    /// Their length.
    pub content_bytes: u64,
    /// Contents that events name and that were taken out of the archive, as another event says.
    pub withheld: u64,
    /// What is wrong.
    pub findings: Vec<FindingLine>,
}

/// Something that is wrong with an archive.
#[derive(Debug, Serialize)]
pub struct FindingLine {
    /// What, as a sentence without its full stop.
    pub what: String,
    /// The versions and snapshots that it touches.
    pub touches: Vec<TouchedLine>,
}

/// A version or snapshot that damage touches.
#[derive(Debug, Serialize)]
pub struct TouchedLine {
    /// `<platform>/<document type>`.
    pub document: String,
    /// When it was observed.
    pub observed_at: Instant,
    /// The event that recorded it.
    pub seq: u64,
}

/// How many changes were judged.
#[derive(Debug, Serialize)]
pub struct ChangesLine {
    /// Those that were judged for the first time.
    pub detected: u64,
    /// Those that were judged anew.
    pub reassessed: u64,
    /// Documents that could not be judged, as texts of theirs are lost or damaged.
    pub unread: u64,
}
