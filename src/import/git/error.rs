//! What can go wrong while a git history is read.

use std::io;
use std::path::PathBuf;

use super::ObjectId;

/// A git history can't be opened or one of its objects can't be read.
///
/// Every message names the path, reference or object concerned; causes are reachable as sources.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// Nothing exists at the path.
    #[error("{path} does not exist", path = path.display())]
    NotFound {
        /// The path that was given.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The system denies access to the path or to a file inside it.
    #[error("no permission to read {path}", path = path.display())]
    Permission {
        /// The path that was given.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: Source,
    },
    /// A file or folder could not be read or written.
    #[error("can't {action} {path}", path = path.display())]
    Io {
        /// What was tried, as a verb: `read`, `create`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The path is a file that isn't a bundle, or a folder that isn't a repository.
    #[error("{path} is neither a git repository nor a git bundle", path = path.display())]
    NotARepository {
        /// The path that was given.
        path: PathBuf,
        /// Why it isn't a repository; none for a file that doesn't start as a bundle does.
        #[source]
        source: Option<Source>,
    },
    /// The path is a repository whose configuration, references or object folders can't be read.
    #[error("the git repository {path} can't be opened", path = path.display())]
    Open {
        /// The path that was given.
        path: PathBuf,
        /// What gix said.
        #[source]
        source: Source,
    },
    /// The repository or bundle names its objects by another hash than SHA-1.
    #[error("{path} uses the object format {format}; only sha1 histories can be read", path = path.display())]
    ObjectFormat {
        /// The path that was given.
        path: PathBuf,
        /// The name of the format, as written there.
        format: String,
    },
    /// The header of a bundle isn't well formed.
    #[error("the header of the bundle {path} is malformed at line {line}: {reason}", path = path.display())]
    BundleHeader {
        /// The bundle.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The bundle holds only a part of a history.
    #[error(
        "the bundle {path} is incomplete: it requires commit {commit} from elsewhere; make one of the whole history",
        path = path.display()
    )]
    BundlePrerequisite {
        /// The bundle.
        path: PathBuf,
        /// The first commit that it requires and doesn't hold.
        commit: ObjectId,
    },
    /// The pack inside a bundle is truncated or damaged.
    #[error("the pack in the bundle {path} is truncated or damaged", path = path.display())]
    BundlePack {
        /// The bundle.
        path: PathBuf,
        /// What gix said.
        #[source]
        source: Source,
    },
    /// The pack inside a bundle can't be written to the scratch folder: no space, no permission.
    #[error("the bundle {path} can't be unpacked into {scratch}", path = path.display(), scratch = scratch.display())]
    Unpack {
        /// The bundle.
        path: PathBuf,
        /// The folder for its pack.
        scratch: PathBuf,
        /// What the system said.
        #[source]
        source: Source,
    },
    /// There is no commit at all.
    #[error("{path} holds no commits", path = path.display())]
    Empty {
        /// The path that was given.
        path: PathBuf,
    },
    /// `HEAD` names a branch that has no commits, while other references exist.
    #[error("HEAD of {path} names {branch}, which has no commits; choose a branch", path = path.display())]
    UnbornHead {
        /// The path that was given.
        path: PathBuf,
        /// The full name of the branch.
        branch: String,
    },
    /// A bundle lists no `HEAD` and several branches, none of them `main` or `master`.
    #[error("the bundle {path} has no HEAD and several branches; choose one", path = path.display())]
    NoHead {
        /// The bundle.
        path: PathBuf,
    },
    /// The branch that was asked for doesn't exist.
    #[error("{path} has no branch {branch}", path = path.display())]
    NoSuchBranch {
        /// The path that was given.
        path: PathBuf,
        /// The branch, as asked for.
        branch: String,
    },
    /// A reference exists and can't be followed.
    #[error("the reference {name} of {path} can't be read", path = path.display())]
    Reference {
        /// The path that was given.
        path: PathBuf,
        /// The name of the reference.
        name: String,
        /// What gix said.
        #[source]
        source: Source,
    },
    /// An object that the history refers to isn't in the repository.
    #[error("object {object} is missing")]
    MissingObject {
        /// The object.
        object: ObjectId,
    },
    /// The stored form of an object can't be decoded.
    #[error("object {object} is corrupt")]
    CorruptObject {
        /// The object.
        object: ObjectId,
        /// What gix said.
        #[source]
        source: Source,
    },
    /// An object's content hashes to something else than its name.
    #[error("object {object} is corrupt: its content hashes to {actual}")]
    HashMismatch {
        /// The object.
        object: ObjectId,
        /// The hash of what is stored under that name.
        actual: ObjectId,
    },
    /// An object is of another kind than its use demands.
    #[error("object {object} is a {found}, not a {expected}")]
    WrongKind {
        /// The object.
        object: ObjectId,
        /// The kind that was needed.
        expected: String,
        /// The kind that was found.
        found: String,
    },
    /// A commit or tree doesn't have the form that git gives it.
    #[error("object {object} is malformed: {reason}")]
    Malformed {
        /// The object.
        object: ObjectId,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An object is larger than the caller accepts.
    #[error("object {object} has {bytes} bytes; the limit is {limit}")]
    TooLarge {
        /// The object.
        object: ObjectId,
        /// Its size, in bytes.
        bytes: u64,
        /// The limit, in bytes.
        limit: u64,
    },
    /// A commit changes more files, or deeper folders, than is sensible.
    #[error("commit {commit} is beyond the limits: {reason}")]
    Excessive {
        /// The commit.
        commit: ObjectId,
        /// Which limit it exceeds.
        reason: &'static str,
    },
    /// The commit isn't part of the opened history.
    #[error("commit {commit} is not part of this history")]
    UnknownCommit {
        /// The commit.
        commit: ObjectId,
    },
    /// The git library failed in a way that it shouldn't; the input is most likely damaged.
    #[error("the git library panicked while it was to {action}: {message}")]
    Panic {
        /// What it was doing.
        action: String,
        /// The panic's message.
        message: String,
    },
}

/// The cause of a [`GitError`] inside the git library or the system.
pub type Source = Box<dyn std::error::Error + Send + Sync + 'static>;
