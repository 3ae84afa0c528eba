//! What documents said as of an instant.

use super::{Archive, ArchiveError};
use crate::model::{Fact, Instant};
use crate::project::{AsOf, Certainty, Document, Entry, Found, Look, Standing, standing_as_of};

impl Archive {
    /// Answers what a document said as of an instant, as far as it was known at `known_at`.
    ///
    /// # Errors
    /// What is wrong with the archive; that nothing was observed by then is an answer.
    pub fn as_of(
        &self,
        document: Document,
        as_of: Instant,
        known_at: Option<Instant>,
    ) -> Result<AsOf, ArchiveError> {
        let size = self.size_at(known_at)?;
        let standing = self.standing(&document, as_of, known_at, size)?;
        self.answer(document, as_of, known_at, standing, size)
    }

    /// Answers the same of each of these documents.
    ///
    /// # Errors
    /// As [`Self::as_of`].
    pub fn all_as_of(
        &self,
        documents: Vec<Document>,
        as_of: Instant,
        known_at: Option<Instant>,
    ) -> Result<Vec<AsOf>, ArchiveError> {
        let size = self.size_at(known_at)?;
        let standings = documents.into_iter().map(|document| {
            let standing = self.standing(&document, as_of, known_at, size)?;
            Ok((document, standing))
        });
        let standings = standings.collect::<Result<Vec<_>, ArchiveError>>()?;
        let mut asked: Vec<(usize, (Document, Option<Standing>))> =
            standings.into_iter().enumerate().collect();
        // Events that lie in one bundle are read one after the other, so that each bundle is opened once.
        asked.sort_by_key(|(_, (_, standing))| standing.map(|one| one.sight.version_seq));
        let answers = asked.into_iter().map(|(place, (document, standing))| {
            let answer = self.answer(document, as_of, known_at, standing, size)?;
            Ok((place, answer))
        });
        let mut answers = answers.collect::<Result<Vec<_>, ArchiveError>>()?;
        answers.sort_by_key(|(place, _)| *place);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }

    /// How many events were known at an instant, or are now.
    pub(super) fn size_at(&self, known_at: Option<Instant>) -> Result<u64, ArchiveError> {
        Ok(known_at.map_or(Ok(self.log.size()), |known_at| self.log.size_at(known_at))?)
    }

    /// The sight that answers what a document said as of an instant, among what the first `size` events tell.
    fn standing(
        &self,
        document: &Document,
        as_of: Instant,
        known_at: Option<Instant>,
        size: u64,
    ) -> Result<Option<Standing>, ArchiveError> {
        Ok(match known_at {
            None => self.views.standing_as_of(document, as_of)?,
            Some(_) => standing_as_of(&self.views.sights(document, size)?, as_of),
        })
    }

    /// Puts an answer together: the version, how sure it is, and whether the document was gone meanwhile.
    fn answer(
        &self,
        document: Document,
        as_of: Instant,
        known_at: Option<Instant>,
        standing: Option<Standing>,
        log_size: u64,
    ) -> Result<AsOf, ArchiveError> {
        let mut found = standing
            .map(|standing| self.found(&document, standing, as_of))
            .transpose()?;
        let entries = match (known_at, document.last_retired_at) {
            (None, None) => Vec::new(),
            _ => self.entries(&document, log_size)?,
        };
        let document = match known_at {
            None => document,
            Some(_) => known(&document, &entries),
        };
        let mut retirements: Vec<Instant> = entries
            .iter()
            .filter(|entry| entry.look == Look::Retired)
            .map(|entry| entry.observed_at)
            .collect();
        if let Some(found) = &mut found {
            let (last, next) = (found.standing.sight.observed_at, found.standing.next);
            retirements.retain(|at| *at >= last && next.is_none_or(|next| *at <= next.observed_at));
            // Between two sights of the same text it was gone: nobody may say that it held.
            if !retirements.is_empty() && found.certainty == Certainty::Held && last < as_of {
                found.certainty = Certainty::ChangedInBetween;
            }
        }
        Ok(AsOf {
            as_of,
            known_at,
            found,
            first_observed_at: document.first_observed_at,
            retired_at: retirements.into_iter().rfind(|at| *at <= as_of),
            document,
        })
    }

    /// The entries of a document's timeline that the first `log_size` events tell of, in the order of observation.
    pub(super) fn entries(
        &self,
        document: &Document,
        log_size: u64,
    ) -> Result<Vec<Entry>, ArchiveError> {
        let mut entries = self.views.timeline(document)?;
        entries.retain(|entry| entry.seq < log_size);
        Ok(entries)
    }

    /// What was known of a document at an instant: its totals, and whether its archiving had ended.
    ///
    /// # Errors
    /// [`ArchiveError::Views`], [`ArchiveError::Log`].
    pub fn known_at(
        &self,
        document: &Document,
        known_at: Instant,
    ) -> Result<Document, ArchiveError> {
        let entries = self.entries(document, self.log.size_at(known_at)?)?;
        Ok(known(document, &entries))
    }

    /// Answers with the version that an event recorded, as of the instant at which it was observed.
    ///
    /// # Errors
    /// [`ArchiveError::NoVersion`] where the event is of another type, and what is wrong with the archive.
    pub fn version(&self, seq: u64) -> Result<AsOf, ArchiveError> {
        let event = self.log.event(seq)?;
        let mut documents = self.documents()?.into_iter();
        let document = match event.fact {
            Fact::VersionRecorded(_) => documents.find(|one| one.stream() == event.stream),
            _ => None,
        };
        let document = document.ok_or(ArchiveError::NoVersion {
            seq,
            event_type: event.fact.type_name(),
        })?;
        let as_of = event.observed_at;
        let standing = self.views.standing_of(&document, as_of, seq)?;
        self.answer(document, as_of, None, Some(standing), self.log.size())
    }

    fn found(
        &self,
        document: &Document,
        standing: Standing,
        as_of: Instant,
    ) -> Result<Found, ArchiveError> {
        let event = self.log.event(standing.sight.version_seq)?;
        match &event.fact {
            Fact::VersionRecorded(version) if event.stream == document.stream() => {
                let version = version.clone();
                Ok(Found {
                    withheld: self.withheld_of(&event)?,
                    version,
                    event,
                    standing,
                    certainty: standing.certainty(as_of),
                })
            }
            _ => Err(ArchiveError::NotAVersion {
                document: document.name.clone(),
                seq: event.seq,
            }),
        }
    }
}

/// A document with the totals of some of its timeline's entries.
fn known(document: &Document, entries: &[Entry]) -> Document {
    let mut known = Document::declared(
        document.number,
        document.name.clone(),
        document.declared_seq,
    );
    for entry in entries {
        known.apply(entry);
    }
    // The timeline that it refers to is still the whole one.
    known.timeline_digest = document.timeline_digest;
    known
}
