//! One head from examples: ratios, re-weighting, calibration out of fold.

use std::collections::BTreeMap;

use super::bayes::{Example, log_ratios};
use super::calibrate::{Calibration, calibrate};
use super::matrix::Matrix;
use super::reweight::{Linear, Settings, reweight};
use super::split::Folds;
use super::vocabulary::{ColumnKind, Vocabulary};
use super::{TrainError, TrainOptions};
use crate::classifier::length;
use crate::label::LabelledSample;
use crate::verdict::Head;

/// How much further a signal reaches than a word. A comment has a handful of signals
/// among hundreds of pieces of words, and the re-weighting shares out what it learns.
/// More makes a habit of one source into a rule: at 6, three words alone were nearly
/// proof of no spam, and by video AUC was 0.001 lower.
const SIGNAL_STRENGTH: f32 = 3.0;

/// A fitted head.
pub(super) struct FittedHead {
    pub(super) linear: Linear,
    pub(super) calibration: Calibration,
    /// Calibrated log-odds of each judged row, by a model that has not seen its
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
    let mut sources = BTreeMap::<&str, u32>::new();
    corpus
        .iter()
        .enumerate()
        .filter_map(|(row, sample)| {
            let next = u32::try_from(sources.len()).unwrap_or(u32::MAX);
            let source = *sources.entry(&sample.source).or_insert(next);
            let weight = weight_of(&sample.source);
            match (sample.label.get(head), head) {
                (&Some(positive), _) => Some(Example {
                    row,
                    positive,
                    weight,
                    source,
                }),
                (None, Head::Spam) if sample.label.toxicity.is_some() => Some(Example {
                    row,
                    positive: false,
                    weight: weight * unverified_ham_weight,
                    source,
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
    vocabulary: &Vocabulary,
    corpus: &[LabelledSample],
    folds: &Folds,
    head: Head,
    options: &TrainOptions,
) -> Result<FittedHead, TrainError> {
    let examples = options.examples(corpus, head);
    require_both_classes(&examples, head)?;
    let settings = options.settings(head);
    let linear = fit_linear(matrix, vocabulary, &examples, settings)?;
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
        let model = fit_linear(matrix, vocabulary, &kept, settings)?;
        raw.extend(tested.iter().map(|example| {
            (
                example.row,
                model.score(matrix, example.row),
                example.positive,
            )
        }));
    }
    raw.sort_unstable_by_key(|&(row, ..)| row);
    // Only what somebody judged says how often a score is right.
    raw.retain(|&(row, ..)| corpus[row].label.get(head).is_some());
    let calibration = calibrate(&raw, |row| length(matrix.size(row)))?;
    for (row, score, _) in &mut raw {
        *score = calibration.log_odds(*score, length(matrix.size(*row)));
    }
    Ok(FittedHead {
        linear,
        calibration,
        out_of_fold: raw,
    })
}

/// Ratios by naive Bayes, then their weights.
pub(super) fn fit_linear(
    matrix: &Matrix,
    vocabulary: &Vocabulary,
    examples: &[Example],
    settings: Settings,
) -> Result<Linear, TrainError> {
    let mut ratios = log_ratios(matrix, examples, vocabulary.len())?;
    for (ratio, &kind) in ratios.iter_mut().zip(vocabulary.kinds()) {
        match kind {
            ColumnKind::Signal => *ratio *= SIGNAL_STRENGTH,
            ColumnKind::Class => *ratio *= settings.class_strength,
            _ => {}
        }
    }
    Ok(reweight(matrix, examples, &ratios, settings))
}

pub(super) fn require_both_classes(examples: &[Example], head: Head) -> Result<(), TrainError> {
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
