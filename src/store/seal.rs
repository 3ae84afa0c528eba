//! Sealing: 256 events that fill a tile of leaf hashes move into one bundle, within the transaction that appends the
//! last of them; and the migration of a log from before there were bundles.

use std::path::Path;

use rusqlite::Connection;

use super::bundle::{Bundle, WIDTH};
use super::log::{self, KIND, LogError, StoredTiles};
use super::sealed::{BundleError, LookUps};
use super::sqlite::{self, sqlite_error};
use crate::model::Sha256;
use crate::prove::RightEdge;

const MIGRATION: &str = include_str!("../../schema/log/0002_bundles.sql");

/// Moves the events of a full tile into a bundle. Its hashes are known from appending: what is on disk must give them.
///
/// # Errors
/// [`LogError::Altered`], [`LogError::Sqlite`]; nothing may then be committed.
pub(super) fn seal(
    connection: &Connection,
    path: &Path,
    position: u64,
    hashes: &[Sha256],
) -> Result<(), LogError> {
    let sql = |source| LogError::from(sqlite_error(path, source));
    let first = position * WIDTH;
    let bundle =
        open_events(connection, first).map_err(|error| log::bundle_error(path, position, error))?;
    let altered = |seq| LogError::Altered {
        seq,
        path: path.to_owned(),
    };
    if bundle.hashes() != hashes {
        let same = hashes.iter().zip(bundle.hashes());
        let same = same.take_while(|(one, other)| one == other).count();
        return Err(altered(first + same as u64));
    }
    let look_ups = LookUps::of(position, &bundle).map_err(|source| LogError::Decode {
        seq: first,
        path: path.to_owned(),
        source: source.into(),
    })?;
    put_bundle(connection, path, position, &bundle, &look_ups)?;
    put_look_ups(connection, position, &look_ups)
        .and_then(|()| {
            connection
                .prepare_cached("DELETE FROM event WHERE seq < ?1")?
                .execute([first + WIDTH])?;
            connection
                .prepare_cached("DELETE FROM tile WHERE level = 0 AND position = ?1")?
                .execute([position])
        })
        .map_err(sql)
        .map(|_| ())
}

/// The rows of 256 events as a bundle.
fn open_events(connection: &Connection, first: u64) -> Result<Bundle, BundleError> {
    let sql = "SELECT leaf FROM event WHERE seq >= ?1 AND seq < ?2 ORDER BY seq";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([first, first + WIDTH])?;
    let mut bundle = Bundle::default();
    while let Some(row) = rows.next()? {
        bundle
            .push(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)
            .map_err(|error| BundleError::Damaged(error.to_string()))?;
    }
    Ok(bundle)
}

/// Writes the row of a bundle, in place of one that is damaged where the triggers are away.
pub(super) fn put_bundle(
    connection: &Connection,
    path: &Path,
    position: u64,
    bundle: &Bundle,
    look_ups: &LookUps,
) -> Result<(), LogError> {
    let frame = bundle
        .to_frame()
        .map_err(|reason| log::bundle_error(path, position, BundleError::Damaged(reason)))?;
    connection
        .prepare_cached(
            "INSERT INTO bundle (position, recorded_at, look_ups, size_bytes, frame) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (position) DO UPDATE SET
                 recorded_at = excluded.recorded_at, look_ups = excluded.look_ups,
                 size_bytes = excluded.size_bytes, frame = excluded.frame",
        )
        .and_then(|mut statement| {
            let recorded_at = look_ups.recorded_at.micros();
            statement.execute((position, recorded_at, look_ups.sum, bundle.size_bytes(), frame))
        })
        .map_err(|source| sqlite_error(path, source).into())
        .map(|_| ())
}

/// Adds the rows by which the events of a bundle are found.
pub(super) fn put_look_ups(
    connection: &Connection,
    position: u64,
    look_ups: &LookUps,
) -> rusqlite::Result<()> {
    let mut event = connection.prepare_cached("INSERT INTO sealed_event VALUES (?1, ?2)")?;
    for row in &look_ups.events {
        event.execute(*row)?;
    }
    let mut stream = connection.prepare_cached("INSERT INTO sealed_stream VALUES (?1, ?2)")?;
    for key in &look_ups.streams {
        stream.execute((key, position))?;
    }
    Ok(())
}

/// Brings a log of format 1 to this program's, in one transaction, and leaves any other as it is. The caller holds the
/// archive's lock. Leaves, hashes and checkpoints stay as they are, so nothing is signed.
///
/// # Errors
/// [`LogError::Altered`] where an event or a tile is damaged: the log then stays as it was. [`LogError::Sqlite`].
pub fn migrate_log(path: &Path) -> Result<(), LogError> {
    sqlite::migrate(path, &KIND, 1, |transaction| seal_all(transaction, path))
}

/// Makes the tables of bundles and seals all events that fill one.
fn seal_all(connection: &Connection, path: &Path) -> Result<(), LogError> {
    let sql = |source| LogError::from(sqlite_error(path, source));
    connection.execute_batch(MIGRATION).map_err(sql)?;
    let size: u64 = connection
        .query_row("SELECT coalesce(max(seq) + 1, 0) FROM event", [], |row| {
            row.get(0)
        })
        .map_err(sql)?;
    let tiles = StoredTiles(connection);
    let tree = |source| log::tree_error(path, source);
    let root = RightEdge::load(&tiles, size).map_err(tree)?.root();
    for position in 0..size / WIDTH {
        let hashes = log::proven_tile(&tiles, position, size, &root)
            .map_err(tree)?
            .ok_or(LogError::Altered {
                seq: position * WIDTH,
                path: path.to_owned(),
            })?;
        seal(connection, path, position, &hashes)?;
    }
    Ok(())
}
