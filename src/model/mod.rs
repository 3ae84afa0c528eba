//! The shared vocabulary: names, times and events that every other part speaks.

mod change;
mod clause;
mod declaration;
mod event;
mod evidence;
mod hash;
mod ids;
mod names;
mod period;
mod provision;
mod snapshot;
mod time;

pub use change::{
    Change, ChangeReassessed, ClauseChange, ClauseChangeKind, ClauseCounts, Reason, Rule, Sign,
    Significance, Status,
};
pub use clause::{Clause, ClauseKind, Clauses, ReadingDigest, Span};
pub use declaration::{
    Boundary, Declaration, DeclaredDocument, EarlierDeclaration, Filter, Selection, SourcePart,
};
pub use event::{
    BlobWithheld, Cause, CommitKind, Content, Event, Extraction, Fact, Fetch, HistoryImported,
    HistoryKind, ImportCounts, ImportedCommit, Observation, Origin, Outcome, SnapshotReference,
    VersionRecorded,
};
pub use evidence::{BodyReceived, Evidence, Exchange, Header, Response, Shown, Stage, Tls};
pub use hash::{
    BlobId, ClauseId, CommitId, EventId, HexError, Sha256, StreamId, blobs_named, to_hex,
};
pub use names::{DocumentName, NameError, NamePart, matching_key, split_part, suggest};
pub use period::{FORMS as DATE_FORMS, Period, PeriodError, as_of, since, until};
pub use provision::{
    MappedClause, MappedProvision, Modality, Polarity, ProvisionChange, ProvisionId,
    ProvisionIdError, ProvisionSign, ProvisionTurn, ProvisionsMapped, Remains,
};
pub use snapshot::{MediaType, PartName, SnapshotRecorded};
pub use time::Instant;
