use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::rate_limit::{KeyHasher, ManualClock, Quota, QuotaKind};

fn charge(kind: QuotaKind, name: &str, quota: &str) -> Charge {
    Charge {
        kind,
        key: KeyHasher::new([5; 32]).key(&SiteId::default(), kind, name.as_bytes()),
        quota: quota.parse().unwrap(),
        shadow: false,
    }
}

fn email(name: &str, quota: &str) -> Charge {
    charge(QuotaKind::Email, name, quota)
}

/// A bucket for each key that leaks one interval's worth of time a time: no
/// theoretical arrival times, no locks, no forgetting.
#[derive(Default)]
struct Reference {
    levels_us: HashMap<String, u64>,
}

impl Reference {
    fn advance(&mut self, by: Duration) {
        for level in self.levels_us.values_mut() {
            *level = level.saturating_sub(by.as_micros().try_into().unwrap());
        }
    }

    /// The wait of each charge in microseconds, after charging if all enforced pass.
    fn charge(&mut self, charges: &[Charge]) -> Vec<u64> {
        let mut waits = Vec::new();
        for charge in charges {
            let capacity = charge.quota.refill();
            let level = *self.levels_us.entry(charge.key.to_string()).or_default();
            let after = Duration::from_micros(level) + charge.quota.interval();
            let wait = after.saturating_sub(capacity).as_micros();
            waits.push(u64::try_from(wait).unwrap());
        }
        let refused = charges
            .iter()
            .zip(&waits)
            .any(|(charge, wait)| *wait > 0 && !charge.shadow);
        for (charge, wait) in charges.iter().zip(&waits) {
            if !refused && *wait == 0 {
                let interval = u64::try_from(charge.quota.interval().as_micros()).unwrap();
                *self.levels_us.entry(charge.key.to_string()).or_default() += interval;
            }
        }
        waits
    }
}

/// Charges on one key of each kind, out of three names a kind.
fn any_charges() -> impl Strategy<Value = Vec<Charge>> {
    let quotas = [
        "2 per 1m",
        "7 per 1m, burst 3",
        "1 per 10s",
        "5 per 90s, burst 9",
    ];
    prop::collection::vec((0..3usize, any::<bool>()), 4).prop_map(move |choices| {
        let kinds = QuotaKind::ALL.into_iter().zip(quotas).zip(choices);
        kinds
            .map(|((kind, quota), (name, shadow))| Charge {
                shadow,
                ..charge(kind, &name.to_string(), quota)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn answers_as_the_reference_does(
        trace in prop::collection::vec((any_charges(), 0u64..20_000_000), 1..100),
    ) {
        let clock = ManualClock::at(77);
        let limiter = InProcess::with(clock.clone(), 10_000);
        let mut reference = Reference::default();
        for (charges, pause) in trace {
            let pause = Duration::from_micros(pause);
            clock.advance(pause);
            reference.advance(pause);
            let expected = Admission::from_waits(&charges, reference.charge(&charges));
            prop_assert_eq!(limiter.decide(&charges), expected);
        }
    }

    #[test]
    fn no_span_of_time_admits_more_than_the_quota_says(
        count in 1u32..10,
        burst in 1u32..10,
        pauses in prop::collection::vec(0u64..400_000, 1..300),
    ) {
        let quota = Quota::new(count, Duration::from_secs(1), burst).unwrap();
        let clock = ManualClock::at(0);
        let limiter = InProcess::with(clock.clone(), 10_000);
        let mut admitted = Vec::new();
        for pause in pauses {
            clock.advance(Duration::from_micros(pause));
            if limiter.decide(&[email("a", &quota.to_string())]).is_admitted() {
                admitted.push(clock.now_us());
            }
        }
        let interval = u64::try_from(quota.interval().as_micros()).unwrap();
        for (first, start) in admitted.iter().enumerate() {
            for (last, end) in admitted.iter().enumerate().skip(first) {
                let allowed = u64::from(burst) + (end - start) / interval;
                prop_assert!((last - first + 1) as u64 <= allowed);
            }
        }
    }

    #[test]
    fn retry_after_is_exact_and_refused_attempts_do_not_move_it(
        attempts in prop::collection::vec(0u64..1_000, 0..50),
    ) {
        let clock = ManualClock::at(0);
        let limiter = InProcess::with(clock.clone(), 10_000);
        let charges = [email("a", "3 per 1m"), charge(QuotaKind::Page, "p", "2 per 9s")];
        while limiter.decide(&charges).is_admitted() {}
        let wait = limiter.decide(&charges).refusal().unwrap().retry_after;
        let due = clock.now_us() + u64::try_from(wait.as_micros()).unwrap();
        for pause in attempts {
            clock.advance(Duration::from_micros(pause));
            prop_assert!(!limiter.decide(&charges).is_admitted());
        }
        clock.advance(Duration::from_micros(due - clock.now_us() - 1));
        prop_assert!(!limiter.decide(&charges).is_admitted());
        clock.advance(Duration::from_micros(1));
        prop_assert!(limiter.decide(&charges).is_admitted());
    }
}

#[test]
fn threads_that_share_keys_admit_exactly_the_quota() {
    let limiter = InProcess::with(ManualClock::at(0), 10_000);
    // Each thread names the keys in another order: locking in call order would deadlock.
    let names = ["a", "b", "c", "d"];
    let admitted: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let mut charges = names.map(|name| email(name, "1000 per 1h"));
                charges.rotate_left(thread % names.len());
                let limiter = &limiter;
                scope.spawn(move || {
                    (0..500)
                        .filter(|_| limiter.decide(&charges).is_admitted())
                        .count()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert_eq!(admitted, 1_000);
}

#[test]
fn holds_no_more_keys_than_it_may() {
    let limiter = InProcess::with(ManualClock::at(0), 1_024);
    for number in 0..20_000 {
        assert!(
            limiter
                .decide(&[email(&number.to_string(), "1 per 1h")])
                .is_admitted()
        );
    }
    assert!(limiter.keys() <= 1_024, "{}", limiter.keys());
    assert!(limiter.keys() >= 512, "{}", limiter.keys());
}

#[test]
fn a_refused_submission_leaves_no_key_behind() {
    let limiter = InProcess::with(ManualClock::at(0), 10_000);
    let site = charge(QuotaKind::Site, "", "1 per 1h");
    assert!(limiter.decide(&[site]).is_admitted());
    for number in 0..100 {
        assert!(
            !limiter
                .decide(&[email(&number.to_string(), "1 per 1h"), site])
                .is_admitted()
        );
    }
    assert_eq!(limiter.keys(), 1);
}
