//! Thresholds from what people can do: so many holds a day, so few wrong rejects.
//!
//! On the labelled rows of each head it is counted which share of either class lies
//! above a threshold; a prevalence turns that into numbers a day. What of the traffic
//! is spam or abuse, labelled rows do not tell, as they were picked to be labelled: the
//! prevalence is given, or taken from them for want of better, and said either way.
//!
//! Rejecting comes first. A head's `reject_at` is the lowest at which at most the
//! allowed share of civil comments is rejected, counting one more than was seen: a new
//! civil comment then scores as high with at most that chance, whatever the
//! distribution of scores (as in conformal prediction; Vovk et al. 2005). What is left
//! of the budget is held where it is most likely to be spam or abuse, over both heads.

mod quantity;
mod scale;
mod table;

use std::collections::BTreeMap;

use serde::Serialize;

pub use crate::interval::Estimate;
pub use quantity::{NotAShare, NotPerDay, PerDay, Share};

use super::metrics::{Counts, Ranking, ScoreCounts, share};
use crate::verdict::{Head, PerHead};
use scale::Scale;

/// What a site gets and what its people can do.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Comments.
    pub volume: PerDay,
    /// Most comments to be held.
    pub holds: PerDay,
    /// Largest share of civil comments to be rejected, over both heads.
    pub wrong_rejects: Share,
    /// Share of the comments that are spam, that are abuse; where it is not known, that
    /// among the labelled rows is taken.
    pub prevalence: PerHead<Option<Share>>,
}

/// Proposed thresholds and what they would do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Proposal {
    /// Comments a day.
    pub volume: f64,
    /// Most holds a day.
    pub hold_budget: f64,
    /// Largest share of civil comments to be rejected.
    pub max_wrong_rejects: f64,
    /// By head; only heads of which labelled rows of both classes are there.
    pub heads: BTreeMap<Head, HeadProposal>,
    /// Holds a day of all heads together, none counted as held by both.
    pub held: Estimate,
    /// What of the budget cannot be met, in words.
    pub unmet: Vec<String>,
}

/// Proposed thresholds of one head. Numbers are a day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HeadProposal {
    /// Labelled rows.
    pub rows: u64,
    /// Positive ones among them.
    pub positives: u64,
    /// Share of positive comments that was assumed.
    pub prevalence: f64,
    /// Whether that was taken from the labelled rows.
    pub prevalence_of_rows: bool,
    /// From where to hold.
    pub hold_at: f64,
    /// From where to reject.
    pub reject_at: f64,
    /// Held.
    pub held: Estimate,
    /// Rejected.
    pub rejected: Estimate,
    /// Civil, and rejected.
    pub wrongly_rejected: Estimate,
    /// Positive, and neither held nor rejected.
    pub missed: Estimate,
}

/// One head's rows with the assumptions on its traffic.
struct Judged {
    head: Head,
    ranking: Ranking,
    scale: Scale,
    prevalence: f64,
    assumed: bool,
    reject_at: f64,
}

/// Proposes thresholds. `scores` are those of labelled rows by head; a head without rows
/// of both classes gets none. What is in one cell of scores is counted as above its
/// threshold, so that holds and wrong rejects are never too few.
#[must_use]
pub fn propose(scores: &PerHead<ScoreCounts>, budget: &Budget) -> Proposal {
    let mut unmet = Vec::new();
    let mut judged: Vec<Judged> = Head::ALL
        .into_iter()
        .filter_map(|head| judged(scores.get(head), head, budget))
        .collect();
    let allowed = if judged.len() > 1 {
        budget.wrong_rejects.half()
    } else {
        budget.wrong_rejects
    };
    for head in &mut judged {
        match reject_at(&head.ranking, allowed) {
            Some(threshold) => head.reject_at = threshold,
            None => unmet.push(unresolved(head, allowed)),
        }
    }
    if judged.is_empty() {
        unmet.push("no head has labelled rows of both classes".to_owned());
    }
    let likely = hold_from(&judged, budget);
    let heads: BTreeMap<Head, HeadProposal> = judged
        .iter()
        .map(|head| (head.head, head.proposal(head.hold_at(likely), budget)))
        .collect();
    let held = heads.values().map(|head| head.held);
    let held = held.reduce(Estimate::plus).unwrap_or_default();
    if held.expected <= 0.0 && !judged.is_empty() {
        unmet.push(format!(
            "{} holds are fewer than those of one labelled row: nothing is held",
            budget.holds
        ));
    }
    Proposal {
        volume: budget.volume.get(),
        hold_budget: budget.holds.get(),
        max_wrong_rejects: budget.wrong_rejects.get(),
        heads,
        held,
        unmet,
    }
}

fn judged(scores: &ScoreCounts, head: Head, budget: &Budget) -> Option<Judged> {
    let ranking = Ranking::of_counts(scores);
    let (positives, negatives) = (ranking.positives(), ranking.negatives());
    if positives == 0 || negatives == 0 {
        return None;
    }
    let of_rows = share(positives, positives + negatives)?;
    let given = *budget.prevalence.get(head);
    let prevalence = given.map_or(of_rows, Share::get);
    Some(Judged {
        head,
        scale: Scale::new(scores, of_rows, prevalence),
        ranking,
        prevalence,
        assumed: given.is_none(),
        reject_at: f64::INFINITY,
    })
}

/// The lowest threshold that rejects at most so large a share of civil comments, one
/// more than was seen being counted. `None` if there are too few rows for any.
fn reject_at(ranking: &Ranking, allowed: Share) -> Option<f64> {
    let rows = ranking.negatives() as f64;
    let most = allowed.get() * (rows + 1.0) - 1.0;
    if most < 0.0 {
        return None;
    }
    let point = ranking.at_false_positive_rate((most.floor() / rows).min(1.0))?;
    Some(point.threshold)
}

fn unresolved(head: &Judged, allowed: Share) -> String {
    let least = (1.0 / allowed.get()).ceil() - 1.0;
    let rows = head.ranking.negatives();
    if least.is_finite() {
        format!(
            "{}: {rows} civil rows cannot show that no more than {allowed} are rejected, at least {least} can; nothing is rejected",
            head.head
        )
    } else {
        format!(
            "{}: no wrong reject is allowed; nothing is rejected",
            head.head
        )
    }
}

/// How likely to be positive, on the site, a comment must be to be held: the least at
/// which the budget is kept.
fn hold_from(judged: &[Judged], budget: &Budget) -> f64 {
    let holds = |likely: f64| -> f64 {
        let held = judged
            .iter()
            .map(|head| head.held(head.hold_at(likely), budget).expected);
        held.sum()
    };
    if holds(0.0) <= budget.holds.get() {
        return 0.0;
    }
    let scales = judged.iter();
    let mut candidates: Vec<f64> = scales.flat_map(|head| head.scale.likelihoods()).collect();
    candidates.sort_unstable_by(f64::total_cmp);
    let within = candidates.partition_point(|&likely| holds(likely) > budget.holds.get());
    // Beyond the likeliest row, nothing is held.
    candidates.get(within).copied().unwrap_or(f64::INFINITY)
}

impl Judged {
    fn hold_at(&self, likely: f64) -> f64 {
        self.scale.score(likely).min(self.reject_at)
    }

    fn proposal(&self, hold_at: f64, budget: &Budget) -> HeadProposal {
        let (volume, prevalence) = (budget.volume.get(), self.prevalence);
        let (holds, rejects) = (self.counts(hold_at), self.counts(self.reject_at));
        let (positives, negatives) = (self.ranking.positives(), self.ranking.negatives());
        let wrong = Estimate::share(rejects.false_positives, negatives);
        let wrong = wrong.times(volume * (1.0 - prevalence));
        let right = Estimate::share(rejects.true_positives, positives);
        let missed = Estimate::share(holds.false_negatives, positives);
        HeadProposal {
            rows: positives + negatives,
            positives,
            prevalence,
            prevalence_of_rows: self.assumed,
            hold_at: upwards(hold_at),
            reject_at: upwards(self.reject_at),
            held: self.held(hold_at, budget),
            rejected: right.times(volume * prevalence).plus(wrong),
            wrongly_rejected: wrong,
            missed: missed.times(volume * prevalence),
        }
    }

    /// Holds a day.
    fn held(&self, hold_at: f64, budget: &Budget) -> Estimate {
        let (volume, prevalence) = (budget.volume.get(), self.prevalence);
        let (holds, rejects) = (self.counts(hold_at), self.counts(self.reject_at));
        let right = holds.true_positives.saturating_sub(rejects.true_positives);
        let wrong = holds
            .false_positives
            .saturating_sub(rejects.false_positives);
        let right = Estimate::share(right, self.ranking.positives());
        let wrong = Estimate::share(wrong, self.ranking.negatives());
        let right = right.times(volume * prevalence);
        right.plus(wrong.times(volume * (1.0 - prevalence)))
    }

    fn counts(&self, threshold: f64) -> Counts {
        self.ranking.at_threshold(threshold)
    }
}

/// To nine decimals, and not down, so that no more is held than was counted; at most 1.
fn upwards(threshold: f64) -> f64 {
    ((threshold * 1e9).ceil() / 1e9).min(1.0)
}

#[cfg(test)]
mod tests;
