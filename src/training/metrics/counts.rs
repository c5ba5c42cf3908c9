//! What a threshold gets right and wrong.

use super::share;

/// How many outcomes a threshold flags, rightly and wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Positives that are flagged.
    pub true_positives: u64,
    /// Negatives that are flagged.
    pub false_positives: u64,
    /// Negatives that are not.
    pub true_negatives: u64,
    /// Positives that are not.
    pub false_negatives: u64,
}

impl Counts {
    /// Share of the flagged that are positive; `None` if nothing is flagged.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(
            self.true_positives,
            self.true_positives + self.false_positives,
        )
    }

    /// Share of the positives that are flagged; `None` if there are none.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        share(
            self.true_positives,
            self.true_positives + self.false_negatives,
        )
    }

    /// Share of the negatives that are flagged; `None` if there are none.
    #[must_use]
    pub fn false_positive_rate(&self) -> Option<f64> {
        share(
            self.false_positives,
            self.false_positives + self.true_negatives,
        )
    }
}
