//! A site's labels as rows to learn from.

use std::collections::HashSet;

use super::prior::Prior;
use crate::label::LabelledSample;
use crate::text::{FeatureKey, Features};
use crate::training::TrainError;
use crate::training::bayes::{Example, log_ratios};
use crate::training::matrix::{self, Matrix, features_of};
use crate::training::posterior::Row;
use crate::training::vocabulary::{Minimum, Vocabulary};
use crate::verdict::{Head, PerHead};

/// The texts of a site as a matrix, and what the base says of them.
pub(super) struct Site {
    pub(super) vocabulary: Vocabulary,
    pub(super) matrix: Matrix,
    /// Mean squares of the columns over the base's rows.
    pub(super) supports: Vec<f64>,
    /// What the base says of each text.
    said: PerHead<Vec<Said>>,
}

/// The base's answer to one text.
#[derive(Clone, Copy)]
struct Said {
    log_odds: f64,
    /// By how much that grows with what is read.
    slope: f64,
}

/// Rows for one head, with the scale of each column.
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    /// A weight of a column, times its scale, is what the column adds.
    pub(super) scales: Vec<f64>,
}

impl Site {
    pub(super) fn new(samples: &[LabelledSample], prior: &Prior) -> Self {
        let classifier = prior.classifier();
        let features: Vec<_> = samples.iter().map(features_of).collect();
        let vocabulary = matrix::vocabulary(samples, Minimum::ADAPTING);
        let vocabulary = vocabulary.without(&split_words(&features, prior));
        let matrix = matrix::with_vocabulary(samples, &vocabulary);
        let supports = vocabulary.keys().iter().map(|&key| prior.support(key));
        Self {
            supports: supports.collect(),
            said: PerHead::from_fn(|head| {
                let scored = features.iter().map(|features| classifier.score(features));
                let said = scored.map(|scored| Said {
                    log_odds: scored.log_odds(head),
                    slope: scored.line(head).slope,
                });
                said.collect()
            }),
            vocabulary,
            matrix,
        }
    }

    /// Columns beyond the vocabulary's: the base's log-odds, and 1.
    pub(super) fn columns(&self) -> usize {
        self.vocabulary.len() + 2
    }

    /// `examples` as rows. Each column is scaled by its log-count ratio in `learned`,
    /// as in training: what tells the classes apart may move further.
    pub(super) fn rows(
        &self,
        examples: &[Example],
        learned: &[Example],
        head: Head,
    ) -> Result<Rows, TrainError> {
        let ratios = log_ratios(&self.matrix, learned, self.vocabulary.len())?;
        let rows = examples
            .iter()
            .map(|example| self.row(example, &ratios, head));
        Ok(Rows {
            rows: rows.collect(),
            scales: ratios.iter().map(|&ratio| f64::from(ratio.abs())).collect(),
        })
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "fewer than 2^32 columns; log-odds of f32's precision will do"
    )]
    fn row(&self, example: &Example, ratios: &[f32], head: Head) -> Row {
        let Said {
            log_odds: offset,
            slope,
        } = self.said.get(head)[example.row];
        let base = self.vocabulary.len() as u32;
        let cells = self.matrix.row(example.row);
        let scale = |column: usize| ratios[column].abs() * slope as f32;
        let cells = cells.map(|(column, value)| (column as u32, value * scale(column)));
        Row {
            cells: cells
                .filter(|(_, value)| *value > 0.0)
                .chain([(base, offset as f32), (base + 1, 1.0)])
                .collect(),
            offset,
            positive: example.positive,
            weight: f64::from(example.weight),
        }
    }
}

/// The pairs that are words which the base knows, split in two (`idi ot`). With an entry of
/// its own such a pair would count as ordinary writing, and the word, of which `said` has
/// the weight, no longer at all.
fn split_words(features: &[Features], prior: &Prior) -> HashSet<FeatureKey> {
    let pairs = features.iter().flat_map(|features| {
        let tokens = features.tokens();
        tokens.iter().filter_map(|token| {
            let pair = tokens[token.joined_from()?].key;
            (prior.knows(token.key) && !prior.knows(pair)).then_some(pair)
        })
    });
    pairs.collect()
}
