//! What each blob takes in the store, and how far it is from a root.

use std::collections::HashMap;

use super::blobs::{BlobError, Blobs};
use crate::model::BlobId;

/// A stored blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// The blob.
    pub blob: BlobId,
    /// The length of its frame.
    pub frame_bytes: u64,
    /// How many frames a reader decodes that has nothing in memory: its own, and those on the ways to its roots.
    pub frames: u64,
}

impl Blobs {
    /// All stored blobs, in the order of their rows.
    ///
    /// # Errors
    /// [`BlobError::Sqlite`].
    pub fn frames(&self) -> Result<Vec<Frame>, BlobError> {
        let read = || {
            let mut joint: HashMap<i64, Vec<i64>> = HashMap::new();
            let mut statement = self
                .connection
                .prepare("SELECT blob, base FROM joint_base")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                joint.entry(row.get(0)?).or_default().push(row.get(1)?);
            }
            let sql = "SELECT id, digest, base, length(frame) FROM blob ORDER BY id";
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            let (mut all, mut by_row) = (Vec::new(), HashMap::new());
            while let Some(row) = rows.next()? {
                // A base has an earlier row.
                let id = row.get::<_, i64>(0)?;
                let base = row.get::<_, Option<i64>>(2)?;
                let bases = base.iter().chain(joint.get(&id).into_iter().flatten());
                let before = bases.filter_map(|base| by_row.get(base)).sum::<u64>();
                let frames = 1 + before;
                by_row.insert(id, frames);
                all.push(Frame {
                    blob: BlobId(row.get(1)?),
                    frame_bytes: row.get(3)?,
                    frames,
                });
            }
            Ok(all)
        };
        read().map_err(|source| self.sql(source))
    }
}
