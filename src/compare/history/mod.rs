//! History: each version of a document against those before it, at the moment and in hindsight.
//!
//! What can only be known later is said later: a reading that gives way to an earlier one within days was a flicker, and
//! parts that were gone and come back word for word were never gone from the document.

mod judge;
mod state;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::identity::{Birth, Identity};
use super::{Comparison, compare};
use crate::model::{
    Change, ClauseChange, ClauseId, Clauses, CommitId, Instant, ReadingDigest, Reason, Sha256,
    Significance, Span, Status, StreamId,
};

pub use judge::Amendment;
use judge::Judged;
pub use state::{HistoryState, steps, sums};

/// The version of the detector: a later one may judge otherwise.
pub const DETECTOR: u16 = 2;

/// A reading that gives way to an earlier one within this time was a flicker: 7 days, in µs.
const FLICKER: i64 = 7 * 86_400 * 1_000_000;
/// How many versions before are candidates for what a version continues.
const VARIANTS: usize = 4;
/// How many comparisons are kept: where two texts come in turn, the same are compared again and again.
const COMPARED: usize = 8;

/// A version as a history takes it.
#[derive(Debug, Clone)]
pub struct VersionSeen {
    /// The seq of its event.
    pub seq: u64,
    /// When it was observed.
    pub observed_at: Instant,
    /// The SHA-256 of its text.
    pub text: Sha256,
    /// The snapshot that it was taken from, where its source names one.
    pub snapshot: Option<CommitId>,
    /// Whether it is there because another extractor or declaration read the document.
    pub re_extracted: bool,
    /// Its clauses.
    pub clauses: Arc<Clauses>,
}

/// A version as it is remembered.
#[derive(Debug, Clone)]
struct Past {
    seq: u64,
    observed_at: Instant,
    reading: ReadingDigest,
    /// Whether it shows something that is not the document, or not all of it.
    is_fault: bool,
}

/// A version whose clauses are at hand.
#[derive(Debug, Clone)]
struct Held {
    place: usize,
    text: Sha256,
    snapshot: Option<CommitId>,
    clauses: Arc<Clauses>,
    births: Arc<Vec<Birth>>,
    ids: Arc<Vec<ClauseId>>,
}

impl Held {
    /// The name of the clause at a place, and where it was born.
    fn name(&self, place: usize) -> Option<(Birth, ClauseId)> {
        Some((*self.births.get(place)?, *self.ids.get(place)?))
    }
}

/// A large loss, until it is known what became of it.
#[derive(Debug)]
struct Loss {
    /// The place of the version that lacks the parts.
    at: usize,
    /// The version that had them.
    before: Held,
    /// The parts, each with its bytes.
    lost: HashMap<ReadingDigest, usize>,
    bytes: usize,
    /// Whether nearly nothing was left.
    is_whole: bool,
}

/// A version that is judged, and what it is judged against.
struct Step<'a> {
    place: usize,
    /// The version that it is told against.
    base: &'a Held,
    version: &'a VersionSeen,
    comparison: &'a Comparison,
    /// The place of the latest version before that reads the same.
    returns: Option<usize>,
}

/// The history of a document's versions, in the order in which they were recorded.
#[derive(Debug)]
pub struct History {
    past: Vec<Past>,
    /// The change that each version brought; the first version brought none.
    changes: Vec<Judged>,
    places: HashMap<ReadingDigest, usize>,
    held: Vec<Held>,
    /// The newest version that is no fault, as far as was known when it came.
    good: Option<Held>,
    losses: Vec<Loss>,
    identity: Identity,
    /// The comparisons made last, by the texts before and after.
    compared: VecDeque<((Sha256, Sha256), Arc<Comparison>)>,
}

impl History {
    /// The history of a document before its first version.
    #[must_use]
    pub fn new(stream: StreamId) -> Self {
        Self {
            past: Vec::new(),
            changes: Vec::new(),
            places: HashMap::new(),
            held: Vec::new(),
            good: None,
            losses: Vec::new(),
            identity: Identity::new(stream),
            compared: VecDeque::new(),
        }
    }

    /// The changes of the versions that were taken here, as they are judged now: the first is that of the second version.
    pub fn changes(&self) -> impl DoubleEndedIterator<Item = &Change> {
        self.changes.iter().filter_map(Judged::change)
    }

    /// How the changes of versions that were taken before are judged otherwise now, each by the seq of its version.
    pub fn amended(&self) -> impl Iterator<Item = (u64, &[Amendment])> {
        let changes = self.past.iter().skip(1).zip(&self.changes);
        let amended = changes.map(|(past, change)| (past.seq, change.amended()));
        amended.filter(|(_, amended)| !amended.is_empty())
    }

    /// Of each version, whether it was no continuation of the document, as far as is known now.
    pub fn faults(&self) -> impl Iterator<Item = bool> {
        self.past.iter().map(|past| past.is_fault)
    }

    /// The clauses of the newest version, each with its name.
    #[must_use]
    pub fn newest(&self) -> Option<(&Clauses, &[ClauseId])> {
        let newest = self.held.last()?;
        Some((&newest.clauses, &newest.ids))
    }

    /// The versions that a later one may be told against, by the seqs of their events, with the clauses and their names;
    /// some of them more than once.
    pub fn bases(&self) -> impl Iterator<Item = (u64, &Arc<Clauses>, &Arc<Vec<ClauseId>>)> {
        let lost = self.losses.iter().map(|loss| &loss.before);
        let all = self.held.iter().chain(&self.good).chain(lost);
        all.map(|held| (self.past[held.place].seq, &held.clauses, &held.ids))
    }

    /// Whether a look that shows the newest version again would make its change sure.
    #[must_use]
    pub fn is_unconfirmed(&self) -> bool {
        let newest = self.changes.last();
        newest.is_some_and(|change| change.status() == Status::Unconfirmed)
    }

    /// Takes a look that showed the text of a version again: what was suspicious of it stands.
    pub fn seen_again(&mut self, version: u64) {
        if self.is_unconfirmed()
            && self.past.last().is_some_and(|past| past.seq == version)
            && let Some(change) = self.changes.last_mut()
        {
            change.amend(Amendment::SeenAgain { version });
        }
    }

    /// Takes the next version, and judges the changes before it anew.
    pub fn add(&mut self, version: &VersionSeen) {
        let place = self.past.len();
        let past = Past {
            seq: version.seq,
            observed_at: version.observed_at,
            reading: version.clauses.digest(),
            is_fault: false,
        };
        let Some(before) = self.held.last().cloned() else {
            let is_fault = judge::not_the_document(&version.clauses).is_some();
            let names = self.identity.name(version.text, &version.clauses, &[]);
            self.places.insert(past.reading, place);
            self.past.push(Past { is_fault, ..past });
            self.hold(place, version, names);
            return;
        };
        let returns = self.places.get(&past.reading).copied();
        self.places.insert(past.reading, place);
        self.past.push(past);
        let recovered = self.recover(place, &version.clauses);
        let (base, comparison) = self.base(place, &before, recovered, version);
        let continued: Vec<Option<(Birth, ClauseId)>> = comparison
            .continues
            .iter()
            .map(|before| before.and_then(|before| base.name(before)))
            .collect();
        let names = self
            .identity
            .name(version.text, &version.clauses, &continued);
        let step = Step {
            place,
            base: &base,
            version,
            comparison: &comparison,
            returns,
        };
        let mut change = self.told(&step, &names.1);
        self.judge(&step, &mut change);
        self.changes.push(Judged::Here(change));
        self.hold(place, version, names);
    }

    /// The time from the sight of one version to that of another, in µs.
    fn time_between(&self, one: usize, other: usize) -> i64 {
        let at = |place: usize| self.past[place].observed_at.micros();
        at(other).saturating_sub(at(one))
    }

    fn hold(
        &mut self,
        place: usize,
        version: &VersionSeen,
        (births, ids): (Vec<Birth>, Vec<ClauseId>),
    ) {
        if self.held.len() == VARIANTS {
            self.held.remove(0);
        }
        let held = Held {
            place,
            text: version.text,
            snapshot: version.snapshot,
            clauses: Arc::clone(&version.clauses),
            births: Arc::new(births),
            ids: Arc::new(ids),
        };
        if !self.past[place].is_fault {
            self.good = Some(held.clone());
        }
        self.held.push(held);
    }

    /// The version that a new one continues, and what separates the two: the one before, unless that was a fault or a
    /// flicker beside what the document said shortly before.
    fn base(
        &mut self,
        place: usize,
        before: &Held,
        recovered: Option<Held>,
        version: &VersionSeen,
    ) -> (Held, Arc<Comparison>) {
        let is_again = self.past[place].reading == self.past[before.place].reading;
        let good = self
            .good
            .clone()
            .filter(|_| self.past[before.place].is_fault);
        if let Some(held) = recovered.or(good).filter(|_| !is_again) {
            let comparison = self.against(&held, version);
            return (held, comparison);
        }
        let comparison = self.against(before, version);
        let changed = comparison.weight(&before.clauses, &version.clauses);
        let is_good = |held: &&Held| !self.past[held.place].is_fault;
        let since = |held: &Held| self.time_between(held.place + 1, place);
        let variant = self.held.iter().rev().skip(1).filter(is_good).find(|held| {
            self.past[held.place].reading != self.past[before.place].reading
                && (0..=FLICKER).contains(&since(held))
        });
        let variant = variant.cloned();
        if comparison.significance() == Significance::Substantive
            && let Some(variant) = variant
        {
            let other = self.against(&variant, version);
            if other.weight(&variant.clauses, &version.clauses) * 4 < changed {
                return (variant, other);
            }
        }
        (before.clone(), comparison)
    }

    /// What separates a version from one that is at hand.
    fn against(&mut self, held: &Held, version: &VersionSeen) -> Arc<Comparison> {
        let texts = (held.text, version.text);
        let known = self.compared.iter().find(|(between, _)| *between == texts);
        if let Some((_, comparison)) = known {
            return Arc::clone(comparison);
        }
        let comparison = Arc::new(if held.text == version.text {
            Comparison::same(version.clauses.all().len())
        } else {
            compare(&held.clauses, &version.clauses)
        });
        if self.compared.len() == COMPARED {
            self.compared.pop_front();
        }
        self.compared.push_back((texts, Arc::clone(&comparison)));
        comparison
    }

    /// What a version changed, before it is judged in the light of the others.
    fn told(&self, step: &Step<'_>, ids: &[ClauseId]) -> Change {
        let Step {
            place,
            base,
            version,
            comparison,
            ..
        } = *step;
        let clauses = comparison.deltas.iter().map(|delta| ClauseChange {
            kind: delta.kind,
            rule: delta.rule,
            clause: match ids.get(delta.to.start) {
                Some(id) if !delta.to.is_empty() => *id,
                _ => base.ids[delta.from.start],
            },
            from: span(&base.clauses, &delta.from),
            to: span(&version.clauses, &delta.to),
        });
        Change {
            from: self.past[base.place].seq,
            to: self.past[place].seq,
            detector: DETECTOR,
            significance: comparison.significance(),
            status: Status::Confirmed,
            reasons: comparison.rules().map(Reason::Clause).collect(),
            counts: comparison.counts(),
            clauses: clauses.take(Change::CLAUSES).collect(),
        }
    }
}

/// The bytes that clauses one after the other take up in the text.
fn span(clauses: &Clauses, range: &std::ops::Range<usize>) -> Option<Span> {
    let all = clauses.all().get(range.clone())?;
    Some(Span {
        start: all.first()?.span.start,
        end: all.last()?.span.end,
    })
}
