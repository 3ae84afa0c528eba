//! Withholding: the content of a blob is taken out of the store for good, also out of what builds on it.
//!
//! The order makes a stop at any moment safe. First, in one transaction, what builds on the blob is compressed anew and
//! its own frame is emptied. Then the file is written anew, so that neither a free page nor the write-ahead log has the
//! old bytes. The empty row goes last: one that is still there says that the work is not done, and it can be done again.

use super::blob_writer::{BlobWriter, CANDIDATES, alone};
use super::blobs::{BlobError, NODE_COLUMNS, Node, read_node, row_of};
use super::sqlite;
use crate::model::BlobId;

/// How many bases are tried for what has to be compressed anew, beside the base of the blob that goes.
const TRIED: usize = 8;

/// A blob that builds on the one that goes.
struct Dependent {
    node: Node,
    series: Option<i64>,
}

impl BlobWriter {
    /// Takes a blob out of the store, and returns how many others were compressed anew without it. What is kept in
    /// memory or lies about in the file is written over, whether the blob is still there or not.
    ///
    /// # Errors
    /// [`BlobError::BuiltOn`], [`BlobError::StillRead`], [`BlobError::Compress`], [`BlobError::Sqlite`]. The blob is then
    /// not gone, or not from everywhere; everything else is there, and a second call goes on.
    pub fn withhold(&mut self, blob: BlobId) -> Result<u64, BlobError> {
        let mut rebased = 0;
        let row = row_of(&self.connection, blob).map_err(|source| self.sql(source))?;
        if let Some(row) = row {
            self.begin()?;
            let gone = self.node(row)?;
            // In the order of their rows: of two that build on the blob, the second may come to build on the first.
            for dependent in self.dependents(row)? {
                self.rebase(gone, &dependent)?;
                rebased += 1;
            }
            self.execute(
                "UPDATE blob SET frame = x'', base = NULL WHERE id = ?1",
                [row],
            )?;
            self.execute("DELETE FROM joint_base WHERE blob = ?1", [row])?;
            self.commit()?;
        }
        self.forget();
        if sqlite::write_anew(&self.connection).map_err(|source| self.sql(source))? {
            let path = self.path.clone();
            return Err(BlobError::StillRead { path });
        }
        if let Some(row) = row {
            self.execute("DELETE FROM blob WHERE id = ?1", [row])?;
        }
        Ok(rebased)
    }

    /// The blobs of which a row is a base, in the order of their rows.
    fn dependents(&self, row: i64) -> Result<Vec<Dependent>, BlobError> {
        self.connection
            .prepare(&format!(
                "SELECT {NODE_COLUMNS}, series FROM blob
                 WHERE base = ?1 OR id IN (SELECT blob FROM joint_base WHERE base = ?1) ORDER BY id"
            ))
            .and_then(|mut statement| {
                statement
                    .query_map([row], |row| {
                        let (node, series) = (read_node(row)?, row.get("series")?);
                        Ok(Dependent { node, series })
                    })?
                    .collect()
            })
            .map_err(|source| self.sql(source))
    }

    /// Compresses a blob anew that builds on the one that goes: after a base of that one, one of its own document, or
    /// alone. No way of an earlier row leads to what goes any more, but that row's own.
    fn rebase(&self, gone: Node, dependent: &Dependent) -> Result<(), BlobError> {
        let Dependent { node, series } = *dependent;
        let content = self
            .content(node.id, node.blob)?
            .ok_or(BlobError::BuiltOn {
                blob: gone.blob,
                by: node.blob,
            })?;
        let mut bases = match series {
            Some(series) => self.before(series, node.id, CANDIDATES)?,
            None => Vec::new(),
        };
        bases.sort_by_key(|base| base.size_bytes.abs_diff(node.size_bytes));
        bases.retain(|base| base.id != gone.id);
        bases.truncate(TRIED);
        for base in self.bases_of(gone)? {
            bases.push(self.node(base)?);
        }
        let compressed = match self.best_of(node.blob, &content, bases)? {
            Some(best) => best,
            None => alone(node.blob, &content)?,
        };
        self.store(node.blob, &content, series, &compressed)
            .map(|_| ())
    }
}
