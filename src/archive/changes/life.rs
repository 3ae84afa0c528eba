//! The life of clauses: in which versions they stand, in which words, and what became of them.

use crate::archive::{Archive, ArchiveError};
use crate::compare::{History, Lives};
use crate::model::{ClauseId, Clauses, Event, Fact, Instant, StreamId};
use crate::project::Document;

impl Archive {
    /// Follows the clauses of a document that `is_asked` picks, by their name, what a person reads in them and their
    /// headings, as far as was known at `known_at`. A clause that was picked once is followed from then on.
    ///
    /// # Errors
    /// What is wrong with the archive.
    pub fn lives(
        &self,
        document: &Document,
        known_at: Option<Instant>,
        is_asked: impl Fn(ClauseId, &str, &[&str]) -> bool,
    ) -> Result<Lives, ArchiveError> {
        let mut lives = Lives::default();
        self.follow_versions(document, known_at, |event, clauses, ids| {
            lives.take((event.seq, event.observed_at), clauses, ids, &is_asked);
        })?;
        Ok(lives)
    }

    /// Shows each version of a document that was known at `known_at` with its clauses and their names; gives the history of
    /// these versions.
    pub(in crate::archive) fn follow_versions(
        &self,
        document: &Document,
        known_at: Option<Instant>,
        mut each: impl FnMut(&Event, &Clauses, &[ClauseId]),
    ) -> Result<History, ArchiveError> {
        let versions = self.recorded(document, self.size_at(known_at)?)?.versions;
        self.follow(document, &versions, |event, history| {
            if let Some((clauses, ids)) = history.newest() {
                each(event, clauses, ids);
            }
            Ok(())
        })
    }

    /// The stream of the document that has a clause of which a recorded change tells, by the first digits of its name.
    ///
    /// # Errors
    /// [`ArchiveError::Log`].
    pub fn stream_of_clause(&self, digits: &str) -> Result<Option<StreamId>, ArchiveError> {
        let mut found = None;
        self.events::<ArchiveError>(0, self.log.size(), |event, _| {
            let changed = match &event.fact {
                Fact::ChangeDetected(change) => &change.clauses,
                Fact::ChangeReassessed(reassessed) => &reassessed.change.clauses,
                _ => return Ok(()),
            };
            if changed
                .iter()
                .any(|one| one.clause.to_string().starts_with(digits))
            {
                found.get_or_insert(event.stream);
            }
            Ok(())
        })?;
        Ok(found)
    }
}
