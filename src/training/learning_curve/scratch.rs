//! What a model trained on a handful of labels alone would know.

use crate::label::LabelledSample;
use crate::training::bayes::log_ratios;
use crate::training::fit::examples;
use crate::training::matrix;
use crate::training::metrics::{Outcome, Ranking};
use crate::training::reweight::{Settings, reweight};
use crate::training::vocabulary::Minimum;
use crate::training::{TrainError, TrainOptions};
use crate::verdict::Head;

/// AUC on `tested` of the head that training fits to `learned`. It is ranked by alone:
/// so few labels can often not be calibrated. `None` if a class is missing.
pub(super) fn auc(
    learned: &[LabelledSample],
    tested: &[&LabelledSample],
    head: Head,
    seed: u64,
) -> Result<Option<f64>, TrainError> {
    let options = TrainOptions::default();
    let examples = examples(learned, head, |_| 1.0, options.unverified_ham_weight);
    let positives = examples.iter().filter(|example| example.positive).count();
    if positives == 0 || positives == examples.len() {
        return Ok(None);
    }
    let (vocabulary, matrix) = matrix::build(learned, Minimum::TRAINING);
    let ratios = log_ratios(&matrix, &examples, vocabulary.len())?;
    let settings = Settings {
        cost: *options.cost.get(head),
        epochs: options.epochs,
        seed,
    };
    let linear = reweight(&matrix, &examples, &ratios, settings);
    let tested: Vec<LabelledSample> = tested.iter().copied().cloned().collect();
    let rows = matrix::with_vocabulary(&tested, &vocabulary);
    let outcomes = tested.iter().enumerate().filter_map(|(row, sample)| {
        let positive = (*sample.label.get(head))?;
        Some((linear.score(&rows, row), positive))
    });
    Ok(Ranking::new(&outcomes.collect::<Vec<Outcome>>()).auc())
}
