//! Rows scored as they are read, a batch at a time.

use std::sync::Arc;

use moderato::classifier::Classifier;
use moderato::label::LabelledSample;
use moderato::policy::Policy;
use moderato::training::corpus::{Fingerprint, Repeats};
use moderato::training::features_of;
use moderato::training::report::{Met, ScoredRow, ScoredRows};

use super::page::Looked;
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
    /// What a page shows besides, if one is asked for.
    pub looked: Option<Looked>,
}

/// One row scored.
struct Scored {
    row: ScoredRow,
    text: Fingerprint,
    met: Vec<Met>,
    size: u32,
}

impl Scorer {
    /// A scorer that has seen nothing.
    pub fn new(classifier: Arc<Classifier>, policy: Policy, looked: Option<Looked>) -> Self {
        Self {
            classifier,
            policy,
            waiting: Vec::with_capacity(BATCH),
            scored: ScoredRows::default(),
            repeats: Repeats::default(),
            looked,
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
        let rows = map_in_order(&self.waiting, |sample| self.score(sample));
        for (scored, sample) in rows.into_iter().zip(&self.waiting) {
            let Scored {
                row,
                text,
                met,
                size,
            } = scored;
            self.repeats.add(text, row.label);
            if let Some(looked) = &mut self.looked {
                looked.add(&self.classifier, sample, text, &row.scores);
                looked.telling.add(met, row.label, size);
            }
            self.scored.push(row);
        }
        self.waiting.clear();
    }

    fn score(&self, sample: &LabelledSample) -> Scored {
        let features = features_of(sample);
        let scores = self.classifier.score(&features).scores();
        let looked = self.looked.as_ref();
        Scored {
            text: Fingerprint::of(&sample.text, features.normalised()),
            met: looked.map_or_else(Vec::new, |looked| looked.telling.find(&features)),
            size: features.size(),
            row: ScoredRow {
                source: sample.source.clone(),
                language: sample.language.clone(),
                label: sample.label,
                scores,
                decision: self.policy.by_scores(&scores),
            },
        }
    }
}
