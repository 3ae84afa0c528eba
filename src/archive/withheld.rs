//! What was taken out of the archive, as every answer has to say.

use std::collections::{HashMap, HashSet};

use super::{Archive, ArchiveError};
use crate::model::{BlobId, Event, Fact};
use crate::project::{Document, Entry, Look, TextKey, Withheld, Withholding};
use crate::store::{BlobError, Log, LogError};

/// The blobs that the events of a log behind the first `size` withhold.
///
/// # Errors
/// A [`LogError`].
pub(super) fn withheld_since(log: &Log, size: u64) -> Result<HashSet<BlobId>, LogError> {
    let mut withheld = HashSet::new();
    log.scan(size, log.size(), |event, _| {
        withheld.extend(Withholding::of(&event).map(|one| one.blob));
        Ok::<_, LogError>(())
    })?;
    Ok(withheld)
}

impl Archive {
    /// What took the bytes of a blob out of the archive, if anything did.
    ///
    /// # Errors
    /// [`ArchiveError::Views`], [`ArchiveError::Log`], [`ArchiveError::NoWithholding`].
    pub fn withheld(&self, blob: BlobId) -> Result<Option<Withheld>, ArchiveError> {
        let Some(&seq) = self.withheld_blobs()?.get(&blob) else {
            return Ok(None);
        };
        let event = self.log.event(seq)?;
        match event.fact {
            Fact::BlobWithheld(withheld) if withheld.blob == blob => Ok(Some(Withheld {
                seq,
                recorded_at: event.recorded_at,
                reason: withheld.reason,
            })),
            _ => Err(ArchiveError::NoWithholding { blob, seq }),
        }
    }

    /// What took the content that an event names out of the archive, if it names one and anything did.
    ///
    /// # Errors
    /// As [`Self::withheld`].
    pub fn withheld_of(&self, event: &Event) -> Result<Option<Withheld>, ArchiveError> {
        match event.fact.content() {
            Some(content) => self.withheld(content.blob),
            None => Ok(None),
        }
    }

    /// Reads a content, checked against its name, or tells what took it out of the archive;
    /// [`super::Verification`] checks the SHA-256 too.
    ///
    /// # Errors
    /// [`ArchiveError::Blob`], and those of [`Self::withheld`].
    pub fn content(&self, blob: BlobId) -> Result<Result<Vec<u8>, Withheld>, ArchiveError> {
        if let Some(withheld) = self.withheld(blob)? {
            return Ok(Err(withheld));
        }
        match self.blobs()?.get(blob) {
            Ok(bytes) => Ok(Ok(bytes)),
            Err(error @ BlobError::Missing { .. }) => {
                // It may have been withheld since this archive was opened; the sidecar then tells of more events.
                let sidecar = self.layout.read_sidecar(&self.manifest);
                if sidecar.is(self.checkpoint()) {
                    return Err(error.into());
                }
                let now = Self::open(self.folder())?;
                now.withheld(blob)?.map(Err).ok_or_else(|| error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// How many versions of a document have a text that was taken out of the archive.
    ///
    /// # Errors
    /// [`ArchiveError::Views`].
    pub fn withheld_versions(&self, document: &Document) -> Result<u64, ArchiveError> {
        let withheld = self.withheld_blobs()?;
        if withheld.is_empty() {
            return Ok(0);
        }
        let texts: HashSet<TextKey> = withheld.keys().map(|blob| TextKey::of(*blob)).collect();
        let sights = self.views.sights(document, self.log.size())?;
        let versions = sights
            .iter()
            .filter(|sight| sight.seq == sight.version_seq && texts.contains(&sight.text));
        Ok(versions.count() as u64)
    }

    /// The blobs whose bytes were taken out of the archive, each with the event that says so.
    pub(super) fn withheld_blobs(&self) -> Result<&HashMap<BlobId, u64>, ArchiveError> {
        if let Some(withheld) = self.withheld.get() {
            return Ok(withheld);
        }
        let mut read = HashMap::new();
        for withholding in self.views.withheld()? {
            // The first says when and why.
            read.entry(withholding.blob).or_insert(withholding.seq);
        }
        Ok(self.withheld.get_or_init(|| read))
    }

    /// What took the text of each look at a document out of the archive, if anything did.
    pub(super) fn withheld_looks(
        &self,
        looks: Vec<(Entry, Event)>,
    ) -> Result<Vec<(Entry, Event, Option<Withheld>)>, ArchiveError> {
        let mut versions = HashMap::new();
        if !self.withheld_blobs()?.is_empty() {
            for (_, event) in &looks {
                if let Some(withheld) = self.withheld_of(event)? {
                    versions.insert(event.seq, withheld);
                }
            }
        }
        let withheld = |entry: &Entry| match entry.look {
            Look::Version => versions.get(&entry.seq).cloned(),
            Look::Unchanged { version_seq } => versions.get(&version_seq).cloned(),
            Look::Failed | Look::Retired => None,
        };
        Ok(looks
            .into_iter()
            .map(|(entry, event)| {
                let withheld = withheld(&entry);
                (entry, event, withheld)
            })
            .collect())
    }

    /// The same as a set, for who writes.
    pub(super) fn withheld_set(&self) -> Result<HashSet<BlobId>, ArchiveError> {
        Ok(self.withheld_blobs()?.keys().copied().collect())
    }
}
