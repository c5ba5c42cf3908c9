//! Learning from the site: a base model adapted to a site's own labels.
//!
//! An operator has hundreds of labels, not a hundred thousand. So the base's weights
//! are the mean of a Gaussian prior, and the labels move them: much for what the base
//! hardly saw, little for what it saw often. How little is chosen so that its answers
//! on its own rows stay what they were, within a budget that grows with the labels.

mod head;
mod merge;
mod options;
mod prior;
mod refusal;
mod site;

use std::thread;

pub use options::AdaptOptions;
pub use refusal::Refusal;

use super::TrainError;
use super::assemble::{corpus_by_source, digest};
use super::bayes::Example;
use super::corpus::Corpus;
use super::fit::examples;
use super::matrix::features_of;
use super::metrics::{Outcome, Ranking};
use super::split::Folds;
use crate::classifier::{Adaptation, Artefact, Classifier, Header, LabelCount};
use crate::label::LabelledSample;
use crate::verdict::{Head, PerHead, Probability};
use head::{Change, Learner};
use merge::merge;
use prior::Prior;
use site::Site;

/// An adapted model with its scores on rows it had not seen when it gave them.
pub struct Adapted {
    /// The model.
    pub artefact: Artefact,
    /// What was learned, by head, or why the head is as the base's.
    pub heads: PerHead<Result<AdaptedHead, Refusal>>,
    /// Per adapted head, `(row of the corpus, probability, positive)` out of fold, for
    /// judged rows only.
    pub out_of_fold: PerHead<Vec<(usize, Probability, bool)>>,
}

/// An adapted head, judged on the labels themselves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdaptedHead {
    /// The labels it was adapted to.
    pub labels: LabelCount,
    /// AUC of the base on those of them that were judged out of fold.
    pub base_auc: Option<f64>,
    /// AUC of adapted models on the same ones, out of fold.
    pub auc: Option<f64>,
}

/// Adapts `base` to the labels of `corpus`. A head with too few labels, or with labels
/// of one class, is left as it is.
///
/// # Errors
/// If neither head can be adapted, or `options` leave nothing to hold out.
pub fn adapt(
    base: &Artefact,
    corpus: &Corpus,
    options: &AdaptOptions,
) -> Result<Adapted, TrainError> {
    let folds = Folds::new(corpus, options.folds, options.seed)?;
    let samples = corpus.samples();
    let examples = PerHead::from_fn(|head| head_examples(samples, head, options));
    let heads = PerHead::from_fn(|head| refusal::check(samples, head, options));
    if let (Err(spam), Err(toxicity)) = (heads.spam, heads.toxicity) {
        return Err(TrainError::NothingToAdapt { spam, toxicity });
    }
    if Head::ALL
        .iter()
        .any(|&head| base.header().heads.get(head).fit.gain <= 0.0)
    {
        return Err(TrainError::NoBase);
    }
    let prior = Prior::new(base, samples)?;
    let site = Site::new(samples, &prior);
    let learn = |head| -> Result<Option<Change>, TrainError> {
        if heads.get(head).is_err() {
            return Ok(None);
        }
        let learner = Learner {
            site: &site,
            prior: &prior,
            head,
            options,
        };
        learner.learn(examples.get(head), &folds).map(Some)
    };
    let (spam, toxicity) = thread::scope(|scope| {
        if options.one_thread {
            return (learn(Head::Spam), learn(Head::Toxicity));
        }
        let spam = scope.spawn(|| learn(Head::Spam));
        let toxicity = learn(Head::Toxicity);
        let spam = spam.join();
        (
            spam.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            toxicity,
        )
    });
    let changes = PerHead {
        spam: spam?,
        toxicity: toxicity?,
    };
    let header = header(base, samples, &heads, options);
    let out_of_fold = PerHead::from_fn(|head| judged(samples, head, changes.get(head).as_ref()));
    let base_classifier = Classifier::new(base.clone());
    let heads = PerHead::from_fn(|head| {
        let labels = (*heads.get(head))?;
        let rows = out_of_fold.get(head).iter();
        let scores: Vec<Outcome> = rows.map(|&(_, score, yes)| (score.get(), yes)).collect();
        let rows = out_of_fold.get(head).iter();
        let judged = rows.map(|&(row, _, yes)| (&samples[row], yes));
        Ok(AdaptedHead {
            labels,
            base_auc: Ranking::new(&outcomes(&base_classifier, judged, head)).auc(),
            auc: Ranking::new(&scores).auc(),
        })
    });
    Ok(Adapted {
        artefact: merge(base, &prior, &site, samples, &changes, header)?,
        heads,
        out_of_fold,
    })
}

/// What `classifier` says of `judged` samples, as log-odds of `head`.
fn outcomes<'s>(
    classifier: &Classifier,
    judged: impl Iterator<Item = (&'s LabelledSample, bool)>,
    head: Head,
) -> Vec<Outcome> {
    let scored = judged.map(|(sample, positive)| {
        let features = features_of(sample);
        (classifier.score(&features).log_odds(head), positive)
    });
    scored.collect()
}

fn head_examples(samples: &[LabelledSample], head: Head, options: &AdaptOptions) -> Vec<Example> {
    let weight_of = |source: &str| options.source_weights.get(source).copied().unwrap_or(1.0);
    examples(samples, head, weight_of, options.unverified_ham_weight)
}

fn judged(
    samples: &[LabelledSample],
    head: Head,
    change: Option<&Change>,
) -> Vec<(usize, Probability, bool)> {
    let scored = change.into_iter().flat_map(|change| &change.out_of_fold);
    scored
        .filter(|(row, ..)| samples[*row].label.get(head).is_some())
        .map(|&(row, log_odds, positive)| (row, Probability::from_log_odds(log_odds), positive))
        .collect()
}

/// The base's header with the site's labels in it.
fn header(
    base: &Artefact,
    samples: &[LabelledSample],
    heads: &PerHead<Result<LabelCount, Refusal>>,
    options: &AdaptOptions,
) -> Header {
    let mut header = base.header().clone();
    header.corpus.extend(corpus_by_source(samples));
    header.adaptations.push(Adaptation {
        base: base.id().clone(),
        seed: options.seed,
        corpus_digest: digest(samples),
        labels: PerHead::from_fn(|head| heads.get(head).ok()),
    });
    header
}

#[cfg(test)]
mod tests;
