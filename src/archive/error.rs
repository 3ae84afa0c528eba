//! What can go wrong with an archive, in sentences.

use std::path::PathBuf;

use super::{Alarm, CaptureError};
use crate::classify::DataError;
use crate::import::GitError;
use crate::model::{BlobId, DocumentName, HistoryKind, Instant, NameError, ProvisionId};
use crate::prove::KeyError;
use crate::store::{BlobError, FileError, LogError, SearchIndexError, SqliteError, ViewsError};

/// A use case failed.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Documents can't be tracked or fetched.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// There is no archive at the path.
    #[error("{} is not an archive: it has no recension.toml", folder.display())]
    NotAnArchive {
        /// The folder.
        folder: PathBuf,
    },
    /// No archive was named and none is near.
    #[error("there is no archive in {} or in any folder above it", folder.display())]
    NoneNear {
        /// Where the search began.
        folder: PathBuf,
    },
    /// An archive can't be made where something is.
    #[error("{} {what}", path.display())]
    Occupied {
        /// The path.
        path: PathBuf,
        /// What is there.
        what: &'static str,
    },
    /// `recension.toml` doesn't say what it must.
    #[error("{} is not what marks an archive: {reason}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The archive was made by a later program.
    #[error("the archive in {} has format {found}, and this program knows format {known}", folder.display())]
    NewerFormat {
        /// The folder.
        folder: PathBuf,
        /// Its format.
        found: u64,
        /// The newest known.
        known: u64,
    },
    /// The signing key can't be used.
    #[error("the signing key in {} can't be used: {reason}", path.display())]
    SigningKey {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The log is to be accepted where it need not be.
    #[error("{} is there, and it is never replaced: it may be the only evidence of what the log lost", path.display())]
    SidecarThere {
        /// The file.
        path: PathBuf,
    },
    /// The archive may only be read.
    #[error("the archive is read-only: {0}")]
    ReadOnly(Alarm),
    /// The event log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The blobs.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The views.
    #[error(transparent)]
    Views(#[from] ViewsError),
    /// The search index.
    #[error(transparent)]
    Search(#[from] SearchIndexError),
    /// What is kept of histories can't be written.
    #[error(transparent)]
    Histories(#[from] SqliteError),
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// A key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A history in git.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A history without anything of the kind that was asked for.
    #[error("{} holds no {} of documents, which are files named <platform>/<document type>{}{}", path.display(),
        kind.word(), endings(*kind),
        if *other_kind { format!("; it looks like a history of {}", other(*kind).word()) } else { String::new() })]
    NothingToImport {
        /// What it should consist of.
        kind: HistoryKind,
        /// The repository.
        path: PathBuf,
        /// Whether there are files such as the other kind of history has.
        other_kind: bool,
    },
    /// A history whose contents all have to be left out.
    #[error("every {} in {} has to be left out ({left_out} in all), such as {example}",
        kind.word().trim_end_matches('s'), path.display())]
    AllLeftOut {
        /// What it consists of.
        kind: HistoryKind,
        /// The repository.
        path: PathBuf,
        /// How many changed files were left out.
        left_out: u64,
        /// One of them, with the reason.
        example: String,
    },
    /// Data that the program carries.
    #[error(transparent)]
    Data(#[from] &'static DataError),
    /// No clause of a version holds such a provision.
    #[error("there is no provision {id}: no clause that begins there holds one of its kind")]
    NoProvision {
        /// What was asked for.
        id: ProvisionId,
    },
    /// No document has that name.
    #[error("there is no document {name:?} in this archive")]
    NoDocument {
        /// What was asked for.
        name: String,
        /// Names that are like it.
        suggestions: Vec<String>,
    },
    /// No platform has that name.
    #[error("there is no platform {name:?} in this archive")]
    NoPlatform {
        /// What was asked for.
        name: String,
        /// Names that are like it.
        suggestions: Vec<String>,
    },
    /// More than one document answers to the name.
    #[error("{name:?} may mean {}", candidates.join(" or "))]
    Several {
        /// What was asked for.
        name: String,
        /// The documents.
        candidates: Vec<String>,
    },
    /// A text can't be a document's name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// An instant before anything was known.
    #[error("{document} was not observed before {}", first.map_or_else(|| "today".to_owned(), |at| at.to_string()))]
    NotObserved {
        /// The document.
        document: DocumentName,
        /// The first observation.
        first: Option<Instant>,
    },
    /// A version's text isn't text.
    #[error("the text of {document} in event {seq} is not UTF-8")]
    NotText {
        /// The document.
        document: DocumentName,
        /// The event that recorded it.
        seq: u64,
    },
    /// An event isn't what a view says that it is.
    #[error("event {seq} is no version of {document}")]
    NotAVersion {
        /// The document.
        document: DocumentName,
        /// The event.
        seq: u64,
    },
    /// An event was asked for as a version and isn't one.
    #[error("event {seq} records no version: it is a {event_type}")]
    NoVersion {
        /// The event.
        seq: u64,
        /// What it is.
        event_type: &'static str,
    },
    /// A text can't be a blob's name.
    #[error(
        "{name:?} is no name of a blob, which has 64 hexadecimal digits, of which the first 12 are enough"
    )]
    BlobName {
        /// The text.
        name: String,
    },
    /// There is no such blob.
    #[error("there is no blob {name} in this archive")]
    NoBlob {
        /// What was asked for.
        name: String,
    },
    /// More than one blob begins with these digits.
    #[error("{name} may be {}", candidates.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "))]
    SeveralBlobs {
        /// What was asked for.
        name: String,
        /// The blobs.
        candidates: Vec<BlobId>,
    },
    /// An event that should tell of a change tells of something else.
    #[error("event {seq} does not tell of the change that it is said to")]
    NotAChange {
        /// The event.
        seq: u64,
    },
    /// There is no change of that name.
    #[error("there is no change {name}")]
    NoChange {
        /// What was asked for.
        name: String,
    },
    /// More than one change begins with these digits.
    #[error("{count} changes begin with {name}")]
    SeveralChanges {
        /// What was asked for.
        name: String,
        /// How many there are.
        count: usize,
    },
    /// A blob is to be withheld for no reason.
    #[error("--reason is blank: it is what every answer will say in place of the content")]
    NoReason,
    /// A content was withheld while the archive was being copied.
    #[error("a content was withheld while the archive was being copied: the copy in {} is of no use", to.display())]
    WithheldMeanwhile {
        /// The copy.
        to: PathBuf,
    },
    /// An event doesn't withhold what a view says that it does.
    #[error("event {seq} doesn't withhold blob {blob}")]
    NoWithholding {
        /// The blob.
        blob: BlobId,
        /// The event.
        seq: u64,
    },
    /// The demonstration's data can't be read.
    #[error("the demonstration's history can't be read: {0}")]
    Demonstration(String),
}

impl ArchiveError {
    /// What this says of a blob that was asked for, in a word: `missing`, `ambiguous` or `damaged`; none if it is about
    /// something else.
    #[must_use]
    pub fn of_blob(&self) -> Option<&'static str> {
        match self {
            Self::BlobName { .. } | Self::NoBlob { .. } | Self::Blob(BlobError::Missing { .. }) => {
                Some("missing")
            }
            Self::SeveralBlobs { .. } => Some("ambiguous"),
            Self::Blob(BlobError::Damaged { .. }) => Some("damaged"),
            _ => None,
        }
    }
}

/// How the files of a kind of history end.
fn endings(kind: HistoryKind) -> &'static str {
    match kind {
        HistoryKind::Versions => ".md",
        HistoryKind::Snapshots => ".html, .pdf and the like",
    }
}

fn other(kind: HistoryKind) -> HistoryKind {
    match kind {
        HistoryKind::Versions => HistoryKind::Snapshots,
        HistoryKind::Snapshots => HistoryKind::Versions,
    }
}

impl ArchiveError {
    /// What a person may do about it, where there is something to say.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Capture(error) => return error.hint(),
            Self::NotAnArchive { .. } | Self::NoneNear { .. } => {
                "make one with `recension init DIR`, or name one with --archive DIR or RECENSION_ARCHIVE".to_owned()
            }
            Self::ReadOnly(Alarm::NoSidecar) => {
                "if there is no copy, `recension accept-log` goes by the log alone, and says what that gives up".to_owned()
            }
            Self::SidecarThere { .. } => {
                "`recension verify` says whether it fits the log; if it can't be used, keep it elsewhere first".to_owned()
            }
            Self::NoDocument { suggestions, .. } | Self::NoPlatform { suggestions, .. } if !suggestions.is_empty() => {
                format!("did you mean {}?", suggestions.join(" or "))
            }
            Self::NoDocument { .. } => "`recension documents` lists them all".to_owned(),
            Self::NoPlatform { .. } => "`recension platforms` lists them all".to_owned(),
            Self::Occupied { .. } => "an archive is made in a new or empty folder".to_owned(),
            Self::Git(GitError::BundleHeader { .. } | GitError::BundlePack { .. }) => {
                "make the bundle again, or copy it again".to_owned()
            }
            Self::NothingToImport { kind, other_kind: true, .. } => {
                format!("`recension import ota-{}` takes such a history", other(*kind).word())
            }
            Self::Several { .. } => "write the name exactly as it is listed".to_owned(),
            Self::Views(ViewsError::Sqlite(_) | ViewsError::Damaged { .. }) => {
                "the views can be built again from the log: `recension rebuild`".to_owned()
            }
            Self::Search(error) if error.is_newer_format() => NEWER.to_owned(),
            Self::Search(SearchIndexError::Damaged { .. } | SearchIndexError::Sqlite(_)) => {
                "`recension rebuild` deletes it, and the next search builds it again".to_owned()
            }
            Self::File(FileError::Locked { .. }) => "wait until it has finished, then try again".to_owned(),
            Self::NewerFormat { .. }
            | Self::Blob(BlobError::Sqlite(SqliteError::NewerFormat { .. })) => NEWER.to_owned(),
            Self::Blob(BlobError::Sqlite(SqliteError::OlderFormat { found: 1, .. })) => {
                "import the history again into a new archive".to_owned()
            }
            Self::Blob(BlobError::Sqlite(SqliteError::OlderFormat { .. })) => OLDER.to_owned(),
            Self::Blob(BlobError::Sqlite(SqliteError::Missing { .. })) | Self::Manifest { .. } => LOST.to_owned(),
            Self::Git(GitError::NoSuchBranch { .. }) => {
                "`git branch -a` lists the branches of a repository, `git bundle list-heads` those of a bundle".to_owned()
            }
            Self::Git(GitError::UnbornHead { .. } | GitError::NoHead { .. }) => "--branch NAME chooses one".to_owned(),
            Self::NoBlob { .. } => "`recension timeline DOCUMENT` prints the first digits of each text's blob".to_owned(),
            Self::SeveralBlobs { .. } | Self::SeveralChanges { .. } => "give more digits".to_owned(),
            Self::NoChange { .. } => "`recension changes --all` lists the changes with their ids".to_owned(),
            Self::NotAChange { .. } => "`recension verify` lists everything that is wrong".to_owned(),
            Self::WithheldMeanwhile { .. } => "delete it, and take another".to_owned(),
            Self::NoWithholding { .. } => "the views can be built again from the log: `recension rebuild`".to_owned(),
            Self::Blob(BlobError::BuiltOn { .. }) => {
                "`recension repair --from DIR` takes the damaged one from another archive; then withhold again".to_owned()
            }
            Self::Blob(BlobError::StillRead { .. }) => {
                "wait until nobody reads the archive, then withhold again".to_owned()
            }
            Self::Log(error) => log_hint(error).to_owned(),
            Self::Blob(_) => VERIFY.to_owned(),
            Self::SigningKey { .. } => {
                "the archive can be read without the key; to write, put the key file back from a copy".to_owned()
            }
            _ => return None,
        })
    }
}

const NEWER: &str = "use the version of recension that wrote it, or a later one";
const OLDER: &str =
    "`recension compact` brings it to the format of this program, and so does an import";
const LOST: &str = "put it back from a copy of the archive";
const VERIFY: &str = "`recension verify` lists everything that is wrong";

/// What a person may do about a log.
fn log_hint(error: &LogError) -> &'static str {
    match error {
        LogError::Sqlite(SqliteError::NewerFormat { .. }) => NEWER,
        LogError::Sqlite(SqliteError::OlderFormat { .. }) => OLDER,
        LogError::Sqlite(SqliteError::Missing { .. }) => LOST,
        LogError::OtherLog { .. } => {
            "recension.toml or log.sqlite is of another archive: put its own back from a copy"
        }
        LogError::NoEvent { seq, size, .. } if seq >= size => "`recension log` lists the events",
        LogError::Index { .. } => {
            "put log.sqlite back from a backup, or build its indexes again while nothing else has it open: \
             `sqlite3 log.sqlite REINDEX`"
        }
        LogError::LookUps { .. } => "`recension repair` builds them again",
        LogError::Bundle { .. } => {
            "`recension repair --from DIR` takes it from a backup; `recension verify` says what it touches"
        }
        _ => VERIFY,
    }
}
