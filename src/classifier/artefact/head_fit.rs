//! How a head's sum of weights becomes log-odds.

use serde::{Deserialize, Serialize};

/// Features of a comment of usual length, n-grams included: `e^5`, some twenty words.
const USUAL_SIZE_LN: f64 = 5.0;
/// Bounds of [`length`], past which nothing is known of how scores behave.
const LENGTHS: (f64, f64) = (-3.0, 2.5);

/// How one head turns a sum of weights into log-odds. Before they are bent they are
/// `prior + length[0] * l + length[1] * l^2 + gain * sum / sqrt(size)`, where `l` is
/// [`length`]; what they exceed `knee` by counts `above` times.
///
/// Both corrections keep the order of comments of one length, and evidence stays exact: on either
/// side of the knee log-odds are a line, see [`HeadFit::line`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeadFit {
    /// Log-odds before reading, of a comment of usual length.
    pub prior: f64,
    /// Log-odds of one quantised unit of weight in a comment of one feature.
    pub gain: f64,
    /// What the length of a comment says by itself, or undoes of what its sum says.
    #[serde(default)]
    pub length: [f64; 2],
    /// Log-odds from which on `above` counts.
    #[serde(default)]
    pub knee: f64,
    /// Slope above the knee; 1 is none. Above 0.
    #[serde(default = "straight")]
    pub above: f64,
}

const fn straight() -> f64 {
    1.0
}

impl Default for HeadFit {
    fn default() -> Self {
        Self::straight(0.0, 0.0)
    }
}

/// Log-odds of one comment as a line in its sum of weights: `prior + unit * sum`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Log-odds before reading.
    pub prior: f64,
    /// Log-odds of one quantised unit of weight.
    pub unit: f64,
    /// By how much log-odds grow when what is read grows by one: 1 below the knee.
    pub slope: f64,
}

impl HeadFit {
    /// Without regard to length, and without a knee.
    #[must_use]
    pub const fn straight(prior: f64, gain: f64) -> Self {
        Self {
            prior,
            gain,
            length: [0.0; 2],
            knee: 0.0,
            above: straight(),
        }
    }

    /// The line on which a comment of `size` features with this `sum` of weights lies.
    #[must_use]
    pub fn line(&self, size: u32, sum: i64) -> Line {
        let size = f64::from(size);
        let at = length(size);
        let prior = self.prior + at * (self.length[0] + at * self.length[1]);
        let unit = self.gain / size.sqrt();
        if prior + sum as f64 * unit <= self.knee {
            return Line {
                prior,
                unit,
                slope: 1.0,
            };
        }
        Line {
            prior: self.above * prior + (1.0 - self.above) * self.knee,
            unit: self.above * unit,
            slope: self.above,
        }
    }

    /// The fit whose log-odds are `stretch * these + shift`, for a `stretch` above 0.
    #[must_use]
    pub fn stretched(&self, stretch: f64, shift: f64) -> Self {
        Self {
            prior: stretch * self.prior + shift,
            gain: stretch * self.gain,
            length: self.length.map(|term| stretch * term),
            knee: stretch * self.knee + shift,
            above: self.above,
        }
    }
}

/// How much longer than usual a comment of `size` features is, as a logarithm.
#[must_use]
pub fn length(size: f64) -> f64 {
    (size.ln() - USUAL_SIZE_LN).clamp(LENGTHS.0, LENGTHS.1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fits() -> impl Strategy<Value = HeadFit> {
        let small = || -2.0..2.0_f64;
        (
            small(),
            0.01..1.0_f64,
            small(),
            small(),
            small(),
            0.2..2.0_f64,
        )
            .prop_map(|(prior, gain, first, second, knee, above)| HeadFit {
                prior,
                gain,
                length: [first, second],
                knee,
                above,
            })
    }

    fn log_odds(fit: &HeadFit, size: u32, sum: i64) -> f64 {
        let line = fit.line(size, sum);
        line.prior + sum as f64 * line.unit
    }

    proptest! {
        #[test]
        fn log_odds_grow_with_the_sum_and_have_no_step(fit in fits(), size in 1_u32..9_000, sum in -9_000_i64..9_000) {
            let (here, next) = (log_odds(&fit, size, sum), log_odds(&fit, size, sum + 1));
            prop_assert!(here < next);
            prop_assert!(next - here <= fit.gain * fit.above.max(1.0) / f64::from(size).sqrt() + 1e-9);
        }

        #[test]
        fn stretching_the_fit_stretches_what_it_says(
            fit in fits(), size in 1_u32..9_000, sum in -9_000_i64..9_000, stretch in 0.1..3.0_f64, shift in -2.0..2.0_f64,
        ) {
            let stretched = log_odds(&fit.stretched(stretch, shift), size, sum);
            prop_assert!((stretched - (stretch * log_odds(&fit, size, sum) + shift)).abs() < 1e-6);
        }
    }
}
