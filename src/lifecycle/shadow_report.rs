//! What a model in shadow would have decided, beside what was decided and what people
//! decided later.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::replay::truth;
use super::{Lifecycle, LifecycleError, Truth};
use crate::classifier::ModelId;
use crate::site::SiteAccess;
use crate::store::{ScoreSums, ShadowCell, TrialShare};
use crate::verdict::{Decision, Head, PerHead};

/// What came of a shadow, as `moderato models shadow --status --json` prints it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShadowReport {
    /// The model.
    pub model: String,
    /// On the comments of so many of the authors.
    pub share: TrialShare,
    /// On these sites; none: on all.
    pub sites: Vec<String>,
    /// Since when; in JSON as RFC 3339.
    #[serde(serialize_with = "as_text")]
    pub since: Timestamp,
    /// Until when; `None`: it runs.
    #[serde(serialize_with = "as_text_or_null")]
    pub until: Option<Timestamp>,
    /// Comments that it judged and that are still kept.
    pub comments: u64,
    /// Of these, how many it would have decided on otherwise.
    pub otherwise: u64,
    /// What was decided and what it would have, and what people decided later.
    pub matrix: Vec<ShadowMatrixCell>,
    /// Comments on which a person decided so that there is right and wrong.
    pub ruled: u64,
    /// Of these, wrong as they were decided: published though bad, or refused though fine.
    pub live_mistakes: u64,
    /// Wrong as it would have decided.
    pub shadow_mistakes: u64,
    /// How far the scores agree.
    pub scores: PerHead<ScoreAgreement>,
}

/// Comments on which was decided in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ShadowMatrixCell {
    /// What was decided.
    pub live: Decision,
    /// What the model in shadow would have.
    pub shadow: Decision,
    /// How many.
    pub comments: u64,
    /// Of these, how many a person approved later.
    pub approved_later: u64,
    /// How many a person rejected later.
    pub rejected_later: u64,
}

/// How far the scores of one head agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct ScoreAgreement {
    /// Mean of the live model's.
    pub live: f64,
    /// Mean of the other's.
    pub shadow: f64,
    /// Mean of how far they are apart.
    pub apart: f64,
    /// Pearson's correlation; `None`: one of them is always the same.
    pub correlation: Option<f64>,
}

pub(super) fn as_text<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

#[expect(clippy::ref_option, reason = "as serde calls it")]
fn as_text_or_null<S: Serializer>(
    time: &Option<Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => as_text(time, serializer),
        None => serializer.serialize_none(),
    }
}

impl Lifecycle {
    /// What came of the shadow that runs, or of the last that did; `None`: there was none.
    /// `base` is the base.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn shadow_report(
        &self,
        base: &ModelId,
    ) -> Result<Option<ShadowReport>, LifecycleError> {
        let promotions = self.store.promotions().await?;
        let runs = |at: &usize| promotions[*at].shadow.is_some();
        let Some(last) = (0..promotions.len()).rev().find(runs) else {
            return Ok(None);
        };
        let Some(trial) = &promotions[last].shadow else {
            return Ok(None);
        };
        let model = trial.model.clone().unwrap_or_else(|| base.to_string());
        let cells = self.store.shadow_cells(&model, trial.since).await?;
        let sites = match &trial.sites {
            SiteAccess::All => Vec::new(),
            SiteAccess::Only(sites) => sites.iter().map(ToString::to_string).collect(),
        };
        let ended = promotions.get(last + 1);
        let mut report = ShadowReport {
            model,
            share: trial.share,
            sites,
            since: trial.since,
            until: ended.map(|promotion| promotion.at),
            comments: 0,
            otherwise: 0,
            matrix: Vec::new(),
            ruled: 0,
            live_mistakes: 0,
            shadow_mistakes: 0,
            scores: PerHead::default(),
        };
        report.count(&cells);
        Ok(Some(report))
    }
}

impl ShadowReport {
    fn count(&mut self, cells: &[ShadowCell]) {
        let mut matrix = BTreeMap::new();
        let mut sums = PerHead::<ScoreSums>::default();
        for cell in cells {
            let (live, shadow, comments) = (cell.live, cell.shadow, cell.comments);
            self.comments += comments;
            let counted = matrix.entry((live, shadow)).or_insert(ShadowMatrixCell {
                live,
                shadow,
                comments: 0,
                approved_later: 0,
                rejected_later: 0,
            });
            counted.comments += comments;
            if live != shadow {
                self.otherwise += comments;
            }
            if let Some((decision, is_bad)) = cell.ruled {
                match decision {
                    Decision::Approve => counted.approved_later += comments,
                    Decision::Reject => counted.rejected_later += comments,
                    Decision::Hold => {}
                }
                self.judge(truth::of_ruling((decision, is_bad)), cell);
            }
            for head in Head::ALL {
                sums.get_mut(head).add(cell.sums.get(head));
            }
        }
        self.matrix = matrix.into_values().collect();
        self.scores = PerHead::from_fn(|head| agreement(sums.get(head), self.comments));
    }

    fn judge(&mut self, truth: Option<Truth>, cell: &ShadowCell) {
        let Some(truth) = truth else { return };
        self.ruled += cell.comments;
        if truth.is_missed_by(cell.live) {
            self.live_mistakes += cell.comments;
        }
        if truth.is_missed_by(cell.shadow) {
            self.shadow_mistakes += cell.comments;
        }
    }
}

impl ScoreSums {
    fn add(&mut self, other: &Self) {
        self.live += other.live;
        self.shadow += other.shadow;
        self.live_squared += other.live_squared;
        self.shadow_squared += other.shadow_squared;
        self.product += other.product;
        self.apart += other.apart;
    }
}

fn agreement(sums: &ScoreSums, comments: u64) -> ScoreAgreement {
    if comments == 0 {
        return ScoreAgreement::default();
    }
    let n = comments as f64;
    let (live, shadow) = (sums.live / n, sums.shadow / n);
    let variance = |squared: f64, mean: f64| mean.mul_add(-mean, squared / n);
    let varies = [(sums.live_squared, live), (sums.shadow_squared, shadow)]
        .iter()
        // What is less is lost in rounding.
        .all(|&(squared, mean)| variance(squared, mean) > 1e-12);
    let spread = (variance(sums.live_squared, live) * variance(sums.shadow_squared, shadow)).sqrt();
    let covariance = live.mul_add(-shadow, sums.product / n);
    ScoreAgreement {
        live,
        shadow,
        apart: sums.apart / n,
        correlation: varies.then(|| (covariance / spread).clamp(-1.0, 1.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(pairs: &[(f64, f64)]) -> ScoreSums {
        let mut sums = ScoreSums::default();
        for &(live, shadow) in pairs {
            sums.add(&ScoreSums {
                live,
                shadow,
                live_squared: live * live,
                shadow_squared: shadow * shadow,
                product: live * shadow,
                apart: (live - shadow).abs(),
            });
        }
        sums
    }

    #[test]
    fn scores_agree_or_not() {
        let same = agreement(&sums(&[(0.1, 0.1), (0.9, 0.9)]), 2);
        assert!((same.correlation.unwrap() - 1.0).abs() < 1e-9 && same.apart < 1e-9);
        let turned = agreement(&sums(&[(0.1, 0.9), (0.9, 0.1)]), 2);
        assert!(
            (turned.correlation.unwrap() + 1.0).abs() < 1e-9,
            "{turned:?}"
        );
        assert!((turned.apart - 0.8).abs() < 1e-9 && (turned.live - 0.5).abs() < 1e-9);
        let still = agreement(&sums(&[(0.1, 0.9), (0.1, 0.2)]), 2);
        assert_eq!(still.correlation, None);
        assert_eq!(
            agreement(&ScoreSums::default(), 0),
            ScoreAgreement::default()
        );
    }
}
