//! How single keys stand, and setting them back, for an operator.
//!
//! Both ask a limiter what it is asked all day, so they work wherever it counts and
//! cannot get out of step with it.

use std::time::Duration;

use super::admission::Remaining;
use super::charge::Charge;
use super::cost::Cost;
use super::quota::{Quota, QuotaError};
use super::settings::QuotaKind;
use super::{LimiterError, RateLimiter};
use crate::site::SiteId;

/// How one key stands against its quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyStatus {
    /// What was looked up.
    pub charge: Charge,
    /// How many ordinary comments would pass at once.
    pub left: u32,
    /// How long until an ordinary comment passes; zero: it would now.
    pub next_after: Duration,
    /// How long until the quota is whole again.
    pub whole_after: Duration,
}

impl KeyStatus {
    fn new(charge: Charge, left: Remaining) -> Self {
        let Remaining {
            count, whole_after, ..
        } = left;
        let room = charge.quota.refill().saturating_sub(whole_after);
        Self {
            charge,
            left: count,
            next_after: charge.quota.interval().saturating_sub(room),
            whole_after,
        }
    }

    /// Which quota it is.
    #[must_use]
    pub const fn kind(&self) -> QuotaKind {
        self.charge.kind
    }
}

/// How the keys of `charges` stand, whatever they cost; takes nothing from them.
///
/// # Errors
/// As [`RateLimiter::charge`].
pub async fn look_up(
    limiter: &dyn RateLimiter,
    site: &SiteId,
    charges: &[Charge],
) -> Result<Vec<KeyStatus>, LimiterError> {
    let looks = changed(charges, |charge| Charge {
        cost: Cost::NOTHING,
        ..charge
    });
    let admission = limiter.charge(site, &looks).await?;
    let left = looks.iter().zip(admission.remaining);
    Ok(left
        .map(|(charge, left)| KeyStatus::new(*charge, left))
        .collect())
}

/// Makes the keys of `charges` as good as new. No key counts for more than its quota
/// holds, so asking it by the smallest quota there is leaves next to nothing, for a
/// tenth of a millisecond.
///
/// # Errors
/// As [`RateLimiter::charge`].
pub async fn reset(
    limiter: &dyn RateLimiter,
    site: &SiteId,
    charges: &[Charge],
) -> Result<(), ResetError> {
    let quota = Quota::new(10_000, Duration::from_secs(1), 1)?;
    let resets = changed(charges, |charge| Charge {
        quota,
        cost: Cost::NOTHING,
        ..charge
    });
    limiter.charge(site, &resets).await?;
    Ok(())
}

/// Why keys could not be set back.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// The limiter has no answer.
    #[error(transparent)]
    Limiter(#[from] LimiterError),
    /// The smallest quota is none, which would be a fault of the program.
    #[error(transparent)]
    Quota(#[from] QuotaError),
}

fn changed(charges: &[Charge], change: impl Fn(Charge) -> Charge) -> Vec<Charge> {
    charges.iter().copied().map(change).collect()
}
