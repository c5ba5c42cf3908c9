use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::rate_limit::{Cost, KeyHasher, ManualClock, Quota, QuotaKind};

fn charge(kind: QuotaKind, name: &str, quota: &str) -> Charge {
    Charge {
        kind,
        key: KeyHasher::new([5; 32]).key(&SiteId::default(), kind, name.as_bytes()),
        quota: quota.parse().unwrap(),
        cost: Cost::ONE,
        shadow: false,
    }
}

fn email(name: &str, quota: &str) -> Charge {
    charge(QuotaKind::Email, name, quota)
}

proptest! {
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
