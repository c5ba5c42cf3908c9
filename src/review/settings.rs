//! How long things last, and how much is looked at twice.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::store::BlindShares;

/// How long claims last, and until when decisions can be taken back.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewSettings {
    /// How long a comment that a moderator has claimed is kept from others, unless the
    /// claim is prolonged; default 5 min.
    pub claim: Duration,
    /// How long after a decision it can be taken back; default 1 h.
    pub undo_window: Duration,
    /// How much is drawn for blind re-review; default one in a thousand of what is
    /// approved and one in a hundred of what is rejected, at most 20 of each in a day.
    pub blind: BlindShares,
}

impl Default for ReviewSettings {
    fn default() -> Self {
        Self {
            claim: Duration::from_mins(5),
            undo_window: Duration::from_hours(1),
            blind: BlindShares {
                approved: 0.001,
                rejected: 0.01,
                per_day: 20,
            },
        }
    }
}

impl ReviewSettings {
    /// The oldest time of a decision that can still be taken back at `now`.
    pub(super) fn undo_not_before(&self, now: Timestamp) -> Timestamp {
        let window = SignedDuration::try_from(self.undo_window).unwrap_or(SignedDuration::MAX);
        now.checked_sub(window).unwrap_or(Timestamp::MIN)
    }

    /// Until when a claim of `now` lasts.
    pub(super) fn claim_until(&self, now: Timestamp) -> Timestamp {
        let claim = SignedDuration::try_from(self.claim).unwrap_or(SignedDuration::MAX);
        now.checked_add(claim).unwrap_or(Timestamp::MAX)
    }
}
