//! Git bundles: the header, and the pack behind it as an object database.

use std::fs;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use gix::odb::pack;

use super::objects::{ALLOC_LIMIT, guard, own};
use super::open::permission_or;
use super::{GitError, ObjectId};

/// The most bytes that the lines before a pack may have.
const MAX_HEADER_BYTES: u64 = 16 << 20;

/// A bundle that has been unpacked.
pub(super) struct Bundle {
    /// The references that its header lists, in its order: full name and object.
    pub refs: Vec<(String, ObjectId)>,
    /// The folder of objects, inside the scratch folder.
    pub objects: PathBuf,
}

/// Tells whether a file begins as a bundle does.
pub(super) fn is_bundle(path: &Path) -> Result<bool, GitError> {
    let mut start = Vec::new();
    let file = fs::File::open(path).map_err(|error| {
        permission_or(path, error, |path, source| GitError::Io {
            action: "read",
            path,
            source,
        })
    })?;
    file.take(16)
        .read_to_end(&mut start)
        .map_err(|source| GitError::Io {
            action: "read",
            path: path.to_owned(),
            source,
        })?;
    Ok(start.starts_with(b"# v") && start.ends_with(b" git bundle\n"))
}

/// Reads a bundle's header and indexes its pack in `scratch`.
///
/// # Errors
///
/// Those of the header ([`GitError::BundleHeader`], [`GitError::BundlePrerequisite`],
/// [`GitError::ObjectFormat`]) before anything is written; then [`GitError::BundlePack`],
/// [`GitError::Unpack`] and [`GitError::Io`].
pub(super) fn unpack(path: &Path, scratch: &Path) -> Result<Bundle, GitError> {
    let file = fs::File::open(path).map_err(|error| {
        permission_or(path, error, |path, source| GitError::Io {
            action: "read",
            path,
            source,
        })
    })?;
    let mut file = BufReader::with_capacity(1 << 16, file);
    let refs = Header {
        path,
        line: 0,
        left: MAX_HEADER_BYTES,
    }
    .read(&mut file)?;
    let objects = scratch.join("objects");
    let packs = objects.join("pack");
    fs::create_dir_all(&packs).map_err(|source| GitError::Io {
        action: "create",
        path: packs.clone(),
        source,
    })?;
    if !refs.is_empty() {
        index(path, &mut file, &packs)?;
    }
    Ok(Bundle { refs, objects })
}

/// Copies the pack that `file` continues with into `packs` and writes its index.
fn index(path: &Path, file: &mut impl BufRead, packs: &Path) -> Result<(), GitError> {
    let never = AtomicBool::new(false);
    let options = pack::bundle::write::Options {
        thread_limit: Some(2),
        alloc_limit_bytes: Some(ALLOC_LIMIT),
        ..Default::default()
    };
    let written = guard(
        || format!("index the pack in {}", path.display()),
        || {
            pack::Bundle::write_to_directory(
                file,
                Some(packs),
                &mut gix::progress::Discard,
                &never,
                None::<gix::odb::Handle>,
                gix::hash::Kind::Sha1,
                options,
            )
        },
    )?;
    written.map(drop).map_err(|error| {
        let path = path.to_owned();
        let is_system = |cause: &io::Error| is_of_the_system(cause.kind());
        if error
            .iter_errors()
            .filter_map(|cause| cause.downcast_ref())
            .any(is_system)
        {
            GitError::Unpack {
                path,
                scratch: packs.to_owned(),
                source: error.into(),
            }
        } else {
            GitError::BundlePack {
                path,
                source: error.into(),
            }
        }
    })
}

/// Tells an error about the place that is written to from one about what is read.
fn is_of_the_system(kind: io::ErrorKind) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        kind,
        Kind::StorageFull
            | Kind::QuotaExceeded
            | Kind::FileTooLarge
            | Kind::ReadOnlyFilesystem
            | Kind::PermissionDenied
            | Kind::NotFound
            | Kind::OutOfMemory
    )
}

/// Reads the lines before the pack.
struct Header<'a> {
    path: &'a Path,
    line: usize,
    left: u64,
}

impl Header<'_> {
    fn read(mut self, file: &mut impl BufRead) -> Result<Vec<(String, ObjectId)>, GitError> {
        let version = match self.next_line(file)?.as_slice() {
            b"# v2 git bundle" => 2,
            b"# v3 git bundle" => 3,
            other => {
                let reason = format!(
                    "the version is not 2 or 3: {:?}",
                    String::from_utf8_lossy(other)
                );
                return Err(self.error(reason));
            }
        };
        let mut refs = Vec::new();
        loop {
            let line = self.next_line(file)?;
            match line.first() {
                None => return Ok(refs),
                Some(b'@') if version == 3 => self.capability(&line)?,
                Some(b'-') => {
                    let commit = self.object(&line[1..])?;
                    return Err(GitError::BundlePrerequisite {
                        path: self.path.to_owned(),
                        commit,
                    });
                }
                Some(_) => {
                    let object = self.object(&line)?;
                    let Some(name) = line.get(41..).filter(|name| !name.is_empty()) else {
                        return Err(self.error("a reference has no name".to_owned()));
                    };
                    refs.push((String::from_utf8_lossy(name).into_owned(), object));
                }
            }
        }
    }

    /// The next line without its end.
    fn next_line(&mut self, file: &mut impl BufRead) -> Result<Vec<u8>, GitError> {
        self.line += 1;
        let mut line = Vec::new();
        let result: io::Result<usize> = file.take(self.left).read_until(b'\n', &mut line);
        let read = result.map_err(|source| GitError::Io {
            action: "read",
            path: self.path.to_owned(),
            source,
        })?;
        self.left = self
            .left
            .saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
        if line.pop() != Some(b'\n') {
            let reason = if self.left == 0 {
                "the header is too long"
            } else {
                "the file ends within the header"
            };
            return Err(self.error(reason.to_owned()));
        }
        Ok(line)
    }

    fn capability(&self, line: &[u8]) -> Result<(), GitError> {
        let text = String::from_utf8_lossy(line);
        match text.strip_prefix("@object-format=") {
            Some("sha1") => Ok(()),
            Some(format) => Err(GitError::ObjectFormat {
                path: self.path.to_owned(),
                format: format.to_owned(),
            }),
            None => Err(self.error(format!("the capability {text:?} is not supported"))),
        }
    }

    /// The object id that a line begins with.
    fn object(&self, line: &[u8]) -> Result<ObjectId, GitError> {
        let end = line
            .iter()
            .position(|&byte| byte == b' ')
            .unwrap_or(line.len());
        let digits = String::from_utf8_lossy(&line[..end]);
        if digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(GitError::ObjectFormat {
                path: self.path.to_owned(),
                format: "sha256".to_owned(),
            });
        }
        gix::ObjectId::from_hex(digits.as_bytes())
            .ok()
            .map(|id| own(&id))
            .ok_or_else(|| self.error(format!("{digits:?} is not an object id")))
    }

    fn error(&self, reason: String) -> GitError {
        GitError::BundleHeader {
            path: self.path.to_owned(),
            line: self.line,
            reason,
        }
    }
}
