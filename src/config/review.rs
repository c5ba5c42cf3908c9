//! The `[review]` table.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::lifecycle::Share;
use crate::review::ReviewSettings;
use crate::store::BlindShares;

/// The `[review]` table. Times are written as `"5m"`, `"1h"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReviewTable {
    /// How long a comment that a moderator has claimed is kept from others, unless the
    /// claim is prolonged; default 5 min.
    #[serde(with = "crate::server::duration_text")]
    pub claim: Duration,
    /// How long after a decision it can be taken back; default 1 h.
    #[serde(with = "crate::server::duration_text")]
    pub undo_window: Duration,
    /// What is drawn for blind re-review.
    pub sample: SampleTable,
}

/// The `[review.sample]` table: which share of decisions is looked at a second time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SampleTable {
    /// Of what is approved; default 0.001.
    pub approved: Share,
    /// Of what is rejected; default 0.01.
    pub rejected: Share,
    /// Most of either in a day, on each site; default 20. 0: none is drawn.
    pub per_day: u32,
}

impl Default for ReviewTable {
    fn default() -> Self {
        let ReviewSettings {
            claim,
            undo_window,
            blind,
        } = ReviewSettings::default();
        Self {
            claim,
            undo_window,
            sample: SampleTable {
                approved: Share::nearest(blind.approved),
                rejected: Share::nearest(blind.rejected),
                per_day: blind.per_day,
            },
        }
    }
}

impl Default for SampleTable {
    fn default() -> Self {
        ReviewTable::default().sample
    }
}

impl ReviewTable {
    /// What the review goes by.
    #[must_use]
    pub const fn settings(&self) -> ReviewSettings {
        let SampleTable {
            approved,
            rejected,
            per_day,
        } = self.sample;
        ReviewSettings {
            claim: self.claim,
            undo_window: self.undo_window,
            blind: BlindShares {
                approved: approved.get(),
                rejected: rejected.get(),
                per_day,
            },
        }
    }
}
