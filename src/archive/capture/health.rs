//! How tracked documents fare: what is due, what fails and why, and which selectors match nothing any more.

use std::time::Duration;

use super::text;
use crate::archive::{Archive, ArchiveError};
use crate::model::{DocumentName, Fact, Instant, Outcome, Stage};
use crate::project::Fares;

/// How a tracked document fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The document.
    pub document: DocumentName,
    /// What its looks say.
    pub fares: Fares,
    /// What its last look showed.
    pub state: State,
    /// Selectors of its declaration that match nothing on the pages fetched last, with the address of their part.
    pub unmatched: Vec<(String, String)>,
}

/// What the last look at a document showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It was never looked at.
    New,
    /// It showed a text.
    Fine,
    /// It failed.
    Failing {
        /// How far it came, where that is known.
        stage: Option<Stage>,
        /// Why it came no further.
        reason: String,
    },
}

impl State {
    /// The word for it in answers and exports.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Fine => "fine",
            Self::Failing { .. } => "failing",
        }
    }
}

impl Archive {
    /// How the tracked documents fare, or those of them that a name means, where each is looked at so often.
    ///
    /// # Errors
    /// What is wrong with the archive.
    pub fn health(&self, of: Option<&str>, every: Duration) -> Result<Vec<Health>, ArchiveError> {
        let mut all = Vec::new();
        for (known, fares) in self.tracked(of, every)? {
            let mut pages = Vec::new();
            for snapshot in known.snapshots.iter().flatten() {
                pages.extend(self.page(snapshot)?);
            }
            let is_whole = pages.len() == known.snapshots.len();
            let text = is_whole.then(|| text::text(&known.declaration, &pages).ok());
            all.push(Health {
                state: self.state(&known.document.name, &fares)?,
                document: known.document.name,
                fares,
                unmatched: text
                    .flatten()
                    .map(|text| text.unmatched)
                    .unwrap_or_default(),
            });
        }
        Ok(all)
    }

    fn state(&self, document: &DocumentName, fares: &Fares) -> Result<State, ArchiveError> {
        if fares.last_look.is_none() {
            return Ok(State::New);
        }
        let Some(seq) = fares.failure_seq else {
            return Ok(State::Fine);
        };
        let stream = crate::model::StreamId::of_document(document);
        let mut state = State::Fine;
        if let Fact::ObservationsRecorded { observations, .. } = self.event(seq)?.fact {
            let mut looks = observations.into_iter();
            let failed = looks.find_map(|look| match look.outcome {
                Outcome::Failed { stage, reason } if look.stream == stream => {
                    Some(State::Failing { stage, reason })
                }
                _ => None,
            });
            state = failed.unwrap_or(State::Fine);
        }
        Ok(state)
    }

    /// The earliest instant at which a tracked document is due; none where nothing is tracked.
    ///
    /// # Errors
    /// What is wrong with the archive.
    pub fn next_look(&self, every: Duration) -> Result<Option<Instant>, ArchiveError> {
        let tracked = self.tracked(None, every)?;
        Ok(tracked.iter().map(|(_, fares)| fares.next_look).min())
    }
}
