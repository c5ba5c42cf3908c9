//! What stands where.

use crate::count::grouped;

/// How values become places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// In proportion.
    Linear {
        /// The value at the start.
        from: f64,
        /// The value at the end.
        to: f64,
    },
    /// Probabilities by the logarithm of their odds, 0.5 in the middle: 0.98 and 0.99 stand as
    /// far apart as 0.5 and 0.67.
    LogOdds {
        /// Log-odds at the end, and negated at the start.
        furthest: f64,
    },
}

impl Scale {
    /// Where `value` stands between start (0) and end (1); what lies beyond stands at the edge.
    #[must_use]
    pub fn place(self, value: f64) -> f64 {
        let place = match self {
            Self::Linear { from, to } => (value - from) / (to - from),
            Self::LogOdds { furthest } => {
                let log_odds = (value / (1.0 - value)).ln();
                (log_odds / furthest).midpoint(1.0)
            }
        };
        if place.is_nan() {
            return 0.0;
        }
        place.clamp(0.0, 1.0)
    }
}

/// A labelled value of an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// The value.
    pub at: f64,
    /// What is written beside it.
    pub label: String,
}

/// One axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What is measured.
    pub label: String,
    /// How.
    pub scale: Scale,
    /// Values that are labelled.
    pub ticks: Vec<Tick>,
}

/// Probabilities labelled on an axis of log-odds.
const LABELLED: [f64; 9] = [0.0001, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999];

impl Axis {
    /// An axis of shares from 0 to 1, in percent.
    #[must_use]
    pub fn share(label: &str) -> Self {
        Self::percent(label, 1.0)
    }

    /// An axis of shares from 0 to `most` or a little more, in percent.
    #[must_use]
    pub fn percent(label: &str, most: f64) -> Self {
        let step = round_step(most);
        let steps = (most / step - 1e-9).ceil().max(1.0);
        Self {
            label: label.to_owned(),
            scale: Scale::Linear {
                from: 0.0,
                to: step * steps,
            },
            ticks: ticks(step, 0.0, steps),
        }
    }

    /// An axis of shares that run from the middle both ways, in percent.
    #[must_use]
    pub fn both_ways(label: &str, most: f64) -> Self {
        let step = round_step(most) * 2.0;
        let steps = (most / step - 1e-9).ceil().max(1.0);
        Self {
            label: label.to_owned(),
            scale: Scale::Linear {
                from: -step * steps,
                to: step * steps,
            },
            ticks: ticks(step, -steps, steps),
        }
    }

    /// An axis of counts from 0 to `most` or a little more, in at most five steps.
    #[must_use]
    pub fn count(label: &str, most: f64) -> Self {
        let step = whole_step(most);
        let steps = (most / step - 1e-9).ceil().max(1.0);
        let tick = |number: u8| {
            let at = step * f64::from(number);
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a product of counts, rounded"
            )]
            let label = grouped(at.round() as u64);
            Tick { at, label }
        };
        let numbers = (0..=u8::MAX).take_while(|number| f64::from(*number) <= steps);
        Self {
            label: label.to_owned(),
            scale: Scale::Linear {
                from: 0.0,
                to: step * steps,
            },
            ticks: numbers.map(tick).collect(),
        }
    }

    /// An axis of probabilities by their log-odds, as far as `furthest` on each side.
    #[must_use]
    pub fn log_odds(label: &str, furthest: f64) -> Self {
        let scale = Scale::LogOdds { furthest };
        let shown = LABELLED
            .into_iter()
            .filter(|at| (at / (1.0 - at)).ln().abs() <= furthest);
        Self {
            label: label.to_owned(),
            scale,
            ticks: shown
                .map(|at| Tick {
                    at,
                    label: at.to_string(),
                })
                .collect(),
        }
    }
}

/// The least of 1, 2, 5, 10, 20, … of which at most five reach `most`.
fn whole_step(most: f64) -> f64 {
    let mut step = 1.0;
    for factor in [2.0, 2.5, 2.0].into_iter().cycle().take(60) {
        if most / step <= 5.0 + 1e-9 {
            break;
        }
        step *= factor;
    }
    step
}

/// A round distance of some five ticks up to `most`.
fn round_step(most: f64) -> f64 {
    const ROUND: [f64; 10] = [
        0.0001, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25,
    ];
    let fits = |step: &f64| most / step <= 5.0 + 1e-9;
    ROUND.into_iter().find(fits).unwrap_or(0.25)
}

fn ticks(step: f64, from: f64, to: f64) -> Vec<Tick> {
    let count = std::iter::successors(Some(from), |at| Some(at + 1.0));
    count
        .take_while(|at| *at <= to)
        .map(|at| Tick {
            at: at * step,
            label: percent((at * step).abs()),
        })
        .collect()
}

fn percent(share: f64) -> String {
    let hundredths = (share * 10_000.0).round() / 100.0;
    format!("{hundredths} %")
}
