//! The corpus as a sparse matrix: a row a comment, a column a feature.

use std::thread;

use super::vocabulary::{Counter, Minimum, Vocabulary};
use crate::classifier::Support;
use crate::label::LabelledSample;
use crate::text::{Features, Typed};

/// Extracts the features of a sample, as serving does of a comment.
#[must_use]
pub fn features_of(sample: &LabelledSample) -> Features {
    Features::extract(Typed {
        text: &sample.text,
        name: &sample.name,
    })
}

/// Compressed sparse rows. The value of a cell is its count divided by the root
/// of the comment's size, so that a long comment weighs no more than a short one.
#[derive(Default)]
pub(super) struct Matrix {
    columns: Vec<u32>,
    counts: Vec<u8>,
    ends: Vec<usize>,
    scales: Vec<f32>,
}

impl Matrix {
    /// Column, value of each cell of a row.
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = (usize, f32)> {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        let cells = start..self.ends[row];
        let scale = self.scales[row];
        self.columns[cells.clone()]
            .iter()
            .zip(&self.counts[cells])
            .map(move |(&column, &count)| (column as usize, f32::from(count) * scale))
    }

    /// Column, count of each cell of a row.
    pub(super) fn counts(&self, row: usize) -> impl Iterator<Item = (usize, u8)> {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        let cells = start..self.ends[row];
        self.columns[cells.clone()]
            .iter()
            .map(|&c| c as usize)
            .zip(self.counts[cells].iter().copied())
    }

    /// Features of a row's comment, n-grams included.
    pub(super) fn size(&self, row: usize) -> f64 {
        f64::from(self.scales[row]).powi(-2)
    }

    /// The mean square of each of so many columns over all rows.
    pub(super) fn supports(&self, columns: usize) -> Vec<Support> {
        let sums = self.squares(columns);
        let rows = self.scales.len().max(1) as f64;
        let means = sums.into_iter().map(|sum| sum / rows);
        means.map(Support::of_mean_square).collect()
    }

    /// The sum of squares of each of so many columns.
    pub(super) fn squares(&self, columns: usize) -> Vec<f64> {
        let mut sums = vec![0.0; columns];
        for row in 0..self.scales.len() {
            for (column, value) in self.row(row) {
                sums[column] += f64::from(value * value);
            }
        }
        sums
    }

    fn push(&mut self, features: &Features, vocabulary: &Vocabulary) {
        let mut columns = Vec::with_capacity(features.size() as usize);
        for token in features.tokens() {
            // As `Classifier::score` has it.
            let counts = token.joined_from().is_none_or(|pair| {
                vocabulary.column(token.key).is_some()
                    && vocabulary.column(features.tokens()[pair].key).is_none()
            });
            if !counts {
                continue;
            }
            columns.extend(vocabulary.column(token.key));
            features.pieces(token, |key| columns.extend(vocabulary.column(key)));
        }
        columns.sort_unstable();
        for same in columns.chunk_by(|a, b| a == b) {
            self.columns.push(same[0]);
            self.counts
                .push(u8::try_from(same.len()).unwrap_or(u8::MAX));
        }
        self.ends.push(self.columns.len());
        self.scales.push(1.0 / (features.size() as f32).sqrt());
    }

    fn append(&mut self, other: Self) {
        let offset = self.columns.len();
        self.columns.extend(other.columns);
        self.counts.extend(other.counts);
        self.ends
            .extend(other.ends.into_iter().map(|end| end + offset));
        self.scales.extend(other.scales);
    }
}

/// Reads the corpus twice, on two threads: once to count features, once to fill
/// the matrix. Extracting again is cheaper than keeping every key.
pub(super) fn build(corpus: &[LabelledSample], minimum: Minimum) -> (Vocabulary, Matrix) {
    let vocabulary = vocabulary(corpus, minimum);
    let matrix = with_vocabulary(corpus, &vocabulary);
    (vocabulary, matrix)
}

/// The features that occur often enough in `corpus`.
pub(super) fn vocabulary(corpus: &[LabelledSample], minimum: Minimum) -> Vocabulary {
    let counters = in_parts(corpus, |part| {
        let mut counter = Counter::new(minimum);
        for sample in part {
            counter.add(&features_of(sample));
        }
        counter
    });
    let mut sum = Counter::new(minimum);
    for counter in counters {
        sum.merge(counter);
    }
    Vocabulary::new(sum)
}

/// The matrix of `corpus` with the columns of `vocabulary`.
pub(super) fn with_vocabulary(corpus: &[LabelledSample], vocabulary: &Vocabulary) -> Matrix {
    let parts = in_parts(corpus, |part| {
        let mut matrix = Matrix::default();
        for sample in part {
            matrix.push(&features_of(sample), vocabulary);
        }
        matrix
    });
    let mut matrix = Matrix::default();
    for part in parts {
        matrix.append(part);
    }
    matrix
}

/// Runs `work` over parts of the corpus on two threads; results in corpus order.
pub(super) fn in_parts<T: Send>(
    corpus: &[LabelledSample],
    work: impl Fn(&[LabelledSample]) -> T + Sync,
) -> Vec<T> {
    let part = corpus.len().div_ceil(2).max(1);
    thread::scope(|scope| {
        let work = &work;
        let running: Vec<_> = corpus
            .chunks(part)
            .map(|part| scope.spawn(move || work(part)))
            .collect();
        running
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    })
}
