//! What the events of one document lack: the changes of its versions, and what is said of them now and wasn't.

use super::follow::{Kept, Recorded, RecordedChange, is_sure};
use super::map::Mapper;
use super::state::State;
use crate::archive::{Archive, ArchiveError};
use crate::compare::{DETECTOR, History};
use crate::model::{Change, ChangeReassessed, Event, EventId, Fact, Instant, StreamId};
use crate::project::Document;
use crate::store::{BlobError, HistoryFrame, HistoryRow, NewEvent};

/// A document that is to be followed.
pub(super) struct Todo<'a> {
    /// Its place in the order in which what is found is recorded.
    pub(super) place: usize,
    pub(super) document: &'a Document,
    /// What is kept of its history.
    pub(super) row: Option<HistoryRow>,
    /// What the log says of it behind that.
    pub(super) recorded: Recorded,
}

impl Todo<'_> {
    /// How many versions are to be followed, about.
    pub(super) fn versions(&self) -> u64 {
        let known = self.row.as_ref().map_or(0, |row| row.versions);
        self.document.versions.saturating_sub(known)
    }
}

/// What was found of a document.
pub(super) struct Found {
    pub(super) events: Vec<NewEvent>,
    /// What is to be kept of its history once these are recorded.
    pub(super) kept: Option<KeptHistory>,
}

/// What is to be kept of a document's history.
pub(super) struct KeptHistory {
    pub(super) stream: StreamId,
    pub(super) versions: u64,
    pub(super) is_complete: bool,
    pub(super) state: HistoryFrame,
}

/// Where a document is gone on with.
struct Start<'a> {
    cursor: u64,
    /// When the last version before was observed.
    latest: Option<Instant>,
    history: (History, Kept),
    mapper: Mapper<'a>,
}

impl Archive {
    /// Finds what the events of a document lack; none where a text of it can't be read, which is for a verification to name.
    ///
    /// What is found is the same with and without what is kept of its history.
    pub(super) fn find(&self, todo: &Todo<'_>, anew: bool) -> Result<Option<Found>, ArchiveError> {
        if let Some(row) = &todo.row {
            if let Some(Some(found)) = unread(self.find_behind(todo, row))? {
                return Ok(Some(found));
            }
            // What is kept is not of this archive, or a text can't be read.
            let recorded = self.recorded(todo.document, self.log.size())?;
            return self.find_all(todo.document, &recorded, anew);
        }
        self.find_all(todo.document, &todo.recorded, anew)
    }

    fn find_all(
        &self,
        document: &Document,
        recorded: &Recorded,
        anew: bool,
    ) -> Result<Option<Found>, ArchiveError> {
        let start = Start {
            cursor: 0,
            latest: None,
            history: (History::new(document.stream()), Kept::default()),
            mapper: Mapper::new(document.name.document_type(), recorded, anew)?,
        };
        Ok(unread(self.find_from(document, recorded, start))?.flatten())
    }

    /// Goes on with what is kept; none where it can't be used.
    fn find_behind(
        &self,
        todo: &Todo<'_>,
        row: &HistoryRow,
    ) -> Result<Option<Found>, ArchiveError> {
        let (document, recorded) = (todo.document, &todo.recorded);
        let Some(state) = State::read(&row.state) else {
            return Ok(None);
        };
        let Some(history) = self.resume(document.stream(), &state.history)? else {
            return Ok(None);
        };
        let document_type = document.name.document_type();
        let mut mapper = Mapper::new(document_type, recorded, false)?;
        if state
            .resume(&history.0, &mut mapper, document_type)
            .is_none()
        {
            return Ok(None);
        }
        let start = Start {
            cursor: row.cursor,
            latest: state.latest(),
            history,
            mapper,
        };
        self.find_from(document, recorded, start)
    }

    fn find_from(
        &self,
        document: &Document,
        recorded: &Recorded,
        start: Start<'_>,
    ) -> Result<Option<Found>, ArchiveError> {
        let (stream, mut mapper) = (document.stream(), start.mapper);
        let history = self.go_on(
            document,
            start.history,
            &recorded.versions,
            |event, history| {
                mapper.take(event, history);
                Ok(())
            },
        )?;
        let newest = recorded.versions.last().map(|event| event.observed_at);
        let Some(latest) = newest.or(start.latest) else {
            let (events, kept) = (Vec::new(), None);
            return Ok(Some(Found { events, kept }));
        };
        let mut events = mapper.events(stream);
        for (to, amended) in history.amended() {
            let Some((mut change, known)) = self.recorded_change(to, start.cursor)? else {
                return Ok(None);
            };
            change.detector = DETECTOR;
            for one in amended {
                one.apply(&mut change);
            }
            events.extend(reassessed(&known, stream, &change, latest));
        }
        for change in history.changes() {
            events.extend(event(recorded, stream, change, latest));
        }
        let is_new = start.cursor == 0 || newest.is_some() || !events.is_empty();
        let document_type = document.name.document_type();
        let state = is_new.then(|| State::frame(&history, &mapper, document_type, latest));
        let kept = state.flatten().map(|state| KeptHistory {
            stream,
            versions: document.versions,
            is_complete: match events.last() {
                Some(last) => is_sure(&last.fact),
                None => recorded.is_complete,
            },
            state,
        });
        Ok(Some(Found { events, kept }))
    }
}

/// The event that a change lacks: its detection, or what is said of it now and wasn't.
fn event(
    recorded: &Recorded,
    stream: StreamId,
    change: &Change,
    latest: Instant,
) -> Option<NewEvent> {
    if let Some(known) = recorded.changes.get(&change.to) {
        return reassessed(known, stream, change, latest);
    }
    let is_version = |event: &&Event| event.seq == change.to;
    let version = recorded.versions.iter().find(is_version)?;
    Some(NewEvent {
        event_id: EventId::change_detected(version.event_id),
        stream,
        observed_at: version.observed_at,
        fact: Fact::ChangeDetected(change.clone()),
    })
}

/// The event that says of a change what is said of it now, unless that is what is known.
fn reassessed(
    known: &RecordedChange,
    stream: StreamId,
    change: &Change,
    latest: Instant,
) -> Option<NewEvent> {
    let same = known.change().is_some_and(|before| {
        let as_of_now = Change {
            detector: DETECTOR,
            ..before.clone()
        };
        as_of_now == *change
    });
    (!same).then(|| NewEvent {
        event_id: EventId::change_reassessed(known.detected, known.reassessments),
        stream,
        observed_at: latest,
        fact: Fact::ChangeReassessed(ChangeReassessed {
            of: known.detected,
            change: change.clone(),
        }),
    })
}

/// None where a text can't be read.
fn unread<T>(found: Result<T, ArchiveError>) -> Result<Option<T>, ArchiveError> {
    match found {
        Err(ArchiveError::Blob(BlobError::Damaged { .. } | BlobError::Missing { .. })) => Ok(None),
        found => found.map(Some),
    }
}
