//! A corpus laid out once, to be fitted many times.

use std::collections::BTreeSet;

use crate::classifier::length;
use crate::label::LabelledSample;
use crate::training::bayes::{Example, log_ratios};
use crate::training::calibrate::Calibration;
use crate::training::corpus::Corpus;
use crate::training::fit::{fit_head, fit_linear, require_both_classes};
use crate::training::matrix::{self, Matrix};
use crate::training::reweight::Linear;
use crate::training::split::Folds;
use crate::training::vocabulary::{ColumnKind, Minimum, Vocabulary};
use crate::training::{TrainError, TrainOptions};
use crate::verdict::Head;

/// Which features a fit may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FeatureSet {
    /// Words alone.
    Words,
    /// And their pairs and character n-grams.
    Pieces,
    /// And links and structural signals.
    All,
}

/// How a score comes of the features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// `linfa-bayes` alone: the sum of log-count ratios, every row counting once, judged rows only.
    NaiveBayes,
    /// As a model is trained.
    Full,
}

/// One fit and what it is tried on.
pub(super) struct Trial<'a> {
    pub(super) head: Head,
    pub(super) features: FeatureSet,
    pub(super) method: Method,
    /// Whether a row may be learned from.
    pub(super) learned: &'a dyn Fn(&LabelledSample) -> bool,
    /// Rows to score.
    pub(super) tested: &'a [usize],
}

/// A corpus to learn from and rows to be tried on, as matrices.
pub struct Ground {
    samples: Vec<LabelledSample>,
    /// Rows from here on are for trying only.
    tests: usize,
    options: TrainOptions,
    all: (Vocabulary, Matrix),
    words: (Vocabulary, Matrix),
    pieces: Option<(Vocabulary, Matrix)>,
    folds: Folds,
}

impl Ground {
    /// Lays out `corpus` and `tests`. Rows of `tests` are never learned from.
    ///
    /// # Errors
    /// If the options name fewer than two folds.
    pub fn new(
        corpus: &Corpus,
        tests: Vec<LabelledSample>,
        options: TrainOptions,
    ) -> Result<Self, TrainError> {
        let folds = Folds::new(corpus, options.folds, options.seed)?;
        let (vocabulary, matrix) = matrix::build(corpus.samples(), Minimum::TRAINING);
        let mut samples = corpus.samples().to_vec();
        let first_test = samples.len();
        let all = if tests.is_empty() {
            matrix
        } else {
            samples.extend(tests);
            matrix::with_vocabulary(&samples, &vocabulary)
        };
        let only_words = vocabulary.only(|kind| kind == ColumnKind::Word);
        let words = matrix::with_vocabulary(&samples, &only_words);
        Ok(Self {
            samples,
            tests: first_test,
            options,
            all: (vocabulary, all),
            words: (only_words, words),
            pieces: None,
            folds,
        })
    }

    /// Makes ready for fits without links and signals.
    pub(super) fn lay_out_pieces(&mut self) {
        let pieces = self
            .all
            .0
            .only(|kind| !matches!(kind, ColumnKind::Link | ColumnKind::Signal));
        let matrix = matrix::with_vocabulary(&self.samples, &pieces);
        self.pieces = Some((pieces, matrix));
    }

    /// Rows judged on `head` that are `wanted`: of those to try on, or of the corpus.
    pub(super) fn rows(
        &self,
        head: Head,
        of_tests: bool,
        wanted: impl Fn(&LabelledSample) -> bool,
    ) -> Vec<usize> {
        let range = if of_tests {
            self.tests..self.samples.len()
        } else {
            0..self.tests
        };
        range
            .filter(|&row| self.samples[row].label.get(head).is_some())
            .filter(|&row| wanted(&self.samples[row]))
            .collect()
    }

    pub(super) fn sample(&self, row: usize) -> &LabelledSample {
        &self.samples[row]
    }

    pub(super) fn is_positive(&self, row: usize, head: Head) -> bool {
        *self.samples[row].label.get(head) == Some(true)
    }

    /// Sources of the rows to try on.
    pub(super) fn test_sources(&self) -> BTreeSet<&str> {
        let tests = self.samples[self.tests..].iter();
        tests.map(|sample| sample.source.as_str()).collect()
    }

    /// How long the comment of a row is.
    pub(super) fn length(&self, row: usize) -> f64 {
        length(self.all.1.size(row))
    }

    /// What makes probabilities of the scores of `head`, found out of fold.
    pub(super) fn calibration(&self, head: Head) -> Result<Calibration, TrainError> {
        let (vocabulary, matrix) = &self.all;
        let corpus = &self.samples[..self.tests];
        let fitted = fit_head(matrix, vocabulary, corpus, &self.folds, head, &self.options)?;
        Ok(fitted.calibration)
    }

    /// Uncalibrated log-odds of the tested rows.
    pub(super) fn scores(&self, trial: &Trial<'_>) -> Result<Vec<f64>, TrainError> {
        let (vocabulary, matrix) = match trial.features {
            FeatureSet::Words => &self.words,
            FeatureSet::Pieces => self.pieces.as_ref().unwrap_or(&self.all),
            FeatureSet::All => &self.all,
        };
        let corpus = &self.samples[..self.tests];
        let mut rows = self.options.examples(corpus, trial.head);
        rows.retain(|example| (trial.learned)(&self.samples[example.row]));
        if trial.method == Method::Full {
            require_both_classes(&rows, trial.head)?;
            let settings = self.options.settings(trial.head);
            let linear = fit_linear(matrix, vocabulary, &rows, settings)?;
            let tested = trial.tested.iter();
            return Ok(tested.map(|&row| linear.score(matrix, row)).collect());
        }
        rows.retain(|example| corpus[example.row].label.get(trial.head).is_some());
        for example in &mut rows {
            example.weight = 1.0;
        }
        require_both_classes(&rows, trial.head)?;
        let linear = Linear {
            weights: log_ratios(matrix, &rows, vocabulary.len())?,
            bias: prior(&rows),
        };
        let tested = trial.tested.iter();
        Ok(tested
            .map(|&row| linear.score_counts(matrix, row))
            .collect())
    }
}

/// Log-odds of a positive before reading.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a prior needs no more than f32"
)]
fn prior(rows: &[Example]) -> f32 {
    let positives = rows.iter().filter(|example| example.positive).count() as f64;
    (positives / (rows.len() as f64 - positives)).ln() as f32
}
