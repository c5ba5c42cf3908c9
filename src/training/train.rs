//! Training from end to end: corpus in, artefact out.

use std::collections::BTreeMap;
use std::thread;

use super::assemble::assemble;
use super::bayes::Example;
use super::corpus::Corpus;
use super::fit::{FittedHead, examples, fit_head};
use super::metrics::{Ranking, Reliability};
use super::reweight::Settings;
use super::split::Folds;
use super::vocabulary::Minimum;
use super::{TrainError, matrix};
use crate::classifier::{Artefact, HeadRecord};
use crate::label::LabelledSample;
use crate::verdict::{Head, PerHead, Probability};

/// How a model is trained. Equal options and equal corpora give equal bytes.
#[derive(Clone, Debug)]
pub struct TrainOptions {
    /// Seed of fold assignment and of the order of examples.
    pub seed: u64,
    /// Folds of cross-validation; at least 2.
    pub folds: usize,
    /// Passes of the re-weighting over the examples.
    pub epochs: usize,
    /// Cost of a training error relative to the size of the weights.
    pub cost: PerHead<f32>,
    /// How readily a source's share of positives is laid to the source itself rather
    /// than to its words; 0: not at all.
    pub source_bias: PerHead<f32>,
    /// How much further a class of words (`src/text/word_classes.txt`) reaches than a word, as
    /// the re-weighting shares out what it learns; 0: not at all.
    pub class_strength: PerHead<f32>,
    /// Weight of text that was judged for toxicity only, as ham for the spam head.
    pub unverified_ham_weight: f32,
    /// Weights of sources by name; 1 where not named, 0 leaves a source out.
    pub source_weights: BTreeMap<String, f32>,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self {
            seed: 42,
            folds: 4,
            epochs: 10,
            cost: PerHead {
                spam: 16.0,
                toxicity: 8.0,
            },
            // Some sources of spam hold nothing else: their words are all there is to learn.
            source_bias: PerHead {
                spam: 0.0,
                toxicity: 0.02,
            },
            // The classes are of what is said of people, which is nothing to advertisements.
            class_strength: PerHead {
                spam: 0.0,
                toxicity: 6.0,
            },
            unverified_ham_weight: 0.05,
            source_weights: BTreeMap::new(),
        }
    }
}

impl TrainOptions {
    pub(super) fn weight_of(&self, source: &str) -> f32 {
        self.source_weights.get(source).copied().unwrap_or(1.0)
    }

    /// Rows of `corpus` that `head` learns from.
    pub(super) fn examples(&self, corpus: &[LabelledSample], head: Head) -> Vec<Example> {
        let weight_of = |source: &str| self.weight_of(source);
        examples(corpus, head, weight_of, self.unverified_ham_weight)
    }

    pub(super) fn settings(&self, head: Head) -> Settings {
        Settings {
            cost: *self.cost.get(head),
            epochs: self.epochs,
            source_bias: *self.source_bias.get(head),
            class_strength: *self.class_strength.get(head),
            seed: self.seed,
        }
    }
}

/// What training is doing, for a progress bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Extracting features.
    Features,
    /// Fitting the heads and cross-validating them.
    Heads,
    /// Putting the artefact together.
    Artefact,
}

/// A trained model with its scores on rows it had not seen when it gave them.
pub struct Trained {
    /// The model.
    pub artefact: Artefact,
    /// Per head, `(row of the corpus, probability, positive)` out of fold, for
    /// judged rows only.
    pub out_of_fold: PerHead<Vec<(usize, Probability, bool)>>,
}

/// Trains both heads on a corpus.
///
/// # Errors
/// If a head has only one class, or too little to calibrate on.
pub fn train(
    corpus: &Corpus,
    options: &TrainOptions,
    mut on_stage: impl FnMut(Stage),
) -> Result<Trained, TrainError> {
    on_stage(Stage::Features);
    let folds = Folds::new(corpus, options.folds, options.seed)?;
    let corpus = corpus.samples();
    let (vocabulary, matrix) = matrix::build(corpus, Minimum::TRAINING);
    on_stage(Stage::Heads);
    let fit = |head| fit_head(&matrix, &vocabulary, corpus, &folds, head, options);
    let (spam, toxicity) = thread::scope(|scope| {
        let spam = scope.spawn(|| fit(Head::Spam));
        let toxicity = fit(Head::Toxicity);
        (
            spam.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            toxicity,
        )
    });
    let heads = PerHead {
        spam: spam?,
        toxicity: toxicity?,
    };
    let supports = matrix.supports(vocabulary.len());
    drop(matrix);
    on_stage(Stage::Artefact);
    let out_of_fold = PerHead::from_fn(|head| probabilities(heads.get(head)));
    let records = PerHead::from_fn(|head| record(out_of_fold.get(head)));
    let artefact = assemble(corpus, &vocabulary, &heads, records, &supports, options)?;
    Ok(Trained {
        artefact,
        out_of_fold,
    })
}

fn probabilities(fitted: &FittedHead) -> Vec<(usize, Probability, bool)> {
    let out_of_fold = fitted.out_of_fold.iter();
    out_of_fold
        .map(|&(row, log_odds, positive)| (row, Probability::from_log_odds(log_odds), positive))
        .collect()
}

fn record(out_of_fold: &[(usize, Probability, bool)]) -> HeadRecord {
    let scored: Vec<(f64, bool)> = out_of_fold.iter().map(|&(_, p, y)| (p.get(), y)).collect();
    HeadRecord {
        rows: scored.len(),
        positives: scored.iter().filter(|(_, positive)| *positive).count(),
        cross_validated_auc: Ranking::new(&scored).auc(),
        cross_validated_ece: Reliability::new(&scored).expected_error(),
        uncertainty: mean(scored.iter().map(|(p, _)| p * (1.0 - p))),
        ..HeadRecord::default()
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let count = values.len();
    (count > 0).then(|| values.sum::<f64>() / count as f64)
}
