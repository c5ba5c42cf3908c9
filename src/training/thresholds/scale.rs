//! What a score means on the site.

use crate::training::metrics::ScoreCounts;
use crate::training::posterior::{Row, maximum};

/// Inverse variance of the correction of slope and offset: next to nothing, but rows
/// that the score parts without fault have no other bound.
const PRECISION: f64 = 1e-3;
/// Least factor of the log-odds.
const LEAST_SLOPE: f64 = 1e-3;

/// How likely the rows of a head are to be positive, with another share of positives
/// than among them. Grows with the score.
pub(super) struct Scale {
    /// Score, likelihood; both rising.
    rows: Vec<(f64, f64)>,
}

impl Scale {
    /// The scale of labelled rows for traffic of which the share `prevalence` is
    /// positive: Platt scaling on the rows, then Bayes' rule for the other share.
    pub(super) fn new(counts: &ScoreCounts, of_rows: f64, prevalence: f64) -> Self {
        let (slope, offset) = calibration(counts);
        let shift = logit(prevalence) - logit(of_rows);
        let rows = counts.cells().map(|(score, _)| {
            let log_odds = slope * logit(score) + offset + shift;
            (score, 1.0 / (1.0 + (-log_odds).exp()))
        });
        Self {
            rows: rows.collect(),
        }
    }

    /// The lowest score of a row that is at least so likely to be positive; infinite if
    /// there is none.
    pub(super) fn score(&self, likely: f64) -> f64 {
        if likely <= 0.0 {
            return 0.0;
        }
        let below = |&(_, likelihood): &(f64, f64)| likelihood < likely;
        let at = self.rows.partition_point(below);
        self.rows.get(at).map_or(f64::INFINITY, |&(score, _)| score)
    }

    /// How likely each row is.
    pub(super) fn likelihoods(&self) -> impl Iterator<Item = f64> {
        self.rows.iter().map(|&(_, likelihood)| likelihood)
    }
}

/// Slope and offset that bring the scores' log-odds to the rows' labels.
fn calibration(counts: &ScoreCounts) -> (f64, f64) {
    let rows: Vec<Row> = counts
        .cells()
        .flat_map(|(score, cell)| {
            let offset = logit(score);
            [(true, cell.positives), (false, cell.negatives)]
                .into_iter()
                .filter(|(_, count)| *count > 0)
                .map(move |(positive, count)| Row {
                    #[expect(clippy::cast_possible_truncation, reason = "f32's precision will do")]
                    cells: vec![(0, offset as f32), (1, 1.0)],
                    offset,
                    positive,
                    weight: count as f64,
                })
        })
        .collect();
    let rows: Vec<&Row> = rows.iter().collect();
    let weights = maximum(&rows, &[PRECISION; 2], None);
    ((1.0 + weights[0]).max(LEAST_SLOPE), weights[1])
}

/// Natural-log odds, finite for every probability.
fn logit(probability: f64) -> f64 {
    let inside = probability.clamp(1e-12, 1.0 - 1e-12);
    (inside / (1.0 - inside)).ln()
}
