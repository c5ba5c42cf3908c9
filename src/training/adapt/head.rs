//! One head's change: as far as the labels carry, no further than what it costs allows.

use super::AdaptOptions;
use super::prior::Prior;
use super::site::{Rows, Site};
use crate::training::TrainError;
use crate::training::bayes::Example;
use crate::training::posterior::{Row, maximum};
use crate::training::split::Folds;
use crate::verdict::Head;

/// Least factor of the base's log-odds: an order may fade, but never turn around.
const LEAST_STRETCH: f64 = 0.1;
/// Exponents of 10 between which the number of the base's rows is sought that are
/// set against the labels.
const ANCHORS: (f64, f64) = (1.0, 8.0);
/// Halvings of that stretch.
const HALVINGS: usize = 6;
/// Variance of the last correction of stretch and shift, on rows not seen.
const CORRECTION_VARIANCE: f64 = 0.1;

/// Nats by which the labels must be better told for half of what they say of calibration to be
/// believed: about what two numbers that mean nothing gain on the labels they are fitted to.
const DOUBT: f64 = 1.0;

/// What a head learned: new log-odds are
/// `shift + stretch * (base's + slope * sum of changes * values)`, where `slope` is that of
/// the base's line at the comment: 1 below its knee. So the fit takes the line for the
/// whole; a comment that the changes carry over the knee is bent there when it is scored.
pub(super) struct Change {
    /// By column of the site's vocabulary.
    pub(super) changes: Vec<f64>,
    pub(super) stretch: f64,
    pub(super) shift: f64,
    /// `(row, log-odds, positive)` of each row learned from, by a change that has not
    /// seen its fold.
    pub(super) out_of_fold: Vec<(usize, f64, bool)>,
}

/// Learns the change of one head.
pub(super) struct Learner<'a> {
    pub(super) site: &'a Site,
    pub(super) prior: &'a Prior,
    pub(super) head: Head,
    pub(super) options: &'a AdaptOptions,
}

/// How far weights may move.
#[derive(Clone, Copy)]
struct Freedom {
    /// Variance of each column's weight.
    variance: f64,
    /// Rows of the base that are set against the labels.
    anchors: f64,
}

impl Freedom {
    /// Nothing is learned but stretch and shift.
    const NONE: Self = Self {
        variance: 1e-9,
        anchors: 0.0,
    };
}

impl Learner<'_> {
    pub(super) fn learn(&self, examples: &[Example], folds: &Folds) -> Result<Change, TrainError> {
        let labels: f64 = examples.iter().map(|e| f64::from(e.weight)).sum();
        let rows = self.site.rows(examples, examples, self.head)?;
        let budget = labels * self.options.forgetting_per_label;
        let (freedom, weights) = self.within(budget, &rows);
        let learned = self.out_of_fold(examples, folds, freedom)?;
        let unlearned = self.out_of_fold(examples, folds, Freedom::NONE)?;
        // Labels that help with no row unseen are noise.
        let change = if loss(&learned) < loss(&unlearned) {
            self.change(&weights, &rows, learned)
        } else {
            let weights = self.solve(&rows, Freedom::NONE, None);
            self.change(&weights, &rows, unlearned)
        };
        Ok(change.cautious(&base_of(examples, &rows)))
    }

    fn change(
        &self,
        weights: &[f64],
        rows: &Rows,
        mut out_of_fold: Vec<(usize, f64, bool)>,
    ) -> Change {
        let (factor, summand) = correction(&out_of_fold);
        for (_, log_odds, _) in &mut out_of_fold {
            *log_odds = factor * *log_odds + summand;
        }
        Change {
            changes: self.changes(weights, rows).collect(),
            stretch: factor * self.stretch(weights),
            shift: factor * weights[self.site.columns() - 1] + summand,
            out_of_fold,
        }
    }

    /// The boldest weights that forget no more than `budget` nats, and their freedom.
    fn within(&self, budget: f64, rows: &Rows) -> (Freedom, Vec<f64>) {
        let freedom = |anchors| Freedom {
            variance: self.options.weight_variance,
            anchors,
        };
        let weights = self.solve(rows, freedom(0.0), None);
        if self.forgotten(&weights, rows) <= budget {
            return (freedom(0.0), weights);
        }
        let (mut low, mut high) = ANCHORS;
        let mut best = self.solve(rows, freedom(exp10(high)), Some(&weights));
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            let weights = self.solve(rows, freedom(exp10(middle)), Some(&best));
            if self.forgotten(&weights, rows) <= budget {
                high = middle;
                best = weights;
            } else {
                low = middle;
            }
        }
        (freedom(exp10(high)), best)
    }

    /// The most probable weights on `rows`. Of the base's own rows only the diagonal of
    /// their information is known (Kirkpatrick et al. 2017, "Overcoming catastrophic
    /// forgetting in neural networks").
    fn solve(&self, rows: &Rows, freedom: Freedom, start: Option<&[f64]>) -> Vec<f64> {
        let options = self.options;
        let anchors = freedom.anchors * self.prior.uncertainty(self.head);
        let precisions: Vec<f64> = self
            .site
            .supports
            .iter()
            .zip(&rows.scales)
            .map(|(support, scale)| 1.0 / freedom.variance + anchors * support * scale.powi(2))
            .chain([1.0 / options.stretch_variance, 1.0 / options.shift_variance])
            .collect();
        let rows: Vec<&Row> = rows.rows.iter().collect();
        maximum(&rows, &precisions, start)
    }

    /// Mean divergence of the answers on the base's rows, in nats, as far as that
    /// diagonal tells; a stretch changes no order and is left out.
    fn forgotten(&self, weights: &[f64], rows: &Rows) -> f64 {
        let squares = self.changes(weights, rows).zip(&self.site.supports);
        let moved: f64 = squares
            .map(|(change, support)| support * change.powi(2))
            .sum();
        0.5 * self.prior.uncertainty(self.head) * moved
    }

    /// What is added to the base's log-odds before they are stretched, by column.
    fn changes(&self, weights: &[f64], rows: &Rows) -> impl Iterator<Item = f64> {
        let stretch = self.stretch(weights);
        let pairs = weights.iter().zip(&rows.scales);
        pairs.map(move |(weight, scale)| weight * scale / stretch)
    }

    fn stretch(&self, weights: &[f64]) -> f64 {
        (1.0 + weights[self.site.columns() - 2]).max(LEAST_STRETCH)
    }

    fn out_of_fold(
        &self,
        examples: &[Example],
        folds: &Folds,
        freedom: Freedom,
    ) -> Result<Vec<(usize, f64, bool)>, TrainError> {
        let mut scored = Vec::with_capacity(examples.len());
        for fold in 0..folds.count() {
            let in_fold = |example: &&Example| folds.of(example.row) == fold;
            let tested: Vec<Example> = examples.iter().filter(in_fold).copied().collect();
            let kept: Vec<Example> = examples.iter().filter(|e| !in_fold(e)).copied().collect();
            if tested.is_empty() || !has_both_classes(&kept) {
                continue;
            }
            let rows = self.site.rows(&kept, &kept, self.head)?;
            let weights = self.solve(&rows, freedom, None);
            let tested_rows = self.site.rows(&tested, &kept, self.head)?.rows;
            scored.extend(tested.iter().zip(tested_rows).map(|(example, row)| {
                let log_odds = row.offset + row.dot(&weights);
                (example.row, log_odds, example.positive)
            }));
        }
        scored.sort_unstable_by_key(|&(row, ..)| row);
        Ok(scored)
    }
}

/// The base's log-odds of each example, as [`Learner::out_of_fold`] has those of a change.
fn base_of(examples: &[Example], rows: &Rows) -> Vec<(usize, f64, bool)> {
    let pairs = examples.iter().zip(&rows.rows);
    pairs
        .map(|(example, row)| (example.row, row.offset, example.positive))
        .collect()
}

impl Change {
    /// This change with stretch and shift believed as far as it tells rows it has not seen better
    /// than the base does: a score that was right must not be spoilt by two dozen labels.
    fn cautious(mut self, base: &[(usize, f64, bool)]) -> Self {
        let judged = |row: usize| {
            let found = self
                .out_of_fold
                .binary_search_by_key(&row, |&(row, ..)| row);
            found.is_ok()
        };
        let base: Vec<_> = base
            .iter()
            .copied()
            .filter(|&(row, ..)| judged(row))
            .collect();
        let gain = (loss(&base) - loss(&self.out_of_fold)).max(0.0);
        let belief = gain / (gain + DOUBT);
        let (stretch, shift) = (1.0 + belief * (self.stretch - 1.0), belief * self.shift);
        for (_, log_odds, _) in &mut self.out_of_fold {
            *log_odds = shift + stretch * (*log_odds - self.shift) / self.stretch;
        }
        Self {
            stretch,
            shift,
            ..self
        }
    }
}

pub(super) fn has_both_classes(examples: &[Example]) -> bool {
    let mut classes = [false; 2];
    for example in examples {
        classes[usize::from(example.positive)] = true;
    }
    classes == [true; 2]
}

/// Factor and summand that bring log-odds of unseen rows nearer to what came of them:
/// Platt scaling that needs many rows to move far from (1, 0).
fn correction(out_of_fold: &[(usize, f64, bool)]) -> (f64, f64) {
    let rows: Vec<Row> = out_of_fold
        .iter()
        .map(|&(_, offset, positive)| Row {
            #[expect(clippy::cast_possible_truncation, reason = "f32's precision will do")]
            cells: vec![(0, offset as f32), (1, 1.0)],
            offset,
            positive,
            weight: 1.0,
        })
        .collect();
    let rows: Vec<&Row> = rows.iter().collect();
    let weights = maximum(&rows, &[1.0 / CORRECTION_VARIANCE; 2], None);
    ((1.0 + weights[0]).max(LEAST_STRETCH), weights[1])
}

/// Sum of the negative log-likelihoods of what came of each row, in nats.
fn loss(out_of_fold: &[(usize, f64, bool)]) -> f64 {
    let losses = out_of_fold.iter().map(|&(_, log_odds, positive)| {
        let margin = if positive { log_odds } else { -log_odds };
        (-margin.abs()).exp().ln_1p() + (-margin).max(0.0)
    });
    losses.sum()
}

fn exp10(exponent: f64) -> f64 {
    10.0_f64.powf(exponent)
}
