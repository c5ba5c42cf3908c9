//! Scores to probabilities: Platt scaling by `linfa` (Lin, Lin, Weng 2007).

use linfa::ParamGuard;
use linfa::composing::platt_scaling::{Platt, platt_newton_method};
use ndarray::Array1;

use super::TrainError;

/// `log-odds = slope * score + offset`: monotone and linear, so evidence stays
/// additive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Calibration {
    pub(super) slope: f64,
    pub(super) offset: f64,
}

impl Calibration {
    pub(super) fn log_odds(self, score: f64) -> f64 {
        self.slope * score + self.offset
    }
}

/// Calibrates on scores that the model gave to rows it has not seen:
/// `(row, score, positive)`.
pub(super) fn calibrate(out_of_fold: &[(usize, f64, bool)]) -> Result<Calibration, TrainError> {
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
    })
}
