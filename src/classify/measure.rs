//! How well a classifier does: its answers beside what people labelled.

use std::collections::{BTreeMap, BTreeSet};

use super::Provision;
use super::taxonomy::{Kind, Taxonomy};
use crate::model::Modality;

/// The categories of others that kinds are compared under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crosswalk {
    /// OPP-115 (Wilson et al., ACL 2016): what privacy policies of websites say.
    Opp115,
    /// CLAUDETTE's UNFAIR-ToS (Lippi et al., 2019): clauses that may be unfair to consumers.
    UnfairTos,
}

/// What OPP-115 calls a segment that says nothing.
const OPP115_NOTHING: &str = "Other: Introductory/Generic";

impl Crosswalk {
    fn of(self, kind: &Kind, modality: Modality) -> &[String] {
        match self {
            Self::Opp115 => &kind.opp115,
            Self::UnfairTos if kind.unfair_tos_reserved && modality != Modality::May => &[],
            Self::UnfairTos => &kind.unfair_tos,
        }
    }

    /// The labels that provisions come to.
    #[must_use]
    pub fn labels(self, taxonomy: &Taxonomy, provisions: &[Provision]) -> BTreeSet<String> {
        let of = |one: &Provision| Some(self.of(taxonomy.kind(&one.kind)?, one.modality));
        let labels = provisions.iter().filter_map(of).flatten();
        let mut labels: BTreeSet<String> = labels.map(|one| normal(one)).collect();
        if labels.is_empty() && self == Self::Opp115 {
            labels.insert(normal(OPP115_NOTHING));
        }
        labels
    }
}

/// A label as it is compared: in lower case, with words and signs alike, without `Other:`.
#[must_use]
pub fn normal(label: &str) -> String {
    let lower = label.to_lowercase();
    let bare = lower.trim().strip_prefix("other:").unwrap_or(&lower);
    let words: Vec<&str> = bare
        .split(|one: char| !one.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.join("-")
}

/// How often a label was given and was right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Given, and right.
    pub right: u64,
    /// Given, and wrong.
    pub wrong: u64,
    /// Not given, where it should have been.
    pub missed: u64,
}

#[allow(clippy::cast_precision_loss, reason = "counts of clauses")]
impl Counts {
    /// The share of what was given that is right; 1 where nothing was given.
    #[must_use]
    pub fn precision(self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    /// The share of what should be given that was; 1 where nothing should.
    #[must_use]
    pub fn recall(self) -> f64 {
        share(self.right, self.right + self.missed)
    }

    /// The harmonic mean of both.
    #[must_use]
    pub fn f1(self) -> f64 {
        share(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }

    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.missed += other.missed;
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts of clauses")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

/// How well a classifier did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// How many texts there were.
    pub texts: u64,
    /// By label, in their order.
    pub labels: BTreeMap<String, Counts>,
}

impl Measured {
    /// All labels taken as one.
    #[must_use]
    pub fn micro(&self) -> Counts {
        let mut all = Counts::default();
        self.labels.values().for_each(|counts| all.add(*counts));
        all
    }

    /// The mean F1 of the labels that some text holds.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a count of labels")]
    pub fn macro_f1(&self) -> f64 {
        let held = self
            .labels
            .values()
            .filter(|counts| counts.right + counts.missed > 0);
        let scores: Vec<f64> = held.map(|counts| counts.f1()).collect();
        scores.iter().sum::<f64>() / scores.len().max(1) as f64
    }
}

/// Compares what was given with what is right, text by text.
pub fn measure<'s>(
    pairs: impl Iterator<Item = (&'s BTreeSet<String>, &'s BTreeSet<String>)>,
) -> Measured {
    let mut measured = Measured::default();
    for (given, right) in pairs {
        measured.texts += 1;
        for label in given.union(right) {
            let counts = measured.labels.entry(label.clone()).or_default();
            match (given.contains(label), right.contains(label)) {
                (true, true) => counts.right += 1,
                (true, false) => counts.wrong += 1,
                (false, _) => counts.missed += 1,
            }
        }
    }
    measured
}
