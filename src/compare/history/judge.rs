//! Judgement: what a change was, in the light of the versions before it and after.

use std::collections::{HashMap, HashSet};

use super::{FLICKER, Held, History, Loss, Step};
use crate::compare::signs;
use crate::model::{Change, Clauses, ReadingDigest, Reason, Significance, Status};

/// A loss is large where so much of the reading is gone, in hundredths, of a version that has at least so many bytes.
const LARGE_PERCENT: usize = 35;
const LARGE_BYTES: usize = 1_000;
/// Where more came than this share of what is gone, in hundredths, the document was rewritten.
const REWRITTEN_PERCENT: usize = 30;
/// Lost parts are back where a version has so much of them, in hundredths.
const RECOVERED_PERCENT: usize = 80;
/// How many losses are watched for their recovery, the latest ones, and how long: 60 days, in µs. What comes back later was
/// gone, but where so much of the reading was lost, in hundredths, that the page was another.
const WHOLE_PERCENT: usize = 80;
const WATCHED: usize = 8;
const WATCHED_FOR: i64 = 60 * 86_400 * 1_000_000;

/// A change, as far as what comes can let it be judged otherwise.
#[derive(Debug)]
pub(super) enum Judged {
    /// Of a version that was taken here.
    Here(Change),
    /// Of one that was taken before; the log has it.
    Before {
        significance: Significance,
        status: Status,
        amended: Vec<Amendment>,
    },
}

/// What is said of a change in hindsight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amendment {
    /// It gave way to an earlier reading.
    GaveWay {
        /// The seq of the version that read so again.
        to: u64,
    },
    /// It was a fault of capture.
    Fault {
        /// The seq of the version that has again what was lost.
        version: u64,
    },
    /// What was suspicious of it stands.
    SeenAgain {
        /// The seq of the version that shows it.
        version: u64,
    },
}

impl Amendment {
    /// Judges a change so.
    pub fn apply(self, change: &mut Change) {
        change.status = Status::Confirmed;
        change.significance = self.significance().unwrap_or(change.significance);
        match self {
            Self::GaveWay { to } => change.reasons.insert(0, Reason::GaveWay { to }),
            Self::Fault { version } => change.reasons.push(Reason::Recovered { version }),
            Self::SeenAgain { version } => change.reasons.push(Reason::SeenAgain { version }),
        }
    }

    /// What the change is then; none where it is what it was.
    fn significance(self) -> Option<Significance> {
        match self {
            Self::GaveWay { .. } => Some(Significance::Reverted),
            Self::Fault { .. } => Some(Significance::CaptureFault),
            Self::SeenAgain { .. } => None,
        }
    }
}

impl Judged {
    pub(super) fn change(&self) -> Option<&Change> {
        match self {
            Self::Here(change) => Some(change),
            Self::Before { .. } => None,
        }
    }

    pub(super) fn amended(&self) -> &[Amendment] {
        match self {
            Self::Here(_) => &[],
            Self::Before { amended, .. } => amended,
        }
    }

    pub(super) fn significance(&self) -> Significance {
        match self {
            Self::Here(change) => change.significance,
            Self::Before { significance, .. } => *significance,
        }
    }

    pub(super) fn status(&self) -> Status {
        match self {
            Self::Here(change) => change.status,
            Self::Before { status, .. } => *status,
        }
    }

    pub(super) fn amend(&mut self, amendment: Amendment) {
        match self {
            Self::Here(change) => amendment.apply(change),
            Self::Before {
                significance,
                status,
                amended,
            } => {
                *status = Status::Confirmed;
                *significance = amendment.significance().unwrap_or(*significance);
                amended.push(amendment);
            }
        }
    }

    /// Whether it is a change of what a person reads, as far as is known.
    fn is_told(&self) -> bool {
        matches!(
            self.significance(),
            Significance::Substantive | Significance::Editorial
        )
    }
}

impl History {
    /// Looks whether a version has what earlier ones had lost; then they, and what lay between, were faults, and the
    /// version continues the one that had it.
    pub(super) fn recover(&mut self, place: usize, clauses: &Clauses) -> Option<Held> {
        if self.losses.is_empty() {
            return None;
        }
        let mut recovered: Option<Held> = None;
        let there: HashSet<ReadingDigest> = clauses.all().iter().map(|one| one.digest).collect();
        let mut losses = std::mem::take(&mut self.losses);
        losses.retain(|loss| {
            let is_back = found(&loss.lost, &there) * 100 >= loss.bytes * RECOVERED_PERCENT;
            let stood = !loss.is_whole && self.time_between(loss.at, place) > WATCHED_FOR;
            if is_back && !stood {
                let is_earlier = |held: &Held| held.place > loss.before.place;
                if recovered.as_ref().is_none_or(is_earlier) {
                    recovered = Some(loss.before.clone());
                }
                self.mark_faults(loss.at, place);
            } else if !is_back {
                self.confirm(loss.at, place);
            }
            !is_back && !stood
        });
        self.losses = losses;
        recovered
    }

    /// The changes to the versions of this range were faults of capture.
    fn mark_faults(&mut self, first: usize, end: usize) {
        let version = self.past[end].seq;
        for place in first..end {
            self.past[place].is_fault = true;
            let change = &mut self.changes[place - 1];
            if change.is_told() || change.significance() == Significance::Reverted {
                change.amend(Amendment::Fault { version });
            }
        }
    }

    /// A later version lacks the parts too: the loss stands, until it is recovered after all.
    fn confirm(&mut self, lost_at: usize, place: usize) {
        let version = self.past[place].seq;
        let change = &mut self.changes[lost_at - 1];
        if change.status() == Status::Unconfirmed {
            change.amend(Amendment::SeenAgain { version });
        }
    }

    /// Judges a change in the light of the versions before.
    pub(super) fn judge(&mut self, step: &Step<'_>, change: &mut Change) {
        let Step { place, base, .. } = *step;
        let was_fault = self.past[place - 1].is_fault;
        if step.returns == Some(place - 1) {
            self.past[place].is_fault = was_fault;
            if step.comparison.deltas.is_empty() {
                conclude(change, Significance::Presentational, Reason::SameReading);
            }
            return;
        }
        if let Some(reason) = self.why_no_document(step) {
            self.past[place].is_fault = true;
            conclude(change, Significance::CaptureFault, reason);
            return;
        }
        let is_same = self.past[place].reading == self.past[base.place].reading;
        let continues_before = base.place == place - 1;
        if was_fault && (is_same || continues_before) {
            // What the document said before the fault; or what it says, where only faults are known before.
            let version = self.past[if is_same { base.place } else { place }].seq;
            conclude(
                change,
                Significance::CaptureFault,
                Reason::Recovered { version },
            );
            return;
        }
        match step.returns {
            Some(to) if self.past[to].is_fault => {
                self.past[place].is_fault = true;
                let to = self.past[to].seq;
                conclude(change, Significance::CaptureFault, Reason::Returns { to });
                return;
            }
            Some(to) => {
                self.mark_flicker(to, place);
                let to = self.past[to].seq;
                conclude(change, Significance::Reverted, Reason::Returns { to });
                return;
            }
            None if !continues_before => {
                let left_out = self.past[place - 1].seq;
                change.reasons.push(Reason::Against { left_out });
                if !was_fault {
                    self.mark_flicker(base.place, place);
                }
            }
            None => {}
        }
        if step.version.re_extracted {
            conclude(change, Significance::ReExtraction, Reason::ReExtracted);
            return;
        }
        let snapshot = step.version.snapshot;
        if snapshot.is_some() && snapshot == base.snapshot {
            conclude(change, Significance::ReExtraction, Reason::SameSnapshot);
            return;
        }
        self.suspect(step, change);
    }

    /// Why a version is not the document, if it isn't. A page that carries on most of what the document said is it, whatever
    /// signs it shows, unless an error stands where much of it stood.
    fn why_no_document(&self, step: &Step<'_>) -> Option<Reason> {
        let (clauses, comparison) = (&step.version.clauses, step.comparison);
        let continues = comparison.continues.iter().enumerate();
        let carried = continues.filter_map(|(place, before)| before.map(|_| place));
        let is_carried = read_in(clauses, carried) * 2 > clauses.reading_bytes();
        if !is_carried || self.past[step.base.place].is_fault {
            return not_the_document(clauses);
        }
        let sign = signs::error_among(clauses, comparison.added())?;
        let removed = read_in(&step.base.clauses, comparison.removed());
        (removed >= LARGE_BYTES).then_some(Reason::NotTheDocument(sign))
    }

    /// The changes behind the version at `to` gave way to it, if that took no longer than a flicker does.
    fn mark_flicker(&mut self, to: usize, place: usize) {
        if !(0..=FLICKER).contains(&self.time_between(to + 1, place)) {
            return;
        }
        let gave_way = Amendment::GaveWay {
            to: self.past[place].seq,
        };
        for change in &mut self.changes[to..place - 1] {
            if change.is_told() {
                change.amend(gave_way);
            }
        }
    }

    /// Where large parts are gone and little came in their place, a second observation has to agree.
    fn suspect(&mut self, step: &Step<'_>, change: &mut Change) {
        let Step {
            base, comparison, ..
        } = *step;
        let size = base.clauses.reading_bytes();
        let all = step.version.clauses.all().iter();
        let stands: HashSet<ReadingDigest> = all.map(|clause| clause.digest).collect();
        let lost: HashMap<ReadingDigest, usize> = comparison
            .removed()
            .map(|place| &base.clauses.all()[place])
            .filter(|clause| !stands.contains(&clause.digest))
            .map(|clause| (clause.digest, base.clauses.reading(clause).len()))
            .collect();
        let bytes = lost_bytes(&lost);
        let came = read_in(&step.version.clauses, comparison.added());
        let is_large = size >= LARGE_BYTES
            && bytes * 100 >= size * LARGE_PERCENT
            && came * 100 <= bytes * REWRITTEN_PERCENT;
        if !is_large {
            return;
        }
        let percent = u8::try_from(bytes * 100 / size).unwrap_or(100);
        change.status = Status::Unconfirmed;
        change.reasons.insert(0, Reason::LargeLoss { percent });
        if self.losses.len() == WATCHED {
            self.losses.remove(0);
        }
        self.losses.push(Loss {
            at: step.place,
            before: base.clone(),
            lost,
            bytes,
            is_whole: bytes * 100 >= size * WHOLE_PERCENT,
        });
    }
}

/// Sets a judgement for one reason, which then stands first.
fn conclude(change: &mut Change, significance: Significance, reason: Reason) {
    change.significance = significance;
    change.status = Status::Confirmed;
    change.reasons.insert(0, reason);
}

/// Why a page is not the document, if it isn't.
pub(super) fn not_the_document(clauses: &Clauses) -> Option<Reason> {
    if clauses.all().is_empty() {
        return Some(Reason::Empty);
    }
    signs::sign(clauses).map(Reason::NotTheDocument)
}

/// How many bytes are read in some clauses of a version.
fn read_in(clauses: &Clauses, places: impl Iterator<Item = usize>) -> usize {
    let readings = places.map(|place| clauses.reading(&clauses.all()[place]));
    readings.map(str::len).sum()
}

/// How many bytes of the reading are lost.
pub(super) fn lost_bytes(lost: &HashMap<ReadingDigest, usize>) -> usize {
    lost.values().sum()
}

/// How many bytes of lost parts are there.
fn found(lost: &HashMap<ReadingDigest, usize>, there: &HashSet<ReadingDigest>) -> usize {
    let parts = lost.iter().filter(|(part, _)| there.contains(part));
    parts.map(|(_, bytes)| bytes).sum()
}
