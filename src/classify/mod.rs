//! What a clause stipulates: its provisions, by the kinds of a taxonomy.
//!
//! ```text
//!   text ─sentences─▶ features ─weights─▶ margin of each kind ─threshold─▶ provisions
//!                         └──────────────── stance ──────────────────────────┘
//! ```
//!
//! The classifier is a linear model over words and pairs of words whose weights are integers, so that the same text gives
//! the same answer on every machine. It is trained from clauses that were written for it (`data/training`), by
//! [`train`]; nothing that others labelled is in it.

mod changed;
mod context;
mod expand;
mod features;
mod measure;
mod model;
mod sentences;
mod solve;
mod stance;
mod taxonomy;

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::model::{ClauseKind, MappedProvision, Modality, Polarity, Span};

pub use changed::{HoldingClause, Holdings, changed};
pub use context::{above, context};
pub use expand::{Example, PatternError, examples, in_documents};
pub use measure::{Counts, Crosswalk, Measured, measure, normal};
pub use model::{Model, ModelError};
pub use solve::train;

pub use taxonomy::{DataError, Kind, Provided, Regulation, Regulations, Taxonomy};

use model::{Bag, Sums};
use stance::{Taken, Traits};

/// A provision that a text holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provision {
    /// The id of its kind.
    pub kind: String,
    /// How sure it is, in thousandths: 500 at the threshold, less than 1,000.
    pub score: u16,
    /// Whether the text says that it is so, or that it is not.
    pub polarity: Polarity,
    /// How the text binds.
    pub modality: Modality,
    /// The sentence that holds it, or the whole text.
    pub span: Span,
    /// What in it speaks for the kind, the strongest first: words and pairs of words.
    pub reasons: Vec<String>,
}

impl From<&Provision> for MappedProvision {
    fn from(provision: &Provision) -> Self {
        Self {
            kind: provision.kind.clone(),
            score: provision.score,
            polarity: provision.polarity,
            modality: provision.modality,
            span: provision.span,
        }
    }
}

/// Tells provisions.
#[derive(Debug, Clone)]
pub struct Classifier {
    model: Model,
    /// Of each kind of the model.
    traits: Vec<Traits>,
    /// The id of the model, once it was asked for: it takes its whole text.
    id: OnceLock<String>,
}

/// The model that the program carries.
const WEIGHTS: &str = include_str!("../../data/classifier.tsv");

/// How many reasons are given.
const REASONS: usize = 3;

impl Classifier {
    /// A classifier by a model of kinds of a taxonomy.
    #[must_use]
    pub fn new(model: Model, taxonomy: &Taxonomy) -> Self {
        let traits = model.kinds().iter().map(|id| {
            let kind = taxonomy.kind(id);
            kind.map_or_else(Traits::default, |kind| Traits {
                deniable: kind.deniable,
                is_sharing: kind.group == "sharing",
            })
        });
        Self {
            traits: traits.collect(),
            model,
            id: OnceLock::new(),
        }
    }

    /// The classifier that the program carries.
    ///
    /// # Errors
    /// [`DataError`].
    pub fn built_in() -> Result<&'static Self, &'static DataError> {
        static BUILT_IN: OnceLock<Result<Classifier, DataError>> = OnceLock::new();
        let built_in = BUILT_IN.get_or_init(|| {
            let taxonomy = Taxonomy::built_in().map_err(Clone::clone)?;
            let model = Model::parse(WEIGHTS).map_err(|error| DataError {
                file: "data/classifier.tsv",
                what: error.to_string(),
            })?;
            Ok(Self::new(model, taxonomy))
        });
        built_in.as_ref()
    }

    /// The provisions of a clause of a document. A heading holds none, unless it is a sentence: it names what stands below it.
    #[must_use]
    pub fn classify_clause(
        &self,
        kind: ClauseKind,
        reading: &str,
        context: Option<&str>,
    ) -> Vec<Provision> {
        let is_heading = matches!(kind, ClauseKind::Heading { .. });
        if is_heading && !reading.ends_with(['.', '!']) {
            return Vec::new();
        }
        self.classify(reading, context)
    }

    /// How a sentence that holds a provision of a kind binds, and whether it denies it; of a kind that the model does not tell,
    /// nothing can be said.
    #[must_use]
    pub fn stance(&self, kind: &str, sentence: &str) -> Option<(Polarity, Modality)> {
        let place = self.model.kinds().iter().position(|one| one == kind)?;
        let taken = Taken::new(sentence);
        Some((self.polarity(place, &taken), taken.modality))
    }

    fn polarity(&self, place: usize, sentence: &Taken) -> Polarity {
        let traits = self.traits.get(place).copied().unwrap_or_default();
        let score = |words: &str| self.model.speaks_for(place, words);
        sentence.polarity(traits, &score)
    }

    /// The id of its model.
    #[must_use]
    pub fn id(&self) -> &str {
        self.id.get_or_init(|| self.model.id())
    }

    /// The provisions of a text, in the order of the taxonomy. `context` is what it stands under, as [`context`] writes it.
    ///
    /// A kind is told by the sentence that speaks most for it and by the whole text alike: a word in passing carries
    /// neither. A question stipulates nothing. It takes time and memory linear in the length of the text.
    #[must_use]
    pub fn classify(&self, text: &str, context: Option<&str>) -> Vec<Provision> {
        let context = context.map(|context| self.model.context_bag(context));
        let context_sums = context.as_ref().map(|context| self.model.sums(context));
        let sentences = sentences::sentences(text).into_iter();
        let said = sentences.map(|span| (span, span.cut(text).unwrap_or_default()));
        let sentences: Vec<(Span, Bag, Sums)> = said
            .filter(|(_, said)| !said.trim_end().ends_with('?'))
            .map(|(span, said)| {
                let bag = self.model.bag(said);
                let sums = self.model.sums(&bag);
                (span, bag, sums)
            })
            .collect();
        let whole = (sentences.len() > 1).then(|| {
            let bags = sentences.iter().map(|(_, bag, _)| bag);
            self.model.sums(&Bag::union(bags))
        });
        let all = Span {
            start: 0,
            end: text.len(),
        };
        let mut taken: HashMap<Span, Taken> = HashMap::new();
        let mut provisions = Vec::new();
        for (place, kind) in self.model.kinds().iter().enumerate() {
            let margin = |sums| self.model.margin(place, sums, context_sums.as_ref());
            let margins = sentences
                .iter()
                .map(|(span, bag, sums)| (span, bag, margin(sums)));
            let Some((span, bag, best)) = margins.max_by(|a, b| a.2.total_cmp(&b.2)) else {
                continue;
            };
            let whole = whole.as_ref().map_or(best, margin);
            let margin = f64::midpoint(best, whole);
            let above = margin - self.model.threshold();
            if above < 0.0 {
                continue;
            }
            // The answers of a table's row stand behind its sentences.
            let said = if text.contains('|') { all } else { *span };
            let taken = taken
                .entry(said)
                .or_insert_with(|| Taken::new(said.cut(text).unwrap_or_default()));
            provisions.push(Provision {
                kind: kind.clone(),
                score: thousandths(above),
                polarity: self.polarity(place, taken),
                modality: taken.modality,
                span: *span,
                reasons: self
                    .model
                    .reasons(place, [bag].into_iter().chain(&context), REASONS),
            });
        }
        provisions
    }
}

/// A distance from the threshold as thousandths between a half and one. It is a fraction and no exponential, which
/// machines compute differently.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it lies between 500 and 1,000"
)]
fn thousandths(above: f64) -> u16 {
    (500.0 + 499.0 * above / (0.5 + above)) as u16
}
