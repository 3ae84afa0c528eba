//! What is drawn of an archive: when its contents came, what they take, and how far they are from a root.

use std::collections::HashMap;

use super::{Archive, ArchiveError};
use crate::export::picture::{Picture, StoredContent};
use crate::model::{BlobId, Instant, StreamId};

/// The content of a blob as the events name it: the first sight of it, where, and its length.
struct Named {
    first_observed_at: Instant,
    stream: StreamId,
    size_bytes: u64,
}

impl Archive {
    /// What there is to draw, without measured reads.
    ///
    /// # Errors
    /// [`ArchiveError::Views`], [`ArchiveError::Log`], [`ArchiveError::Blob`].
    pub fn picture(&self) -> Result<Picture, ArchiveError> {
        let mut named = self.named_contents()?;
        let withheld = self.withheld_blobs()?;
        let all = named.len();
        named.retain(|blob, _| !withheld.contains_key(blob));
        let withheld = (all - named.len()) as u64;
        let platforms: HashMap<StreamId, String> = self
            .names()?
            .into_iter()
            .map(|(stream, name)| (stream, name.platform().to_owned()))
            .collect();
        let mut contents = Vec::with_capacity(named.len());
        for frame in self.blobs()?.frames()? {
            // What no event names is no part of the archive.
            if let Some(content) = named.remove(&frame.blob) {
                contents.push(StoredContent {
                    blob: frame.blob,
                    platform: platforms.get(&content.stream).cloned().unwrap_or_default(),
                    first_observed_at: content.first_observed_at,
                    size_bytes: content.size_bytes,
                    frame_bytes: frame.frame_bytes,
                    frames: frame.frames,
                });
            }
        }
        Ok(Picture {
            origin: self.manifest.origin().to_owned(),
            events: self.log.size(),
            contents,
            withheld,
            lost: named.len() as u64,
            reads: Vec::new(),
        })
    }

    /// The contents that events name, by their blobs.
    fn named_contents(&self) -> Result<HashMap<BlobId, Named>, ArchiveError> {
        let mut named: HashMap<BlobId, Named> = HashMap::new();
        self.events::<ArchiveError>(0, self.log.size(), |event, _| {
            for content in event.fact.contents() {
                let sight = Named {
                    first_observed_at: event.observed_at,
                    stream: event.stream,
                    size_bytes: content.size_bytes,
                };
                let earliest = named
                    .get(&content.blob)
                    .is_none_or(|before| sight.first_observed_at < before.first_observed_at);
                if earliest {
                    named.insert(content.blob, sight);
                }
            }
            Ok(())
        })?;
        Ok(named)
    }
}
