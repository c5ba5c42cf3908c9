//! The limiter's answer.

use std::time::Duration;

use super::charge::{Charge, PerCharge};
use super::settings::QuotaKind;

/// A quota that would be exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which quota.
    pub kind: QuotaKind,
    /// How long until it alone would let the same submission through, exact to the
    /// microsecond if nothing else is charged meanwhile.
    pub retry_after: Duration,
}

/// What a quota still holds for a key after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// How many submissions that cost one it would let through at once.
    pub count: u32,
    /// How long until it is whole again, if nothing else is charged meanwhile.
    pub whole_after: Duration,
    /// How long until it would let the same charge through; zero: it did, and would
    /// have by itself where another refused.
    pub retry_after: Duration,
}

impl Remaining {
    /// Of `charge`, which overran its quota by `overrun_us` and was charged or not.
    fn of(charge: &Charge, overrun_us: i64, is_charged: bool) -> Self {
        let not_taken_us = if is_charged { 0 } else { charge.takes_us() };
        let room_us = positive(overrun_us.saturating_neg())
            .saturating_add(not_taken_us)
            .saturating_sub(positive(overrun_us));
        let count = room_us / charge.quota.interval_us();
        Self {
            count: u32::try_from(count).unwrap_or(u32::MAX),
            whole_after: charge
                .quota
                .refill()
                .saturating_sub(Duration::from_micros(room_us)),
            retry_after: Duration::from_micros(positive(overrun_us)),
        }
    }
}

/// The answer to one submission's charges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// Enforced quotas that refuse it, longest wait first; empty: it was charged.
    pub refused: Vec<Refusal>,
    /// Shadow quotas that would have refused it, longest wait first.
    pub shadow_refused: Vec<Refusal>,
    /// A stand-in answered because the limiter proper did not.
    pub degraded: bool,
    /// What is left of each quota, in the order of the charges.
    pub remaining: PerCharge<Remaining>,
}

impl Admission {
    /// The answer to `charges`, given by how many microseconds each overruns its
    /// quota: above zero, it has so long to wait; else it passes, and has room left.
    pub(super) fn from_overruns(
        charges: &[Charge],
        overruns_us: impl Iterator<Item = i64> + Clone,
    ) -> Self {
        let mut admission = Self::default();
        for (charge, overrun_us) in charges.iter().zip(overruns_us.clone()) {
            let wait_us = positive(overrun_us);
            if wait_us == 0 {
                continue;
            }
            let refusals = if charge.shadow {
                &mut admission.shadow_refused
            } else {
                &mut admission.refused
            };
            refusals.push(Refusal {
                kind: charge.kind,
                retry_after: Duration::from_micros(wait_us),
            });
        }
        for refusals in [&mut admission.refused, &mut admission.shadow_refused] {
            refusals.sort_by_key(|refusal| std::cmp::Reverse(refusal.retry_after));
        }
        let admitted = admission.is_admitted();
        let remaining = charges.iter().zip(overruns_us).map(|(charge, overrun_us)| {
            let is_charged = admitted && overrun_us <= 0;
            Remaining::of(charge, overrun_us, is_charged)
        });
        admission.remaining = remaining.collect();
        admission
    }

    /// Whether every enforced quota let it through.
    #[must_use]
    pub const fn is_admitted(&self) -> bool {
        self.refused.is_empty()
    }

    /// Those of `charges`, which this is the answer to, that were charged: none where an
    /// enforced quota refused, and no shadow quota that would have.
    pub fn charged<'a>(&'a self, charges: &'a [Charge]) -> impl Iterator<Item = &'a Charge> {
        let answered = charges.iter().zip(&self.remaining);
        let passed = answered.filter(|(_, left)| left.retry_after.is_zero());
        let admitted = self.is_admitted();
        passed.map(|(charge, _)| charge).filter(move |_| admitted)
    }

    /// The refusal that lasts longest: after its `retry_after` the same charges pass,
    /// if nothing else is charged meanwhile. `None` if it was admitted.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        self.refused.first().copied()
    }
}

/// Which quotas a submission was over, without whose keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OverQuota {
    /// Enforced ones, longest wait first.
    pub refused: Vec<QuotaKind>,
    /// Ones in shadow, longest wait first.
    pub shadow_refused: Vec<QuotaKind>,
}

impl From<&Admission> for OverQuota {
    fn from(admission: &Admission) -> Self {
        let kinds = |refusals: &[Refusal]| refusals.iter().map(|refusal| refusal.kind).collect();
        Self {
            refused: kinds(&admission.refused),
            shadow_refused: kinds(&admission.shadow_refused),
        }
    }
}

/// The number, or 0 where it is negative.
fn positive(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate_limit::{Cost, InProcess, KeyHasher, ManualClock};
    use crate::site::SiteId;

    fn charge(kind: QuotaKind, quota: &str, cost: u32) -> Charge {
        Charge {
            kind,
            key: KeyHasher::new([1; 32]).key(&SiteId::default(), kind, b"x"),
            quota: quota.parse().unwrap(),
            cost: Cost::of(cost),
            shadow: false,
        }
    }

    #[test]
    fn what_remains_is_told_whether_it_was_charged_or_not() {
        let clock = ManualClock::at(0);
        let limiter = InProcess::with(clock.clone(), 1_000);
        let remaining = |charges: &[Charge]| -> Vec<_> {
            let admission = limiter.decide(charges);
            let seconds = |remaining: &Remaining| {
                let Remaining {
                    count,
                    whole_after,
                    retry_after,
                } = *remaining;
                (count, whole_after.as_secs(), retry_after.as_secs())
            };
            admission.remaining.iter().map(seconds).collect()
        };
        let (email, page) = (QuotaKind::Email, QuotaKind::Page);
        let charges = [charge(email, "3 per 30s", 2), charge(page, "9 per 90s", 1)];
        assert_eq!(remaining(&charges), [(1, 20, 0), (8, 10, 0)]);
        // Only one is left of the first, so neither is charged.
        assert_eq!(remaining(&charges), [(1, 20, 10), (8, 10, 0)]);
        clock.advance(Duration::from_secs(10));
        assert_eq!(remaining(&charges), [(0, 30, 0), (8, 10, 0)]);
    }
}
