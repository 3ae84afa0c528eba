//! Events: the facts of the log, as the rest of the program reads them.

use super::{
    BlobId, Change, ChangeReassessed, CommitId, DocumentName, EventId, Instant, ProvisionsMapped,
    Sha256, SnapshotRecorded, Stage, StreamId,
};

/// A fact with its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Position in the log, from 0; also the leaf's position in the log's tree.
    pub seq: u64,
    /// The name of the event, derived from what it records.
    pub event_id: EventId,
    /// The stream that it belongs to: a document's or the archive's own.
    pub stream: StreamId,
    /// Position in its stream, from 0.
    pub stream_seq: u64,
    /// When the log took the event; never decreases along the log.
    pub recorded_at: Instant,
    /// When what it tells was observed.
    pub observed_at: Instant,
    /// What it tells.
    pub fact: Fact,
}

/// What an event tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A document is archived from now on.
    DocumentDeclared {
        /// Its name; the stream's id derives from it.
        document: DocumentName,
    },
    /// The document is obtained in this way from now on.
    DeclarationChanged {
        /// The declaration in its canonical form, a blob; see [`Declaration::canonical`](super::Declaration::canonical).
        declaration: Content,
    },
    /// Bytes of the document were fetched that differ from those fetched before. What they say is for a version to tell.
    SnapshotRecorded(SnapshotRecorded),
    /// A text of the document was seen that differs from the one seen before.
    VersionRecorded(VersionRecorded),
    /// One sweep's looks that brought nothing new.
    ObservationsRecorded {
        /// The looks, in the order in which they were made.
        observations: Vec<Observation>,
        /// How they were made, a blob: a line of JSON for each fetch; none where nobody kept it.
        evidence: Option<Content>,
    },
    /// The document is no longer archived.
    DocumentRetired {
        /// Why, as a person would say it.
        reason: String,
        /// The document that continues it, where the source says so.
        successor: Option<DocumentName>,
        /// Where the fact comes from.
        origin: Origin,
    },
    /// A history kept by others was brought in up to a commit.
    HistoryImported(HistoryImported),
    /// The bytes of a blob are withheld from now on: they are taken out of the archive for good.
    BlobWithheld(BlobWithheld),
    /// What a version of the document changed, and whether that matters, as far as was known then.
    ChangeDetected(Change),
    /// Such a change judged anew.
    ChangeReassessed(ChangeReassessed),
    /// What the clauses that are new in a version stipulate, and what became of the document's provisions by it.
    ProvisionsMapped(ProvisionsMapped),
    /// A fact of a type or schema version that this program does not know; kept and proven, never interpreted.
    Unknown {
        /// The type's number in the envelope.
        event_type: u16,
        /// The payload's schema version in the envelope.
        schema_version: u16,
    },
}

impl Fact {
    /// The name of the event type, as it is written everywhere.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::DocumentDeclared { .. } => "DocumentDeclared",
            Self::DeclarationChanged { .. } => "DeclarationChanged",
            Self::SnapshotRecorded(_) => "SnapshotRecorded",
            Self::VersionRecorded(_) => "VersionRecorded",
            Self::ObservationsRecorded { .. } => "ObservationsRecorded",
            Self::DocumentRetired { .. } => "DocumentRetired",
            Self::HistoryImported(_) => "HistoryImported",
            Self::BlobWithheld(_) => "BlobWithheld",
            Self::ChangeDetected(_) => "ChangeDetected",
            Self::ChangeReassessed(_) => "ChangeReassessed",
            Self::ProvisionsMapped(_) => "ProvisionsMapped",
            Self::Unknown { .. } => "Unknown",
        }
    }

    /// Every content that it names: the one that it is about, and then the evidence.
    pub fn contents(&self) -> impl Iterator<Item = &Content> {
        self.content().into_iter().chain(self.evidence())
    }

    /// The evidence that it names, where it names one.
    #[must_use]
    pub fn evidence(&self) -> Option<&Content> {
        match self {
            Self::ObservationsRecorded { evidence, .. } => evidence.as_ref(),
            Self::SnapshotRecorded(SnapshotRecorded {
                origin: Origin::Fetched(fetch),
                ..
            }) => Some(&fetch.evidence),
            _ => None,
        }
    }

    /// The content that it is about, where it is about one.
    #[must_use]
    pub fn content(&self) -> Option<&Content> {
        match self {
            Self::SnapshotRecorded(snapshot) => Some(&snapshot.content),
            Self::VersionRecorded(version) => Some(&version.text),
            Self::DeclarationChanged { declaration } => Some(declaration),
            Self::DocumentDeclared { .. }
            | Self::ObservationsRecorded { .. }
            | Self::DocumentRetired { .. }
            | Self::HistoryImported(_)
            | Self::BlobWithheld(_)
            | Self::ChangeDetected(_)
            | Self::ChangeReassessed(_)
            | Self::ProvisionsMapped(_)
            | Self::Unknown { .. } => None,
        }
    }
}

/// The end of a blob's bytes in the archive. The events that name it stay, and so do their proofs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobWithheld {
    /// The blob.
    pub blob: BlobId,
    /// The length of its content.
    pub size_bytes: u64,
    /// Why, as every answer repeats it.
    pub reason: String,
}

/// A version of a document: its text and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRecorded {
    /// The readable text, a blob.
    pub text: Content,
    /// Why there is a version.
    pub cause: Cause,
    /// Where the version comes from.
    pub origin: Origin,
}

/// A blob as an event names it: by two hashes and a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// BLAKE3 of the content: the blob's name in the archive.
    pub blob: BlobId,
    /// SHA-256 of the content, for tools that have no BLAKE3.
    pub sha256: Sha256,
    /// Length of the content.
    pub size_bytes: u64,
}

impl Content {
    /// Names `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            blob: BlobId::of(bytes),
            sha256: Sha256::of(&[bytes]),
            size_bytes: bytes.len() as u64,
        }
    }
}

/// Why a version was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It is the first version of the document.
    First,
    /// The text differs from the version before.
    Changed,
    /// Another extractor or declaration read the document; the platform need not have changed anything.
    ReExtracted,
}

impl Cause {
    /// The word for it in answers and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Changed => "changed",
            Self::ReExtracted => "re-extracted",
        }
    }
}

/// Where a fact comes from, and so which evidence there can be for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A commit of a history kept by others; there is no evidence of a fetch.
    Imported(ImportedCommit),
    /// The demonstration's invented platforms.
    Demonstration,
    /// A fetch of our own: so a snapshot comes about.
    Fetched(Fetch),
    /// Snapshots of our own, from which the text was taken: so a version comes about.
    Extracted(Extraction),
}

/// A fetch that brought a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// The address that the bytes came from, behind all redirects.
    pub address: String,
    /// How they came, a blob: an [`Evidence`](super::Evidence) in JSON.
    pub evidence: Content,
    /// The declaration under which it was fetched.
    pub declaration: BlobId,
}

/// How a text was taken from snapshots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extraction {
    /// The seqs of the snapshots' events, in the order of the parts; at least one.
    pub snapshots: Vec<u64>,
    /// The declaration that says what is kept of them.
    pub declaration: BlobId,
    /// The version of the extractor.
    pub extractor: u32,
}

/// The commit that an imported fact rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedCommit {
    /// The commit's id.
    pub commit: CommitId,
    /// When the commit was made, by its committer; the author's time is the event's `observed_at`.
    pub committed_at: Instant,
    /// What the commit's subject says that it records.
    pub kind: CommitKind,
    /// The snapshot that the commit's message names, where it names one.
    pub snapshot: Option<SnapshotReference>,
    /// The message's trailers (`X-engine-version: 15.1.0`) in their order, as name and value.
    pub trailers: Vec<(String, String)>,
}

/// What a commit of an Open Terms Archive history says that it records; evidence, never a judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitKind {
    /// `First record of` or `Start tracking`.
    FirstRecord,
    /// `Record new changes of` or `Update`.
    Changes,
    /// `Apply technical or declaration upgrade on` or `Refilter`.
    Upgrade,
    /// Any other subject.
    Other,
}

impl CommitKind {
    /// The word for it in answers and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::FirstRecord => "first record",
            Self::Changes => "changes",
            Self::Upgrade => "technical or declaration upgrade",
            Self::Other => "other",
        }
    }
}

/// A snapshot kept by others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotReference {
    /// The address of the repository, or empty where the message gives only a commit.
    pub repository: String,
    /// The commit of the snapshot in that repository.
    pub commit: CommitId,
}

impl ImportedCommit {
    /// The values of the trailers of that name, in their order.
    pub fn trailer<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.trailers.iter().filter(move |(one, _)| one == name);
        named.map(|(_, value)| value.as_str())
    }
}

/// One look at a document that brought nothing new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The document's stream.
    pub stream: StreamId,
    /// When the look was made.
    pub observed_at: Instant,
    /// What it showed.
    pub outcome: Outcome,
}

/// What a look at a document showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The same text as a version recorded earlier.
    Unchanged {
        /// The seq of that version's event.
        version_seq: u64,
    },
    /// No text was obtained.
    Failed {
        /// How far the look came, where that is known.
        stage: Option<Stage>,
        /// What failed, as a sentence.
        reason: String,
    },
    /// The same bytes as a snapshot recorded earlier. It says nothing of a text.
    SnapshotUnchanged {
        /// The seq of that snapshot's event.
        snapshot_seq: u64,
    },
}

/// What a history kept by others consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryKind {
    /// Versions: readable texts.
    Versions,
    /// Snapshots: bytes as fetched.
    Snapshots,
}

impl HistoryKind {
    /// The word for it in answers and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Versions => "versions",
            Self::Snapshots => "snapshots",
        }
    }
}

/// The closing account of an import: everything in the history up to `head` is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryImported {
    /// What the history consists of.
    pub kind: HistoryKind,
    /// The last commit.
    pub head: CommitId,
    /// The head of the import before this one, where there was one.
    pub since: Option<CommitId>,
    /// What the commits after `since` held.
    pub counts: ImportCounts,
}

/// What the commits of a history held; every change of a file is counted under exactly one name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Commits read.
    pub commits: u64,
    /// Commits with more than one parent among them.
    pub merges: u64,
    /// Commits that held no version or snapshot, no retirement and no rename (READMEs, licences, empty commits).
    pub commits_without_document: u64,
    /// Versions recorded; none in a history of snapshots.
    pub versions: u64,
    /// Snapshots recorded; none in a history of versions.
    pub snapshots: u64,
    /// Snapshots with the same bytes as the one before them, recorded as observations; none in a history of versions.
    pub unchanged: u64,
    /// Documents seen for the first time.
    pub documents: u64,
    /// Parts of documents seen for the first time (`Terms of Service #2`). In a history of versions, each is one of
    /// `documents` too.
    pub parts: u64,
    /// Versions or snapshots among the above without a byte.
    pub empty_texts: u64,
    /// Versions or snapshots among the above observed before an earlier one of the same document.
    pub out_of_order: u64,
    /// Deleted files of documents.
    pub deleted: u64,
    /// Files of documents that continue under another name.
    pub renamed: u64,
    /// Changed files that are no documents (a README, a licence).
    pub other_files: u64,
    /// Changed files left out although they look like documents; each was reported.
    pub left_out: u64,
}
