//! The JSON that users read: every shape is defined here and nowhere else.
//!
//! Times are RFC 3339 in UTC, hashes lower-case hexadecimal, sizes bytes. A field that has no value is `null`.

#![warn(clippy::wildcard_enum_match_arm)]

mod document;
mod entry;
mod event;
mod proof;
mod report;
mod withheld;

pub use document::{AsOfLine, DocumentLine, ListedLine, Platform, RefusalLine};
pub use entry::{EntryLine, OriginLine, SnapshotLine};
pub use event::{Counts, EventLine, FactLine, ObservationLine};
pub use proof::{CheckpointLine, ProofLine, ProvenDocumentLine, ProvenEntryLine, TimelineLine};
pub use report::{FindingLine, ImportLine, Stats, TouchedLine, VerificationLine};
pub use withheld::WithheldLine;
