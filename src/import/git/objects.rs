//! The object database of a repository or an unpacked bundle.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use gix::objs::{Find as _, Kind};
use gix::odb::Header as _;

use super::open::permission_or;
use super::{GitError, ObjectId};

/// The most bytes that the git library may allocate at once, whatever a damaged or hostile file declares.
pub(super) const ALLOC_LIMIT: usize = 512 << 20;
/// The most bytes that a commit or a tree may have.
const MAX_STRUCTURE_BYTES: u64 = 64 << 20;
/// The most annotated tags that may follow one another.
const MAX_TAGS: usize = 64;

/// An object database.
pub(super) struct Objects {
    odb: gix::odb::Handle,
    buffer: Vec<u8>,
}

impl Objects {
    pub fn open(path: &Path, folder: &Path) -> Result<Self, GitError> {
        let options = gix::odb::store::init::Options {
            alloc_limit_bytes: Some(ALLOC_LIMIT),
            ..Default::default()
        };
        let open = || gix::odb::at_opts(folder, gix::hash::Kind::Sha1, None, options);
        let mut odb = guard(|| format!("open {}", folder.display()), open)?.map_err(|error| {
            permission_or(path, error, |path, error| GitError::Open {
                path,
                source: error.into(),
            })
        })?;
        // Nothing is added while a history is read, so a missing object needs no second look at the disk.
        odb.refresh_never();
        Ok(Self {
            odb,
            buffer: Vec::new(),
        })
    }

    /// Reads a commit or a tree.
    pub fn read(&mut self, object: ObjectId, kind: Kind) -> Result<&[u8], GitError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let result = self.read_into(object, kind, MAX_STRUCTURE_BYTES, &mut buffer);
        self.buffer = buffer;
        result.map(|()| self.buffer.as_slice())
    }

    /// Replaces the content of `buffer` by that of an object of at most `limit` bytes, and verifies its hash.
    pub fn read_into(
        &mut self,
        object: ObjectId,
        kind: Kind,
        limit: u64,
        buffer: &mut Vec<u8>,
    ) -> Result<(), GitError> {
        let id = gix::ObjectId::Sha1(object.0);
        let odb = &self.odb;
        let action = || format!("read object {object}");
        let header = guard(action, || odb.try_header(&id))?
            .map_err(|error| GitError::CorruptObject {
                object,
                source: error.into(),
            })?
            .ok_or(GitError::MissingObject { object })?;
        if header.kind() != kind {
            let (expected, found) = (kind.to_string(), header.kind().to_string());
            return Err(GitError::WrongKind {
                object,
                expected,
                found,
            });
        }
        if header.size() > limit {
            return Err(GitError::TooLarge {
                object,
                bytes: header.size(),
                limit,
            });
        }
        let length = guard(action, || {
            odb.try_find(&id, buffer)
                .map(|data| data.map(|data| data.data.len()))
        })?
        .map_err(|error| GitError::CorruptObject {
            object,
            source: error.into(),
        })?
        .ok_or(GitError::MissingObject { object })?;
        buffer.truncate(length);
        let actual =
            gix::objs::compute_hash(gix::hash::Kind::Sha1, kind, buffer).map_err(|error| {
                GitError::CorruptObject {
                    object,
                    source: error.into(),
                }
            })?;
        let actual = own(&actual);
        if actual == object {
            Ok(())
        } else {
            Err(GitError::HashMismatch { object, actual })
        }
    }

    /// Follows annotated tags to a commit.
    pub fn peel(&mut self, tip: ObjectId) -> Result<ObjectId, GitError> {
        let mut object = tip;
        for _ in 0..MAX_TAGS {
            let id = gix::ObjectId::Sha1(object.0);
            let header = guard(
                || format!("read object {object}"),
                || self.odb.try_header(&id),
            )?
            .map_err(|error| GitError::CorruptObject {
                object,
                source: error.into(),
            })?
            .ok_or(GitError::MissingObject { object })?;
            if header.kind() != Kind::Tag {
                return Ok(object);
            }
            let tag = self.read(object, Kind::Tag)?;
            let target = tag.strip_prefix(b"object ").and_then(|rest| rest.get(..40));
            object = target
                .and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok())
                .ok_or(GitError::Malformed {
                    object,
                    reason: "the tag names no object",
                })?;
        }
        Err(GitError::Malformed {
            object,
            reason: "it is at the end of too many tags",
        })
    }
}

/// Calls the git library and turns a panic in it into an error.
pub(super) fn guard<T>(
    action: impl FnOnce() -> String,
    call: impl FnOnce() -> T,
) -> Result<T, GitError> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()))
            .unwrap_or_else(|| "no message".to_owned());
        GitError::Panic {
            action: action(),
            message,
        }
    })
}

/// The bytes of an id of gix, which is built with SHA-1 alone.
pub(super) fn own(id: &gix::oid) -> ObjectId {
    let mut bytes = [0; 20];
    bytes
        .iter_mut()
        .zip(id.as_bytes())
        .for_each(|(to, from)| *to = *from);
    ObjectId(bytes)
}
