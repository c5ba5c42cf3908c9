//! One head from examples: ratios, re-weighting, calibration out of fold.

use super::bayes::{Example, log_ratios};
use super::calibrate::{Calibration, calibrate};
use super::matrix::Matrix;
use super::reweight::{Linear, Settings, reweight};
use super::split::Folds;
use super::{TrainError, TrainOptions};
use crate::label::LabelledSample;
use crate::verdict::Head;

/// A fitted head.
pub(super) struct FittedHead {
    pub(super) linear: Linear,
    pub(super) calibration: Calibration,
    /// Calibrated log-odds of each row learned from, by a model that has not seen its
    /// fold: `(row, log-odds, positive)`.
    pub(super) out_of_fold: Vec<(usize, f64, bool)>,
}

/// Rows that `head` learns from. Unjudged text that somebody judged not to be
/// toxic is published discussion: weak evidence of not being spam.
pub(super) fn examples(
    corpus: &[LabelledSample],
    head: Head,
    weight_of: impl Fn(&str) -> f32,
    unverified_ham_weight: f32,
) -> Vec<Example> {
    corpus
        .iter()
        .enumerate()
        .filter_map(|(row, sample)| {
            let weight = weight_of(&sample.source);
            match (sample.label.get(head), head) {
                (&Some(positive), _) => Some(Example {
                    row,
                    positive,
                    weight,
                }),
                (None, Head::Spam) if sample.label.toxicity.is_some() => Some(Example {
                    row,
                    positive: false,
                    weight: weight * unverified_ham_weight,
                }),
                _ => None,
            }
        })
        .filter(|example| example.weight > 0.0)
        .collect()
}

/// Fits `head` to `examples`; row by row, `folds` splits the matrix.
pub(super) fn fit_head(
    matrix: &Matrix,
    columns: usize,
    examples: &[Example],
    folds: &Folds,
    head: Head,
    options: &TrainOptions,
) -> Result<FittedHead, TrainError> {
    require_both_classes(examples, head)?;
    let settings = Settings {
        cost: *options.cost.get(head),
        epochs: options.epochs,
        seed: options.seed,
    };
    let linear = fit_linear(matrix, columns, examples, settings)?;
    let mut raw = Vec::with_capacity(examples.len());
    for fold in 0..folds.count() {
        let (tested, kept): (Vec<_>, Vec<_>) = examples
            .iter()
            .copied()
            .partition(|example| folds.of(example.row) == fold);
        if tested.is_empty() {
            continue;
        }
        require_both_classes(&kept, head)?;
        let model = fit_linear(matrix, columns, &kept, settings)?;
        raw.extend(tested.iter().map(|example| {
            (
                example.row,
                model.score(matrix, example.row),
                example.positive,
            )
        }));
    }
    raw.sort_unstable_by_key(|&(row, ..)| row);
    let calibration = calibrate(&raw)?;
    for (_, score, _) in &mut raw {
        *score = calibration.log_odds(*score);
    }
    Ok(FittedHead {
        linear,
        calibration,
        out_of_fold: raw,
    })
}

fn fit_linear(
    matrix: &Matrix,
    columns: usize,
    examples: &[Example],
    settings: Settings,
) -> Result<Linear, TrainError> {
    let ratios = log_ratios(matrix, examples, columns)?;
    Ok(reweight(matrix, examples, &ratios, settings))
}

fn require_both_classes(examples: &[Example], head: Head) -> Result<(), TrainError> {
    let positives = examples.iter().filter(|e| e.positive).count();
    let negatives = examples.len() - positives;
    if positives == 0 || negatives == 0 {
        return Err(TrainError::OneClass {
            head,
            positives,
            negatives,
        });
    }
    Ok(())
}
