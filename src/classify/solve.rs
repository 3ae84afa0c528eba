//! Training: for each kind the hyperplane that parts the clauses that hold it from those that don't.
//!
//! A support vector machine with squared hinge loss and L2 regularisation, solved in its dual by coordinate descent
//! (Hsieh et al., "A Dual Coordinate Descent Method for Large-scale Linear SVM", ICML 2008, algorithm 1). The problem is
//! convex and the order of the steps fixed, so that the same training set gives the same weights.

use std::collections::{BTreeMap, HashMap};

use super::expand::Example;
use super::features::names;
use super::model::{CONTEXT, Feature, Model, Scale};
use super::taxonomy::Taxonomy;

/// A feature of fewer clauses than this is none.
const LEAST_CLAUSES: usize = 3;
/// How many features a kind keeps: those that decide most over all clauses.
const MOST_FEATURES: usize = 4_000;
/// What a clause on the wrong side costs, and how many times that one which holds the kind does.
const COST: f64 = 0.5;
const POSITIVE: f64 = 3.0;
const ROUNDS: usize = 30;
const LARGEST: f64 = 127.0;

/// A clause as numbers: its features with how much of it each makes up.
struct Row {
    features: Vec<(u32, f64)>,
    /// Their squared length, and 1 for the bias.
    square: f64,
}

/// Trains a model of the kinds of a taxonomy from clauses. `threshold` is in thousandths of a margin; a kind may ask for more.
#[must_use]
pub fn train(taxonomy: &Taxonomy, examples: &[Example], threshold: i64) -> Model {
    let vocabulary = vocabulary(examples);
    let places: HashMap<&str, u32> = (0..)
        .zip(&vocabulary)
        .map(|(at, (name, _))| (name.as_str(), at))
        .collect();
    let rows: Vec<Row> = examples
        .iter()
        .map(|one| row(one, &places, &vocabulary))
        .collect();
    let norms = norms(&rows, vocabulary.len());
    let mut weights: Vec<Vec<(u8, i8)>> = vec![Vec::new(); vocabulary.len()];
    let mut scales = Vec::with_capacity(taxonomy.kinds.len());
    for (place, kind) in (0..=u8::MAX).zip(&taxonomy.kinds) {
        let labels: Vec<bool> = examples
            .iter()
            .map(|one| one.kinds.contains(&kind.id))
            .collect();
        let (solved, bias) = solve(&rows, &labels, vocabulary.len());
        let scale = keep(place, &solved, bias, &vocabulary, &norms, &mut weights);
        scales.push(Scale {
            bias: scale.bias - kind.threshold * 1000,
            ..scale
        });
    }
    let features = vocabulary.into_iter().zip(weights);
    let features = features
        .filter(|(_, weights)| !weights.is_empty())
        .map(|((name, idf), weights)| Feature { name, idf, weights })
        .collect();
    let kinds = taxonomy.kinds.iter().map(|kind| kind.id.clone());
    Model::new(kinds.collect(), scales, threshold, features)
}

/// How much of all clauses each feature makes up: the length of its column.
fn norms(rows: &[Row], features: usize) -> Vec<f64> {
    let mut squares = vec![0.0_f64; features];
    for (place, value) in rows.iter().flat_map(|row| &row.features) {
        squares[*place as usize] += value * value;
    }
    squares.into_iter().map(f64::sqrt).collect()
}

/// The features of the clauses, each with how rare it is.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of clauses, and a logarithm of them"
)]
fn vocabulary(examples: &[Example]) -> Vec<(String, u8)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for example in examples {
        for name in names(&example.text, example.context.as_deref()) {
            *counts.entry(name).or_default() += 1;
        }
    }
    let all = examples.len() as f64;
    let idf = |count: usize| (8.0 * (all / count as f64).ln()).clamp(1.0, 255.0) as u8;
    let known = counts
        .into_iter()
        .filter(|(_, count)| *count >= LEAST_CLAUSES);
    known.map(|(name, count)| (name, idf(count))).collect()
}

fn row(example: &Example, places: &HashMap<&str, u32>, vocabulary: &[(String, u8)]) -> Row {
    let names = names(&example.text, example.context.as_deref());
    let known = names.iter().filter_map(|name| places.get(name.as_str()));
    let features: Vec<(u32, f64)> = known
        .map(|place| (*place, f64::from(vocabulary[*place as usize].1)))
        .collect();
    let is_context = |place: u32| vocabulary[place as usize].0.starts_with('#');
    let length = |side: bool| {
        let of_side = features
            .iter()
            .filter(|(place, _)| is_context(*place) == side);
        let square: f64 = of_side.map(|(_, idf)| idf * idf).sum();
        square.max(1.0).sqrt()
    };
    let (text, context) = (length(false), length(true));
    let scaled = features.iter().map(|(place, idf)| {
        if is_context(*place) {
            (*place, CONTEXT * idf / context)
        } else {
            (*place, idf / text)
        }
    });
    let features: Vec<(u32, f64)> = scaled.collect();
    let square = 1.0 + features.iter().map(|(_, one)| one * one).sum::<f64>();
    Row { features, square }
}

/// The weights of a kind, and its bias.
fn solve(rows: &[Row], labels: &[bool], features: usize) -> (Vec<f64>, f64) {
    let mut weights = vec![0.0_f64; features];
    let mut bias = 0.0_f64;
    let mut alphas = vec![0.0_f64; rows.len()];
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..ROUNDS {
        shuffle(&mut order, &mut seed);
        let mut moved = 0.0_f64;
        for place in &order {
            let (row, alpha) = (&rows[*place], &mut alphas[*place]);
            let side = if labels[*place] { 1.0 } else { -1.0 };
            let cost = if labels[*place] {
                COST * POSITIVE
            } else {
                COST
            };
            let damping = 0.5 / cost;
            let sum: f64 = row
                .features
                .iter()
                .map(|(at, value)| weights[*at as usize] * value)
                .sum();
            let gradient = side * (sum + bias) - 1.0 + *alpha * damping;
            let next = (*alpha - gradient / (row.square + damping)).max(0.0);
            let step = (next - *alpha) * side;
            if step.abs() < 1e-9 {
                continue;
            }
            *alpha = next;
            moved = moved.max(step.abs());
            bias += step;
            for (at, value) in &row.features {
                weights[*at as usize] += step * value;
            }
        }
        if moved < 1e-3 {
            break;
        }
    }
    (weights, bias)
}

fn shuffle(order: &mut [usize], seed: &mut u64) {
    for last in (1..order.len()).rev() {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        let other = usize::try_from(*seed % (last as u64 + 1)).unwrap_or(0);
        order.swap(last, other);
    }
}

/// Keeps the weights of a kind that matter most, as small integers.
#[allow(clippy::cast_possible_truncation, reason = "they were scaled to fit")]
fn keep(
    kind: u8,
    solved: &[f64],
    bias: f64,
    vocabulary: &[(String, u8)],
    norms: &[f64],
    weights: &mut [Vec<(u8, i8)>],
) -> Scale {
    let mut kept: Vec<usize> = (0..solved.len()).collect();
    let decides = |place: &usize| (solved[*place] * norms[*place]).abs();
    kept.sort_by(|a, b| decides(b).total_cmp(&decides(a)).then(a.cmp(b)));
    kept.truncate(MOST_FEATURES);
    let worth = |place: usize| solved[place] * f64::from(vocabulary[place].1);
    let worth: Vec<(usize, f64)> = kept.iter().map(|place| (*place, worth(*place))).collect();
    let largest = worth.iter().map(|(_, one)| one.abs()).fold(1e-9, f64::max);
    for (place, one) in worth {
        let small = (one / largest * LARGEST).round() as i8;
        if small != 0 {
            weights[place].push((kind, small));
        }
    }
    Scale {
        bias: (bias * 1e6).round() as i64,
        unit: (largest / LARGEST * 1e6).round() as i64,
    }
}
