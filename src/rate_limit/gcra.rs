//! The arithmetic of one key. `gcra.lua` does the same inside Redis.

use super::cost::Cost;
use super::quota::Quota;

/// What a charge would mean for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// By how many microseconds it overruns the quota: above zero, it would pass after
    /// as many; at or below, it passes now and leaves as many microseconds of room.
    pub overrun_us: i64,
    /// The key's theoretical arrival time if it is charged.
    pub charged_tat_us: u64,
}

impl Step {
    /// Whether it passes now.
    pub(super) const fn passes(&self) -> bool {
        self.overrun_us <= 0
    }
}

/// `cost` against `quota` at `now_us`, for a key whose theoretical arrival time is
/// `tat_us` (`None` for one never seen or idle).
pub(super) fn step(tat_us: Option<u64>, quota: Quota, cost: Cost, now_us: u64) -> Step {
    // The upper bound matters only where the quota was made narrower, or the clock was
    // put back, since the key was charged: no wait outlasts the quota as it is now.
    let latest = now_us.saturating_add(quota.tolerance_us());
    let tat = tat_us.unwrap_or(now_us).clamp(now_us, latest);
    let charged_tat_us = tat.saturating_add(quota.taken_us(cost));
    Step {
        // Both lie within two tolerances of each other, and a tolerance within a year.
        overrun_us: charged_tat_us.wrapping_sub(latest).cast_signed(),
        charged_tat_us,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quota(text: &str) -> Quota {
        text.parse().unwrap()
    }

    #[test]
    fn the_last_of_a_burst_passes_and_the_next_waits_one_interval() {
        let quota = quota("3 per 3s");
        let mut tat = None;
        for _ in 0..3 {
            let step = step(tat, quota, Cost::ONE, 1_000);
            assert!(step.passes());
            tat = Some(step.charged_tat_us);
        }
        let overrun = |now| step(tat, quota, Cost::ONE, now).overrun_us;
        assert_eq!(overrun(1_000), 1_000_000);
        assert_eq!(overrun(1_000_999), 1);
        assert_eq!(overrun(1_001_000), 0);
        assert_eq!(overrun(1_001_500), -500);
    }

    #[test]
    fn a_narrower_quota_never_waits_longer_than_it_takes_to_refill() {
        let far_away = step(None, quota("1 per 1d"), Cost::ONE, 0).charged_tat_us;
        let narrower = step(Some(far_away), quota("2 per 2s"), Cost::ONE, 0);
        assert_eq!(narrower.overrun_us, 1_000_000);
    }

    #[test]
    fn what_costs_more_than_the_burst_passes_when_the_burst_is_whole() {
        for (quota, cost) in [("3 per 3s", 100), ("1 per 365d", u32::MAX)] {
            let quota: Quota = quota.parse().unwrap();
            let (cost, refill) = (Cost::of(cost), quota.tolerance_us());
            let first = step(None, quota, cost, 0);
            assert!(first.passes());
            let again = |now| step(Some(first.charged_tat_us), quota, cost, now).overrun_us;
            assert_eq!(again(0), i64::try_from(refill).unwrap());
            assert_eq!(again(refill), 0, "never later than the refill");
        }
    }

    #[test]
    fn parts_of_one_add_up_and_nothing_takes_nothing() {
        let (quota, half) = (quota("1 per 1s"), Cost::try_from(0.5).unwrap());
        let first = step(None, quota, half, 0);
        let second = step(Some(first.charged_tat_us), quota, half, 0);
        assert!(first.passes() && second.passes());
        let third = step(Some(second.charged_tat_us), quota, half, 0);
        assert_eq!(third.overrun_us, 500_000);
        let nothing = step(Some(second.charged_tat_us), quota, Cost::NOTHING, 0);
        assert_eq!(
            (nothing.overrun_us, nothing.charged_tat_us),
            (0, second.charged_tat_us)
        );
    }

    proptest! {
        /// The same law told as a bucket that leaks (ITU-T I.371, continuous-state
        /// leaky bucket): an independent formulation.
        #[test]
        fn is_a_leaky_bucket(
            count in 1u32..20,
            burst in 1u32..20,
            attempts in prop::collection::vec((0u64..3_000_000, 0u32..4_000), 1..200),
        ) {
            let quota = Quota::new(count, std::time::Duration::from_secs(7), burst).unwrap();
            let capacity = quota.interval_us() * u64::from(burst);
            let (mut level, mut tat, mut now) = (0u64, None, 1_000_000u64);
            for (pause, thousandths) in attempts {
                now += pause;
                level = level.saturating_sub(pause);
                let cost = Cost::try_from(f64::from(thousandths) / 1e3).unwrap();
                let poured = quota.interval_us() * u64::from(thousandths);
                let poured = poured.div_ceil(1_000).min(capacity);
                let overflow = (level + poured).cast_signed() - capacity.cast_signed();
                let step = step(tat, quota, cost, now);
                prop_assert_eq!(step.overrun_us, overflow);
                if overflow <= 0 {
                    level += poured;
                    tat = Some(step.charged_tat_us);
                }
            }
        }
    }
}
