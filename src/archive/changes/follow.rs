//! The history of a document, put together from its events and its texts.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::archive::withhold::snapshot_commit;
use crate::archive::{Archive, ArchiveError};
use crate::compare::{History, HistoryState, VersionSeen};
use crate::model::{
    BlobId, Cause, Change, Clauses, Content, Event, EventId, Fact, MappedClause, Origin,
    ProvisionsMapped, Status, StreamId,
};
use crate::project::{Document, Look};
use crate::segment;
use crate::store::HistoryRow;

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
        self.is_complete = is_sure(&event.fact);
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
    change_in(&event.fact)
}

fn change_in(fact: &Fact) -> Option<&Change> {
    match fact {
        Fact::ChangeDetected(change) => Some(change),
        Fact::ChangeReassessed(reassessed) => Some(&reassessed.change),
        _ => None,
    }
}

/// Whether it is a change that no look can confirm any more.
pub(super) fn is_sure(fact: &Fact) -> bool {
    change_in(fact).is_some_and(|change| change.status == Status::Confirmed)
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

    /// Reads what the log says of the versions and changes of some documents, in their order; of one of which a history is
    /// kept, what came behind it.
    pub(super) fn recorded_of(
        &self,
        documents: &[(&Document, Option<HistoryRow>)],
    ) -> Result<Vec<Recorded>, ArchiveError> {
        let mut all: Vec<Recorded> = documents
            .iter()
            .map(|(_, row)| Recorded {
                is_complete: row.as_ref().is_some_and(|row| row.is_complete),
                ..Recorded::default()
            })
            .collect();
        // What is read of those that are followed from the start is no reason to read as much of the others.
        for is_kept in [false, true] {
            let asked = documents.iter().zip(0..);
            let asked = asked.filter(|((_, row), _)| row.is_some() == is_kept);
            self.record(&asked.collect::<Vec<_>>(), &mut all)?;
        }
        Ok(all)
    }

    fn record(
        &self,
        asked: &[(&(&Document, Option<HistoryRow>), usize)],
        all: &mut [Recorded],
    ) -> Result<(), ArchiveError> {
        let size = self.log.size();
        let cursor = |row: &Option<HistoryRow>| row.as_ref().map_or(0, |row| row.cursor);
        let pending = asked.iter().map(|((document, row), _)| {
            let known = row.as_ref().map_or(0, |row| row.versions);
            document.versions.saturating_sub(known)
        });
        let pending: u64 = pending.sum();
        let Some(first) = asked.iter().map(|((_, row), _)| cursor(row)).min() else {
            return Ok(());
        };
        // An event that is looked up costs as much as many that are read in their order.
        if pending.saturating_mul(LOOK_UP) < size - first {
            for ((document, row), place) in asked {
                for event in self.log.stream_from(document.stream(), cursor(row))? {
                    all[*place].take(event?);
                }
            }
            return Ok(());
        }
        let places: HashMap<StreamId, (usize, u64)> = asked
            .iter()
            .map(|((document, row), place)| (document.stream(), (*place, cursor(row))))
            .collect();
        self.events::<ArchiveError>(first, size, |event, _| {
            if let Some((place, cursor)) = places.get(&event.stream)
                && event.seq >= *cursor
            {
                all[*place].take(event);
            }
            Ok(())
        })
    }

    /// What the log says of the change that an earlier version brought: as it was known when the log had `cursor` events, and
    /// as it is known now.
    pub(super) fn recorded_change(
        &self,
        version: u64,
        cursor: u64,
    ) -> Result<Option<(Change, RecordedChange)>, ArchiveError> {
        let version = self.log.event(version)?;
        let Some(seq) = self.log.find(EventId::change_detected(version.event_id))? else {
            return Ok(None);
        };
        let event = self.log.event(seq)?;
        let mut then = change_of(&event).cloned();
        let mut known = RecordedChange {
            detected: event.event_id,
            reassessments: 0,
            judged: event,
        };
        loop {
            let next = EventId::change_reassessed(known.detected, known.reassessments);
            let Some(seq) = self.log.find(next)? else {
                return Ok(then.map(|then| (then, known)));
            };
            known.judged = self.log.event(seq)?;
            known.reassessments += 1;
            if seq < cursor {
                then = known.change().cloned();
            }
        }
    }

    /// Follows a document through its versions and the looks that showed them again; `each` sees the history behind each
    /// version. A version whose text is withheld is passed over.
    pub(super) fn follow(
        &self,
        document: &Document,
        versions: &[Event],
        each: impl FnMut(&Event, &History) -> Result<(), ArchiveError>,
    ) -> Result<History, ArchiveError> {
        let history = History::new(document.stream());
        self.go_on(document, (history, Kept::default()), versions, each)
    }

    /// Goes on with the history of a document, as [`Self::follow`] does.
    pub(super) fn go_on(
        &self,
        document: &Document,
        (mut history, mut kept): (History, Kept),
        versions: &[Event],
        mut each: impl FnMut(&Event, &History) -> Result<(), ArchiveError>,
    ) -> Result<History, ArchiveError> {
        let mut looks = None;
        for event in versions {
            self.look_again(document, &mut history, &mut looks, event.seq)?;
            if let Some(version) = self.seen(event, &mut kept)? {
                history.add(&version);
                each(event, &history)?;
            }
        }
        self.look_again(document, &mut history, &mut looks, u64::MAX)?;
        Ok(history)
    }

    /// The history that a kept one goes on with, with the texts that it needed; none where it is not that of this archive.
    pub(super) fn resume(
        &self,
        stream: StreamId,
        state: &HistoryState,
    ) -> Result<Option<(History, Kept)>, ArchiveError> {
        let mut kept = Kept::default();
        let mut versions = HashMap::new();
        for seq in state.needs() {
            let event = self.log.event(seq)?;
            let Some(version) = self.seen(&event, &mut kept)? else {
                return Ok(None);
            };
            versions.insert(seq, version);
        }
        let history = state.resume(stream, &versions);
        Ok(history.map(|history| (history, kept)))
    }

    /// A version as a history takes it; none where its text is withheld.
    fn seen(&self, event: &Event, kept: &mut Kept) -> Result<Option<VersionSeen>, ArchiveError> {
        let Fact::VersionRecorded(version) = &event.fact else {
            return Ok(None);
        };
        let clauses = self.clauses(&version.text, kept)?;
        Ok(clauses.map(|clauses| VersionSeen {
            seq: event.seq,
            observed_at: event.observed_at,
            text: version.text.sha256,
            snapshot: snapshot_commit(&version.origin),
            re_extracted: matches!(version.origin, Origin::Extracted(_))
                && version.cause == Cause::ReExtracted,
            clauses,
        }))
    }

    /// Takes the looks at the newest version that the events before `end` tell of. They are read only where they can change
    /// what is said of it.
    fn look_again(
        &self,
        document: &Document,
        history: &mut History,
        looks: &mut Option<Vec<(u64, u64)>>,
        end: u64,
    ) -> Result<(), ArchiveError> {
        if !history.is_unconfirmed() {
            return Ok(());
        }
        let all = match looks {
            Some(looks) => looks,
            None => looks.insert(self.unchanged_looks(document)?),
        };
        let until = all.iter().take_while(|(seq, _)| *seq < end);
        until.for_each(|(_, seen)| history.seen_again(*seen));
        Ok(())
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
pub(super) struct Kept(VecDeque<(BlobId, Arc<Clauses>)>);

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
