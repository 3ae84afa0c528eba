//! The rows of the views as their writer needs them: read singly, and stored together.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::sqlite::sqlite_error;
use super::views::{
    self, State, ViewsError, document_query, read_document, read_standing, standing_query,
};
use crate::model::{Instant, StreamId};
use crate::project::{Document, Entry, Look, Standing, Withholding};

/// The tables, and the rows that wait to be stored.
///
/// They are stored in the order of their keys, which SQLite takes much faster than the order of events.
pub(super) struct Rows<'a> {
    connection: &'a Connection,
    path: &'a Path,
    entries: Vec<(u64, Entry)>,
    standings: Vec<(u64, Standing)>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(connection: &'a Connection, path: &'a Path) -> Self {
        Self {
            connection,
            path,
            entries: Vec::new(),
            standings: Vec::new(),
        }
    }

    /// Adds an entry to the timeline of the document of this number.
    pub(super) fn put_entry(&mut self, document: u64, entry: Entry) {
        self.entries.push((document, entry));
    }

    /// Adds a standing, or replaces that of the same sight.
    pub(super) fn put_standing(&mut self, document: u64, standing: Standing) {
        self.standings.push((document, standing));
    }

    /// Stores what waits.
    ///
    /// # Errors
    /// [`ViewsError::Sqlite`].
    pub(super) fn store(&mut self) -> Result<(), ViewsError> {
        // The sorts are stable: of two standings of a sight, the one that came last is stored last.
        self.entries
            .sort_by_key(|(document, entry)| (*document, entry.observed_at, entry.seq));
        self.standings
            .sort_by_key(|(document, standing)| (*document, standing.sight.order()));
        store_entries(self.connection, self.entries.drain(..))
            .and_then(|()| store_standings(self.connection, self.standings.drain(..)))
            .map_err(|source| self.sql(source))
    }

    /// The document of a stream, as it is stored.
    ///
    /// # Errors
    /// [`ViewsError::Damaged`], [`ViewsError::Sqlite`].
    pub(super) fn document(&self, stream: StreamId) -> Result<Option<Document>, ViewsError> {
        self.connection
            .prepare_cached(&document_query())
            .and_then(|mut statement| {
                statement
                    .query_row([stream.as_bytes()], read_document)
                    .optional()
            })
            .map_err(|source| self.sql(source))?
            .transpose()
            .map_err(|what| views::damaged(self.path, &what))
    }

    /// The first standing of a document that a query finds.
    ///
    /// # Errors
    /// [`ViewsError::Damaged`], [`ViewsError::Sqlite`].
    pub(super) fn standing(
        &mut self,
        document: u64,
        rest: &str,
        parameters: &[i64],
    ) -> Result<Option<Standing>, ViewsError> {
        let rest = format!("{rest} LIMIT 1");
        self.standings(document, &rest, parameters, |found| {
            found.next().transpose()
        })
    }

    /// Gives the standings of a document that a query finds to `read`, which takes as many as it needs.
    ///
    /// # Errors
    /// Those of `read`, [`ViewsError::Damaged`], [`ViewsError::Sqlite`].
    pub(super) fn standings<T>(
        &mut self,
        document: u64,
        rest: &str,
        parameters: &[i64],
        read: impl FnOnce(
            &mut dyn Iterator<Item = Result<Standing, ViewsError>>,
        ) -> Result<T, ViewsError>,
    ) -> Result<T, ViewsError> {
        self.store()?;
        let sql = |source| self.sql(source);
        let parameters = std::iter::once(document.cast_signed()).chain(parameters.iter().copied());
        let mut statement = self
            .connection
            .prepare_cached(&standing_query(rest))
            .map_err(sql)?;
        let mut found = statement
            .query_map(rusqlite::params_from_iter(parameters), |row| {
                read_standing(row, document)
            })
            .map_err(sql)?
            .map(|row| {
                row.map_err(sql)?
                    .map_err(|what| views::damaged(self.path, &what))
            });
        read(&mut found)
    }

    /// Stores the row of a document, or replaces it.
    ///
    /// # Errors
    /// [`ViewsError::Sqlite`].
    pub(super) fn store_document(
        &self,
        stream: &StreamId,
        document: &Document,
        digest: &[u8; 32],
    ) -> Result<(), ViewsError> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO document VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)")
            .and_then(|mut statement| statement.execute(params![
                document.number,
                stream.as_bytes(),
                document.name.platform(),
                document.name.document_type(),
                document.name.key(),
                document.declared_seq,
                document.declaration_seq,
                document.versions,
                document.looks,
                document.first_observed_at.map(Instant::micros),
                document.last_observed_at.map(Instant::micros),
                document.last_retired_at.map(Instant::micros),
                document.timeline_digest,
                digest,
            ]))
            .map_err(|source| self.sql(source))
            .map(|_| ())
    }

    /// Stores that a blob is withheld.
    ///
    /// # Errors
    /// [`ViewsError::Sqlite`].
    pub(super) fn store_withholding(
        &self,
        withholding: &Withholding,
        digest: &[u8; 32],
    ) -> Result<(), ViewsError> {
        self.connection
            .prepare_cached("INSERT INTO withheld VALUES (?1, ?2, ?3)")
            .and_then(|mut statement| {
                statement.execute((withholding.seq, withholding.blob.as_bytes(), digest))
            })
            .map_err(|source| self.sql(source))
            .map(|_| ())
    }

    /// Stores how far the views have come.
    ///
    /// # Errors
    /// [`ViewsError::Sqlite`].
    pub(super) fn store_state(&self, state: &State) -> Result<(), ViewsError> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO state VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)")
            .and_then(|mut statement| {
                statement.execute(params![
                    state.cursor,
                    state.root.0,
                    state.documents,
                    state.documents_digest,
                    state.withheld,
                    state.withheld_digest,
                    state.digest()
                ])
            })
            .map_err(|source| self.sql(source))
            .map(|_| ())
    }

    fn sql(&self, source: rusqlite::Error) -> ViewsError {
        sqlite_error(self.path, source).into()
    }
}

fn store_entries(
    connection: &Connection,
    entries: impl Iterator<Item = (u64, Entry)>,
) -> rusqlite::Result<()> {
    let mut statement =
        connection.prepare_cached("INSERT INTO timeline VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for (document, entry) in entries {
        let version_seq = match entry.look {
            Look::Unchanged { version_seq } => Some(version_seq),
            Look::Version | Look::Failed | Look::Retired => None,
        };
        statement.execute((
            document,
            entry.observed_at.micros(),
            entry.seq,
            entry.look.code(),
            version_seq,
        ))?;
    }
    Ok(())
}

fn store_standings(
    connection: &Connection,
    standings: impl Iterator<Item = (u64, Standing)>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO as_of VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for (document, standing) in standings {
        statement.execute(params![
            document,
            standing.sight.observed_at.micros(),
            standing.sight.seq,
            standing.sight.version_seq,
            standing.sight.text.0,
            standing.first_seen.micros(),
            standing.next.map(|next| next.observed_at.micros()),
            standing.next.map(|next| next.same_text),
            &standing.digest(document)[..8],
        ])?;
    }
    Ok(())
}
