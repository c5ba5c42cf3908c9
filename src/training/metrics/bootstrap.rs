//! Whether one classifier ranks better than another, or was only lucky with the rows.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use serde::Serialize;

use crate::training::split::below;

/// One row as two classifiers score it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// The first classifier's score.
    pub first: f64,
    /// The second classifier's score.
    pub second: f64,
    /// Whether the answer is yes.
    pub positive: bool,
}

/// How much better the second classifier ranks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AucDifference {
    /// The second's AUC less the first's, on all rows.
    pub difference: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
}

/// AUC difference with a paired bootstrap percentile interval (Efron & Tibshirani 1993): rows are
/// drawn anew `draws` times, both classifiers being judged on the same draw. Positives and
/// negatives are drawn apart, so that their numbers stay. `None` if a class is missing or `draws`
/// is 0.
#[must_use]
pub fn auc_difference(rows: &[Paired], draws: usize, seed: u64) -> Option<AucDifference> {
    let first = Order::new(rows, |row| row.first);
    let second = Order::new(rows, |row| row.second);
    let difference = |times: &[u32]| Some(second.auc(rows, times)? - first.auc(rows, times)?);

    let mut times = vec![1; rows.len()];
    let on_all = difference(&times)?;
    let mut draw = Draw::new(rows, seed);
    let mut differences = Vec::with_capacity(draws);
    for _ in 0..draws {
        draw.fill(&mut times);
        differences.push(difference(&times)?);
    }
    differences.sort_unstable_by(f64::total_cmp);
    // 2.5 % of the draws on either side.
    let tail = draws / 40;
    Some(AucDifference {
        difference: on_all,
        low: *differences.get(tail)?,
        high: *differences.iter().nth_back(tail)?,
    })
}

/// Rows by falling score, sorted once for all draws.
struct Order {
    /// Groups of rows with equal scores.
    ties: Vec<Vec<usize>>,
}

impl Order {
    fn new(rows: &[Paired], score: impl Fn(&Paired) -> f64) -> Self {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        let score = |&index: &usize| score(&rows[index]);
        order.sort_unstable_by(|a, b| score(b).total_cmp(&score(a)));
        #[expect(
            clippy::float_cmp,
            reason = "only exactly equal scores are inseparable"
        )]
        let ties = order.chunk_by(|a, b| score(a) == score(b));
        Self {
            ties: ties.map(<[usize]>::to_vec).collect(),
        }
    }

    /// AUC where row `i` is there `times[i]` times; as `Ranking::auc`.
    fn auc(&self, rows: &[Paired], times: &[u32]) -> Option<f64> {
        let (mut positives, mut negatives, mut half_losses) = (0_u64, 0_u64, 0_u128);
        for ties in &self.ties {
            let count = |class| -> u64 {
                let of_class = ties.iter().filter(|&&row| rows[row].positive == class);
                of_class.map(|&row| u64::from(times[row])).sum()
            };
            let (tied_positives, tied_negatives) = (count(true), count(false));
            half_losses += u128::from(tied_positives) * u128::from(2 * negatives + tied_negatives);
            positives += tied_positives;
            negatives += tied_negatives;
        }
        let half_pairs = 2 * u128::from(positives) * u128::from(negatives);
        (half_pairs > 0).then(|| (half_pairs - half_losses) as f64 / half_pairs as f64)
    }
}

/// Draws rows with replacement, each class by itself.
struct Draw {
    random: ChaCha8Rng,
    classes: [Vec<usize>; 2],
}

impl Draw {
    fn new(rows: &[Paired], seed: u64) -> Self {
        let of = |class| (0..rows.len()).filter(move |&row| rows[row].positive == class);
        Self {
            random: ChaCha8Rng::seed_from_u64(seed),
            classes: [of(false).collect(), of(true).collect()],
        }
    }

    fn fill(&mut self, times: &mut [u32]) {
        times.fill(0);
        for class in &self.classes {
            for _ in class {
                times[class[below(class.len(), self.random.next_u64())]] += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::metrics::Ranking;

    /// Rows on which a classifier adds noise of this height to the truth.
    fn rows(first_noise: f64, second_noise: f64) -> Vec<Paired> {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let mut uniform = || below(1000, random.next_u64()) as f64 / 1000.0;
        (0..400)
            .map(|n| {
                let positive = n % 4 == 0;
                let truth = f64::from(u8::from(positive));
                Paired {
                    first: truth + first_noise * uniform(),
                    second: truth + second_noise * uniform(),
                    positive,
                }
            })
            .collect()
    }

    #[test]
    fn the_interval_leaves_out_nought_where_one_is_better() {
        let better = auc_difference(&rows(6.0, 2.0), 400, 1).unwrap();
        assert!(0.0 < better.low && better.low < better.difference);
        assert!(better.difference < better.high && better.high < 0.6);

        let alike = auc_difference(&rows(4.0, 4.0), 400, 1).unwrap();
        assert!(alike.low < 0.0 && 0.0 < alike.high, "{alike:?}");
    }

    #[test]
    fn the_difference_is_that_of_the_aucs() {
        let rows = rows(6.0, 2.0);
        let auc = |score: fn(&Paired) -> f64| {
            let outcomes: Vec<_> = rows.iter().map(|row| (score(row), row.positive)).collect();
            Ranking::new(&outcomes).auc().unwrap()
        };
        let expected = auc(|row| row.second) - auc(|row| row.first);
        let found = auc_difference(&rows, 1, 0).unwrap().difference;
        assert!((found - expected).abs() < 1e-12);
    }

    #[test]
    fn the_seed_decides() {
        let rows = rows(6.0, 5.0);
        let with = |seed| auc_difference(&rows, 50, seed);
        assert_eq!(with(1), with(1));
        assert_ne!(with(1), with(2));
    }

    #[test]
    fn one_class_or_no_draw_gives_no_interval() {
        let mut rows = rows(1.0, 2.0);
        assert_eq!(auc_difference(&rows, 0, 1), None);
        rows.retain(|row| row.positive);
        assert_eq!(auc_difference(&rows, 10, 1), None);
        assert_eq!(auc_difference(&[], 10, 1), None);
    }
}
