//! What labels are worth: a model adapted to ever more of them, beside its base and
//! beside one trained on the same labels alone.
//!
//! Repeated random subsampling: in each repeat the corpus is split anew, by group, into
//! labels to learn from and rows to be judged on; each step takes the first labels of
//! one order, so that a later step has all that an earlier one had.

mod scratch;
mod split;
mod summary;
mod table;

use std::collections::BTreeMap;

use serde::Serialize;

pub use summary::Mean;

use super::corpus::Corpus;
use super::matrix::features_of;
use super::metrics::{Outcome, Ranking, Reliability};
use super::{AdaptOptions, TrainError, adapt};
use crate::classifier::{Artefact, Classifier};
use crate::label::LabelledSample;
use crate::text::Features;
use crate::verdict::{Head, Probability};
use split::Split;

/// How a learning curve is made.
#[derive(Clone, Debug)]
pub struct CurveOptions {
    /// Numbers of labels.
    pub sizes: Vec<usize>,
    /// Repeats, each with another split.
    pub repeats: u64,
    /// Most rows to be judged on in a repeat, and of each source to be kept.
    pub most_tested: usize,
    /// How each model is adapted; its seed is that of the first split too.
    pub adapt: AdaptOptions,
}

impl Default for CurveOptions {
    fn default() -> Self {
        Self {
            sizes: vec![25, 50, 100, 200, 400, 800],
            repeats: 10,
            most_tested: 2_000,
            adapt: AdaptOptions::default(),
        }
    }
}

/// A learning curve of each head that the corpus judges.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LearningCurve {
    /// The model that was adapted.
    pub base: String,
    /// Repeats.
    pub repeats: u64,
    /// By head, a point for each number of labels that the corpus has.
    pub heads: BTreeMap<Head, Vec<Point>>,
}

/// One number of labels. AUC is on rows of the corpus that were not learned from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Labels.
    pub labels: usize,
    /// Repeats in which they were refused; the base then stands for the adapted model.
    pub refused: u64,
    /// The base's AUC.
    pub base: Option<Mean>,
    /// AUC of a model trained on these labels alone.
    pub scratch: Option<Mean>,
    /// The adapted model's AUC.
    pub adapted: Option<Mean>,
    /// The adapted model's AUC less the base's.
    pub over_base: Option<Mean>,
    /// The adapted model's AUC less that of the one trained on the labels alone.
    pub over_scratch: Option<Mean>,
    /// The base's calibration error.
    pub base_ece: Option<Mean>,
    /// The adapted model's calibration error.
    pub ece: Option<Mean>,
    /// By source of the rows to be kept, the adapted model's AUC less the base's.
    pub kept: BTreeMap<String, Mean>,
}

/// Rows with their features, extracted once.
struct Rows<'a> {
    samples: Vec<&'a LabelledSample>,
    features: Vec<Features>,
}

impl<'a> Rows<'a> {
    fn new(samples: impl Iterator<Item = &'a LabelledSample>) -> Self {
        let samples: Vec<_> = samples.collect();
        Self {
            features: samples.iter().copied().map(features_of).collect(),
            samples,
        }
    }

    fn outcomes(&self, model: &Classifier, head: Head) -> Vec<Outcome> {
        let rows = self.samples.iter().zip(&self.features);
        let judged = rows.filter_map(|(sample, features)| {
            let positive = (*sample.label.get(head))?;
            Some((model.score(features).log_odds(head), positive))
        });
        judged.collect()
    }

    fn auc(&self, model: &Classifier, head: Head) -> Option<f64> {
        Ranking::new(&self.outcomes(model, head)).auc()
    }

    fn ece(&self, model: &Classifier, head: Head) -> Option<f64> {
        let outcomes = self.outcomes(model, head).into_iter();
        let probabilities = outcomes
            .map(|(log_odds, positive)| (Probability::from_log_odds(log_odds).get(), positive));
        Reliability::new(&probabilities.collect::<Vec<_>>()).expected_error()
    }
}

/// Figures of one number of labels, repeat by repeat.
#[derive(Default)]
struct Tries {
    refused: u64,
    base: Vec<f64>,
    scratch: Vec<f64>,
    adapted: Vec<f64>,
    over_base: Vec<f64>,
    over_scratch: Vec<f64>,
    base_ece: Vec<f64>,
    ece: Vec<f64>,
    kept: BTreeMap<String, Vec<f64>>,
}

/// Makes the learning curve of `base` on `corpus`. `keep` are rows of which the base is
/// to know as much afterwards; `on_repeat` is told which repeat begins, from 1.
///
/// # Errors
/// If `corpus` cannot be split, or a model not be put together.
pub fn learning_curve(
    base: &Artefact,
    corpus: &Corpus,
    keep: &Corpus,
    options: &CurveOptions,
    mut on_repeat: impl FnMut(u64),
) -> Result<LearningCurve, TrainError> {
    let keep = by_source(keep, options.most_tested);
    let base_model = Classifier::new(base.clone());
    let mut tries = BTreeMap::<(Head, usize), Tries>::new();
    for repeat in 0..options.repeats {
        on_repeat(repeat + 1);
        let seed = options.adapt.seed.wrapping_add(repeat);
        for head in judged_heads(corpus) {
            let split = Split::new(corpus, head, options.most_tested, seed)
                .ok_or(TrainError::OneGroup { head })?;
            let tested = Rows::new(split.tested.iter().copied());
            for &labels in options.sizes.iter().filter(|&&n| n <= split.pool.len()) {
                let learned = &split.pool[..labels];
                let found = tries.entry((head, labels)).or_default();
                let trial = Trial {
                    base,
                    base_model: &base_model,
                    head,
                    tested: &tested,
                    keep: &keep,
                };
                trial.run(learned, &options.adapt, found)?;
            }
        }
    }
    Ok(LearningCurve {
        base: base.id().to_string(),
        repeats: options.repeats,
        heads: summary::points(tries),
    })
}

fn judged_heads(corpus: &Corpus) -> impl Iterator<Item = Head> {
    let judged = |head: &Head| {
        corpus
            .samples()
            .iter()
            .any(|s| s.label.get(*head).is_some())
    };
    Head::ALL.into_iter().filter(judged)
}

/// The rows of each source; of more than `most`, every second, third and so on: a file
/// may be sorted by its labels.
fn by_source(corpus: &Corpus, most: usize) -> BTreeMap<&str, Rows<'_>> {
    let mut sources = BTreeMap::<&str, Vec<&LabelledSample>>::new();
    for sample in corpus.samples() {
        sources.entry(&sample.source).or_default().push(sample);
    }
    let thinned = sources.into_iter().map(|(source, samples)| {
        let step = samples.len().div_ceil(most.max(1)).max(1);
        (source, Rows::new(samples.into_iter().step_by(step)))
    });
    thinned.collect()
}

/// One number of labels in one repeat.
struct Trial<'a> {
    base: &'a Artefact,
    base_model: &'a Classifier,
    head: Head,
    tested: &'a Rows<'a>,
    keep: &'a BTreeMap<&'a str, Rows<'a>>,
}

impl Trial<'_> {
    fn run(
        &self,
        learned: &[&LabelledSample],
        options: &AdaptOptions,
        tries: &mut Tries,
    ) -> Result<(), TrainError> {
        let (head, tested) = (self.head, self.tested);
        let (labels, _) = Corpus::from_samples(learned.iter().copied().cloned().collect());
        let adapted = match adapt(self.base, &labels, options) {
            Ok(adapted) if adapted.heads.get(head).is_ok() => Some(adapted.artefact),
            Ok(_) | Err(TrainError::NothingToAdapt { .. }) => None,
            Err(error) => return Err(error),
        };
        tries.refused += u64::from(adapted.is_none());
        let adapted = adapted.map(Classifier::new);
        let adapted = adapted.as_ref().unwrap_or(self.base_model);
        let base = tested.auc(self.base_model, head);
        let auc = tested.auc(adapted, head);
        let scratch = scratch::auc(labels.samples(), &tested.samples, head, options.seed)?;
        let over = |other: Option<f64>| Some(auc? - other?);
        tries.base.extend(base);
        tries.scratch.extend(scratch);
        tries.adapted.extend(auc);
        tries.over_base.extend(over(base));
        tries.over_scratch.extend(over(scratch));
        tries.base_ece.extend(tested.ece(self.base_model, head));
        tries.ece.extend(tested.ece(adapted, head));
        for (&source, rows) in self.keep {
            let (before, after) = (rows.auc(self.base_model, head), rows.auc(adapted, head));
            if let (Some(before), Some(after)) = (before, after) {
                tries
                    .kept
                    .entry(source.to_owned())
                    .or_default()
                    .push(after - before);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
