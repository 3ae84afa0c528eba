//! Reads git histories: commits in a fixed order, the files that each one changed, and their content.
//!
//! A history is a bare repository, a work tree or a bundle. No git program is needed. What is read is what
//! the repository holds under its own names: replacement references and grafts are not applied, and every
//! object is hashed again when it is read, so a damaged one is an error and never other content.

mod bundle;
mod diff;
mod error;
mod graph;
mod objects;
mod open;
mod raw;

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::str::FromStr;

use gix::objs::Kind;

use crate::model::{CommitId, HexError, Instant};

use diff::{Diff, Trees};
pub use error::GitError;
use graph::Graph;
use objects::{Objects, guard, own};
use open::{bundle_tip, open_error, permission_or, repository_tip};
use raw::RawCommit;

/// The id of a git object (SHA-1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub [u8; 20]);

impl ObjectId {
    /// The blob without bytes: `git hash-object -t blob /dev/null`.
    pub const EMPTY_BLOB: Self = Self([
        0xe6, 0x9d, 0xe2, 0x9b, 0xb2, 0xd1, 0xd6, 0x43, 0x4b, 0x8b, 0x29, 0xae, 0x77, 0x5a, 0xd8,
        0xc2, 0xe4, 0x8c, 0x53, 0x91,
    ]);
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        CommitId(self.0).fmt(f)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectId({self})")
    }
}

impl FromStr for ObjectId {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        text.parse::<CommitId>().map(Self::from)
    }
}

impl TryFrom<&[u8]> for ObjectId {
    type Error = std::array::TryFromSliceError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self)
    }
}

impl From<CommitId> for ObjectId {
    fn from(commit: CommitId) -> Self {
        Self(commit.0)
    }
}

impl From<ObjectId> for CommitId {
    fn from(object: ObjectId) -> Self {
        Self(object.0)
    }
}

/// An opened history: everything reachable from one head.
pub struct History {
    head: ObjectId,
    graph: Graph,
    objects: Objects,
    trees: Trees,
}

/// A commit and what it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: CommitId,
    /// When the change was made; none if the commit doesn't tell or the time is outside [`Instant`]'s range.
    pub author_time: Option<Instant>,
    /// When the commit was made; none if the commit doesn't tell or the time is outside [`Instant`]'s range.
    pub committer_time: Option<Instant>,
    /// The whole message with its trailers, byte for byte where it is UTF-8; decoded where the commit declares
    /// ISO-8859-1; otherwise with replacement characters for what isn't UTF-8.
    pub message: String,
    /// How many parents it has in this history. At the edge of a shallow clone there are none.
    pub parents: usize,
    /// The files that changed in comparison with the first parent, in the order of git's trees. Of a merge,
    /// only those that differ from every parent: the others come with the commits that are merged.
    pub changes: Vec<Change>,
    /// How many symbolic links and submodules were added or changed in comparison with the first parent.
    pub skipped_entries: usize,
}

/// A file that a commit changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its path from the top of the repository, with slashes; usually but not always UTF-8.
    pub path: Vec<u8>,
    /// What happened to it.
    pub kind: ChangeKind,
}

/// What happened to a file. A change of its permissions alone is not a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Added {
        /// Its content.
        blob: ObjectId,
    },
    /// Its content is another.
    Modified {
        /// Its new content.
        blob: ObjectId,
    },
    /// It is gone.
    Deleted,
    /// It is new, and a file with exactly this content is gone (never an empty one).
    Renamed {
        /// The path of the file that is gone; it isn't listed as deleted.
        from: Vec<u8>,
        /// The content of both.
        blob: ObjectId,
    },
}

impl History {
    /// Opens the history of `branch`, by default that of `HEAD`, and finds its commits.
    ///
    /// `branch` is a short name (`main`) or a full reference name (`refs/heads/main`, `refs/tags/v1`).
    /// `path` is a bare repository, a work tree or a bundle. A bundle is unpacked into `scratch`, which takes
    /// about the bundle's own size and 30 bytes an object there; `scratch` must be empty and last as long as
    /// the history. It isn't used for a repository.
    ///
    /// # Errors
    ///
    /// The variants of [`GitError`] that name a path; and those that name an object, if a commit can't be read.
    pub fn open(path: &Path, scratch: &Path, branch: Option<&str>) -> Result<Self, GitError> {
        let metadata = fs::metadata(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => GitError::NotFound {
                path: path.to_owned(),
                source,
            },
            _ => permission_or(path, source, |path, source| GitError::Io {
                action: "read",
                path,
                source,
            }),
        })?;
        if metadata.is_dir() {
            return Self::open_repository(path, branch);
        }
        if !bundle::is_bundle(path)? {
            return Err(GitError::NotARepository {
                path: path.to_owned(),
                source: None,
            });
        }
        let bundle = bundle::unpack(path, scratch)?;
        let tip = bundle_tip(path, &bundle.refs, branch)?;
        let objects = Objects::open(path, &bundle.objects)?;
        Self::walk(tip, objects, &[])
    }

    fn open_repository(path: &Path, branch: Option<&str>) -> Result<Self, GitError> {
        // A folder that can't be listed would look like one that holds no repository.
        fs::read_dir(path).map_err(|error| {
            permission_or(path, error, |path, source| GitError::Io {
                action: "read",
                path,
                source,
            })
        })?;
        let open = || gix::open_opts(path, gix::open::Options::isolated());
        let repository = guard(|| format!("open {}", path.display()), open)?
            .map_err(|error| open_error(path, error))?;
        if repository.object_hash() != gix::hash::Kind::Sha1 {
            let format = repository.object_hash().to_string();
            return Err(GitError::ObjectFormat {
                path: path.to_owned(),
                format,
            });
        }
        let tip = guard(
            || format!("read the references of {}", path.display()),
            || repository_tip(path, &repository, branch),
        )??;
        let shallow = guard(
            || format!("read the limits of {}", path.display()),
            || repository.shallow_commits(),
        )?
        .map_err(|error| open_error(path, error))?;
        let mut edge: Vec<ObjectId> = shallow
            .iter()
            .flat_map(|commits| commits.iter())
            .map(|id| own(id))
            .collect();
        edge.sort_unstable();
        let objects = Objects::open(path, &repository.common_dir().join("objects"))?;
        Self::walk(tip, objects, &edge)
    }

    /// Finds the commits; those in `edge` (sorted) count as having no parents.
    fn walk(tip: ObjectId, mut objects: Objects, edge: &[ObjectId]) -> Result<Self, GitError> {
        let head = objects.peel(tip)?;
        let graph = Graph::walk(head, |commit| {
            let bytes = objects.read(commit, Kind::Commit)?;
            let raw = RawCommit::parse(bytes).map_err(|reason| GitError::Malformed {
                object: commit,
                reason,
            })?;
            Ok(if edge.binary_search(&commit).is_ok() {
                Vec::new()
            } else {
                raw.parents
            })
        })?;
        Ok(Self {
            head,
            graph,
            objects,
            trees: Trees::new(),
        })
    }

    /// The commit that the history ends with.
    #[must_use]
    pub fn head(&self) -> CommitId {
        self.head.into()
    }

    /// Tells whether a commit is the head or one of its ancestors.
    #[must_use]
    pub fn contains(&self, commit: CommitId) -> bool {
        self.graph.contains(commit.into())
    }

    /// The commits of the history without those of `known` and all their ancestors, parents before children.
    ///
    /// The order depends on the head alone: what `known` leaves is always a subsequence of the whole. Commits
    /// come in the order of a depth-first walk along parents, the first parent first; so a linear history comes
    /// oldest first, and a later head on the same first-parent line only appends. Commits of `known` that
    /// aren't [contained](Self::contains) have no effect.
    #[must_use]
    pub fn commits(&self, known: &[CommitId]) -> Vec<CommitId> {
        let known = known.iter().map(|&commit| commit.into());
        self.graph
            .except(known)
            .into_iter()
            .map(CommitId::from)
            .collect()
    }

    /// Reads a commit of the history and what it changed.
    ///
    /// # Errors
    ///
    /// [`GitError::UnknownCommit`] if the history doesn't contain it, [`GitError::Excessive`], and the
    /// variants that name a missing, corrupt or malformed object.
    pub fn commit(&mut self, id: CommitId) -> Result<Commit, GitError> {
        let commit = ObjectId::from(id);
        let parents = self
            .graph
            .parents(commit)
            .ok_or(GitError::UnknownCommit { commit })?;
        let bytes = self.objects.read(commit, Kind::Commit)?.to_vec();
        let raw = RawCommit::parse(&bytes).map_err(|reason| GitError::Malformed {
            object: commit,
            reason,
        })?;
        let (changes, skipped_entries) =
            Diff::changes(commit, &raw, &parents, &mut self.objects, &mut self.trees)?;
        Ok(Commit {
            id,
            author_time: raw.author_time,
            committer_time: raw.committer_time,
            message: raw.message(),
            parents: parents.len(),
            changes,
            skipped_entries,
        })
    }

    /// Replaces the content of `buffer` by that of a blob of at most `max_bytes` bytes.
    ///
    /// `buffer` may grow to several times the size of the blob; use the same one for all of them.
    ///
    /// # Errors
    ///
    /// [`GitError::TooLarge`] is decided from the declared size, before the content is decompressed. Otherwise
    /// the variants that name a missing or corrupt object or one of the wrong kind; `buffer` is then empty.
    pub fn read_blob(
        &mut self,
        blob: ObjectId,
        max_bytes: u64,
        buffer: &mut Vec<u8>,
    ) -> Result<(), GitError> {
        let result = self.objects.read_into(blob, Kind::Blob, max_bytes, buffer);
        if result.is_err() {
            buffer.clear();
        }
        result
    }
}
