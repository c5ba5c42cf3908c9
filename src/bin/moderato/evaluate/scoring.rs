//! Rows scored as they are read, a batch at a time.

use std::sync::Arc;

use moderato::classifier::Classifier;
use moderato::label::LabelledSample;
use moderato::policy::Policy;
use moderato::text::{Features, Typed};
use moderato::training::corpus::{Fingerprint, Repeats};
use moderato::training::report::{ScoredRow, ScoredRows};

use crate::parallel::map_in_order;

/// Rows in memory at once.
const BATCH: usize = 4096;

/// Scores rows and counts what came of them.
pub struct Scorer {
    classifier: Arc<Classifier>,
    policy: Policy,
    waiting: Vec<LabelledSample>,
    /// What has been scored.
    pub scored: ScoredRows,
    /// Which texts came again.
    pub repeats: Repeats,
}

impl Scorer {
    /// A scorer that has seen nothing.
    pub fn new(classifier: Arc<Classifier>, policy: Policy) -> Self {
        Self {
            classifier,
            policy,
            waiting: Vec::with_capacity(BATCH),
            scored: ScoredRows::default(),
            repeats: Repeats::default(),
        }
    }

    /// Takes a row, to be scored with its batch.
    pub fn add(&mut self, sample: LabelledSample) {
        self.waiting.push(sample);
        if self.waiting.len() == BATCH {
            self.score_waiting();
        }
    }

    /// Scores the rows of the batch that is not full.
    pub fn score_waiting(&mut self) {
        let (classifier, policy) = (&self.classifier, &self.policy);
        let rows = map_in_order(&self.waiting, |sample| score(classifier, policy, sample));
        for (row, text) in rows {
            self.repeats.add(text, row.label);
            self.scored.push(row);
        }
        self.waiting.clear();
    }
}

fn score(
    classifier: &Classifier,
    policy: &Policy,
    sample: &LabelledSample,
) -> (ScoredRow, Fingerprint) {
    let features = Features::extract(Typed {
        text: &sample.text,
        name: &sample.name,
    });
    let scores = classifier.score(&features).scores();
    let row = ScoredRow {
        source: sample.source.clone(),
        language: sample.language.clone(),
        label: sample.label,
        scores,
        decision: policy.by_scores(&scores),
    };
    (row, Fingerprint::of(&sample.text, features.normalised()))
}
