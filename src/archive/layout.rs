//! Where an archive's files lie, how it is made, found and recognised.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::{Alarm, ArchiveError};
use crate::model::{Instant, to_hex};
use crate::prove::{Checkpoint, SigningKey, VerifierKey};
use crate::store::{self, BlobWriter, Log, LogError, LogWriter, ViewsWriter, read_checkpoint};

/// The format that this program writes.
const FORMAT: u64 = 1;
const MANIFEST: &str = "recension.toml";
const KEY_PREFIX: &str = "PRIVATE+KEY+";
/// What a key, a manifest or a checkpoint may take at the most, in bytes.
pub(super) const SMALL: u64 = 1 << 16;

/// The paths of an archive.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    folder: PathBuf,
}

/// What `recension.toml` says.
#[derive(Debug, Clone)]
pub(super) struct Manifest {
    pub(super) verifier: VerifierKey,
}

impl Manifest {
    /// The name of the log.
    pub(super) fn origin(&self) -> &str {
        self.verifier.name()
    }
}

/// The checkpoint outside the log, or what is wrong with it.
#[derive(Debug)]
pub(super) struct Sidecar(Result<Checkpoint, Alarm>);

impl Sidecar {
    /// Whether it is this checkpoint.
    pub(super) fn is(&self, checkpoint: &Checkpoint) -> bool {
        self.0.as_ref().is_ok_and(|sidecar| sidecar == checkpoint)
    }

    /// Compares it with the log, which must have been opened after it was read: it may only be behind.
    pub(super) fn compare(self, log: &Log) -> Result<Option<Alarm>, ArchiveError> {
        let checkpoint = match self.0 {
            Ok(checkpoint) => checkpoint,
            Err(alarm) => return Ok(Some(alarm)),
        };
        let (size, signed) = (checkpoint.size(), *checkpoint.root());
        if size > log.size() {
            return Ok(Some(Alarm::Shorter {
                held: log.size(),
                signed: size,
            }));
        }
        let found = log.root_at(size)?;
        Ok((found != signed).then_some(Alarm::OtherRoot {
            size,
            signed,
            found,
        }))
    }
}

/// What the manifests of all formats have in common.
#[derive(serde::Deserialize)]
struct ManifestFormat {
    format: u64,
}

#[derive(serde::Deserialize)]
struct ManifestFile {
    verifier: String,
}

impl Layout {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("log.sqlite")
    }

    /// Opens the log as of its newest checkpoint.
    ///
    /// # Errors
    /// A [`LogError`].
    pub(super) fn open_log(&self, manifest: &Manifest) -> Result<Log, LogError> {
        Log::open(&self.log(), manifest.origin(), &manifest.verifier)
    }

    /// Brings the log and the blobs to the formats of this program; the caller holds the writer's lock.
    ///
    /// # Errors
    /// Those of [`store::migrate_log`] and [`store::migrate_blobs`].
    pub(super) fn migrate(&self) -> Result<(), ArchiveError> {
        store::migrate_log(&self.log())?;
        store::migrate_blobs(&self.blobs())?;
        Ok(())
    }

    pub(super) fn blobs(&self) -> PathBuf {
        self.folder.join("blobs.sqlite")
    }

    pub(super) fn views(&self) -> PathBuf {
        self.folder.join("views.sqlite")
    }

    /// The search index, which need not be there.
    pub(super) fn search(&self) -> PathBuf {
        self.folder.join("search.sqlite")
    }

    /// What is kept of the histories of documents, which need not be there.
    pub(super) fn histories(&self) -> PathBuf {
        self.folder.join("histories.sqlite")
    }

    pub(super) fn sidecar(&self) -> PathBuf {
        self.folder.join("checkpoint")
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.folder.join("lock")
    }

    pub(super) fn key(&self) -> PathBuf {
        self.folder.join("signing.key")
    }

    /// The note of a sweep that has not ended.
    pub(super) fn sweep(&self) -> PathBuf {
        self.folder.join("sweep")
    }

    /// The folder of what an import needs while it runs.
    pub(super) fn scratch(&self) -> PathBuf {
        self.folder.join("import.new")
    }

    /// Removes what an interrupted import left behind: the caller holds the writer's lock, so no one uses it.
    ///
    /// # Errors
    /// [`store::FileError::Write`].
    pub(super) fn clear_scratch(&self) -> Result<(), store::FileError> {
        let path = self.scratch();
        match fs::remove_dir_all(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(store::FileError::Write { path, source })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn manifest(&self) -> PathBuf {
        self.folder.join(MANIFEST)
    }

    pub(super) fn read_manifest(&self) -> Result<Manifest, ArchiveError> {
        let path = self.manifest();
        if !path.is_file() {
            return Err(ArchiveError::NotAnArchive {
                folder: self.folder.clone(),
            });
        }
        let manifest_error = |reason: String| ArchiveError::Manifest {
            path: path.clone(),
            reason,
        };
        let bytes = store::read_small(&path, SMALL)?;
        let text = String::from_utf8(bytes).map_err(|error| manifest_error(error.to_string()))?;
        let toml_error = |error: toml::de::Error| manifest_error(error.message().to_owned());
        let ManifestFormat { format } = toml::from_str(&text).map_err(toml_error)?;
        if format != FORMAT {
            let (folder, found) = (self.folder.clone(), format);
            return Err(ArchiveError::NewerFormat {
                folder,
                found,
                known: FORMAT,
            });
        }
        let file: ManifestFile = toml::from_str(&text).map_err(toml_error)?;
        let verifier = file
            .verifier
            .parse()
            .map_err(|error| manifest_error(format!("{error}")))?;
        Ok(Manifest { verifier })
    }

    /// Reads the checkpoint outside the log.
    pub(super) fn read_sidecar(&self, manifest: &Manifest) -> Sidecar {
        let path = self.sidecar();
        if !path.exists() {
            return Sidecar(Err(Alarm::NoSidecar));
        }
        Sidecar(
            store::read_small(&path, SMALL)
                .map_err(|error| error.to_string())
                .and_then(|bytes| {
                    read_checkpoint(&bytes, &manifest.verifier).map_err(|error| error.to_string())
                })
                .map(|(_, checkpoint)| checkpoint)
                .map_err(|reason| Alarm::BadSidecar { reason }),
        )
    }

    pub(super) fn read_key(&self, manifest: &Manifest) -> Result<SigningKey, ArchiveError> {
        let path = self.key();
        let key_error = |reason: &str| ArchiveError::SigningKey {
            path: path.clone(),
            reason: reason.to_owned(),
        };
        if !path.exists() {
            return Err(key_error("the file is missing"));
        }
        let bytes = store::read_small(&path, SMALL)?;
        let seed = std::str::from_utf8(&bytes)
            .ok()
            .and_then(|text| text.trim_end().strip_prefix(KEY_PREFIX))
            .and_then(|text| text.splitn(3, '+').nth(2))
            .and_then(|seed| BASE64_STANDARD.decode(seed).ok())
            .and_then(|seed| <[u8; 32]>::try_from(seed).ok())
            .ok_or_else(|| key_error("it is not a key file of Recension"))?;
        let key = SigningKey::from_seed(manifest.origin(), &seed)?;
        if key.verifier() == &manifest.verifier {
            Ok(key)
        } else {
            Err(key_error("it is not the key that recension.toml names"))
        }
    }
}

/// Makes an archive in `folder`, which may be missing or empty.
///
/// `origin` names its log in checkpoints; without it, the name is made from the entropy. `entropy` must be random: the
/// first 32 bytes become the signing key.
///
/// # Errors
/// [`ArchiveError::Occupied`] where something is already, or what the disk says.
pub fn init(
    folder: &Path,
    origin: Option<&str>,
    entropy: &[u8; 40],
    now: Instant,
) -> Result<VerifierKey, ArchiveError> {
    let layout = Layout::new(folder);
    let occupied = |path: &Path, what| {
        Err(ArchiveError::Occupied {
            path: path.to_owned(),
            what,
        })
    };
    if layout.manifest().exists() {
        return occupied(folder, "is an archive already");
    }
    let write_error = |source| {
        ArchiveError::File(store::FileError::Write {
            path: folder.to_owned(),
            source,
        })
    };
    if folder.exists() && !folder.is_dir() {
        return occupied(folder, "is not a folder");
    }
    fs::create_dir_all(folder).map_err(write_error)?;
    for path in [
        layout.log(),
        layout.blobs(),
        layout.views(),
        layout.sidecar(),
        layout.key(),
    ] {
        if path.exists() {
            return occupied(
                &path,
                "is there already, although the folder is not an archive",
            );
        }
    }
    let (seed, name) = entropy.split_first_chunk::<32>().unwrap_or((&[0; 32], &[]));
    let origin = origin.map_or_else(|| format!("recension/{}", to_hex(name)), str::to_owned);
    let key = SigningKey::from_seed(&origin, seed)?;
    let verifier = key.verifier().clone();
    let secret = format!(
        "{KEY_PREFIX}{origin}+{:08x}+{}\n",
        verifier.id(),
        BASE64_STANDARD.encode(seed)
    );
    store::replace(&layout.key(), secret.as_bytes(), true)?;
    BlobWriter::open(&layout.blobs(), true)?;
    LogWriter::create(&layout.log(), &layout.sidecar(), &key, now)?;
    ViewsWriter::open(&layout.views())?.close()?;
    // Last, so that a folder is an archive only when everything else is there.
    store::replace(
        &layout.manifest(),
        manifest_text(&verifier).as_bytes(),
        false,
    )?;
    Ok(verifier)
}

fn manifest_text(verifier: &VerifierKey) -> String {
    let verifier = toml::Value::String(verifier.to_string());
    format!(
        "# This folder is an archive of Recension. `verifier` is the public key (a C2SP vkey) of its checkpoints:\n\
         # keep a copy of it elsewhere.\n\
         format = {FORMAT}\n\
         verifier = {verifier}\n"
    )
}

/// Finds the nearest archive at `folder` or above.
///
/// # Errors
/// [`ArchiveError::NoneNear`].
pub fn discover(folder: &Path) -> Result<PathBuf, ArchiveError> {
    folder
        .ancestors()
        .find(|candidate| candidate.join(MANIFEST).is_file())
        .map(Path::to_owned)
        .ok_or_else(|| ArchiveError::NoneNear {
            folder: folder.to_owned(),
        })
}

impl Layout {
    /// The size of every file in the archive's folder, by name.
    pub(super) fn file_sizes(&self) -> Result<Vec<(String, u64)>, ArchiveError> {
        let read = || {
            let mut sizes = Vec::new();
            for entry in fs::read_dir(&self.folder)? {
                let entry = entry?;
                let metadata = match entry.metadata() {
                    // What a writer keeps beside its files comes and goes.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    metadata => metadata?,
                };
                if metadata.is_file() {
                    sizes.push((
                        entry.file_name().to_string_lossy().into_owned(),
                        metadata.len(),
                    ));
                }
            }
            sizes.sort();
            Ok(sizes)
        };
        read().map_err(|source| {
            store::FileError::Read {
                path: self.folder.clone(),
                source,
            }
            .into()
        })
    }
}
