//! SQLite as the archive uses it: every setting that its safety rests on is made and read back.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::files::sync_folder;

/// A database file can't be opened or is not the one expected.
#[derive(Debug, thiserror::Error)]
pub enum SqliteError {
    /// The file is missing.
    #[error("{} is missing", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// SQLite refuses.
    #[error("{}: {source}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// A copy can't be made durable.
    #[error("{} can't be written: {source}", path.display())]
    Sync {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is a database of another kind.
    #[error("{} is not {expected}", path.display())]
    OtherKind {
        /// The file.
        path: PathBuf,
        /// What it should be.
        expected: &'static str,
    },
    /// The file was written by a later program.
    #[error("{} has format {found}, and this program knows format {known}", path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that this program reads.
        known: i64,
    },
    /// The file was written by an earlier program.
    #[error("{} has format {found}, older than the {known} that this program reads", path.display())]
    OlderFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The format that this program reads.
        known: i64,
    },
    /// A setting didn't take.
    #[error("{}: SQLite keeps {pragma} at {found} instead of {wanted}", path.display())]
    Setting {
        /// The file.
        path: PathBuf,
        /// The setting.
        pragma: &'static str,
        /// What it should be.
        wanted: &'static str,
        /// What it is.
        found: String,
    },
}

/// A kind of database file.
pub struct Kind {
    /// What it is, with its article.
    pub name: &'static str,
    /// Its `application_id`.
    pub application_id: i64,
    /// Its `user_version`.
    pub format: i64,
    /// The statements that make it.
    pub schema: &'static str,
}

/// The memory for pages of a database of which all rows are touched again and again, in KiB, as SQLite writes it.
const RELAXED_CACHE: &str = "-65536";

/// How much of the disk a database may use and how it writes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A commit is on disk when it returns.
    Full,
    /// A commit may be lost at a power cut, never torn: for what can be built again.
    Relaxed,
    /// Nothing holds before [`finish_scratch`]: for a file that is being built and thrown away if that fails.
    Scratch,
}

/// Opens a database for reading only.
///
/// # Errors
/// A [`SqliteError`] that names the file.
pub fn open_read_only(path: &Path, kind: &Kind) -> Result<Connection, SqliteError> {
    require_file(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let plain = Connection::open_with_flags(path, flags & !OpenFlags::SQLITE_OPEN_URI)
        .and_then(|connection| probe(&connection).map(|()| connection));
    let connection = match plain {
        // Where not even the shared memory of the WAL can be made (read-only media), and no WAL waits to be read, the
        // file can't change either.
        Err(rusqlite::Error::SqliteFailure(failure, _))
            if failure.code == rusqlite::ErrorCode::CannotOpen && !wal_path(path).exists() =>
        {
            Connection::open_with_flags(immutable_uri(path), flags)
        }
        other => other,
    };
    let connection = connection.map_err(|source| sqlite_error(path, source))?;
    set(&connection, path, "cell_size_check", "ON", "1")?;
    set(&connection, path, "trusted_schema", "OFF", "0")?;
    check_kind(&connection, path, kind)?;
    Ok(connection)
}

/// Opens a database for writing; with `create`, makes it where there is none.
///
/// # Errors
/// A [`SqliteError`] that names the file.
pub fn open_writable(
    path: &Path,
    kind: &Kind,
    durability: Durability,
    create: bool,
) -> Result<Connection, SqliteError> {
    let made = create && !path.exists();
    if !made {
        require_file(path)?;
    }
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    flags.set(OpenFlags::SQLITE_OPEN_CREATE, made);
    let mut connection =
        Connection::open_with_flags(path, flags).map_err(|source| sqlite_error(path, source))?;
    let (journal, synchronous) = match durability {
        Durability::Full => (("WAL", "wal"), ("FULL", "2")),
        Durability::Relaxed => (("WAL", "wal"), ("NORMAL", "1")),
        Durability::Scratch => (("OFF", "off"), ("OFF", "0")),
    };
    connection
        .busy_timeout(std::time::Duration::from_secs(10))
        .map_err(|source| sqlite_error(path, source))?;
    if !made {
        check_kind(&connection, path, kind)?;
    }
    set(&connection, path, "journal_mode", journal.0, journal.1)?;
    set(
        &connection,
        path,
        "synchronous",
        synchronous.0,
        synchronous.1,
    )?;
    if durability != Durability::Full {
        set(
            &connection,
            path,
            "cache_size",
            RELAXED_CACHE,
            RELAXED_CACHE,
        )?;
    }
    set(&connection, path, "foreign_keys", "ON", "1")?;
    set(&connection, path, "recursive_triggers", "ON", "1")?;
    set(&connection, path, "trusted_schema", "OFF", "0")?;
    set(&connection, path, "cell_size_check", "ON", "1")?;
    if made {
        make(&mut connection, kind).map_err(|source| sqlite_error(path, source))?;
    }
    Ok(connection)
}

/// Brings a file of the format `from` to that of `kind`, in one transaction that `change` works in, and leaves any other as
/// it is. The caller holds the archive's lock.
///
/// # Errors
/// What `change` says, and a [`SqliteError`] that names the file; the file then stays as it was.
pub fn migrate<E: From<SqliteError>>(
    path: &Path,
    kind: &Kind,
    from: i64,
    change: impl FnOnce(&Connection) -> Result<(), E>,
) -> Result<(), E> {
    match open_read_only(path, kind) {
        Err(SqliteError::OlderFormat { found, .. }) if found == from => {}
        other => return other.map(|_| ()).map_err(E::from),
    }
    let sql = |source| E::from(sqlite_error(path, source));
    let before = Kind {
        format: from,
        ..*kind
    };
    let mut connection = open_writable(path, &before, Durability::Full, false)?;
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(sql)?;
    change(&transaction)?;
    transaction
        .pragma_update(None, "user_version", kind.format)
        .and_then(|()| transaction.commit())
        .map_err(sql)
}

/// Copies a database as of one moment into a new file, while others may write to it; durable when it returns.
///
/// # Errors
/// A [`SqliteError`] that names the new file.
pub fn copy(connection: &Connection, to: &Path) -> Result<(), SqliteError> {
    let synced = || {
        std::fs::File::open(to)?.sync_all()?;
        to.parent().map_or(Ok(()), sync_folder)
    };
    connection
        .execute("VACUUM INTO ?1", [to.to_string_lossy()])
        .map_err(|source| sqlite_error(to, source))?;
    synced().map_err(|source| SqliteError::Sync {
        path: to.to_owned(),
        source,
    })
}

/// Writes a file anew from what its rows hold, and empties the write-ahead log; returns whether a reader of an earlier
/// state keeps that from being emptied.
///
/// # Errors
/// SQLite's.
pub fn write_anew(connection: &Connection) -> rusqlite::Result<bool> {
    connection.execute_batch("VACUUM")?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
}

/// The length of a file, in bytes.
///
/// # Errors
/// SQLite's.
pub fn file_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let query = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    connection.query_row(query, [], |row| row.get(0))
}

/// Closes a file that was built as [`Durability::Scratch`], whole and on disk, ready to be used like any other.
///
/// # Errors
/// A [`SqliteError`] that names the file.
pub fn finish_scratch(connection: Connection, path: &Path) -> Result<(), SqliteError> {
    set(&connection, path, "synchronous", "FULL", "2")?;
    set(&connection, path, "journal_mode", "WAL", "wal")?;
    connection
        .close()
        .map_err(|(_, source)| sqlite_error(path, source))
}

/// Puts the path of a database before an error of SQLite's.
pub fn sqlite_error(path: &Path, source: rusqlite::Error) -> SqliteError {
    SqliteError::Sqlite {
        path: path.to_owned(),
        source,
    }
}

fn require_file(path: &Path) -> Result<(), SqliteError> {
    if path.is_file() {
        Ok(())
    } else {
        Err(SqliteError::Missing {
            path: path.to_owned(),
        })
    }
}

fn make(connection: &mut Connection, kind: &Kind) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(kind.schema)?;
    transaction.pragma_update(None, "application_id", kind.application_id)?;
    transaction.pragma_update(None, "user_version", kind.format)?;
    transaction.commit()
}

/// Reads the schema, so that a file that can't be read is known at once.
fn probe(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

fn check_kind(connection: &Connection, path: &Path, kind: &Kind) -> Result<(), SqliteError> {
    let pragma = |name| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .map_err(|source| sqlite_error(path, source))
    };
    if pragma("application_id")? != kind.application_id {
        return Err(SqliteError::OtherKind {
            path: path.to_owned(),
            expected: kind.name,
        });
    }
    let (path, found, known) = (path.to_owned(), pragma("user_version")?, kind.format);
    match found.cmp(&known) {
        Ordering::Equal => Ok(()),
        Ordering::Less => Err(SqliteError::OlderFormat { path, found, known }),
        Ordering::Greater => Err(SqliteError::NewerFormat { path, found, known }),
    }
}

fn set(
    connection: &Connection,
    path: &Path,
    pragma: &'static str,
    value: &str,
    wanted: &'static str,
) -> Result<(), SqliteError> {
    let read = |row: &rusqlite::Row<'_>| {
        let value: rusqlite::types::Value = row.get(0)?;
        Ok(match value {
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => format!("{other:?}"),
        })
    };
    connection
        .pragma_update_and_check(None, pragma, value, |_| Ok(()))
        .or_else(|error| {
            if matches!(error, rusqlite::Error::QueryReturnedNoRows) {
                Ok(())
            } else {
                Err(error)
            }
        })
        .and_then(|()| connection.pragma_query_value(None, pragma, read))
        .map_err(|source| sqlite_error(path, source))
        .and_then(|found| {
            if found == wanted {
                Ok(())
            } else {
                Err(SqliteError::Setting {
                    path: path.to_owned(),
                    pragma,
                    wanted,
                    found,
                })
            }
        })
}

fn wal_path(path: &Path) -> PathBuf {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    wal.into()
}

/// The URI of a file that nothing writes, with the bytes that mean something in a URI escaped.
fn immutable_uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in path.to_string_lossy().bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~:\\".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri + "?immutable=1"
}

/// What SQLite finds wrong with a file's structure; empty when nothing. It doesn't see most damage to stored content.
///
/// # Errors
/// SQLite's, where the file can't even be walked.
pub fn check_structure(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
    let lines = statement
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut faults = if lines == ["ok"] { Vec::new() } else { lines };
    // SQLite takes what is missing from the last page for zeros.
    let page_bytes: u64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let length = connection.path().map(std::fs::metadata);
    match length {
        Some(Ok(file)) if file.len() % page_bytes != 0 => faults.push(format!(
            "the file ends within a page, at byte {}",
            file.len()
        )),
        Some(Err(error)) => faults.push(format!("the file's length can't be read: {error}")),
        _ => {}
    }
    Ok(faults)
}
