//! Outcomes by score in memory that does not grow with their number.

use std::collections::BTreeMap;

/// Cells for each unit of log-odds. A cell spans a thousandth of the odds.
const PER_LOG_ODDS: f64 = 1024.0;

/// Log-odds beyond which scores are not told apart: one in nine million.
const FURTHEST: f64 = 16.0;

/// Outcomes counted in cells of equal width in log-odds, at most some 33,000 of them however
/// many outcomes there are. A cell stands for its lowest score, so that a threshold at a cell
/// counts exactly what it flags; only the order within a cell is lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScoreCounts {
    cells: BTreeMap<i16, Cell>,
}

/// Outcomes of about one score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// How many are yes.
    pub positives: u64,
    /// How many are no.
    pub negatives: u64,
}

impl ScoreCounts {
    /// Counts one outcome. `score` is a probability.
    pub fn add(&mut self, score: f64, positive: bool) {
        let cell = self.cells.entry(cell_of(score)).or_default();
        if positive {
            cell.positives += 1;
        } else {
            cell.negatives += 1;
        }
    }

    /// Counts what `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        for (&at, counted) in &other.cells {
            let cell = self.cells.entry(at).or_default();
            cell.positives += counted.positives;
            cell.negatives += counted.negatives;
        }
    }

    /// Each cell that holds something, with its lowest score, from low to high.
    #[must_use]
    pub fn cells(&self) -> impl DoubleEndedIterator<Item = (f64, Cell)> + '_ {
        self.cells.iter().map(|(&at, &cell)| (lowest(at), cell))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the furthest cells are ±16,384"
)]
fn cell_of(score: f64) -> i16 {
    let log_odds = (score / (1.0 - score)).ln();
    (log_odds.clamp(-FURTHEST, FURTHEST) * PER_LOG_ODDS).floor() as i16
}

fn lowest(cell: i16) -> f64 {
    let log_odds = f64::from(cell) / PER_LOG_ODDS;
    if log_odds <= -FURTHEST {
        return 0.0;
    }
    1.0 / (1.0 + (-log_odds).exp())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Outcome, Ranking};
    use super::*;

    fn counted(outcomes: &[Outcome]) -> ScoreCounts {
        let mut counts = ScoreCounts::default();
        for &(score, positive) in outcomes {
            counts.add(score, positive);
        }
        counts
    }

    #[test]
    fn certainties_are_counted_at_the_ends() {
        let counts = counted(&[(0.0, false), (1.0, true), (0.5, true)]);
        let scores: Vec<f64> = counts.cells().map(|(score, _)| score).collect();
        assert!(scores[0].abs() < f64::EPSILON && (scores[1] - 0.5).abs() < 1e-12);
        assert!(scores[2] > 0.999_999_8, "{scores:?}");
    }

    proptest! {
        #[test]
        fn memory_is_bounded_and_nothing_is_lost(scores in prop::collection::vec(0.0..=1.0, 0..400)) {
            let outcomes: Vec<Outcome> = scores.iter().map(|&score| (score, score > 0.3)).collect();
            let counts = counted(&outcomes);
            let total: u64 = counts.cells().map(|(_, c)| c.positives + c.negatives).sum();
            prop_assert_eq!(total, outcomes.len() as u64);
            prop_assert!(counts.cells().count() <= 32_769);
            for score in scores {
                let below = lowest(cell_of(score));
                prop_assert!(below <= score + 1e-12 && score - below < 0.001, "{below} {score}");
            }
        }

        #[test]
        fn ranks_as_every_outcome_would_within_a_cell(
            outcomes in prop::collection::vec((0.0..=1.0, any::<bool>()), 2..200),
        ) {
            let (exact, counts) = (Ranking::new(&outcomes), counted(&outcomes));
            let ranking = Ranking::of_counts(&counts);
            prop_assert_eq!(
                (ranking.positives(), ranking.negatives()),
                (exact.positives(), exact.negatives())
            );
            let tied: u64 = counts.cells().map(|(_, c)| c.positives * c.negatives).sum();
            if let (Some(auc), Some(expected)) = (ranking.auc(), exact.auc()) {
                let pairs = (exact.positives() * exact.negatives()) as f64;
                prop_assert!((auc - expected).abs() <= tied as f64 / (2.0 * pairs) + 1e-12);
            }
            for (score, _) in counts.cells() {
                prop_assert_eq!(ranking.at_threshold(score), exact.at_threshold(score - 1e-12));
            }
        }

        #[test]
        fn parts_add_up(
            first in prop::collection::vec((0.0..=1.0, any::<bool>()), 0..50),
            second in prop::collection::vec((0.0..=1.0, any::<bool>()), 0..50),
        ) {
            let mut merged = counted(&first);
            merged.merge(&counted(&second));
            prop_assert_eq!(merged, counted(&[first, second].concat()));
        }
    }
}
