//! The rows of the log as its writer finds and adds them, also those that are not committed yet.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _};

use super::bundle::{Bundle, Recent, WIDTH};
use super::log::{self, LogError};
use super::log_writer::NewEvent;
use super::seal::seal;
use super::sealed;
use super::sqlite::sqlite_error;
use crate::codec;
use crate::model::{Event, EventId, Instant, Sha256, StreamId};
use crate::prove::{RightEdge, Tile, leaf_hash};

/// A connection to the log, with the bundles that were read through it.
pub(super) struct Rows<'a> {
    pub(super) connection: &'a Connection,
    pub(super) path: &'a Path,
    pub(super) recent: &'a Recent,
}

impl Rows<'_> {
    pub(super) fn find(&self, event_id: EventId) -> Result<Option<u64>, LogError> {
        log::find_event(self.connection, self.path, event_id, |position| {
            self.bundle(position)
        })
    }

    fn bundle(&self, position: u64) -> Result<Option<Arc<Bundle>>, LogError> {
        if let Some(bundle) = self.recent.get(position) {
            return Ok(Some(bundle));
        }
        let bundle = sealed::bundle(self.connection, position)
            .map_err(|error| log::bundle_error(self.path, position, error))?;
        Ok(bundle.map(|bundle| self.recent.keep(position, bundle)))
    }

    fn leaf(&self, seq: u64) -> Result<Option<Vec<u8>>, LogError> {
        let open = log::open_leaf(self.connection, seq).map_err(|source| self.sql(source))?;
        if open.is_some() {
            return Ok(open);
        }
        let bundle = self.bundle(seq / WIDTH)?;
        Ok(bundle.and_then(|bundle| bundle.leaf(seq).map(<[u8]>::to_vec)))
    }

    /// Whether the stored event of that seq says what `new` says.
    pub(super) fn says(&self, id: Sha256, seq: u64, new: &NewEvent) -> Result<bool, LogError> {
        let Some(leaf) = self.leaf(seq)? else {
            return Ok(false);
        };
        Ok(codec::decode(id, &leaf).is_ok_and(|stored| {
            let as_new = placed(new, stored.seq, stored.stream_seq, stored.recorded_at);
            codec::encode(id, &as_new).is_ok_and(|bytes| bytes == leaf)
        }))
    }

    /// The number of a stream's next event: one more than that of its last.
    pub(super) fn next_stream_seq(&self, stream: StreamId) -> Result<u64, LogError> {
        let sql = "SELECT stream_seq FROM event WHERE stream = ?1 ORDER BY stream_seq DESC LIMIT 1";
        let open: Option<[u8; 8]> = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| {
                statement
                    .query_row([stream.as_bytes()], |row| row.get(0))
                    .optional()
            })
            .map_err(|source| self.sql(source))?;
        if let Some(last) = open {
            return Ok(u64::from_be_bytes(last) + 1);
        }
        let positions =
            sealed::positions(self.connection, stream).map_err(|source| self.sql(source))?;
        for position in positions.into_iter().rev() {
            let bundle = self.bundle(position)?;
            let mut addresses = bundle
                .iter()
                .flat_map(|bundle| bundle.leaves().rev())
                .filter_map(|leaf| codec::address(leaf).ok());
            if let Some(last) = addresses.find(|address| address.stream == stream) {
                return Ok(last.stream_seq + 1);
            }
        }
        Ok(0)
    }

    /// Adds an event, and seals it with those before it where it fills a tile.
    pub(super) fn insert(
        &self,
        seq: u64,
        leaf: &[u8],
        edge: &mut RightEdge,
    ) -> Result<(), LogError> {
        self.connection
            .prepare_cached("INSERT INTO event (seq, leaf) VALUES (?1, ?2)")
            .and_then(|mut statement| statement.execute((seq, leaf)))
            .map_err(|source| self.sql(source))?;
        for tile in edge.append(leaf_hash(leaf)) {
            if tile.level == 0 {
                seal(self.connection, self.path, tile.index, &tile.hashes)?;
            } else {
                store_tile(self.connection, &tile).map_err(|source| self.sql(source))?;
            }
        }
        Ok(())
    }

    fn sql(&self, source: rusqlite::Error) -> LogError {
        sqlite_error(self.path, source).into()
    }
}

/// Looks up every event by its id: what the index doesn't find would be appended once more. Of sealed events, the tables
/// that look them up are summed up, which takes no leaf.
pub(super) fn check_index(connection: &Connection, path: &Path) -> Result<(), LogError> {
    let sql = "SELECT seq FROM event AS stored NOT INDEXED WHERE seq IS NOT \
               (SELECT seq FROM event WHERE event_id = stored.event_id) LIMIT 1";
    let lost = connection
        .query_row(sql, [], |row| row.get(0))
        .optional()
        .map_err(|source| sqlite_error(path, source))?;
    let path = path.to_owned();
    if let Some(seq) = lost {
        return Err(LogError::Index { seq, path });
    }
    match sealed::look_ups_are_whole(connection) {
        Ok(true) => Ok(()),
        Ok(false) => Err(LogError::LookUps { path }),
        Err(source) => Err(sqlite_error(&path, source).into()),
    }
}

/// The last event of the log, sealed or not, with its seq.
pub(super) fn last_leaf(
    connection: &Connection,
    path: &Path,
) -> Result<Option<(u64, Vec<u8>)>, LogError> {
    let sql = |source| LogError::from(sqlite_error(path, source));
    let open = connection
        .query_row(
            "SELECT seq, leaf FROM event ORDER BY seq DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()
        .map_err(sql)?;
    if open.is_some() {
        return Ok(open);
    }
    let Some(position) = sealed::count(connection).map_err(sql)?.checked_sub(1) else {
        return Ok(None);
    };
    let seq = position * WIDTH + WIDTH - 1;
    let bundle = sealed::bundle(connection, position)
        .map_err(|error| log::bundle_error(path, position, error))?;
    let leaf = bundle.as_ref().and_then(|bundle| bundle.leaf(seq));
    Ok(leaf.map(|leaf| (seq, leaf.to_vec())))
}

/// The event with its place in the log.
pub(super) fn placed(new: &NewEvent, seq: u64, stream_seq: u64, recorded_at: Instant) -> Event {
    Event {
        seq,
        event_id: new.event_id,
        stream: new.stream,
        stream_seq,
        recorded_at,
        observed_at: new.observed_at,
        fact: new.fact.clone(),
    }
}

pub(super) fn store_tile(transaction: &Connection, tile: &Tile) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO tile (level, position, hashes) VALUES (?1, ?2, ?3)",
        )?
        .execute((tile.level, tile.index, tile.to_bytes()))
        .map(|_| ())
}
