//! Probabilities.

use serde::{Deserialize, Serialize};

/// A probability in `0.0..=1.0`; never NaN.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Probability(f64);

/// A number outside `0.0..=1.0`.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("expected a probability from 0 to 1, found {0}")]
pub struct NotAProbability(pub f64);

impl Probability {
    /// Takes a number from 0 to 1.
    ///
    /// # Errors
    /// If `value` is outside that range or NaN.
    pub fn new(value: f64) -> Result<Self, NotAProbability> {
        if (0.0..=1.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err(NotAProbability(value))
        }
    }

    /// The logistic function of `log_odds` (natural logarithm); finite log-odds
    /// give a probability, NaN gives one half.
    #[must_use]
    pub fn from_log_odds(log_odds: f64) -> Self {
        if log_odds.is_nan() {
            return Self(0.5);
        }
        Self(1.0 / (1.0 + (-log_odds).exp()))
    }

    /// The number, from 0 to 1.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Probability {
    type Error = NotAProbability;

    fn try_from(value: f64) -> Result<Self, NotAProbability> {
        Self::new(value)
    }
}

impl From<Probability> for f64 {
    fn from(probability: Probability) -> Self {
        probability.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_is_from_0_to_1() {
        assert!(Probability::new(f64::NAN).is_err());
        assert!(Probability::new(-0.1).is_err());
        assert_eq!(Probability::new(1.0).map(Probability::get), Ok(1.0));
        for log_odds in [
            f64::NEG_INFINITY,
            -900.0,
            0.0,
            900.0,
            f64::INFINITY,
            f64::NAN,
        ] {
            assert!(Probability::new(Probability::from_log_odds(log_odds).get()).is_ok());
        }
    }
}
