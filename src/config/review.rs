//! The `[review]` table.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::review::ReviewSettings;

/// The `[review]` table. Times are written as `"5m"`, `"1h"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReviewTable {
    /// How long a comment that a moderator has claimed is kept from others, unless the
    /// claim is prolonged; default 5 min.
    #[serde(with = "crate::server::duration_text")]
    pub claim: Duration,
    /// How long after a decision it can be taken back; default 1 h.
    #[serde(with = "crate::server::duration_text")]
    pub undo_window: Duration,
}

impl Default for ReviewTable {
    fn default() -> Self {
        let ReviewSettings { claim, undo_window } = ReviewSettings::default();
        Self { claim, undo_window }
    }
}

impl ReviewTable {
    /// What the review goes by.
    #[must_use]
    pub const fn settings(&self) -> ReviewSettings {
        ReviewSettings {
            claim: self.claim,
            undo_window: self.undo_window,
        }
    }
}
