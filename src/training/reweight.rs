//! Discriminative re-weighting of the log-count ratios.
//!
//! Naive Bayes counts dependent features twice. Following Wang and Manning,
//! "Baselines and Bigrams" (ACL 2012), each feature value is scaled by its log
//! ratio and a linear L2-loss support vector machine learns by how much each
//! ratio should count. The result is still one weight a feature.
//!
//! Sources differ in their share of positives and in their style. While fitting, each
//! source has a bias of its own, so that a word is not taken for abuse because it is
//! the style of a source that holds much of it.
//!
//! Solved in the dual by coordinate descent (Hsieh et al., ICML 2008), which has
//! no step size to choose and is deterministic for a given order.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::bayes::Example;
use super::matrix::Matrix;

/// A linear function of a matrix row.
#[derive(Clone, Debug, Default)]
pub(super) struct Linear {
    pub(super) weights: Vec<f32>,
    pub(super) bias: f32,
}

impl Linear {
    pub(super) fn score(&self, matrix: &Matrix, row: usize) -> f64 {
        let sum: f32 = matrix
            .row(row)
            .map(|(column, value)| value * self.weights[column])
            .sum();
        f64::from(sum + self.bias)
    }

    /// As plain naive Bayes scores: by counts, whatever the size of the comment.
    pub(super) fn score_counts(&self, matrix: &Matrix, row: usize) -> f64 {
        let counts = matrix.counts(row);
        let sum: f64 = counts
            .map(|(column, count)| f64::from(count) * f64::from(self.weights[column]))
            .sum();
        sum + f64::from(self.bias)
    }
}

/// How the machine is fitted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    /// Cost of an error relative to the size of the weights.
    pub(super) cost: f32,
    /// Passes over the examples.
    pub(super) epochs: usize,
    /// How readily a source's share of positives is laid to the source itself rather
    /// than to the words it uses; 0: not at all.
    pub(super) source_bias: f32,
    pub(super) seed: u64,
}

/// Fits the weights of `ratios` to `examples`.
pub(super) fn reweight(
    matrix: &Matrix,
    examples: &[Example],
    ratios: &[f32],
    settings: Settings,
) -> Linear {
    let mut machine = Machine::new(matrix, examples, ratios, settings);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut random = ChaCha8Rng::seed_from_u64(settings.seed);
    for _ in 0..settings.epochs {
        order.shuffle(&mut random);
        for &at in &order {
            machine.step(at);
        }
    }
    machine.into_linear()
}

/// A column's log ratio and its multiplier, together for the cache's sake.
#[derive(Clone, Copy, Default)]
struct Column {
    ratio: f32,
    multiplier: f32,
}

struct Machine<'a> {
    matrix: &'a Matrix,
    examples: &'a [Example],
    columns: Vec<Column>,
    bias: f32,
    /// What each source adds to the bias while fitting; left out of the result.
    source_biases: Vec<f32>,
    source_bias: f32,
    /// Dual variables, at least 0.
    duals: Vec<f32>,
    /// Squared norm of each row plus its softness `1 / (2 C)`.
    diagonal: Vec<f32>,
    cost: f32,
}

impl<'a> Machine<'a> {
    fn new(
        matrix: &'a Matrix,
        examples: &'a [Example],
        ratios: &[f32],
        settings: Settings,
    ) -> Self {
        let sources = examples.iter().map(|example| example.source as usize + 1);
        let columns = ratios
            .iter()
            .map(|&ratio| Column {
                ratio,
                multiplier: 0.0,
            })
            .collect();
        let mut machine = Self {
            matrix,
            examples,
            columns,
            bias: 0.0,
            source_biases: vec![0.0; sources.max().unwrap_or_default()],
            source_bias: settings.source_bias,
            duals: vec![0.0; examples.len()],
            diagonal: Vec::with_capacity(examples.len()),
            cost: settings.cost,
        };
        for example in examples {
            let norm: f32 = matrix
                .row(example.row)
                .map(|(column, value)| (value * machine.columns[column].ratio).powi(2))
                .sum();
            let biases = 1.0 + settings.source_bias.powi(2);
            machine
                .diagonal
                .push(norm + biases + machine.softness(example));
        }
        machine
    }

    fn softness(&self, example: &Example) -> f32 {
        1.0 / (2.0 * self.cost * example.weight)
    }

    fn step(&mut self, at: usize) {
        let example = &self.examples[at];
        let sign = if example.positive { 1.0 } else { -1.0 };
        let source = example.source as usize;
        let mut score = self.bias + self.source_bias * self.source_biases[source];
        for (column, value) in self.matrix.row(example.row) {
            let column = self.columns[column];
            score += value * column.ratio * column.multiplier;
        }
        let gradient = sign * score - 1.0 + self.duals[at] * self.softness(example);
        let dual = (self.duals[at] - gradient / self.diagonal[at]).max(0.0);
        let change = (dual - self.duals[at]) * sign;
        if change.abs() < 1e-6 {
            return;
        }
        self.duals[at] = dual;
        self.bias += change;
        self.source_biases[source] += change * self.source_bias;
        for (column, value) in self.matrix.row(example.row) {
            let column = &mut self.columns[column];
            column.multiplier += change * value * column.ratio;
        }
    }

    fn into_linear(self) -> Linear {
        Linear {
            weights: self
                .columns
                .iter()
                .map(|c| c.ratio * c.multiplier)
                .collect(),
            bias: self.bias,
        }
    }
}
