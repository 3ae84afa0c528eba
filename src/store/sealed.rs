//! Sealed events on disk: their bundles, and the two tables that say where an id or a stream may be found in them.
//!
//! The tables hold 4 bytes of an id or a stream, so that what they find is only a candidate, which the leaf confirms.
//! What they don't find can't be confirmed by any leaf: a sum of digests over their rows shows that none is lost.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _};

use super::bundle::{Bundle, WIDTH};
use crate::codec::{self, EnvelopeError};
use crate::model::{EventId, Instant, StreamId};

/// A bundle can't be read.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// SQLite refuses.
    #[error("{0}")]
    Sqlite(rusqlite::Error),
    /// Its row doesn't hold 256 leaves.
    #[error("{0}")]
    Damaged(String),
}

impl From<rusqlite::Error> for BundleError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(failure, _)
                if failure.code != rusqlite::ErrorCode::DatabaseCorrupt =>
            {
                Self::Sqlite(error)
            }
            damage => Self::Damaged(damage.to_string()),
        }
    }
}

/// Reads a bundle; none where its events are not sealed.
///
/// # Errors
/// A [`BundleError`]; that the leaves are those that were signed is for the caller to prove.
pub(super) fn bundle(
    connection: &Connection,
    position: u64,
) -> Result<Option<Bundle>, BundleError> {
    let row: Option<(usize, Vec<u8>)> = connection
        .prepare_cached("SELECT size_bytes, frame FROM bundle WHERE position = ?1")?
        .query_row([position], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    row.map(|(size_bytes, frame)| Bundle::from_frame(&frame, size_bytes))
        .transpose()
        .map_err(BundleError::Damaged)
}

/// How many bundles there are.
pub(super) fn count(connection: &Connection) -> rusqlite::Result<u64> {
    let sql = "SELECT coalesce(max(position) + 1, 0) FROM bundle";
    connection
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))
}

/// The seqs of the sealed events whose id may be this one.
pub(super) fn candidates(connection: &Connection, event_id: EventId) -> rusqlite::Result<Vec<u64>> {
    let sql = "SELECT seq FROM sealed_event WHERE event_id = ?1 ORDER BY seq";
    connection
        .prepare_cached(sql)?
        .query_map([beginning(event_id.0)], |row| row.get(0))?
        .collect()
}

/// The positions of the bundles that may hold events of a stream, in their order.
pub(super) fn positions(connection: &Connection, stream: StreamId) -> rusqlite::Result<Vec<u64>> {
    let sql = "SELECT position FROM sealed_stream WHERE stream = ?1 ORDER BY position";
    connection
        .prepare_cached(sql)?
        .query_map([beginning(stream.0)], |row| row.get(0))?
        .collect()
}

/// When the log took the first event of a bundle, as its row says, in µs since the epoch.
pub(super) fn recorded_at(connection: &Connection, position: u64) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT recorded_at FROM bundle WHERE position = ?1")?
        .query_row([position], |row| row.get(0))
        .optional()
}

/// What the database says of a bundle beside its leaves, computed from them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LookUps {
    /// When the log took the first event.
    pub(super) recorded_at: Instant,
    /// What its rows add to the sum over both tables.
    pub(super) sum: i64,
    /// Its rows of `sealed_event`, sorted.
    pub(super) events: Vec<(i32, u64)>,
    /// Its rows of `sealed_stream`.
    pub(super) streams: BTreeSet<i32>,
}

impl LookUps {
    /// # Errors
    /// [`EnvelopeError`] where a leaf is too short to be one.
    pub(super) fn of(position: u64, bundle: &Bundle) -> Result<Self, EnvelopeError> {
        let mut recorded_at = None;
        let (mut events, mut streams) = (Vec::new(), BTreeSet::new());
        for (seq, leaf) in (position * WIDTH..).zip(bundle.leaves()) {
            let address = codec::address(leaf)?;
            recorded_at = recorded_at.or(Some(address.recorded_at));
            events.push((beginning(address.event_id.0), seq));
            streams.insert(beginning(address.stream.0));
        }
        events.sort_unstable();
        let of_events = events.iter().map(|(key, seq)| EVENT.digest(*key, *seq));
        let of_streams = streams.iter().map(|key| STREAM.digest(*key, position));
        let sum = of_events.chain(of_streams).fold(0, i64::wrapping_add);
        Ok(Self {
            recorded_at: recorded_at.unwrap_or(Instant::MIN),
            sum,
            events,
            streams,
        })
    }

    /// Whether the row of the bundle says the same.
    pub(super) fn are_in_row(
        &self,
        connection: &Connection,
        position: u64,
    ) -> rusqlite::Result<bool> {
        let sql = "SELECT recorded_at, look_ups FROM bundle WHERE position = ?1";
        let row: Option<(i64, i64)> = connection
            .prepare_cached(sql)?
            .query_row([position], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(row == Some((self.recorded_at.micros(), self.sum)))
    }
}

/// Whether the rows of both tables are those of all bundles, and in the order that a look-up relies on.
///
/// Reads the tables once from one end to the other, and no leaf.
pub(super) fn look_ups_are_whole(connection: &Connection) -> rusqlite::Result<bool> {
    // What a writer seals meanwhile is seen in all three or in none.
    let one_state = connection.unchecked_transaction()?;
    let mut expected = 0_i64;
    let mut statement = one_state.prepare("SELECT look_ups FROM bundle")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        expected = expected.wrapping_add(row.get(0)?);
    }
    let (Some(events), Some(streams)) = (EVENT.sum(&one_state)?, STREAM.sum(&one_state)?) else {
        return Ok(false);
    };
    Ok(events.wrapping_add(streams) == expected)
}

/// One of the two tables.
struct Table {
    number: u8,
    rows: &'static str,
}

const EVENT: Table = Table {
    number: 1,
    rows: "SELECT event_id, seq FROM sealed_event ORDER BY event_id, seq",
};
const STREAM: Table = Table {
    number: 2,
    rows: "SELECT stream, position FROM sealed_stream ORDER BY stream, position",
};

impl Table {
    /// The sum over all rows; none where they are out of order.
    fn sum(&self, connection: &Connection) -> rusqlite::Result<Option<i64>> {
        let mut statement = connection.prepare(self.rows)?;
        let mut rows = statement.query([])?;
        let (mut sum, mut before) = (0_i64, None);
        while let Some(row) = rows.next()? {
            let row: (i32, u64) = (row.get(0)?, row.get(1)?);
            if before >= Some(row) {
                return Ok(None);
            }
            before = Some(row);
            sum = sum.wrapping_add(self.digest(row.0, row.1));
        }
        Ok(Some(sum))
    }

    /// The first 8 bytes of BLAKE3 over the table's number and the row's two.
    fn digest(&self, key: i32, place: u64) -> i64 {
        let mut bytes = [self.number; 13];
        bytes[1..5].copy_from_slice(&key.to_be_bytes());
        bytes[5..].copy_from_slice(&place.to_be_bytes());
        let digest = blake3::hash(&bytes);
        digest
            .as_bytes()
            .first_chunk()
            .map_or(0, |bytes| i64::from_be_bytes(*bytes))
    }
}

/// The first 4 bytes, as SQLite stores them in 4.
fn beginning(id: [u8; 16]) -> i32 {
    let [a, b, c, d, ..] = id;
    i32::from_be_bytes([a, b, c, d])
}
