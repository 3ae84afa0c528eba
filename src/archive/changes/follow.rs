//! The history of a document, put together from its events and its texts.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::archive::withhold::snapshot_commit;
use crate::archive::{Archive, ArchiveError};
use crate::compare::{History, VersionSeen};
use crate::model::{
    BlobId, Cause, Change, Clauses, Content, Event, EventId, Fact, MappedClause, Origin,
    ProvisionsMapped, Status, StreamId,
};
use crate::project::{Document, Look};
use crate::segment;

/// An event that is looked up by itself costs as much as so many that are read one after the other.
const LOOK_UP: u64 = 32;
/// How many texts are kept divided, so that one that comes back need not be divided again.
const KEPT: usize = 8;

/// What the log says of a document's changes.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// The versions, in the order of the log.
    pub(super) versions: Vec<Event>,
    /// The changes, by the seq of the version that brought them.
    pub(super) changes: HashMap<u64, RecordedChange>,
    /// Whether the newest event of the document is a change that no look can confirm any more: all was judged.
    pub(super) is_complete: bool,
    /// What clauses hold, by the seq of the version in which they came, with the classifier that said so last.
    mapped: HashMap<u64, (String, Vec<MappedClause>)>,
    /// The version that each mapped one is told against, as it was told last.
    pub(super) mapped_from: HashMap<u64, Option<u64>>,
    /// The last version that each classifier mapped.
    mapped_until: HashMap<String, u64>,
}

impl Recorded {
    /// Takes the next event of the document.
    fn take(&mut self, event: Event) {
        self.is_complete =
            change_of(&event).is_some_and(|change| change.status == Status::Confirmed);
        match &event.fact {
            Fact::VersionRecorded(_) => self.versions.push(event),
            Fact::ChangeDetected(change) => {
                let one = RecordedChange {
                    detected: event.event_id,
                    reassessments: 0,
                    judged: event.clone(),
                };
                self.changes.insert(change.to, one);
            }
            Fact::ChangeReassessed(reassessed) => {
                if let Some(known) = self.changes.get_mut(&reassessed.change.to) {
                    known.reassessments += 1;
                    known.judged = event;
                }
            }
            Fact::ProvisionsMapped(mapped) => self.map(mapped),
            _ => {}
        }
    }

    fn map(&mut self, mapped: &ProvisionsMapped) {
        let name = &mapped.classifier;
        let until = self.mapped_until.entry(name.clone()).or_default();
        *until = mapped.version.max(*until);
        self.mapped_from.insert(mapped.version, mapped.from);
        let known = self.mapped.entry(mapped.version).or_default();
        if known.0 != *name {
            *known = (name.clone(), Vec::new());
        }
        known.1.extend(mapped.clauses.iter().cloned());
    }

    /// What is recorded that the clauses hold which are new in a version, by this classifier or by any; none where the
    /// version is yet to be mapped.
    pub(super) fn mapping(
        &self,
        version: u64,
        classifier: Option<&str>,
    ) -> Option<&[MappedClause]> {
        let until = match classifier {
            Some(name) => self.mapped_until.get(name),
            None => self.mapped_until.values().max(),
        };
        until.filter(|until| version <= **until)?;
        let known = self.mapped.get(&version);
        let known = known.filter(|(by, _)| classifier.is_none_or(|name| name == by));
        Some(known.map_or(&[], |(_, clauses)| clauses))
    }
}

/// A change, as events tell it.
#[derive(Debug, Clone)]
pub(super) struct RecordedChange {
    /// The event that detected it.
    pub(super) detected: EventId,
    /// The event that judged it last.
    pub(super) judged: Event,
    /// How often it was judged anew.
    pub(super) reassessments: u64,
}

impl RecordedChange {
    /// The newest judgement.
    pub(super) fn change(&self) -> Option<&Change> {
        change_of(&self.judged)
    }
}

/// The change that an event tells of, if it tells of one.
pub(in crate::archive) fn change_of(event: &Event) -> Option<&Change> {
    match &event.fact {
        Fact::ChangeDetected(change) => Some(change),
        Fact::ChangeReassessed(reassessed) => Some(&reassessed.change),
        _ => None,
    }
}

impl Archive {
    /// Reads what the first `size` events of the log say of a document's versions and changes.
    pub(super) fn recorded(
        &self,
        document: &Document,
        size: u64,
    ) -> Result<Recorded, ArchiveError> {
        let mut recorded = Recorded::default();
        for event in self.log.stream(document.stream())? {
            let event = event?;
            if event.seq < size {
                recorded.take(event);
            }
        }
        Ok(recorded)
    }

    /// Reads what the log says of the versions and changes of some documents, in their order.
    pub(super) fn recorded_of(
        &self,
        documents: &[Document],
    ) -> Result<Vec<Recorded>, ArchiveError> {
        let size = self.log.size();
        let versions: u64 = documents.iter().map(|document| document.versions).sum();
        // An event that is looked up costs as much as many that are read in their order.
        if versions.saturating_mul(LOOK_UP) < size {
            let each = documents.iter();
            return each.map(|document| self.recorded(document, size)).collect();
        }
        let places: HashMap<StreamId, usize> = documents
            .iter()
            .enumerate()
            .map(|(place, document)| (document.stream(), place))
            .collect();
        let mut all: Vec<Recorded> = documents.iter().map(|_| Recorded::default()).collect();
        self.events::<ArchiveError>(0, size, |event, _| {
            if let Some(place) = places.get(&event.stream) {
                all[*place].take(event);
            }
            Ok(())
        })?;
        Ok(all)
    }

    /// Follows a document through its versions and the looks that showed them again; `each` sees the history behind each
    /// version. A version whose text is withheld is passed over.
    pub(super) fn follow(
        &self,
        document: &Document,
        versions: &[Event],
        mut each: impl FnMut(&Event, &History) -> Result<(), ArchiveError>,
    ) -> Result<History, ArchiveError> {
        let mut history = History::new(document.stream());
        let mut kept = Kept::default();
        let mut looks = self.unchanged_looks(document)?.into_iter().peekable();
        for event in versions {
            let Fact::VersionRecorded(version) = &event.fact else {
                continue;
            };
            while let Some((_, seen)) = looks.next_if(|(seq, _)| *seq < event.seq) {
                history.seen_again(seen);
            }
            let Some(clauses) = self.clauses(&version.text, &mut kept)? else {
                continue;
            };
            history.add(&VersionSeen {
                seq: event.seq,
                observed_at: event.observed_at,
                text: version.text.sha256,
                snapshot: snapshot_commit(&version.origin),
                re_extracted: matches!(version.origin, Origin::Extracted(_))
                    && version.cause == Cause::ReExtracted,
                clauses,
            });
            each(event, &history)?;
        }
        for (_, seen) in looks {
            history.seen_again(seen);
        }
        Ok(history)
    }

    /// The looks that showed a version again, each by its event and that of the version, in the order of the log.
    fn unchanged_looks(&self, document: &Document) -> Result<Vec<(u64, u64)>, ArchiveError> {
        let entries = self.entries(document, self.log.size())?;
        let mut looks: Vec<(u64, u64)> = entries
            .into_iter()
            .filter_map(|entry| match entry.look {
                Look::Unchanged { version_seq } => Some((entry.seq, version_seq)),
                Look::Version | Look::Failed | Look::Retired => None,
            })
            .collect();
        looks.sort_unstable();
        Ok(looks)
    }

    /// The clauses of a text; none where it is withheld.
    fn clauses(
        &self,
        text: &Content,
        kept: &mut Kept,
    ) -> Result<Option<Arc<Clauses>>, ArchiveError> {
        if let Some(clauses) = kept.get(text.blob) {
            return Ok(Some(clauses));
        }
        let Ok(bytes) = self.content(text.blob)? else {
            return Ok(None);
        };
        let clauses = Arc::new(segment::segment(&String::from_utf8_lossy(&bytes)));
        kept.keep(text.blob, &clauses);
        Ok(Some(clauses))
    }
}

/// The texts divided last.
#[derive(Default)]
struct Kept(VecDeque<(BlobId, Arc<Clauses>)>);

impl Kept {
    fn get(&self, blob: BlobId) -> Option<Arc<Clauses>> {
        let found = self.0.iter().find(|(one, _)| *one == blob);
        found.map(|(_, clauses)| Arc::clone(clauses))
    }

    fn keep(&mut self, blob: BlobId, clauses: &Arc<Clauses>) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back((blob, Arc::clone(clauses)));
    }
}
