//! What a canary decided, beside what the live model did.

use jiff::Timestamp;
use serde::Serialize;

use super::replay::truth;
use super::shadow_report::as_text;
use super::{Lifecycle, LifecycleError};
use crate::classifier::ModelId;
use crate::store::{JudgedCell, TrialShare};
use crate::verdict::{Decision, Side};

/// How a canary fares, as `moderato models canary --json` prints it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CanaryReport {
    /// The model.
    pub model: String,
    /// On the comments of so many of the authors.
    pub share: TrialShare,
    /// Since when; in JSON as RFC 3339.
    #[serde(serialize_with = "as_text")]
    pub since: Timestamp,
    /// What the live model decided in that time, and what the canary did.
    pub sides: Vec<SideCounts>,
}

/// What one of the models decided of the comments that are still kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SideCounts {
    /// `live` or `canary`.
    pub side: &'static str,
    /// The model.
    pub model: String,
    /// How many.
    pub comments: u64,
    /// Of these, held.
    pub held: u64,
    /// Of these, rejected.
    pub rejected: u64,
    /// On how many a person decided so that there is right and wrong.
    pub ruled: u64,
    /// Of these, wrong: published though bad, or refused though fine.
    pub mistakes: u64,
}

impl Lifecycle {
    /// How the canary that runs fares; `None`: none does. `base` is the base.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn canary_report(
        &self,
        base: &ModelId,
    ) -> Result<Option<CanaryReport>, LifecycleError> {
        let live = self.live().await?;
        let Some(canary) = live.canary() else {
            return Ok(None);
        };
        let models = [live.model(), canary.model.as_deref()];
        let models = models.map(|model| model.unwrap_or(base.as_str()));
        let cells = self.store.judged_cells(&models, canary.since).await?;
        let sides = Side::ALL.into_iter().zip(models);
        Ok(Some(CanaryReport {
            model: models[1].to_owned(),
            share: canary.share,
            since: canary.since,
            sides: sides
                .map(|(side, model)| counts(side, model, &cells))
                .collect(),
        }))
    }
}

fn counts(side: Side, model: &str, cells: &[JudgedCell]) -> SideCounts {
    let mut counts = SideCounts {
        side: side.name(),
        model: model.to_owned(),
        comments: 0,
        held: 0,
        rejected: 0,
        ruled: 0,
        mistakes: 0,
    };
    for cell in cells.iter().filter(|cell| cell.model == model) {
        counts.comments += cell.comments;
        match cell.decision {
            Decision::Approve => {}
            Decision::Hold => counts.held += cell.comments,
            Decision::Reject => counts.rejected += cell.comments,
        }
        if let Some(truth) = cell.ruled.and_then(truth::of_ruling) {
            counts.ruled += cell.comments;
            if truth.is_missed_by(cell.decision) {
                counts.mistakes += cell.comments;
            }
        }
    }
    counts
}
