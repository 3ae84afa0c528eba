//! Small files of the archive, written so that a crash leaves either the old one or the new one.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// How often a writer asks for the lock before it gives up, and how long it waits in between.
const LOCK_ATTEMPTS: u32 = 10;
/// The same for who replaces the views: whoever writes them may have many events to take up.
const REPLACE_ATTEMPTS: u32 = 500;
const LOCK_WAIT: Duration = Duration::from_millis(20);

/// A file of the archive can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Reading failed.
    #[error("{} can't be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Writing failed.
    #[error("{} can't be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process holds the writer's lock.
    #[error("another process is writing to this archive (it holds {})", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
}

/// Replaces a file: a temporary one is written and synced, renamed over it, and the folder synced.
///
/// # Errors
/// [`FileError::Write`]; the old file is then still whole.
pub fn replace(path: &Path, content: &[u8], private: bool) -> Result<(), FileError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    let write = || {
        // What an interrupted replacement left behind may have other permissions.
        match fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = create_options(private).open(&temporary)?;
        file.write_all(content)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&temporary, path)?;
        path.parent().map_or(Ok(()), sync_folder)
    };
    write().map_err(|source| FileError::Write {
        path: path.to_owned(),
        source,
    })
}

/// Reads a file of at most `limit_bytes`.
///
/// # Errors
/// [`FileError::Read`], also where the file is larger.
pub fn read_small(path: &Path, limit_bytes: u64) -> Result<Vec<u8>, FileError> {
    use std::io::Read as _;
    let read = || {
        let mut content = Vec::new();
        let read = File::open(path)?
            .take(limit_bytes + 1)
            .read_to_end(&mut content)?;
        if read as u64 > limit_bytes {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("it has more than {limit_bytes} bytes"),
            ));
        }
        Ok(content)
    };
    read().map_err(|source| FileError::Read {
        path: path.to_owned(),
        source,
    })
}

/// Makes a folder inside `parent`, under a name that no one else has, that goes away when dropped.
///
/// # Errors
/// [`FileError::Write`].
pub fn scratch_folder(parent: &Path, prefix: &str) -> Result<tempfile::TempDir, FileError> {
    tempfile::Builder::new()
        .prefix(prefix)
        .tempdir_in(parent)
        .map_err(|source| FileError::Write {
            path: parent.to_owned(),
            source,
        })
}

/// Makes what a folder lists durable.
///
/// # Errors
/// Those of the system.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    // Windows has no way to sync a folder; its file systems journal their entries.
    if cfg!(windows) {
        Ok(())
    } else {
        File::open(folder)?.sync_all()
    }
}

/// The right to write to an archive, held until dropped.
#[derive(Debug)]
pub struct WriterLock(
    #[expect(dead_code, reason = "the lock lasts as long as the file is open")] File,
);

impl WriterLock {
    /// Takes the lock; waits a moment for another process that is about to end.
    ///
    /// # Errors
    /// [`FileError::Locked`] where another process holds it, else [`FileError::Write`].
    pub fn take(path: &Path) -> Result<Self, FileError> {
        Ok(Self(lock(path, LOCK_ATTEMPTS)?))
    }
}

/// A hold on the file of views or of the search index, by a lock on a file beside it, so that it is never replaced under one who opens
/// or writes them: what SQLite keeps beside the old file would be taken for a part of the new one.
#[derive(Debug)]
pub struct ViewsLock(
    #[expect(dead_code, reason = "the lock lasts as long as the file is open")] File,
);

impl ViewsLock {
    /// Takes the lock together with others; waits while views are replaced, which is done in a moment.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn share(views: &Path) -> Result<Self, FileError> {
        let path = views.with_extension("lock");
        let file = open_lock(&path)?;
        file.lock_shared()
            .map_err(|source| FileError::Write { path, source })?;
        Ok(Self(file))
    }

    /// Takes the lock alone, and waits for as long as it takes.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn wait(views: &Path) -> Result<Self, FileError> {
        let path = views.with_extension("lock");
        let file = open_lock(&path)?;
        file.lock()
            .map_err(|source| FileError::Write { path, source })?;
        Ok(Self(file))
    }

    /// Takes the lock alone, to replace the views; waits for others, some seconds at the most.
    ///
    /// # Errors
    /// [`FileError::Locked`] where another process still writes to the views, else [`FileError::Write`].
    pub fn exclude(views: &Path) -> Result<Self, FileError> {
        Ok(Self(lock(&views.with_extension("lock"), REPLACE_ATTEMPTS)?))
    }
}

fn open_lock(path: &Path) -> Result<File, FileError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|source| FileError::Write {
            path: path.to_owned(),
            source,
        })
}

fn lock(path: &Path, attempts: u32) -> Result<File, FileError> {
    let file = open_lock(path)?;
    let path = path.to_owned();
    for attempt in 1.. {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if attempt < attempts => thread::sleep(LOCK_WAIT),
            Err(TryLockError::WouldBlock) => return Err(FileError::Locked { path }),
            Err(TryLockError::Error(source)) => return Err(FileError::Write { path, source }),
        }
    }
    Ok(file)
}

#[cfg(unix)]
fn create_options(private: bool) -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create_new(true)
        .mode(if private { 0o600 } else { 0o644 });
    options
}

#[cfg(not(unix))]
fn create_options(_private: bool) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options
}
