//! What the order of scores is worth.

use super::{Counts, Outcome, ScoreCounts, share};

/// Outcomes by falling score. Equal scores are one step: no threshold can part them.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    steps: Vec<Step>,
    positives: u64,
    negatives: u64,
}

/// All outcomes of one score.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    score: f64,
    positives: u64,
    negatives: u64,
}

/// What a threshold gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OperatingPoint {
    /// Scores from here up are flagged; infinite if nothing may be.
    pub threshold: f64,
    /// Share of the positives that are flagged.
    pub recall: f64,
    /// Share of the negatives that are flagged.
    pub false_positive_rate: f64,
}

impl Ranking {
    /// Sorts `outcomes`.
    #[must_use]
    pub fn new(outcomes: &[Outcome]) -> Self {
        let mut sorted = outcomes.to_vec();
        sorted.sort_unstable_by(|(a, _), (b, _)| b.total_cmp(a));
        #[expect(
            clippy::float_cmp,
            reason = "only exactly equal scores are inseparable"
        )]
        let steps: Vec<Step> = sorted
            .chunk_by(|(a, _), (b, _)| a == b)
            .map(|ties| {
                let positives = ties.iter().filter(|(_, positive)| *positive).count();
                Step {
                    score: ties[0].0,
                    positives: positives as u64,
                    negatives: (ties.len() - positives) as u64,
                }
            })
            .collect();
        Self::of_steps(steps)
    }

    /// Outcomes of which only about the score is known; those of one cell are tied.
    #[must_use]
    pub fn of_counts(counts: &ScoreCounts) -> Self {
        let steps = counts.cells().rev().map(|(score, cell)| Step {
            score,
            positives: cell.positives,
            negatives: cell.negatives,
        });
        Self::of_steps(steps.collect())
    }

    fn of_steps(steps: Vec<Step>) -> Self {
        Self {
            positives: steps.iter().map(|step| step.positives).sum(),
            negatives: steps.iter().map(|step| step.negatives).sum(),
            steps,
        }
    }

    /// What each threshold that tells outcomes apart gives, from the highest down.
    pub fn thresholds(&self) -> impl Iterator<Item = (f64, Counts)> + '_ {
        let (mut positives, mut negatives) = (0, 0);
        self.steps.iter().map(move |step| {
            positives += step.positives;
            negatives += step.negatives;
            let counts = Counts {
                true_positives: positives,
                false_positives: negatives,
                true_negatives: self.negatives - negatives,
                false_negatives: self.positives - positives,
            };
            (step.score, counts)
        })
    }

    /// How many outcomes are positive.
    #[must_use]
    pub const fn positives(&self) -> u64 {
        self.positives
    }

    /// How many outcomes are negative.
    #[must_use]
    pub const fn negatives(&self) -> u64 {
        self.negatives
    }

    /// Area under the ROC curve: the chance that a positive scores above a negative, a tie
    /// counting half (Mann-Whitney). Exact, in whole numbers up to the last division.
    #[must_use]
    pub fn auc(&self) -> Option<f64> {
        let mut below = self.negatives;
        let mut half_wins: u128 = 0;
        for step in &self.steps {
            below -= step.negatives;
            half_wins += u128::from(step.positives) * u128::from(2 * below + step.negatives);
        }
        let pairs = u128::from(self.positives) * u128::from(self.negatives);
        (pairs > 0).then(|| half_wins as f64 / (2 * pairs) as f64)
    }

    /// The lowest threshold that flags at most the share `rate` of the negatives, and hence the
    /// best recall at that price. Outcomes of equal score are flagged all or none; nothing is
    /// interpolated.
    #[must_use]
    pub fn at_false_positive_rate(&self, rate: f64) -> Option<OperatingPoint> {
        let mut point = OperatingPoint {
            threshold: f64::INFINITY,
            recall: 0.0,
            false_positive_rate: 0.0,
        };
        let (mut flagged_positives, mut flagged_negatives) = (0, 0);
        share(0, self.positives)?;
        share(0, self.negatives)?;
        for step in &self.steps {
            flagged_positives += step.positives;
            flagged_negatives += step.negatives;
            let false_positive_rate = share(flagged_negatives, self.negatives)?;
            if false_positive_rate > rate {
                break;
            }
            point = OperatingPoint {
                threshold: step.score,
                recall: share(flagged_positives, self.positives)?,
                false_positive_rate,
            };
        }
        Some(point)
    }

    /// What flagging scores from `threshold` up gives.
    #[must_use]
    pub fn at_threshold(&self, threshold: f64) -> Counts {
        let flagged = self.steps.partition_point(|step| step.score >= threshold);
        let (flagged, passed) = self.steps.split_at(flagged);
        let positives = |steps: &[Step]| steps.iter().map(|step| step.positives).sum();
        let negatives = |steps: &[Step]| steps.iter().map(|step| step.negatives).sum();
        Counts {
            true_positives: positives(flagged),
            false_positives: negatives(flagged),
            true_negatives: negatives(passed),
            false_negatives: positives(passed),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn auc(outcomes: &[Outcome]) -> Option<f64> {
        Ranking::new(outcomes).auc()
    }

    /// Every pair, as the definition has it.
    fn auc_by_pairs(outcomes: &[Outcome]) -> Option<f64> {
        let of = |class| outcomes.iter().filter(move |o| o.1 == class).map(|o| o.0);
        let wins = of(true).flat_map(|yes| {
            of(false).map(move |no| {
                let order = yes.partial_cmp(&no).unwrap();
                f64::from(order as i8) / 2.0 + 0.5
            })
        });
        let wins: Vec<f64> = wins.collect();
        (!wins.is_empty()).then(|| wins.iter().sum::<f64>() / wins.len() as f64)
    }

    fn outcomes() -> impl Strategy<Value = Vec<Outcome>> {
        // Few distinct scores, so that there are ties.
        let score = (0..12_i32).prop_map(|n| f64::from(n) / 8.0 - 0.5);
        prop::collection::vec((score, any::<bool>()), 0..60)
    }

    #[test]
    fn a_class_that_is_not_there_gives_no_figure() {
        for outcomes in [&[][..], &[(0.3, true)], &[(0.3, false), (0.9, false)]] {
            assert_eq!(auc(outcomes), None);
            assert_eq!(Ranking::new(outcomes).at_false_positive_rate(0.05), None);
        }
    }

    #[test]
    fn recall_at_a_rate_takes_ties_whole() {
        let ranking = Ranking::new(&[
            (0.9, true),
            (0.8, true),
            (0.8, false),
            (0.7, true),
            (0.1, false),
        ]);
        let at = |rate| ranking.at_false_positive_rate(rate).unwrap();
        assert_eq!((at(0.49).threshold, at(0.49).recall), (0.9, 1.0 / 3.0));
        assert_eq!((at(0.5).threshold, at(0.5).recall), (0.7, 1.0));
        assert_eq!((at(1.0).threshold, at(1.0).false_positive_rate), (0.1, 1.0));

        let tied = Ranking::new(&[(0.5, true), (0.5, false)]);
        let point = tied.at_false_positive_rate(0.99).unwrap();
        assert_eq!((point.threshold, point.recall), (f64::INFINITY, 0.0));
    }

    #[test]
    fn counts_at_a_threshold() {
        let counts =
            Ranking::new(&[(0.9, true), (0.5, false), (0.5, true), (0.2, true)]).at_threshold(0.5);
        assert_eq!(counts.precision(), Some(2.0 / 3.0));
        assert_eq!(counts.recall(), Some(2.0 / 3.0));
        assert_eq!(counts.false_positive_rate(), Some(1.0));
        assert_eq!(Ranking::new(&[]).at_threshold(0.5).precision(), None);
    }

    proptest! {
        #[test]
        fn auc_is_the_share_of_pairs_won(outcomes in outcomes()) {
            match (auc(&outcomes), auc_by_pairs(&outcomes)) {
                (Some(ranked), Some(paired)) => prop_assert!((ranked - paired).abs() < 1e-12),
                (ranked, paired) => prop_assert_eq!(ranked, paired),
            }
        }

        #[test]
        fn auc_depends_on_the_order_alone(outcomes in outcomes()) {
            let stretched: Vec<Outcome> =
                outcomes.iter().map(|&(score, yes)| (score.exp() * 3.0 - 7.0, yes)).collect();
            prop_assert_eq!(auc(&stretched), auc(&outcomes));
        }

        #[test]
        fn turning_scores_or_answers_around_mirrors_auc(outcomes in outcomes()) {
            let scores: Vec<Outcome> = outcomes.iter().map(|&(s, yes)| (-s, yes)).collect();
            let answers: Vec<Outcome> = outcomes.iter().map(|&(s, yes)| (s, !yes)).collect();
            prop_assert_eq!(auc(&scores), auc(&answers));
            if let (Some(one), Some(other)) = (auc(&outcomes), auc(&scores)) {
                prop_assert!((one + other - 1.0).abs() < 1e-12);
            }
        }

        #[test]
        fn no_threshold_within_the_rate_recalls_more(outcomes in outcomes(), rate in 0.0..1.0) {
            let ranking = Ranking::new(&outcomes);
            let Some(point) = ranking.at_false_positive_rate(rate) else {
                return Ok(());
            };
            let counts = ranking.at_threshold(point.threshold);
            prop_assert_eq!(counts.recall(), Some(point.recall));
            prop_assert_eq!(counts.false_positive_rate(), Some(point.false_positive_rate));
            prop_assert!(point.false_positive_rate <= rate);
            for (score, _) in outcomes {
                let other = ranking.at_threshold(score);
                if other.false_positive_rate() <= Some(rate) {
                    prop_assert!(other.recall() <= Some(point.recall));
                }
            }
        }
    }
}
