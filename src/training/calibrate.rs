//! Scores to probabilities: Platt scaling by `linfa` (Lin, Lin, Weng 2007), then two corrections
//! where there are rows enough to see them.
//!
//! Long comments come out milder than they are, since dividing by the root of the size takes more
//! from them than their words deserve: calibration error over 60 words was 0.07. And certainty
//! comes slower above even odds than below: civil text has many ways to show that it is civil,
//! abuse is known by a few words that others use too. With both the error out of fold went from
//! 0.03 to 0.016, and is about as small for texts of any length.

use linfa::ParamGuard;
use linfa::composing::platt_scaling::{Platt, platt_newton_method};
use ndarray::Array1;

use super::TrainError;
use super::posterior::{Row, maximum};
use crate::classifier::HeadFit;

/// Rows from which on the corrections are made.
const ENOUGH: usize = 2_000;
/// Rounds in which the corrections settle, each a logistic regression on what is left to do.
const ROUNDS: usize = 12;
/// Variance of one round's step.
const STEP_VARIANCE: f64 = 0.25;
/// Bounds of the slope above even odds.
const ABOVE: (f64, f64) = (0.25, 2.0);

/// Log-odds are `slope * score + offset + length[0] * l + length[1] * l^2`, where `l` is
/// [`length`](crate::classifier::length); above nought they count `above` times. Monotone in the
/// score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Calibration {
    slope: f64,
    offset: f64,
    length: [f64; 2],
    above: f64,
}

impl Calibration {
    pub(super) fn log_odds(self, score: f64, length: f64) -> f64 {
        let straight = self.straight(score, length);
        straight * self.factor(straight)
    }

    /// The scoring parameters of a head with this bias, whose quantised unit is `unit`.
    pub(super) fn fit(self, bias: f32, unit: f64) -> HeadFit {
        HeadFit {
            length: self.length,
            above: self.above,
            ..HeadFit::straight(self.straight(f64::from(bias), 0.0), self.slope * unit)
        }
    }

    fn straight(self, score: f64, length: f64) -> f64 {
        let by_length = length * (self.length[0] + length * self.length[1]);
        self.slope * score + self.offset + by_length
    }

    fn factor(self, straight: f64) -> f64 {
        if straight > 0.0 { self.above } else { 1.0 }
    }

    /// One round of Newton's method in all parameters.
    fn corrected(self, rows: &[(f64, f64, bool)]) -> Self {
        let rows: Vec<Row> = rows.iter().map(|&row| self.row(row)).collect();
        let rows: Vec<&Row> = rows.iter().collect();
        let step = maximum(&rows, &[1.0 / STEP_VARIANCE; 5], None);
        Self {
            slope: (self.slope + step[0]).max(0.1 * self.slope),
            offset: self.offset + step[1],
            length: [self.length[0] + step[2], self.length[1] + step[3]],
            above: (self.above + step[4]).clamp(ABOVE.0, ABOVE.1),
        }
    }

    /// How log-odds of a row change with the parameters.
    #[expect(clippy::cast_possible_truncation, reason = "f32's precision will do")]
    fn row(self, (score, length, positive): (f64, f64, bool)) -> Row {
        let straight = self.straight(score, length);
        let factor = self.factor(straight);
        let cells = [score, 1.0, length, length * length].map(|value| (factor * value) as f32);
        let cells = (0..).zip(cells);
        Row {
            cells: cells.chain([(4, straight.max(0.0) as f32)]).collect(),
            offset: factor * straight,
            positive,
            weight: 1.0,
        }
    }
}

/// Calibrates on scores that the model gave to rows it has not seen:
/// `(row, score, positive)`; `length` is that of a row.
pub(super) fn calibrate(
    out_of_fold: &[(usize, f64, bool)],
    length: impl Fn(usize) -> f64,
) -> Result<Calibration, TrainError> {
    let mut calibration = platt(out_of_fold)?;
    if out_of_fold.len() < ENOUGH {
        return Ok(calibration);
    }
    let rows = out_of_fold.iter();
    let rows: Vec<_> = rows
        .map(|&(row, s, positive)| (s, length(row), positive))
        .collect();
    for _ in 0..ROUNDS {
        calibration = calibration.corrected(&rows);
    }
    Ok(calibration)
}

fn platt(out_of_fold: &[(usize, f64, bool)]) -> Result<Calibration, TrainError> {
    let scores: Array1<f64> = out_of_fold.iter().map(|&(_, score, _)| score).collect();
    let labels: Vec<bool> = out_of_fold.iter().map(|&(.., positive)| positive).collect();
    let params = Platt::<f64, ()>::params()
        .check()
        .map_err(|error| TrainError::Calibration(error.to_string()))?;
    let (a, b) = platt_newton_method(scores.view(), Array1::from(labels).view(), &params)
        .map_err(|error| TrainError::Calibration(error.to_string()))?;
    // Platt's p = 1 / (1 + exp(a s + b)).
    if !(a.is_finite() && b.is_finite()) || a >= 0.0 {
        return Err(TrainError::Calibration(format!(
            "unseen rows of the two classes score alike (slope {:.3}); more labels are needed",
            -a
        )));
    }
    Ok(Calibration {
        slope: -a,
        offset: -b,
        length: [0.0; 2],
        above: 1.0,
    })
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::Rng as _;

    use super::*;

    fn uniform(random: &mut ChaCha8Rng) -> f64 {
        (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    #[test]
    fn what_bends_scores_is_found() {
        let truth = Calibration {
            slope: 1.5,
            offset: -0.5,
            length: [0.6, 0.2],
            above: 0.5,
        };
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut lengths = Vec::new();
        let mut rows = Vec::new();
        for row in 0..60_000 {
            let (score, length) = (
                8.0 * uniform(&mut random) - 4.0,
                3.0 * uniform(&mut random) - 1.5,
            );
            let probability = 1.0 / (1.0 + (-truth.log_odds(score, length)).exp());
            lengths.push(length);
            rows.push((row, score, uniform(&mut random) < probability));
        }
        let found = calibrate(&rows, |row| lengths[row]).unwrap();
        for score in [-3.0, -1.0, 0.0, 1.0, 3.0] {
            for length in [-1.5, 0.0, 1.5] {
                let (found, truth) = (found.log_odds(score, length), truth.log_odds(score, length));
                assert!(
                    (found - truth).abs() < 0.2,
                    "{score} {length}: {found} {truth}"
                );
            }
        }
    }
}
