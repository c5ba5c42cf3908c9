//! Multinomial naive Bayes by `linfa-bayes`: the heart of a head.
//!
//! Bayes only needs sums, so `linfa` is given the aggregated two-row matrix of
//! class by feature; its log-probabilities are then bit for bit those of a fit
//! document by document (a test holds it to that), at a thousandth of the cost.

use std::collections::HashMap;

use linfa::ParamGuard;
use linfa::dataset::DatasetBase;
use linfa::traits::Fit;
use linfa_bayes::{MultinomialNb, MultinomialNbParams};
use ndarray::{Array1, Array2};
use serde::Deserialize;

use super::TrainError;
use super::matrix::Matrix;

/// Additive smoothing: one imagined occurrence of every feature in each class.
const ALPHA: f64 = 1.0;

/// One row that a head learns from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Example {
    /// Row of the matrix.
    pub(super) row: usize,
    /// Whether the head's answer should be yes.
    pub(super) positive: bool,
    /// How much it counts; 1 is usual.
    pub(super) weight: f32,
    /// Number of the source it came from.
    pub(super) source: u32,
}

/// `ln p(feature | positive) - ln p(feature | negative)` for every column; 0 for
/// features that no example holds.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a ratio needs no more than f32"
)]
pub(super) fn log_ratios(
    matrix: &Matrix,
    examples: &[Example],
    columns: usize,
) -> Result<Vec<f32>, TrainError> {
    let mut counts = Array2::<f64>::zeros((2, columns));
    for example in examples {
        let class = usize::from(example.positive);
        for (column, count) in matrix.counts(example.row) {
            counts[[class, column]] += f64::from(count) * f64::from(example.weight);
        }
    }
    let unseen: Vec<bool> = counts
        .columns()
        .into_iter()
        .map(|c| c.sum() == 0.0)
        .collect();
    let [negative, positive] = fit(counts)?;
    Ok(unseen
        .into_iter()
        .zip(positive.iter().zip(&negative))
        .map(|(unseen, (p, n))| if unseen { 0.0 } else { (p - n) as f32 })
        .collect())
}

/// Log-probabilities of the features in both classes, negative first.
fn fit(counts: Array2<f64>) -> Result<[Vec<f64>; 2], TrainError> {
    let params = MultinomialNbParams::<f64, bool>::new()
        .alpha(ALPHA)
        .check()
        .map_err(|error| bayes(&error))?;
    let classes = Array1::from(vec![false, true]);
    let model = params
        .fit(&DatasetBase::new(counts, classes))
        .map_err(|error| bayes(&error))?;
    feature_log_probabilities(&model)
}

fn bayes(error: &linfa_bayes::NaiveBayesError) -> TrainError {
    TrainError::Bayes(error.to_string())
}

/// `linfa-bayes` keeps its log-probabilities private but serialises them; this
/// mirrors that form (`linfa-bayes` 0.7.1, `ndarray` 0.15).
fn feature_log_probabilities(
    model: &MultinomialNb<f64, bool>,
) -> Result<[Vec<f64>; 2], TrainError> {
    #[derive(Deserialize)]
    struct Mirror {
        class_info: HashMap<bool, Class>,
    }
    #[derive(Deserialize)]
    struct Class {
        #[serde(rename = "class_count")]
        _class_count: usize,
        #[serde(rename = "prior")]
        _prior: f64,
        #[serde(rename = "feature_count")]
        _feature_count: Vector,
        feature_log_prob: Vector,
    }
    #[derive(Deserialize)]
    struct Vector {
        #[serde(rename = "v")]
        _version: u8,
        #[serde(rename = "dim")]
        _dim: usize,
        data: Vec<f64>,
    }
    let bytes = postcard::to_stdvec(model).map_err(|error| mirror(&error))?;
    let mut read: Mirror = postcard::from_bytes(&bytes).map_err(|error| mirror(&error))?;
    let mut class = |answer| {
        read.class_info
            .remove(&answer)
            .map(|class| class.feature_log_prob.data)
            .ok_or_else(|| TrainError::Bayes(format!("linfa-bayes returned no class {answer}")))
    };
    Ok([class(false)?, class(true)?])
}

fn mirror(error: &postcard::Error) -> TrainError {
    TrainError::Bayes(format!("linfa-bayes serialises in another form: {error}"))
}

#[cfg(test)]
mod tests {
    use linfa::traits::Predict;
    use ndarray::Axis;
    use proptest::prelude::*;

    use super::*;

    fn documents() -> impl Strategy<Value = (Vec<Vec<u8>>, Vec<bool>)> {
        (2_usize..30, 1_usize..12).prop_flat_map(|(rows, columns)| {
            (
                prop::collection::vec(prop::collection::vec(0_u8..4, columns), rows),
                prop::collection::vec(any::<bool>(), rows)
                    .prop_filter("both classes", |y| y.contains(&true) && y.contains(&false)),
            )
        })
    }

    proptest! {
        #[test]
        fn aggregates_give_what_linfa_gives_document_by_document((x, y) in documents()) {
            let records = Array2::from_shape_fn((x.len(), x[0].len()), |(r, c)| f64::from(x[r][c]));
            let whole = MultinomialNbParams::<f64, bool>::new().alpha(ALPHA).check().unwrap()
                .fit(&DatasetBase::new(records.clone(), Array1::from(y.clone()))).unwrap();
            let mut counts = Array2::zeros((2, x[0].len()));
            for (row, &positive) in records.axis_iter(Axis(0)).zip(&y) {
                counts.row_mut(usize::from(positive)).zip_mut_with(&row, |sum, v| *sum += v);
            }
            let aggregated = fit(counts).unwrap();
            prop_assert_eq!(&aggregated, &feature_log_probabilities(&whole).unwrap());

            // The table of log ratios decides as linfa itself does (0.7.1 shows its
            // decisions only; ties may go either way).
            let linfas = whole.predict(&records);
            let positives = y.iter().filter(|&&p| p).count() as f64;
            let prior = (positives / (y.len() as f64 - positives)).ln();
            for (row, &decision) in records.axis_iter(Axis(0)).zip(&linfas) {
                let ours: f64 = row.iter().zip(aggregated[1].iter().zip(&aggregated[0]))
                    .map(|(count, (p, n))| count * (p - n)).sum::<f64>() + prior;
                prop_assert!((ours > 0.0) == decision || ours.abs() < 1e-9, "{}", ours);
            }
        }
    }
}
