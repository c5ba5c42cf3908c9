//! Rows as one head sees them, counted.

use super::{BinFigures, HeadFigures};
use crate::training::metrics::{Ranking, Reliability, ScoreCounts, share};
use crate::verdict::Decision;

/// What is kept of the rows that judge one head: counts, whatever the number of rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// By score.
    pub scores: ScoreCounts,
    /// By score, in the bins of a reliability diagram.
    pub reliability: Reliability,
    positives: Decided,
    negatives: Decided,
}

/// What became of the rows of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Decided {
    approved: u64,
    held: u64,
    rejected: u64,
}

impl Decided {
    const fn all(self) -> u64 {
        self.approved + self.held + self.rejected
    }
}

impl Tally {
    pub(super) fn add(&mut self, score: f64, positive: bool, decision: Decision) {
        self.scores.add(score, positive);
        self.reliability.add(score, positive);
        let class = if positive {
            &mut self.positives
        } else {
            &mut self.negatives
        };
        match decision {
            Decision::Approve => class.approved += 1,
            Decision::Hold => class.held += 1,
            Decision::Reject => class.rejected += 1,
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.scores.merge(&other.scores);
        self.reliability.merge(&other.reliability);
        for (class, added) in [
            (&mut self.positives, other.positives),
            (&mut self.negatives, other.negatives),
        ] {
            class.approved += added.approved;
            class.held += added.held;
            class.rejected += added.rejected;
        }
    }

    /// Rows that judge the head.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.positives.all() + self.negatives.all()
    }

    pub(super) fn bins(&self) -> Vec<BinFigures> {
        let bins = self.reliability.bins.iter().map(|bin| BinFigures {
            from: bin.lower,
            n: bin.count,
            mean_score: bin.mean_score(),
            positive_share: bin.positive_share(),
        });
        bins.collect()
    }

    pub(super) fn figures(&self) -> HeadFigures {
        let ranking = Ranking::of_counts(&self.scores);
        let recall = |rate| Some(ranking.at_false_positive_rate(rate)?.recall);
        let (n, negatives) = (self.rows(), self.negatives.all());
        HeadFigures {
            n,
            positives: self.positives.all(),
            auc: ranking.auc(),
            recall_at_fpr_0_01: recall(0.01),
            recall_at_fpr_0_05: recall(0.05),
            ece: self.reliability.expected_error(),
            rejected: share(self.positives.rejected + self.negatives.rejected, n),
            held: share(self.positives.held + self.negatives.held, n),
            civil_rejected: share(self.negatives.rejected, negatives),
            civil_held: share(self.negatives.held, negatives),
        }
    }
}
