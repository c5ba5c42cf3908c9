//! The arithmetic of one key. `gcra.lua` does the same inside Redis.

use super::quota::Quota;

/// What one more would mean for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Microseconds until it would pass; 0 if it passes now.
    pub wait_us: u64,
    /// The key's theoretical arrival time if it is charged.
    pub charged_tat_us: u64,
}

/// One more against `quota` at `now_us`, for a key whose theoretical arrival time is
/// `tat_us` (`None` for one never seen or idle).
pub(super) fn step(tat_us: Option<u64>, quota: Quota, now_us: u64) -> Step {
    // The upper bound matters only where the quota was made narrower, or the clock was
    // put back, since the key was charged: no wait outlasts the quota as it is now.
    let latest = now_us.saturating_add(quota.tolerance_us());
    let tat = tat_us.unwrap_or(now_us).clamp(now_us, latest);
    let charged_tat_us = tat.saturating_add(quota.interval_us());
    Step {
        wait_us: charged_tat_us.saturating_sub(latest),
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
            let step = step(tat, quota, 1_000);
            assert_eq!(step.wait_us, 0);
            tat = Some(step.charged_tat_us);
        }
        assert_eq!(step(tat, quota, 1_000).wait_us, 1_000_000);
        assert_eq!(step(tat, quota, 1_000_999).wait_us, 1);
        assert_eq!(step(tat, quota, 1_001_000).wait_us, 0);
    }

    #[test]
    fn a_narrower_quota_never_waits_longer_than_it_takes_to_refill() {
        let far_away = step(None, quota("1 per 1d"), 0).charged_tat_us;
        assert_eq!(
            step(Some(far_away), quota("2 per 2s"), 0).wait_us,
            1_000_000
        );
    }

    proptest! {
        /// The same law told as a bucket that leaks (ITU-T I.371, continuous-state
        /// leaky bucket): an independent formulation.
        #[test]
        fn is_a_leaky_bucket(
            count in 1u32..20,
            burst in 1u32..20,
            pauses in prop::collection::vec(0u64..3_000_000, 1..200),
        ) {
            let quota = Quota::new(count, std::time::Duration::from_secs(7), burst).unwrap();
            let capacity = quota.interval_us() * u64::from(burst);
            let (mut level, mut tat, mut now) = (0u64, None, 1_000_000u64);
            for pause in pauses {
                now += pause;
                level = level.saturating_sub(pause);
                let overflow = (level + quota.interval_us()).saturating_sub(capacity);
                let step = step(tat, quota, now);
                prop_assert_eq!(step.wait_us, overflow);
                if overflow == 0 {
                    level += quota.interval_us();
                    tat = Some(step.charged_tat_us);
                }
            }
        }
    }
}
