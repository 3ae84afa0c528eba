//! Questions to an archive.

use super::{Archive, ArchiveError};
use std::collections::HashMap;
use std::ops::RangeInclusive;

use crate::export::shape;
use crate::import::ota;
use crate::model::{
    CommitId, DocumentName, Event, EventId, Instant, PartName, Sha256, StreamId, matching_key,
    split_part, suggest,
};
use crate::project::{Document, Entry, Withheld};

/// How many names are suggested for one that doesn't exist.
const SUGGESTIONS: usize = 3;

impl Archive {
    /// All documents, in the order in which they came into the archive.
    ///
    /// # Errors
    /// [`ArchiveError::Views`].
    pub fn documents(&self) -> Result<Vec<Document>, ArchiveError> {
        Ok(self.views.documents()?)
    }

    /// The documents of a platform, which may be written without regard to case.
    ///
    /// # Errors
    /// [`ArchiveError::NoPlatform`] with suggestions.
    pub fn documents_of(&self, platform: &str) -> Result<Vec<Document>, ArchiveError> {
        let key = matching_key(platform);
        let all = self.documents()?;
        let of: Vec<Document> = all
            .iter()
            .filter(|document| matching_key(document.name.platform()) == key)
            .cloned()
            .collect();
        if of.is_empty() {
            let mut platforms: Vec<&str> = all
                .iter()
                .map(|document| document.name.platform())
                .collect();
            platforms.sort_unstable();
            platforms.dedup();
            let suggestions = suggest(platform, platforms.into_iter(), SUGGESTIONS);
            return Err(ArchiveError::NoPlatform {
                name: platform.to_owned(),
                suggestions,
            });
        }
        Ok(of)
    }

    /// Finds a document by its name, which may be written without regard to case and the like.
    ///
    /// # Errors
    /// [`ArchiveError::NoDocument`] with suggestions, [`ArchiveError::Several`], [`ArchiveError::Name`].
    pub fn document(&self, name: &str) -> Result<Document, ArchiveError> {
        let name = name.trim();
        let parsed = DocumentName::parse(name);
        if let Ok(wanted) = &parsed {
            let like = self.views.documents_like(&wanted.key())?;
            if let Some(exact) = like.into_iter().find(|document| document.name == *wanted) {
                return Ok(exact);
            }
        }
        // Only all documents together are proven to be all.
        let all = self.documents()?;
        if let Ok(wanted) = &parsed {
            let key = wanted.key();
            let like: Vec<&Document> = all.iter().filter(|one| one.name.key() == key).collect();
            match like[..] {
                [] => {}
                [only] => return Ok(only.clone()),
                _ => {
                    return Err(ArchiveError::Several {
                        name: name.to_owned(),
                        candidates: like.iter().map(|one| one.name.to_string()).collect(),
                    });
                }
            }
        }
        let names: Vec<String> = all.iter().map(|one| one.name.to_string()).collect();
        let suggestions = suggest(name, names.iter().map(String::as_str), SUGGESTIONS);
        match parsed {
            Err(error) if suggestions.is_empty() => Err(error.into()),
            _ => Err(ArchiveError::NoDocument {
                name: name.to_owned(),
                suggestions,
            }),
        }
    }

    /// All documents, or those that a name means: of a document or a platform.
    ///
    /// # Errors
    /// As those of [`Self::document`] and [`Self::documents_of`].
    pub fn documents_named(&self, of: Option<&str>) -> Result<Vec<Document>, ArchiveError> {
        match of {
            None => self.documents(),
            Some(name) if name.contains('/') => Ok(vec![self.document(name)?]),
            Some(name) => self.documents_of(name),
        }
    }

    /// The event that tells of the snapshot which a commit of another history holds of a document, if it was imported.
    ///
    /// # Errors
    /// [`ArchiveError::Log`].
    pub fn snapshot_of(
        &self,
        document: &DocumentName,
        commit: CommitId,
    ) -> Result<Option<u64>, ArchiveError> {
        let (whole, part) = split_part(document.document_type());
        let of_part = part.and_then(|part| {
            let whole = DocumentName::new(document.platform(), whole).ok()?;
            Some((
                StreamId::of_document(&whole),
                Some(PartName::new(part).ok()?),
            ))
        });
        for (stream, part) in of_part
            .into_iter()
            .chain([(StreamId::of_document(document), None)])
        {
            for media_type in ota::snapshot_media_types() {
                let id = EventId::imported_snapshot(stream, part.as_ref(), &media_type, commit);
                if let Some(seq) = self.log.find(id)? {
                    return Ok(Some(seq));
                }
            }
        }
        Ok(None)
    }

    /// The looks at a document that were known at `known_at`, in the order of observation, each with its event and with
    /// what took the text seen out of the archive, whenever that was recorded.
    ///
    /// # Errors
    /// [`ArchiveError::Views`], [`ArchiveError::Log`].
    pub fn timeline(
        &self,
        document: &Document,
        known_at: Option<Instant>,
    ) -> Result<Vec<(Entry, Event, Option<Withheld>)>, ArchiveError> {
        let size = self.size_at(known_at)?;
        let looks = self
            .entries(document, size)?
            .into_iter()
            .map(|entry| Ok((entry, self.log.event(entry.seq)?)))
            .collect::<Result<_, ArchiveError>>()?;
        self.withheld_looks(looks)
    }

    /// Calls `take` with each event from `first` up to and without `end`, and its bytes.
    ///
    /// # Errors
    /// [`ArchiveError::Log`] and those of `take`.
    pub fn events<E: From<ArchiveError>>(
        &self,
        first: u64,
        end: u64,
        mut take: impl FnMut(Event, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        /// Carries the error of `take` past the log's.
        enum Either<E> {
            Log(crate::store::LogError),
            Taken(E),
        }
        impl<E> From<crate::store::LogError> for Either<E> {
            fn from(error: crate::store::LogError) -> Self {
                Self::Log(error)
            }
        }
        self.log
            .scan(first, end, |event, leaf| {
                take(event, leaf).map_err(Either::Taken)
            })
            .map_err(|error| match error {
                Either::Log(error) => ArchiveError::from(error).into(),
                Either::Taken(error) => error,
            })
    }

    /// The newest checkpoint with all that is needed to verify it.
    #[must_use]
    pub fn checkpoint_line(&self) -> shape::CheckpointLine {
        shape::CheckpointLine::new(self.checkpoint(), self.checkpoint_note(), self.verifier())
    }

    /// A document with the proof of its declaration, and its entries within `range` in the order of observation, each
    /// with the proof of its event and of the one that withholds its text.
    ///
    /// # Errors
    /// [`ArchiveError::Views`], [`ArchiveError::Log`].
    pub fn proven_timeline(
        &self,
        document: &Document,
        range: &RangeInclusive<Instant>,
    ) -> Result<(shape::ProvenDocumentLine, Vec<shape::ProvenEntryLine>), ArchiveError> {
        let proof = |seq| {
            let (leaf, inclusion_proof) = self.proof(seq)?;
            Ok::<_, ArchiveError>(shape::ProofLine::new(&leaf, inclusion_proof))
        };
        let declared = shape::ProvenDocumentLine {
            document: shape::DocumentLine::new(document, self.withheld_versions(document)?),
            stream: document.stream(),
            proof: proof(document.declared_seq)?,
        };
        let entries = self
            .timeline(document, None)?
            .iter()
            .filter(|(entry, ..)| range.contains(&entry.observed_at))
            .map(|(entry, event, withheld)| {
                Ok(shape::ProvenEntryLine {
                    entry: shape::EntryLine::new(document, entry, event, withheld.as_ref()),
                    proof: proof(entry.seq)?,
                    withheld_proof: withheld.as_ref().map(|one| proof(one.seq)).transpose()?,
                })
            })
            .collect::<Result<_, ArchiveError>>()?;
        Ok((declared, entries))
    }

    /// The bytes of an event and the proof that they are in the newest checkpoint's tree.
    ///
    /// # Errors
    /// [`ArchiveError::Log`].
    pub fn proof(&self, seq: u64) -> Result<(Vec<u8>, Vec<Sha256>), ArchiveError> {
        Ok((self.log.leaf(seq)?, self.log.inclusion_proof(seq)?))
    }

    /// An event of these bytes for showing, with what took the content that it names out of the archive; `names` are
    /// [`Self::names`].
    ///
    /// # Errors
    /// As [`Self::withheld`].
    pub fn event_line(
        &self,
        event: &Event,
        leaf: &[u8],
        names: &HashMap<StreamId, DocumentName>,
    ) -> Result<shape::EventLine, ArchiveError> {
        let withheld = self.withheld_of(event)?;
        let name = |stream| names.get(&stream).map(ToString::to_string);
        Ok(shape::EventLine::new(event, leaf, withheld.as_ref(), name))
    }

    /// The names of all documents by their streams, for showing events.
    ///
    /// # Errors
    /// [`ArchiveError::Views`].
    pub fn names(&self) -> Result<HashMap<StreamId, DocumentName>, ArchiveError> {
        Ok(self
            .documents()?
            .into_iter()
            .map(|document| (document.stream(), document.name))
            .collect())
    }
}
