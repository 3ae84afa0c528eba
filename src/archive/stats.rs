//! An archive in numbers.

use std::collections::HashMap;

use super::{Archive, ArchiveError};
use crate::export::shape;
use crate::model::{BlobId, Fact};

/// Blobs with their lengths.
type Lengths = HashMap<BlobId, u64>;

impl Archive {
    /// The distinct texts and the distinct contents of snapshots that the events name, with their lengths, and how many
    /// snapshots there are. Declarations and evidence are counted with neither.
    fn contents(&self) -> Result<(Lengths, Lengths, u64), ArchiveError> {
        let (mut texts, mut snapshots, mut count) = (Lengths::new(), Lengths::new(), 0);
        self.events::<ArchiveError>(0, self.log.size(), |event, _| {
            let lengths = match event.fact {
                Fact::SnapshotRecorded(_) => {
                    count += 1;
                    &mut snapshots
                }
                Fact::VersionRecorded(_) => &mut texts,
                _ => return Ok(()),
            };
            lengths.extend(
                event
                    .fact
                    .content()
                    .map(|content| (content.blob, content.size_bytes)),
            );
            Ok(())
        })?;
        Ok((texts, snapshots, count))
    }

    /// Counts what is in the archive.
    ///
    /// # Errors
    /// [`ArchiveError::Views`], [`ArchiveError::Log`], [`ArchiveError::Blob`].
    pub fn stats(&self) -> Result<shape::Stats, ArchiveError> {
        let documents = self.documents()?;
        let mut platforms: Vec<&str> = documents
            .iter()
            .map(|document| document.name.platform())
            .collect();
        platforms.sort_unstable();
        platforms.dedup();
        let (texts, snapshot_contents, snapshots) = self.contents()?;
        let withheld = self.withheld_blobs()?.keys();
        Ok(shape::Stats {
            events: self.log.size(),
            platforms: platforms.len() as u64,
            documents: documents.len() as u64,
            versions: documents.iter().map(|document| document.versions).sum(),
            looks: documents.iter().map(|document| document.looks).sum(),
            first_observed_at: documents
                .iter()
                .filter_map(|document| document.first_observed_at)
                .min(),
            last_observed_at: documents
                .iter()
                .filter_map(|document| document.last_observed_at)
                .max(),
            blobs: texts.len() as u64,
            content_bytes: texts.values().sum(),
            snapshots,
            snapshot_blobs: snapshot_contents.len() as u64,
            snapshot_bytes: snapshot_contents.values().sum(),
            withheld: withheld
                .filter(|blob| texts.contains_key(*blob) || snapshot_contents.contains_key(*blob))
                .count() as u64,
            stored_bytes: self.blobs()?.stored_bytes()?,
            files: self.layout.file_sizes()?,
        })
    }
}
