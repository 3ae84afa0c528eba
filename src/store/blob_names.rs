//! The blobs that a few digits may stand for.

use std::ops::RangeInclusive;

use super::blobs::{BlobError, Blobs};
use crate::model::BlobId;

/// As many as are worth telling apart.
const MOST: u32 = 8;

impl Blobs {
    /// The stored blobs with these names, in their order; the first eight if there are more.
    ///
    /// # Errors
    /// [`BlobError::Sqlite`].
    pub fn named(&self, names: &RangeInclusive<BlobId>) -> Result<Vec<BlobId>, BlobError> {
        let sql = "SELECT digest FROM blob WHERE digest BETWEEN ?1 AND ?2 ORDER BY digest LIMIT ?3";
        let (first, last) = (names.start().as_bytes(), names.end().as_bytes());
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| {
                statement
                    .query_map((first, last, MOST), |row| row.get(0).map(BlobId))?
                    .collect()
            })
            .map_err(|source| self.sql(source))
    }
}
