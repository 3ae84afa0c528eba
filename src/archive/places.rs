//! The places of events: what each must agree with in the events before it and in the index by its id.

use std::collections::HashMap;

use crate::model::{Event, Instant, StreamId};
use crate::store::Log;

/// What the next event must agree with.
pub(super) struct Places {
    /// How many events of each stream went before, as far as they could be read.
    streams: HashMap<StreamId, u64>,
    /// When the last of them was recorded.
    recorded_at: Instant,
    /// How many events could not be read and are missing from no stream yet.
    unread: u64,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            streams: HashMap::new(),
            recorded_at: Instant::MIN,
            unread: 0,
        }
    }
}

impl Places {
    /// Passes over an event that can't be read: one of the streams will have a gap, which is no finding of its own.
    pub(super) fn pass_over(&mut self) {
        self.unread += 1;
    }

    /// Takes the next event and tells what is wrong around it: with its number, its time and its place in the index.
    pub(super) fn check(&mut self, log: &Log, event: &Event) -> Vec<String> {
        let mut wrong = Vec::new();
        let expected = self.streams.entry(event.stream).or_insert(0);
        let gap = event.stream_seq.saturating_sub(*expected);
        if gap > 0 && gap <= self.unread {
            self.unread -= gap;
        } else if event.stream_seq != *expected {
            wrong.push(format!(
                "is number {} of its stream, and {expected} was due",
                event.stream_seq
            ));
        }
        *expected = event.stream_seq + 1;
        if event.recorded_at < self.recorded_at {
            wrong.push(format!(
                "was recorded at {}, before the event before it",
                event.recorded_at
            ));
        }
        self.recorded_at = event.recorded_at;
        match log.find(event.event_id) {
            Ok(Some(seq)) if seq == event.seq => {}
            Ok(found) => wrong.push(format!("is found at {found:?} by its id")),
            Err(error) => wrong.push(format!("can't be found by its id: {error}")),
        }
        let seq = event.seq;
        wrong
            .into_iter()
            .map(|what| format!("event {seq} {what}"))
            .collect()
    }
}
