//! Changes as they are asked for: each with its judgement as far as it was known.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use super::follow::{RecordedChange, change_of};
use crate::archive::{Archive, ArchiveError};
use crate::compare::blocks::{Compared, Side};
use crate::compare::{Comparison, compare};
use crate::model::{
    Change, Clauses, Content, Event, EventId, Fact, Instant, ProvisionChange, Significance, Status,
    StreamId,
};
use crate::project::{Document, Withheld};
use crate::segment;

/// Which changes are asked for.
#[derive(Debug, Clone)]
pub struct ChangeFilter {
    /// The documents, or all.
    pub streams: Option<Vec<StreamId>>,
    /// When the version that brought a change was observed.
    pub observed: RangeInclusive<Instant>,
    /// As far as was known at this instant; all that is known without one.
    pub known_at: Option<Instant>,
    /// The kinds of provisions one of which it must have changed; any change without one.
    pub provisions: Vec<String>,
}

/// A change, by where it stands in the log and how it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// When the version that brought it was observed.
    pub observed_at: Instant,
    /// The event that detected it.
    pub detected_seq: u64,
    /// The event that judged it last.
    pub judged_seq: u64,
    /// The event of the version that brought it.
    pub version_seq: u64,
    /// The event that says last what became of the document's provisions by it, if one does.
    pub mapped_seq: Option<u64>,
    /// The judgement.
    pub significance: Significance,
    /// How sure it is.
    pub status: Status,
    /// Its document's stream.
    pub stream: StreamId,
}

/// A change with all that the log says of it.
#[derive(Debug, Clone)]
pub struct ToldChange {
    /// Its name: that of the event that detected it.
    pub id: EventId,
    /// The event that detected it.
    pub detected: Event,
    /// The newest judgement.
    pub change: Change,
    /// The event of that judgement.
    pub judged: Event,
    /// The version that it is told against.
    pub before: VersionTold,
    /// The version that brought it.
    pub version: VersionTold,
    /// What became of the document's provisions by it.
    pub provisions: Vec<ProvisionChange>,
}

/// A version that a change is told of.
#[derive(Debug, Clone)]
pub struct VersionTold {
    /// Its event.
    pub event: Event,
    /// Its text.
    pub text: Content,
    /// What took the text out of the archive, if anything did.
    pub withheld: Option<Withheld>,
}

/// Both versions of a change, and what separates them.
#[derive(Debug)]
pub struct Texts {
    before: (String, Clauses),
    after: (String, Clauses),
    comparison: Comparison,
}

impl Texts {
    /// What is compared.
    #[must_use]
    pub fn compared(&self) -> Compared<'_> {
        let (before, after) = (&self.before, &self.after);
        Compared {
            from: Side {
                text: &before.0,
                clauses: &before.1,
            },
            to: Side {
                text: &after.0,
                clauses: &after.1,
            },
            comparison: &self.comparison,
        }
    }
}

impl Archive {
    /// Finds the changes that are asked for, in the order of observation.
    ///
    /// # Errors
    /// [`ArchiveError::Log`].
    pub fn judged(&self, filter: &ChangeFilter) -> Result<Vec<Judged>, ArchiveError> {
        let size = filter
            .known_at
            .map_or(Ok(self.log.size()), |known_at| self.log.size_at(known_at))?;
        let mut judged: HashMap<EventId, Judged> = HashMap::new();
        let mut mapped: HashMap<u64, (u64, bool)> = HashMap::new();
        let is_asked = |one: &ProvisionChange| filter.provisions.contains(&one.kind);
        let mut take = |event: &Event| {
            if filter
                .streams
                .as_ref()
                .is_some_and(|streams| !streams.contains(&event.stream))
            {
                return;
            }
            match &event.fact {
                Fact::ChangeDetected(change) if filter.observed.contains(&event.observed_at) => {
                    let one = Judged {
                        observed_at: event.observed_at,
                        detected_seq: event.seq,
                        judged_seq: event.seq,
                        version_seq: change.to,
                        mapped_seq: None,
                        significance: change.significance,
                        status: change.status,
                        stream: event.stream,
                    };
                    judged.insert(event.event_id, one);
                }
                Fact::ChangeReassessed(reassessed) => {
                    if let Some(one) = judged.get_mut(&reassessed.of) {
                        one.judged_seq = event.seq;
                        one.significance = reassessed.change.significance;
                        one.status = reassessed.change.status;
                    }
                }
                Fact::ProvisionsMapped(one) if !one.changes.is_empty() => {
                    let is_asked = one.changes.iter().any(is_asked);
                    mapped.insert(one.version, (event.seq, is_asked));
                }
                _ => {}
            }
        };
        match &filter.streams {
            Some(streams) if streams.len() == 1 => {
                for event in self.log.stream(streams[0])? {
                    let event = event?;
                    if event.seq < size {
                        take(&event);
                    }
                }
            }
            _ => self.events::<ArchiveError>(0, size, |event, _| {
                take(&event);
                Ok(())
            })?,
        }
        let with_mapping = |mut one: Judged| {
            let known = mapped.get(&one.version_seq);
            one.mapped_seq = known.map(|(seq, _)| *seq);
            let is_asked = filter.provisions.is_empty() || known.is_some_and(|(_, asked)| *asked);
            is_asked.then_some(one)
        };
        let mut all: Vec<Judged> = judged.into_values().filter_map(with_mapping).collect();
        all.sort_unstable_by_key(|one| (one.observed_at, one.detected_seq));
        Ok(all)
    }

    /// Reads all that the log says of a change.
    ///
    /// # Errors
    /// [`ArchiveError::Log`], [`ArchiveError::NotAChange`].
    pub fn told(&self, judged: &Judged) -> Result<ToldChange, ArchiveError> {
        let detected = self.log.event(judged.detected_seq)?;
        let newest = self.log.event(judged.judged_seq)?;
        let id = detected.event_id;
        let change = change_of(&newest)
            .filter(|change| {
                newest.stream == judged.stream
                    && change_of(&detected).is_some_and(|first| first.to == change.to)
            })
            .cloned()
            .ok_or(ArchiveError::NotAChange { seq: newest.seq })?;
        let provisions = match judged.mapped_seq {
            Some(seq) => self.provision_changes(seq, &change)?,
            None => Vec::new(),
        };
        Ok(ToldChange {
            id,
            provisions,
            before: self.version_told(change.from)?,
            version: self.version_told(change.to)?,
            detected,
            change,
            judged: newest,
        })
    }

    /// What an event says of the provisions, where it tells of the same two versions as the change.
    fn provision_changes(
        &self,
        seq: u64,
        change: &Change,
    ) -> Result<Vec<ProvisionChange>, ArchiveError> {
        Ok(match self.log.event(seq)?.fact {
            Fact::ProvisionsMapped(mapped)
                if (mapped.from, mapped.version) == (Some(change.from), change.to) =>
            {
                mapped.changes
            }
            _ => Vec::new(),
        })
    }

    fn version_told(&self, seq: u64) -> Result<VersionTold, ArchiveError> {
        let event = self.log.event(seq)?;
        match &event.fact {
            Fact::VersionRecorded(version) => Ok(VersionTold {
                text: version.text,
                withheld: self.withheld_of(&event)?,
                event,
            }),
            _ => Err(ArchiveError::NotAChange { seq }),
        }
    }

    /// Reads both versions of a change and compares them; none where the text of one is withheld.
    ///
    /// # Errors
    /// [`ArchiveError::Blob`].
    pub fn texts(&self, told: &ToldChange) -> Result<Option<Texts>, ArchiveError> {
        let (Ok(before), Ok(after)) = (
            self.content(told.before.text.blob)?,
            self.content(told.version.text.blob)?,
        ) else {
            return Ok(None);
        };
        let divided = |bytes: Vec<u8>| {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let clauses = segment::segment(&text);
            (text, clauses)
        };
        let (before, after) = (divided(before), divided(after));
        Ok(Some(Texts {
            comparison: compare(&before.1, &after.1),
            before,
            after,
        }))
    }

    /// Finds a change by its name or the first digits of it, or by the seq of its event or of the version that brought it.
    ///
    /// # Errors
    /// [`ArchiveError::NoChange`], [`ArchiveError::SeveralChanges`], [`ArchiveError::Log`].
    pub fn change(
        &self,
        name: &str,
        known_at: Option<Instant>,
    ) -> Result<ToldChange, ArchiveError> {
        let name = name.trim().to_ascii_lowercase();
        let seq: Option<u64> = name.parse().ok();
        let all = self.judged(&ChangeFilter {
            streams: None,
            observed: Instant::MIN..=Instant::MAX,
            known_at,
            provisions: Vec::new(),
        })?;
        let is_digits = name.len() >= 8 && name.bytes().all(|digit| digit.is_ascii_hexdigit());
        let mut found = Vec::new();
        for one in &all {
            let is_seq = seq.is_some_and(|seq| seq == one.detected_seq || seq == one.judged_seq);
            let named = is_digits
                && self
                    .log
                    .event(one.detected_seq)?
                    .event_id
                    .to_string()
                    .starts_with(&name);
            if is_seq || named {
                found.push(*one);
            }
        }
        match found[..] {
            [] => Err(ArchiveError::NoChange { name }),
            [one] => self.told(&one),
            _ => Err(ArchiveError::SeveralChanges {
                name,
                count: found.len(),
            }),
        }
    }

    /// The changes of a document as they were known, by the seq of the version that brought each.
    ///
    /// # Errors
    /// [`ArchiveError::Log`].
    pub fn changes_of(
        &self,
        document: &Document,
        known_at: Option<Instant>,
    ) -> Result<HashMap<u64, Change>, ArchiveError> {
        let size = known_at.map_or(Ok(self.log.size()), |known_at| self.log.size_at(known_at))?;
        let recorded = self.recorded(document, size)?;
        let change = |(seq, one): (u64, RecordedChange)| Some((seq, one.change()?.clone()));
        Ok(recorded.changes.into_iter().filter_map(change).collect())
    }
}
