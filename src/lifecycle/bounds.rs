//! How much worse a model may be and still be promoted.

use serde::{Deserialize, Serialize};

use crate::store::Period;

/// The `[promotion]` table: what a promotion is held against.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PromotionBounds {
    /// How far back history is decided on again; default 30 days.
    pub replay: Period,
    /// Most mistakes that are new, less those that are fixed, as a share of the comments
    /// that people decided on; default 0.005.
    pub max_new_mistakes: Share,
    /// Most comments held that were not, less those that are not any more, as a share of
    /// all; default 0.02.
    pub max_more_held: Share,
    /// Most comments rejected that were not, less those that are not any more, as a share
    /// of the comments that nobody decided on, where no mistake shows; default 0.01.
    pub max_more_rejected: Share,
    /// Most AUC that a head may lose against the base, on labels it had not seen;
    /// default 0.01.
    pub max_auc_loss: Share,
}

impl Default for PromotionBounds {
    fn default() -> Self {
        Self {
            replay: Period::days(30),
            max_new_mistakes: Share(0.005),
            max_more_held: Share(0.02),
            max_more_rejected: Share(0.01),
            max_auc_loss: Share(0.01),
        }
    }
}

/// A share: from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Share(f64);

/// A number that is no share.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("expected a share from 0 to 1, such as 0.01; found {0}")]
pub struct NotAShare(f64);

impl Share {
    /// The share that is nearest to a number; of no number, none.
    #[must_use]
    pub const fn nearest(number: f64) -> Self {
        Self(if number.is_nan() {
            0.0
        } else {
            number.clamp(0.0, 1.0)
        })
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Share {
    type Error = NotAShare;

    fn try_from(share: f64) -> Result<Self, NotAShare> {
        if (0.0..=1.0).contains(&share) {
            Ok(Self(share))
        } else {
            Err(NotAShare(share))
        }
    }
}

impl From<Share> for f64 {
    fn from(share: Share) -> Self {
        share.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_from_nothing_to_all() {
        for share in [0.0, 0.5, 1.0] {
            assert!(Share::try_from(share).is_ok(), "{share}");
        }
        for wrong in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert!(Share::try_from(wrong).is_err(), "{wrong}");
        }
    }
}
