//! The model: a weight for each feature and kind, as text that can be read and compared.
//!
//! ```text
//! recension-classifier 1
//! threshold <thousandths>
//! <kind> TAB <bias in millionths> TAB <millionths that a unit of its weights is worth>      one line each
//! (an empty line)
//! <feature> TAB <idf in eighths> TAB <place of a kind>:<weight> ...                         one line each
//! ```

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::features;

const HEAD: &str = "recension-classifier 1";

/// A model can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the classifier: {what}")]
pub struct ModelError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

/// What is added for a feature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Feature {
    pub(super) name: String,
    /// How rare it is, in eighths.
    pub(super) idf: u8,
    /// The kinds for or against which it speaks, each with how much.
    pub(super) weights: Vec<(u8, i8)>,
}

/// What a kind begins with, in millionths, and what a unit of its weights is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    pub(super) bias: i64,
    pub(super) unit: i64,
}

/// How much what a text stands under counts beside the text.
pub(super) const CONTEXT: f64 = 0.5;

/// A linear model of every kind.
#[derive(Debug, Clone)]
pub struct Model {
    kinds: Vec<String>,
    scales: Vec<Scale>,
    threshold_thousandths: i64,
    /// The names of the features.
    names: Vec<String>,
    /// What each feature adds.
    parts: Vec<Part>,
    /// The weights of all features, one after the other.
    weights: Vec<(u8, i8)>,
    places: HashMap<u64, u32, BuildHasherDefault<Identity>>,
}

/// What a feature adds, close together, as every word of a text asks for it.
#[derive(Debug, Clone, Copy)]
struct Part {
    /// Where its weights stand.
    from: u32,
    to: u32,
    idf: u8,
}

/// Takes a digest for its own hash.
#[derive(Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, digest: u64) {
        self.0 = digest;
    }
}

/// The features of a text that a model knows, by their places, each once.
#[derive(Debug, Clone, Default)]
pub(super) struct Bag(Vec<u32>);

impl Bag {
    /// The features of several texts.
    pub(super) fn union<'b>(bags: impl Iterator<Item = &'b Self>) -> Self {
        let mut all = Self(bags.flat_map(|bag| &bag.0).copied().collect());
        all.settle();
        all
    }

    fn settle(&mut self) {
        self.0.sort_unstable();
        self.0.dedup();
    }
}

/// What the features of a text, or of what it stands under, come to.
pub(super) struct Sums {
    /// What they add to each kind.
    kinds: Vec<i32>,
    /// Their length.
    length: f64,
}

impl Model {
    pub(super) fn new(
        kinds: Vec<String>,
        scales: Vec<Scale>,
        threshold_thousandths: i64,
        features: Vec<Feature>,
    ) -> Self {
        let (mut names, mut parts, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        let mut places = HashMap::default();
        for (place, feature) in (0..).zip(features) {
            places.insert(features::digest(&feature.name), place);
            names.push(feature.name);
            let from = u32::try_from(weights.len()).unwrap_or(u32::MAX);
            weights.extend(feature.weights);
            let to = u32::try_from(weights.len()).unwrap_or(u32::MAX);
            let idf = feature.idf;
            parts.push(Part { from, to, idf });
        }
        Self {
            kinds,
            scales,
            threshold_thousandths,
            names,
            parts,
            weights,
            places,
        }
    }

    /// The id: `linear-` and the first digits of the BLAKE3 of its text.
    #[must_use]
    pub fn id(&self) -> String {
        let digest = blake3::hash(self.to_text().as_bytes()).to_hex();
        format!("linear-{}", &digest[..12])
    }

    /// The ids of the kinds that it tells.
    #[must_use]
    pub fn kinds(&self) -> &[String] {
        &self.kinds
    }

    #[allow(clippy::cast_precision_loss, reason = "it is a small number")]
    pub(super) fn threshold(&self) -> f64 {
        self.threshold_thousandths as f64 / 1000.0
    }

    /// What a feature adds: how rare it is, and its weights.
    fn part(&self, place: usize) -> (u8, &[(u8, i8)]) {
        let Some(Part { from, to, idf }) = self.parts.get(place) else {
            return (0, &[]);
        };
        let weights = self.weights.get(*from as usize..*to as usize);
        (*idf, weights.unwrap_or_default())
    }

    /// What a feature weighs for a kind.
    fn weight(&self, place: u32, kind: usize) -> i8 {
        let (_, weights) = self.part(place as usize);
        let own = weights.iter().find(|(of, _)| usize::from(*of) == kind);
        own.map_or(0, |(_, weight)| *weight)
    }

    /// The features of a text.
    pub(super) fn bag(&self, text: &str) -> Bag {
        self.collect(text, |give| features::of_text(text, give))
    }

    /// The features of what a text stands under.
    pub(super) fn context_bag(&self, context: &str) -> Bag {
        self.collect(context, |give| features::of_context(context, give))
    }

    fn collect(&self, text: &str, features: impl FnOnce(&mut dyn FnMut(u64))) -> Bag {
        // A word of six letters gives about two that are known.
        let mut bag = Bag(Vec::with_capacity(text.len() / 3));
        features(&mut |digest| bag.0.extend(self.places.get(&digest)));
        bag.settle();
        bag
    }

    /// What the features of a text, or of what it stands under, come to.
    #[allow(clippy::cast_precision_loss, reason = "sums stay far below 2^52")]
    pub(super) fn sums(&self, bag: &Bag) -> Sums {
        let mut kinds = vec![0_i32; self.kinds.len()];
        let mut square = 0_i64;
        for place in &bag.0 {
            let (idf, weights) = self.part(*place as usize);
            square += i64::from(idf) * i64::from(idf);
            for (kind, weight) in weights {
                if let Some(sum) = kinds.get_mut(usize::from(*kind)) {
                    *sum += i32::from(*weight);
                }
            }
        }
        let length = (square.max(1) as f64).sqrt();
        Sums { kinds, length }
    }

    /// How far a text lies on the side of a kind, with what it stands under.
    #[allow(clippy::cast_precision_loss, reason = "sums stay far below 2^52")]
    pub(super) fn margin(&self, kind: usize, own: &Sums, above: Option<&Sums>) -> f64 {
        let Some(scale) = self.scales.get(kind) else {
            return f64::NEG_INFINITY;
        };
        let share = |sums: &Sums| {
            let sum = sums.kinds.get(kind).copied().unwrap_or_default();
            f64::from(sum) / sums.length
        };
        let sum = share(own) + CONTEXT * above.map_or(0.0, share);
        (scale.bias as f64 + sum * scale.unit as f64) / 1e6
    }

    /// How much the words of a text speak for a kind; what speaks against it counts for nothing.
    pub(super) fn speaks_for(&self, kind: usize, text: &str) -> i64 {
        let bag = self.bag(text);
        let weights = bag.0.iter().map(|place| self.weight(*place, kind));
        weights.map(|weight| i64::from(weight).max(0)).sum()
    }

    /// The names of the features that speak most for a kind.
    pub(super) fn reasons<'b>(
        &self,
        kind: usize,
        bags: impl Iterator<Item = &'b Bag>,
        most: usize,
    ) -> Vec<String> {
        let named = |place: &u32| {
            let name = self.names.get(*place as usize)?;
            Some((self.weight(*place, kind), name.as_str()))
        };
        let mut for_it: Vec<(i8, &str)> = bags
            .flat_map(|bag| &bag.0)
            .filter_map(named)
            .filter(|(weight, _)| *weight > 0)
            .collect();
        for_it.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        for_it
            .into_iter()
            .take(most)
            .map(|(_, name)| name.to_owned())
            .collect()
    }

    /// The model as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEAD}\nthreshold {}\n", self.threshold_thousandths);
        for (kind, scale) in self.kinds.iter().zip(&self.scales) {
            text.push_str(&format!("{kind}\t{}\t{}\n", scale.bias, scale.unit));
        }
        text.push('\n');
        for (place, name) in self.names.iter().enumerate() {
            let (idf, weights) = self.part(place);
            let weights = weights.iter();
            let weights: Vec<String> = weights.map(|(kind, one)| format!("{kind}:{one}")).collect();
            let weights = weights.join(" ");
            text.push_str(&format!("{name}\t{idf}\t{weights}\n"));
        }
        text
    }

    /// Reads a model.
    ///
    /// # Errors
    /// A [`ModelError`] with the first line that is none of a model.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let mut lines = text.lines().enumerate();
        let wrong = |line: usize, what: &str| ModelError {
            line: line + 1,
            what: what.to_owned(),
        };
        if lines.next().map(|(_, line)| line) != Some(HEAD) {
            return Err(wrong(0, &format!("it is not \"{HEAD}\"")));
        }
        let threshold = lines
            .next()
            .and_then(|(_, line)| line.strip_prefix("threshold "));
        let threshold = threshold.and_then(|number| number.parse().ok());
        let threshold = threshold.ok_or_else(|| wrong(1, "it is no threshold"))?;
        let (mut kinds, mut scales) = (Vec::new(), Vec::new());
        for (place, line) in lines.by_ref().take_while(|(_, line)| !line.is_empty()) {
            let (kind, scale) = kind(line).ok_or_else(|| wrong(place, "it is no kind"))?;
            kinds.push(kind);
            scales.push(scale);
        }
        let mut features = Vec::new();
        for (place, line) in lines {
            features.push(feature(line).ok_or_else(|| wrong(place, "it is no feature"))?);
        }
        Ok(Self::new(kinds, scales, threshold, features))
    }
}

fn kind(line: &str) -> Option<(String, Scale)> {
    let mut fields = line.split('\t');
    let (kind, bias, unit) = (fields.next()?, fields.next()?, fields.next()?);
    let scale = Scale {
        bias: bias.parse().ok()?,
        unit: unit.parse().ok()?,
    };
    Some((kind.to_owned(), scale))
}

fn feature(line: &str) -> Option<Feature> {
    let mut fields = line.split('\t');
    let (name, idf, weights) = (fields.next()?, fields.next()?, fields.next()?);
    let weight = |one: &str| {
        let (kind, weight) = one.split_once(':')?;
        Some((kind.parse().ok()?, weight.parse().ok()?))
    };
    Some(Feature {
        name: name.to_owned(),
        idf: idf.parse().ok()?,
        weights: weights.split(' ').map(weight).collect::<Option<Vec<_>>>()?,
    })
}
