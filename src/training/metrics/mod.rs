//! How well scores tell yes from no.
//!
//! A rate that needs a class which is not there is `None`, never a made-up number.

mod bootstrap;
mod calibration;
mod counts;
mod ranking;
mod score_counts;

pub use bootstrap::{AucDifference, Paired, auc_difference};
pub use calibration::{Bin, Reliability};
pub use counts::Counts;
pub use ranking::{OperatingPoint, Ranking};
pub use score_counts::{Cell, ScoreCounts};

/// A score, and whether the answer is yes. Scores are finite; higher speaks for yes.
pub type Outcome = (f64, bool);

/// Share of `outcomes` that are yes; `None` of nothing.
#[must_use]
pub fn base_rate(outcomes: &[Outcome]) -> Option<f64> {
    let positives = outcomes.iter().filter(|(_, positive)| *positive).count();
    share(positives as u64, outcomes.len() as u64)
}

/// `part / whole`, or `None` of nothing.
pub(in crate::training) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
