//! How much of a quota a replica counts by when it counts alone.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::charge::Charge;

/// Part of a quota: more than 0, at most 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Share(f64);

/// A number that is no share.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("expected a share from {SMALLEST} to 1, such as 0.25 for four replicas, found {0}")]
pub struct NotAShare(f64);

/// For a thousand replicas.
const SMALLEST: f64 = 0.001;

impl Share {
    /// All of it.
    pub const WHOLE: Self = Self(1.0);

    /// Takes a share.
    ///
    /// # Errors
    /// If it is not from 0.001 to 1.
    pub fn new(share: f64) -> Result<Self, NotAShare> {
        if (SMALLEST..=1.0).contains(&share) {
            Ok(Self(share))
        } else {
            Err(NotAShare(share))
        }
    }

    /// `charge` against this share of its quota.
    pub(super) fn of(self, charge: &Charge) -> Charge {
        Charge {
            quota: charge.quota.scaled(self.0),
            ..*charge
        }
    }
}

impl Default for Share {
    fn default() -> Self {
        Self::WHOLE
    }
}

impl TryFrom<f64> for Share {
    type Error = NotAShare;

    fn try_from(share: f64) -> Result<Self, NotAShare> {
        Self::new(share)
    }
}

impl From<Share> for f64 {
    fn from(share: Share) -> Self {
        share.0
    }
}

impl FromStr for Share {
    type Err = NotAShare;

    fn from_str(text: &str) -> Result<Self, NotAShare> {
        Self::new(text.parse().unwrap_or(f64::NAN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate_limit::Quota;

    #[test]
    fn only_a_part_is_a_share() {
        for text in ["0", "-1", "1.01", "half", "nan"] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
        assert_eq!("1".parse(), Ok(Share::WHOLE));
    }

    #[test]
    fn a_share_of_a_quota_has_its_rate_and_burst() {
        let quota: Quota = "60 per 10m, burst 30".parse().unwrap();
        let third = quota.scaled(0.34);
        assert_eq!(third.burst(), 10);
        assert_eq!(third.interval().as_secs(), 29);
        assert_eq!(quota.scaled(1.0), quota);
        let least: Quota = "1 per 1h".parse().unwrap();
        assert_eq!(least.scaled(0.5).burst(), 1, "else nobody would pass");
    }
}
