//! What a history needs in order to go on, without any text: the versions that are at hand are divided again.
//!
//! Numbers stand as differences and in columns, which compress well.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::judge::{Judged, lost_bytes};
use super::{Held, History, Loss, Past, VersionSeen};
use crate::compare::identity::{Birth, Identity, Likes};
use crate::model::{Clauses, Instant, ReadingDigest, Sha256, Significance, Status, StreamId};

/// A history between two versions.
#[derive(Debug, Serialize, Deserialize)]
pub struct HistoryState {
    /// The past: columns of one value for each version.
    seqs: Vec<i64>,
    observed_at: Vec<i64>,
    readings: Vec<u32>,
    verdicts: Vec<u8>,
    /// What versions read, each once.
    all_readings: Vec<[u8; 16]>,
    /// The versions at hand, in their order.
    held: Vec<HeldState>,
    /// Of those, how many were the last.
    last: usize,
    /// Of those, the newest that is no fault.
    good: Option<usize>,
    losses: Vec<LossState>,
    /// The texts in which clauses were born.
    texts: Vec<[u8; 32]>,
    /// What clauses said that the newest version has not.
    gone: Vec<[u8; 16]>,
    /// How many clauses of their like are named here, for what is said in the newest version and then for what is gone.
    likes: Vec<u32>,
    names: Births,
}

#[derive(Debug, Serialize, Deserialize)]
struct HeldState {
    place: u32,
    births: Births,
}

#[derive(Debug, Serialize, Deserialize)]
struct LossState {
    at: u32,
    /// The version that had the parts, among those at hand.
    before: usize,
    /// The places of the parts in it.
    lost: Vec<i64>,
    is_whole: bool,
}

/// Where clauses were born, in columns.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Births {
    texts: Vec<i64>,
    places: Vec<i64>,
}

impl Births {
    fn of(births: impl Iterator<Item = Birth>) -> Self {
        let (texts, places): (Vec<i64>, Vec<i64>) = births
            .map(|birth| (i64::from(birth.text), i64::from(birth.place)))
            .unzip();
        Self {
            texts: steps(texts),
            places: steps(places),
        }
    }

    fn all(&self) -> Option<Vec<Birth>> {
        let births = sums(&self.texts)
            .zip(sums(&self.places))
            .map(|(text, place)| {
                Some(Birth {
                    text: u32::try_from(text).ok()?,
                    place: u32::try_from(place).ok()?,
                })
            });
        births.collect()
    }
}

/// Each number as its difference from the one before.
#[must_use]
pub fn steps(numbers: impl IntoIterator<Item = i64>) -> Vec<i64> {
    let mut before = 0;
    let step = |number: i64| number.wrapping_sub(std::mem::replace(&mut before, number));
    numbers.into_iter().map(step).collect()
}

/// The numbers of which these are the [`steps`].
pub fn sums(steps: &[i64]) -> impl Iterator<Item = i64> {
    steps.iter().scan(0_i64, |sum, step| {
        *sum = sum.wrapping_add(*step);
        Some(*sum)
    })
}

/// What the clauses of a version say, each once, in their order.
fn said(clauses: &Clauses) -> Vec<ReadingDigest> {
    let mut seen = HashSet::new();
    let all = clauses.all().iter().map(|clause| clause.digest);
    all.filter(|digest| seen.insert(*digest)).collect()
}

impl History {
    /// What it needs in order to go on.
    #[must_use]
    pub fn state(&self) -> HistoryState {
        let lost = self.losses.iter().map(|loss| &loss.before);
        let at_hand: BTreeMap<usize, &Held> = (self.held.iter().chain(&self.good).chain(lost))
            .map(|held| (held.place, held))
            .collect();
        let place_of = |place: usize| at_hand.keys().take_while(|one| **one < place).count();
        let names = Names::of(self);
        let mut all_readings = Numbers::default();
        let readings = self.past.iter().map(|past| all_readings.of(past.reading.0));
        let readings: Vec<u32> = readings.collect();
        let used: BTreeSet<u32> = (at_hand.values().flat_map(|held| held.births.iter()))
            .chain(&names.births)
            .map(|birth| birth.text)
            .collect();
        let number: HashMap<u32, u32> = used.iter().copied().zip(0..).collect();
        let renumbered = |birth: &Birth| Birth {
            text: number.get(&birth.text).copied().unwrap_or(u32::MAX),
            place: birth.place,
        };
        let texts = used
            .iter()
            .filter_map(|text| self.identity.texts.get(*text as usize));
        HistoryState {
            seqs: steps(self.past.iter().map(|past| past.seq.cast_signed())),
            observed_at: steps(self.past.iter().map(|past| past.observed_at.micros())),
            readings,
            verdicts: (0..self.past.len())
                .map(|place| self.verdict(place))
                .collect(),
            all_readings: all_readings.all,
            held: at_hand
                .values()
                .map(|held| HeldState {
                    place: small(held.place),
                    births: Births::of(held.births.iter().map(renumbered)),
                })
                .collect(),
            last: self.held.len(),
            good: self.good.as_ref().map(|good| place_of(good.place)),
            losses: (self.losses.iter())
                .map(|loss| LossState {
                    at: small(loss.at),
                    before: place_of(loss.before.place),
                    lost: steps(places_of(&loss.lost, &loss.before.clauses)),
                    is_whole: loss.is_whole,
                })
                .collect(),
            texts: texts.map(|text| text.0).collect(),
            gone: names.gone.iter().map(|digest| digest.0).collect(),
            likes: names.likes,
            names: Births::of(names.births.iter().map(renumbered)),
        }
    }

    /// What is known of a version and of the change that it brought, in one byte.
    fn verdict(&self, place: usize) -> u8 {
        let change = place
            .checked_sub(1)
            .and_then(|place| self.changes.get(place));
        let judged = change.map_or(0, |change| {
            change.significance() as u8 * 2 + u8::from(change.status() == Status::Unconfirmed)
        });
        judged * 2 + u8::from(self.past[place].is_fault)
    }
}

impl HistoryState {
    /// The seqs of the versions whose clauses it needs, the newest last.
    pub fn needs(&self) -> impl Iterator<Item = u64> {
        let seqs: Vec<i64> = sums(&self.seqs).collect();
        let places = self.held.iter().map(|held| held.place as usize);
        places.filter_map(move |place| Some(seqs.get(place)?.cast_unsigned()))
    }

    /// How many versions there were.
    #[must_use]
    pub fn versions(&self) -> usize {
        self.seqs.len()
    }

    /// What all clauses ever said, each once: those of the newest version first.
    #[must_use]
    pub fn said(&self, newest: &Clauses) -> Vec<ReadingDigest> {
        let gone = self.gone.iter().map(|digest| ReadingDigest(*digest));
        said(newest).into_iter().chain(gone).collect()
    }

    /// The history, which goes on with the versions that it [needs](Self::needs), by their seqs; none where they are not
    /// those that it was made of.
    #[must_use]
    pub fn resume(
        &self,
        stream: StreamId,
        versions: &HashMap<u64, VersionSeen>,
    ) -> Option<History> {
        let mut history = History::new(stream);
        history.identity.texts = self.texts.iter().map(|text| Sha256(*text)).collect();
        let columns = sums(&self.seqs).zip(sums(&self.observed_at));
        for ((seq, observed_at), (reading, verdict)) in
            columns.zip(self.readings.iter().zip(&self.verdicts))
        {
            let reading = ReadingDigest(*self.all_readings.get(*reading as usize)?);
            let place = history.past.len();
            history.places.insert(reading, place);
            history.past.push(Past {
                seq: seq.cast_unsigned(),
                observed_at: Instant::from_micros(observed_at)?,
                reading,
                is_fault: verdict & 1 == 1,
            });
            if place > 0 {
                history.changes.push(before(verdict / 2)?);
            }
        }
        let mut at_hand = Vec::new();
        for held in &self.held {
            let past = history.past.get(held.place as usize)?;
            at_hand.push(held.resume(&history.identity, past, versions.get(&past.seq)?)?);
        }
        history.good = match self.good {
            Some(good) => Some(at_hand.get(good)?.clone()),
            None => None,
        };
        for loss in &self.losses {
            let lost = loss.resume(at_hand.get(loss.before)?, history.past.len())?;
            history.losses.push(lost);
        }
        let newest = at_hand.last()?;
        history.identity.names = self.named(newest)?;
        history.held = at_hand.split_off(at_hand.len().checked_sub(self.last)?);
        Some(history)
    }

    /// The names that clauses had.
    fn named(&self, newest: &Held) -> Option<HashMap<(ReadingDigest, u32), Birth>> {
        let births = self.names.all()?;
        let mut births = births.into_iter();
        let mut names = HashMap::with_capacity(births.len() + newest.births.len());
        let mut likes = Likes::default();
        for (clause, birth) in newest.clauses.all().iter().zip(newest.births.iter()) {
            names.insert(likes.next(clause.digest), *birth);
        }
        for (digest, count) in self.said(&newest.clauses).into_iter().zip(&self.likes) {
            for _ in 0..*count {
                names.insert(likes.next(digest), births.next()?);
            }
        }
        Some(names)
    }
}

impl HeldState {
    fn resume(&self, identity: &Identity, past: &Past, version: &VersionSeen) -> Option<Held> {
        let births = self.births.all()?;
        let ids = births.iter().map(|birth| identity.id(*birth));
        let ids: Vec<_> = ids.collect::<Option<_>>()?;
        let is_same =
            ids.len() == version.clauses.all().len() && version.clauses.digest() == past.reading;
        is_same.then(|| Held {
            place: self.place as usize,
            text: version.text,
            snapshot: version.snapshot,
            clauses: Arc::clone(&version.clauses),
            births: Arc::new(births),
            ids: Arc::new(ids),
        })
    }
}

impl LossState {
    fn resume(&self, before: &Held, versions: usize) -> Option<Loss> {
        let all = before.clauses.all();
        let lost = sums(&self.lost).map(|place| {
            let clause = all.get(usize::try_from(place).ok()?)?;
            Some((clause.digest, before.clauses.reading(clause).len()))
        });
        let lost: HashMap<ReadingDigest, usize> = lost.collect::<Option<_>>()?;
        let at = self.at as usize;
        (1..versions).contains(&at).then(|| Loss {
            at,
            before: before.clone(),
            bytes: lost_bytes(&lost),
            lost,
            is_whole: self.is_whole,
        })
    }
}

/// The change of a version that was taken before.
fn before(judged: u8) -> Option<Judged> {
    let status = if judged & 1 == 1 {
        Status::Unconfirmed
    } else {
        Status::Confirmed
    };
    Some(Judged::Before {
        significance: *Significance::ALL.get(usize::from(judged / 2))?,
        status,
        amended: Vec::new(),
    })
}

/// The names of clauses as they are kept: those of the newest version are told by itself.
struct Names {
    gone: Vec<ReadingDigest>,
    likes: Vec<u32>,
    births: Vec<Birth>,
}

impl Names {
    fn of(history: &History) -> Self {
        let empty = Clauses::default();
        let newest = history.held.last().map_or(&empty, |held| &held.clauses);
        let mut likes = Likes::default();
        for clause in newest.all() {
            likes.next(clause.digest);
        }
        // Of each reading, the clauses of its like beyond those of the newest version.
        let mut rest: HashMap<ReadingDigest, BTreeMap<u32, Birth>> = HashMap::new();
        for ((digest, like), birth) in &history.identity.names {
            if *like >= likes.of(*digest) {
                rest.entry(*digest).or_default().insert(*like, *birth);
            }
        }
        let said = said(newest);
        let is_said: HashSet<ReadingDigest> = said.iter().copied().collect();
        let mut gone: Vec<(Option<Birth>, ReadingDigest)> = rest
            .iter()
            .filter(|(digest, _)| !is_said.contains(digest))
            .map(|(digest, births)| (births.values().next().copied(), *digest))
            .collect();
        gone.sort_unstable();
        let gone: Vec<ReadingDigest> = gone.into_iter().map(|(_, digest)| digest).collect();
        let all = said.iter().chain(&gone).map(|digest| rest.get(digest));
        let counts = all
            .clone()
            .map(|births| births.map_or(0, |births| small(births.len())));
        Self {
            likes: counts.collect(),
            births: all.flatten().flat_map(BTreeMap::values).copied().collect(),
            gone,
        }
    }
}

/// Numbers things in the order in which they come.
#[derive(Default)]
struct Numbers {
    numbers: HashMap<[u8; 16], u32>,
    all: Vec<[u8; 16]>,
}

impl Numbers {
    fn of(&mut self, one: [u8; 16]) -> u32 {
        let next = small(self.all.len());
        *self.numbers.entry(one).or_insert_with(|| {
            self.all.push(one);
            next
        })
    }
}

/// Where a version says these, each once.
fn places_of(parts: &HashMap<ReadingDigest, usize>, clauses: &Clauses) -> Vec<i64> {
    let mut seen = HashSet::new();
    let all = (0..).zip(clauses.all());
    let lost = all.filter(|(_, one)| parts.contains_key(&one.digest) && seen.insert(one.digest));
    lost.map(|(place, _)| place).collect()
}

/// A number of versions or of clauses, which are fewer than the bytes of a log or of a text.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
