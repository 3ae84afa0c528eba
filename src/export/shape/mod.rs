//! The JSON that users read: every shape is defined here and nowhere else.
//!
//! Times are RFC 3339 in UTC, hashes lower-case hexadecimal, sizes bytes. A field that has no value is `null`.

#![warn(clippy::wildcard_enum_match_arm)]

mod capture;
mod change;
mod change_fact;
mod clause;
mod document;
mod dossier;
mod entry;
mod event;
mod mapped;
mod proof;
mod provision;
mod provision_page;
mod report;
mod search;
mod turn;
mod withheld;

pub use capture::{
    FailedLine, HealthLine, ReExtractedLine, SweepLine, TrackedLine, UnmatchedLine, WarcLine,
};
pub use change::{
    ChangeLine, ChangedClauseLine, ClaimLine, ClaimsLine, ComparedLine, ExcerptLine, Judgement,
    QuoteLine, SectionLine, SummaryLine,
};
pub use change_fact::{ChangeFact, ClauseChangeFact, CountsLine, ReasonLine};
pub use clause::{ClauseLine, LivesLine, TurnLine};
pub use document::{AsOfLine, DocumentLine, ListedLine, Platform, RefusalLine};
pub use dossier::{
    ArticleLine, BesideLine, CellLine, ComparisonLine, CoverageLine, CoveredLine, Dossier,
    EvidenceLine, GapLine, KindLine, LeftOutLine, ListedChangeLine, MadeByLine, MarkLine,
    MatrixRowLine, PeriodLine, RegulationLine,
};
pub use entry::{EntryLine, OriginLine, SnapshotLine};
pub use event::{Counts, EventLine, FactLine, ObservationLine};
pub use mapped::{
    HolderLine, MappedClauseLine, MappedLine, MappedProvisionLine, ProvisionTurnLine,
};
pub use proof::{CheckpointLine, ProofLine, ProvenDocumentLine, ProvenEntryLine, TimelineLine};
pub use provision::{HeldLine, HeldSinceLine, ProvisionLine, SinceLine, WordingsLine};
pub use provision_page::{OthersLine, ProvisionLifeLine, ProvisionPage};
pub use report::{ChangesLine, FindingLine, ImportLine, Stats, TouchedLine, VerificationLine};
pub use search::{HitLine, HitProvisionLine, SearchLine, SearchRefusalLine, StoodLine};
pub use turn::{EngagedLine, HoldingLine, ProvisionChangeLine, RemainsLine};
pub use withheld::WithheldLine;
