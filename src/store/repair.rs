//! Repair of the log: bundles that are lost or damaged are taken from another copy of it, and the tables that look up
//! sealed events are built again. Leaves are known by their hashes, which the tree here proves, so the other needn't be
//! trusted.

use rusqlite::{Connection, TransactionBehavior};

use super::bundle::WIDTH;
use super::log::{self, KIND, Log, LogError};
use super::seal::{put_bundle, put_look_ups};
use super::sealed::{self, LookUps};
use super::sqlite::{self, Durability, sqlite_error};
use crate::codec::EnvelopeError;

/// What a repair did to the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepairedLog {
    /// Bundles that were lost or damaged.
    pub bad: u64,
    /// How many of them are whole again.
    pub restored: u64,
    /// The first events of those that are not, each with the reason.
    pub left: Vec<(u64, String)>,
    /// Whether the look-up tables were built again.
    pub look_ups: bool,
}

/// Takes the bundles that can't be read from another copy of the log, and builds the look-up tables again where a row of
/// theirs is lost or changed. The caller holds the archive's lock.
///
/// `other` is asked for only where something is wrong; what it says else is then the reason why nothing was restored.
///
/// # Errors
/// [`LogError::Sqlite`], [`LogError::Tree`]; what was restored until then stays.
pub fn repair_log(
    log: &Log,
    other: impl FnOnce() -> Result<Log, String>,
) -> Result<RepairedLog, LogError> {
    let mut repaired = RepairedLog::default();
    let bad = unreadable(log)?;
    if !bad.is_empty() {
        repaired.bad = bad.len() as u64;
        let other = other();
        write(log, |connection| {
            for position in bad {
                let restored = other.as_ref().map_err(Clone::clone);
                match restored.and_then(|other| restore(connection, log, other, position)) {
                    Ok(()) => repaired.restored += 1,
                    Err(reason) => repaired.left.push((position * WIDTH, reason)),
                }
            }
            Ok(())
        })?;
    }
    if repaired.left.is_empty() && !look_ups_are_right(log)? {
        write(log, |connection| build_look_ups(connection, log))?;
        repaired.look_ups = true;
    }
    Ok(repaired)
}

/// The positions of the bundles of signed events that can't be read.
fn unreadable(log: &Log) -> Result<Vec<u64>, LogError> {
    let mut bad = Vec::new();
    for position in 0..log.size() / WIDTH {
        match log.bundle(position) {
            Ok(_) => {}
            Err(LogError::Bundle { .. }) => bad.push(position),
            Err(error) => return Err(error),
        }
    }
    Ok(bad)
}

/// Writes a bundle that the other log has, if its leaves are those that were signed here.
fn restore(connection: &Connection, log: &Log, other: &Log, position: u64) -> Result<(), String> {
    let other = match other.bundle(position) {
        Ok(Some(bundle)) => bundle,
        Ok(None) => return Err("the other log has no such bundle".to_owned()),
        Err(error) => return Err(error.to_string()),
    };
    match log.proves(position, other.hashes()) {
        Ok(true) => {}
        Ok(false) => return Err("the other log has other events there".to_owned()),
        Err(error) => return Err(error.to_string()),
    }
    let look_ups = LookUps::of(position, &other).map_err(|error| error.to_string())?;
    put_bundle(connection, log.path(), position, &other, &look_ups)
        .map_err(|error| error.to_string())
}

fn look_ups_are_right(log: &Log) -> Result<bool, LogError> {
    let mut all = (0..log.size().div_ceil(WIDTH)).map(|position| log.check_bundle(position));
    match all
        .try_for_each(|right| right)
        .and_then(|()| log.check_look_ups())
    {
        Ok(()) => Ok(true),
        Err(LogError::LookUps { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Builds both tables again from the leaves, and what the bundles' own rows say of them.
fn build_look_ups(connection: &Connection, log: &Log) -> Result<(), LogError> {
    let sql = |source| LogError::from(sqlite_error(log.path(), source));
    connection
        .execute_batch("DELETE FROM sealed_event; DELETE FROM sealed_stream")
        .map_err(sql)?;
    for position in 0..sealed::count(connection).map_err(sql)? {
        // What is sealed and not signed yet is checked when it is signed.
        let unsigned = || sealed::bundle(connection, position).map(|read| read.map(Into::into));
        let bundle = match log.bundle(position)? {
            Some(bundle) => Some(bundle),
            None => unsigned().map_err(|error| log::bundle_error(log.path(), position, error))?,
        };
        let Some(bundle) = bundle else {
            continue;
        };
        let look_ups = LookUps::of(position, &bundle).map_err(|source: EnvelopeError| {
            let (seq, path) = (position * WIDTH, log.path().to_owned());
            let source = source.into();
            LogError::Decode { seq, path, source }
        })?;
        put_look_ups(connection, position, &look_ups)
            .and_then(|()| {
                connection
                    .prepare_cached(
                        "UPDATE bundle SET recorded_at = ?2, look_ups = ?3 WHERE position = ?1",
                    )?
                    .execute((position, look_ups.recorded_at.micros(), look_ups.sum))
            })
            .map_err(sql)?;
    }
    Ok(())
}

/// Writes in one transaction, with the triggers away that refuse any change of a bundle.
fn write(log: &Log, run: impl FnOnce(&Connection) -> Result<(), LogError>) -> Result<(), LogError> {
    let sql = |source| LogError::from(sqlite_error(log.path(), source));
    let mut connection = sqlite::open_writable(log.path(), &KIND, Durability::Full, false)?;
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(sql)?;
    let triggers: Vec<(String, String)> = transaction
        .prepare(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'bundle'",
        )
        .and_then(|mut statement| {
            statement
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
        .map_err(sql)?;
    for (name, _) in &triggers {
        transaction
            .execute_batch(&format!("DROP TRIGGER {name}"))
            .map_err(sql)?;
    }
    run(&transaction)?;
    for (_, statement) in &triggers {
        transaction.execute_batch(statement).map_err(sql)?;
    }
    transaction.commit().map_err(sql)
}
