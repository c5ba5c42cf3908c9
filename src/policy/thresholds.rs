//! From one score to a decision. The only place that compares a score.

use serde::Serialize;

use crate::verdict::{Decision, Probability};

/// Where a head's score starts to hold and to reject: approve on
/// `0 <= score < hold_at`, hold on `hold_at <= score < reject_at`, else reject.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Thresholds {
    hold_at: Probability,
    reject_at: Probability,
}

impl Thresholds {
    /// Takes both bounds; `None` if `hold_at` is above `reject_at`. Equal bounds
    /// never hold.
    #[must_use]
    pub fn new(hold_at: Probability, reject_at: Probability) -> Option<Self> {
        (hold_at <= reject_at).then_some(Self { hold_at, reject_at })
    }

    /// What `score` alone would decide.
    #[must_use]
    pub fn decide(self, score: Probability) -> Decision {
        if score < self.hold_at {
            Decision::Approve
        } else if score < self.reject_at {
            Decision::Hold
        } else {
            Decision::Reject
        }
    }

    /// From where a score holds.
    #[must_use]
    pub const fn hold_at(self) -> Probability {
        self.hold_at
    }

    /// From where a score rejects.
    #[must_use]
    pub const fn reject_at(self) -> Probability {
        self.reject_at
    }
}
