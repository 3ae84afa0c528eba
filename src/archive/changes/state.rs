//! What is kept of a document between two detections, so that the next goes on where the last one ended.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::iter;

use serde::{Deserialize, Serialize};

use super::map::{Key, Known, Mapper, keys};
use crate::classify::{Classifier, Taxonomy};
use crate::codec::{from_cache, to_cache};
use crate::compare::{DETECTOR, History, HistoryState, steps, sums};
use crate::model::{
    Clauses, Instant, MappedProvision, Modality, Polarity, ReadingDigest, Sha256, Span,
};
use crate::store::HistoryFrame;

/// The form of what is kept: to be changed with the code that makes it or reads it.
const FORMAT: u32 = 1;
/// A document with fewer versions is followed from the start as fast.
const LEAST_VERSIONS: usize = 8;

/// A digest of all that what is kept depends on beside the log and the texts.
pub(super) fn maker() -> Result<[u8; 16], crate::archive::ArchiveError> {
    let made_by = format!(
        "histories {FORMAT}, detector {DETECTOR}, classifier {}, taxonomy {}",
        Classifier::built_in()?.id(),
        Taxonomy::built_in()?.version
    );
    let mut maker = [0; 16];
    maker.copy_from_slice(&Sha256::of(&[made_by.as_bytes()]).0[..16]);
    Ok(maker)
}

/// What is kept of a document.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct State {
    /// When the last version was observed, in µs since the epoch.
    latest: i64,
    pub(super) history: HistoryState,
    mapping: Mapping,
}

/// What the clauses of a document hold, in columns: by what they say and what they stand under.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Mapping {
    has_gap: bool,
    /// What clauses stood under that none of the newest version stands under.
    contexts: Vec<[u8; 16]>,
    /// For each thing said, under how many contexts.
    under: Vec<u32>,
    /// Under which.
    context: Vec<i64>,
    /// How many provisions it holds there.
    holds: Vec<u32>,
    /// The kinds of provisions.
    kinds: Vec<String>,
    /// The provisions.
    kind: Vec<u16>,
    score: Vec<u16>,
    stance: Vec<u8>,
    start: Vec<u32>,
    length: Vec<u32>,
}

impl State {
    /// Reads a state back; none where it can't be read.
    pub(super) fn read(frame: &HistoryFrame) -> Option<Self> {
        from_cache(&frame.state()?)
    }

    /// What is kept of a document behind all of its versions; none where it has few or can't be kept.
    pub(super) fn frame(
        history: &History,
        mapper: &Mapper<'_>,
        document_type: &str,
        latest: Instant,
    ) -> Option<HistoryFrame> {
        let state = history.state();
        let (newest, _) = history.newest()?;
        if state.versions() < LEAST_VERSIONS {
            return None;
        }
        let mapping = Mapping::of(mapper, &state.said(newest), contexts(document_type, newest))?;
        let state = Self {
            latest: latest.micros(),
            history: state,
            mapping,
        };
        HistoryFrame::of(&to_cache(&state)?)
    }

    /// When the last version was observed.
    pub(super) fn latest(&self) -> Option<Instant> {
        Instant::from_micros(self.latest)
    }

    /// Lets a mapper go on where the last one ended; none where what is kept does not fit.
    pub(super) fn resume(
        &self,
        history: &History,
        mapper: &mut Mapper<'_>,
        document_type: &str,
    ) -> Option<()> {
        let (newest, _) = history.newest()?;
        let said = self.history.said(newest);
        let known = self.mapping.known(&said, contexts(document_type, newest))?;
        mapper.resume(history, known, self.mapping.has_gap);
        Some(())
    }
}

/// What the clauses of a version stand under, each once, in their order.
fn contexts(document_type: &str, clauses: &Clauses) -> Vec<ReadingDigest> {
    let mut seen = HashSet::new();
    let all = keys(document_type, clauses).map(|((_, (_, context)), _)| context);
    all.filter(|context| seen.insert(*context)).collect()
}

impl Mapping {
    fn of(
        mapper: &Mapper<'_>,
        said: &[ReadingDigest],
        of_newest: Vec<ReadingDigest>,
    ) -> Option<Self> {
        let mut by_reading: HashMap<ReadingDigest, BTreeMap<ReadingDigest, &Option<Known>>> =
            HashMap::new();
        for ((reading, context), known) in mapper.known() {
            by_reading
                .entry(*reading)
                .or_default()
                .insert(*context, known);
        }
        let mut numbers: HashMap<ReadingDigest, i64> = of_newest.into_iter().zip(0..).collect();
        let mut kinds: HashMap<&str, u16> = HashMap::new();
        let mut mapping = Self {
            has_gap: mapper.has_gap(),
            ..Self::default()
        };
        let mut context_numbers = Vec::new();
        for reading in said {
            let under = by_reading.remove(reading).unwrap_or_default();
            mapping.under.push(u32::try_from(under.len()).ok()?);
            for (context, known) in under {
                let next = i64::try_from(numbers.len()).ok()?;
                let number = *numbers.entry(context).or_insert_with(|| {
                    mapping.contexts.push(context.0);
                    next
                });
                context_numbers.push(number);
                let provisions = known.as_ref().map_or(&[][..], |known| &known.provisions);
                mapping.holds.push(u32::try_from(provisions.len()).ok()?);
                for provision in provisions {
                    mapping.push(provision, &mut kinds)?;
                }
            }
        }
        mapping.context = steps(context_numbers);
        // Whatever is known was said in some version.
        by_reading.is_empty().then_some(mapping)
    }

    fn push<'p>(
        &mut self,
        provision: &'p MappedProvision,
        kinds: &mut HashMap<&'p str, u16>,
    ) -> Option<()> {
        let next = u16::try_from(kinds.len()).ok()?;
        self.kind
            .push(*kinds.entry(&provision.kind).or_insert_with(|| {
                self.kinds.push(provision.kind.clone());
                next
            }));
        self.score.push(provision.score);
        let polarity = Polarity::ALL
            .iter()
            .position(|one| *one == provision.polarity)?;
        let modality = Modality::ALL
            .iter()
            .position(|one| *one == provision.modality)?;
        let stance = polarity * Modality::ALL.len() + modality;
        self.stance.push(u8::try_from(stance).ok()?);
        let Span { start, end } = provision.span;
        self.start.push(u32::try_from(start).ok()?);
        self.length
            .push(u32::try_from(end.checked_sub(start)?).ok()?);
        Some(())
    }

    fn known(
        &self,
        said: &[ReadingDigest],
        of_newest: Vec<ReadingDigest>,
    ) -> Option<HashMap<Key, Option<Known>>> {
        let gone = self.contexts.iter().map(|context| ReadingDigest(*context));
        let contexts: Vec<ReadingDigest> = of_newest.into_iter().chain(gone).collect();
        let readings = said.iter().zip(&self.under);
        let readings =
            readings.flat_map(|(reading, under)| iter::repeat_n(*reading, *under as usize));
        let mut provisions = (0..self.kind.len()).map(|place| self.provision(place));
        let mut known = HashMap::with_capacity(self.holds.len());
        for ((reading, context), holds) in readings.zip(sums(&self.context)).zip(&self.holds) {
            let context = *contexts.get(usize::try_from(context).ok()?)?;
            let held = provisions.by_ref().take(*holds as usize);
            let held: Vec<MappedProvision> = held.collect::<Option<_>>()?;
            let held = (!held.is_empty()).then(|| Known::unread(held));
            known.insert((reading, context), held);
        }
        Some(known)
    }

    fn provision(&self, place: usize) -> Option<MappedProvision> {
        let stance = usize::from(*self.stance.get(place)?);
        let start = *self.start.get(place)? as usize;
        Some(MappedProvision {
            kind: self.kinds.get(usize::from(*self.kind.get(place)?))?.clone(),
            score: *self.score.get(place)?,
            polarity: *Polarity::ALL.get(stance / Modality::ALL.len())?,
            modality: Modality::ALL[stance % Modality::ALL.len()],
            span: Span {
                start,
                end: start + *self.length.get(place)? as usize,
            },
        })
    }
}
