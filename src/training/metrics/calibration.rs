//! Whether a score of 0.8 is right eight times in ten.

use super::{Outcome, share};

/// Bins of a reliability diagram.
const BINS: usize = 15;

/// How far probabilities are from what came of them, bin by bin.
#[derive(Clone, Debug, PartialEq)]
pub struct Reliability {
    /// From low to high: 15 of equal width, empty ones included.
    pub bins: Vec<Bin>,
}

/// Outcomes whose scores are in `lower..upper` (the last bin holds 1 as well).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Least score.
    pub lower: f64,
    /// One past the highest score.
    pub upper: f64,
    /// How many outcomes.
    pub count: u64,
    /// How many of them are positive.
    pub positives: u64,
    /// Sum of their scores.
    score_sum: f64,
}

impl Bin {
    /// Mean score; `None` of an empty bin.
    #[must_use]
    pub fn mean_score(&self) -> Option<f64> {
        (self.count > 0).then(|| self.score_sum / self.count as f64)
    }

    /// Share of positives; `None` of an empty bin.
    #[must_use]
    pub fn positive_share(&self) -> Option<f64> {
        share(self.positives, self.count)
    }
}

impl Default for Reliability {
    fn default() -> Self {
        let edge = |index: usize| index as f64 / BINS as f64;
        let bins = (0..BINS).map(|index| Bin {
            lower: edge(index),
            upper: edge(index + 1),
            count: 0,
            positives: 0,
            score_sum: 0.0,
        });
        Self {
            bins: bins.collect(),
        }
    }
}

impl Reliability {
    /// Sorts `outcomes` into bins. Scores are probabilities; what is outside 0 to 1 goes to the
    /// nearest bin.
    #[must_use]
    pub fn new(outcomes: &[Outcome]) -> Self {
        let mut reliability = Self::default();
        for &(score, positive) in outcomes {
            reliability.add(score, positive);
        }
        reliability
    }

    /// Sorts one more outcome into its bin.
    pub fn add(&mut self, score: f64, positive: bool) {
        let index = self.bins.partition_point(|bin| bin.upper <= score);
        let bin = &mut self.bins[index.min(BINS - 1)];
        bin.count += 1;
        bin.positives += u64::from(positive);
        bin.score_sum += score;
    }

    /// Adds what `other` has sorted.
    pub fn merge(&mut self, other: &Self) {
        for (bin, added) in self.bins.iter_mut().zip(&other.bins) {
            bin.count += added.count;
            bin.positives += added.positives;
            bin.score_sum += added.score_sum;
        }
    }

    /// Expected calibration error: the distance between mean score and share of positives,
    /// averaged over the bins with their counts as weights (Naeini et al. 2015). `None` of
    /// nothing.
    #[must_use]
    pub fn expected_error(&self) -> Option<f64> {
        let total: u64 = self.bins.iter().map(|bin| bin.count).sum();
        let distance: f64 = self
            .bins
            .iter()
            .map(|bin| (bin.score_sum - bin.positives as f64).abs())
            .sum();
        (total > 0).then(|| distance / total as f64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn error(outcomes: &[Outcome]) -> Option<f64> {
        Reliability::new(outcomes).expected_error()
    }

    #[test]
    fn is_the_weighted_distance_of_score_and_share() {
        assert_eq!(error(&[]), None);
        assert_eq!(error(&[(1.0, true), (0.0, false)]), Some(0.0));
        assert_eq!(error(&[(0.0, true), (1.0, false)]), Some(1.0));
        // Three in one bin: 0.5 against 1/3. One in another: 0.9 against 1.
        let found = error(&[(0.5, true), (0.5, false), (0.5, false), (0.9, true)]).unwrap();
        let expected = (0.75 * (0.5 - 1.0 / 3.0)) + 0.25 * (1.0 - 0.9);
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }

    #[test]
    fn bins_are_half_open_but_the_last() {
        let edge = 1.0 / 15.0;
        let bins = Reliability::new(&[(0.0, false), (edge, true), (1.0, true)]).bins;
        assert_eq!(bins.len(), 15);
        assert_eq!((bins[0].count, bins[0].mean_score()), (1, Some(0.0)));
        assert_eq!((bins[1].count, bins[1].positive_share()), (1, Some(1.0)));
        assert_eq!((bins[14].count, bins[14].upper), (1, 1.0));
        assert_eq!(
            (bins[5].mean_score(), bins[5].positive_share()),
            (None, None)
        );
    }

    proptest! {
        #[test]
        fn every_outcome_is_in_its_bin(
            outcomes in prop::collection::vec((0.0..=1.0, any::<bool>()), 1..80),
        ) {
            let reliability = Reliability::new(&outcomes);
            for bin in &reliability.bins {
                let inside = outcomes.iter().filter(|(score, _)| {
                    *score >= bin.lower && (*score < bin.upper || bin.upper >= 1.0)
                });
                prop_assert_eq!(inside.count() as u64, bin.count);
            }
            let error = reliability.expected_error().unwrap();
            prop_assert!((0.0..=1.0).contains(&error));
        }
    }
}
