//! The file in which the histories of documents are kept, as a detection uses it.

use std::path::{Path, PathBuf};

use super::find::KeptHistory;
use super::state::maker;
use crate::archive::layout::Layout;
use crate::archive::rebuild::remove as remove_files;
use crate::archive::{Archive, ArchiveError};
use crate::model::{Sha256, StreamId};
use crate::store::{Histories, HistoryRow};

/// Keeps histories. Who has it holds the writer's lock.
pub(super) struct Keeper {
    path: PathBuf,
    maker: [u8; 16],
    /// The file, once it is there.
    histories: Option<Histories>,
}

impl Keeper {
    pub(super) fn of(layout: &Layout) -> Result<Self, ArchiveError> {
        let path = layout.histories();
        let histories = if path.exists() {
            Histories::open(&path).ok()
        } else {
            None
        };
        Ok(Self {
            maker: maker()?,
            histories,
            path,
        })
    }

    /// What is kept of a document, if it is of this log and nothing was withheld since.
    pub(super) fn row(
        &self,
        archive: &Archive,
        stream: StreamId,
    ) -> Result<Option<HistoryRow>, ArchiveError> {
        let row = self.histories.as_ref().and_then(|one| one.row(stream));
        let Some(row) = row.filter(|row| row.maker == self.maker) else {
            return Ok(None);
        };
        let withheld = archive.withheld_blobs()?.values();
        let is_of_log = row.cursor <= archive.log.size()
            && archive.log.root_at(row.cursor)? == row.root
            && withheld.max().is_none_or(|seq| *seq < row.cursor);
        Ok(is_of_log.then_some(row))
    }

    /// Keeps histories that know all of the log, which has this many events and this root.
    pub(super) fn keep(
        &mut self,
        kept: impl Iterator<Item = KeptHistory>,
        cursor: u64,
        root: Sha256,
    ) -> Result<(), ArchiveError> {
        let rows: Vec<HistoryRow> = kept
            .map(|one| HistoryRow {
                stream: one.stream,
                cursor,
                root,
                maker: self.maker,
                versions: one.versions,
                is_complete: one.is_complete,
                state: one.state,
            })
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        if let Some(histories) = &mut self.histories
            && histories.keep(&rows).is_ok()
        {
            return Ok(());
        }
        // It is not there, or can't be used: it is a cache, and begun anew.
        self.histories = None;
        remove(&self.path)?;
        let histories = self.histories.insert(Histories::open(&self.path)?);
        Ok(histories.keep(&rows)?)
    }
}

/// Removes the file; who does so holds the writer's lock.
pub(in crate::archive) fn remove(path: &Path) -> Result<(), ArchiveError> {
    remove_files(path, &["-wal", "-shm", ""])
}

/// What is wrong with the file; nothing where there is none.
pub(in crate::archive) fn findings(layout: &Layout) -> Vec<String> {
    const AGAIN: &str = "`recension rebuild` deletes it, and it is written anew";
    let path = layout.histories();
    if !path.exists() {
        return Vec::new();
    }
    match Histories::check(&path) {
        Ok(found) => found
            .iter()
            .map(|line| format!("histories.sqlite: {line} ({AGAIN})"))
            .collect(),
        Err(error) => vec![format!("{error} ({AGAIN})")],
    }
}
