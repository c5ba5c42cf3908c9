//! What every limiter does, whatever it counts in. Redis goes by its own clock, so a
//! quota here is either so slow that nothing comes back during the test, or so fast
//! that the test can wait for it.

#[path = "refunds.rs"]
mod refunds;

use std::time::{Duration, Instant};

use futures::future::join_all;
use moderato::rate_limit::{
    Admission, Charge, InProcess, KeyHasher, QuotaKind, RateLimiter, Redis, look_up, reset,
};
use moderato::site::SiteId;

use self::refunds::{
    a_refund_never_lets_more_through, only_what_was_charged_is_given_back,
    what_came_to_nothing_is_given_back, what_has_come_back_by_itself_is_not_given_back_again,
};
use crate::redis_server::{PATIENCE, RedisServer};
use crate::{charge, costing, email, page, shadow};

const HOUR: Duration = Duration::from_hours(1);

macro_rules! conformance {
    ($($scenario:ident)*) => {
        mod in_process {
            $(#[tokio::test]
            async fn $scenario() {
                super::$scenario(&super::InProcess::new()).await;
            })*
        }
        mod redis {
            $(#[tokio::test]
            async fn $scenario() {
                let server = super::RedisServer::start().await;
                let limiter = super::Redis::open(&server.url(), super::PATIENCE).unwrap();
                super::$scenario(&limiter).await;
            })*
        }
    };
}

conformance! {
    admits_exactly_the_burst
    refused_attempts_do_not_extend_the_wait
    charges_all_or_none
    names_the_longest_wait_first
    shadow_never_refuses
    shadow_is_not_charged_by_a_refused_submission
    shadow_is_charged_only_when_it_passes_itself
    kinds_and_sites_count_apart
    admits_what_no_quota_counts
    a_narrower_quota_applies_at_once
    concurrent_submissions_admit_exactly_the_quota
    what_was_used_comes_back
    what_costs_more_takes_more
    a_cost_above_the_burst_takes_the_whole_burst_and_no_more
    says_what_is_left
    a_look_takes_nothing
    a_reset_key_is_as_good_as_new_and_others_stay
    what_came_to_nothing_is_given_back
    only_what_was_charged_is_given_back
    what_has_come_back_by_itself_is_not_given_back_again
    a_refund_never_lets_more_through
}

async fn decide(limiter: &dyn RateLimiter, charges: &[Charge]) -> Admission {
    limiter.charge(&SiteId::default(), charges).await.unwrap()
}

async fn admitted(limiter: &dyn RateLimiter, charges: &[Charge]) -> bool {
    decide(limiter, charges).await.is_admitted()
}

/// Every quota lets it through, the watched ones too.
#[track_caller]
fn assert_passes(admission: &Admission) {
    assert!(admission.is_admitted() && admission.shadow_refused.is_empty());
    assert!(!admission.degraded);
}

async fn admits_exactly_the_burst(limiter: &dyn RateLimiter) {
    let charges = [email("10 per 10h, burst 4")];
    for _ in 0..4 {
        assert_passes(&decide(limiter, &charges).await);
    }
    let refusal = decide(limiter, &charges).await.refusal().unwrap();
    assert_eq!(refusal.kind, QuotaKind::Email);
    assert!(refusal.retry_after <= HOUR && refusal.retry_after + PATIENCE > HOUR);
}

async fn refused_attempts_do_not_extend_the_wait(limiter: &dyn RateLimiter) {
    let charges = [email("1 per 1h")];
    assert!(admitted(limiter, &charges).await);
    let mut wait = HOUR;
    for _ in 0..50 {
        let refusal = decide(limiter, &charges).await.refusal().unwrap();
        assert!(refusal.retry_after <= wait, "{refusal:?} after {wait:?}");
        wait = refusal.retry_after;
    }
}

async fn charges_all_or_none(limiter: &dyn RateLimiter) {
    let (narrow, wide) = (email("1 per 1h"), page("2 per 1h"));
    assert!(admitted(limiter, &[narrow, wide]).await);
    for charges in [[narrow, wide], [wide, narrow]] {
        let refused = decide(limiter, &charges).await.refused;
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].kind, narrow.kind);
    }
    assert!(
        admitted(limiter, &[wide]).await,
        "one of its two is still there"
    );
    assert!(!admitted(limiter, &[wide]).await);
}

async fn names_the_longest_wait_first(limiter: &dyn RateLimiter) {
    let (short, long) = (email("1 per 1h"), page("1 per 5h"));
    assert!(admitted(limiter, &[short, long]).await);
    let admission = decide(limiter, &[short, long]).await;
    let kinds: Vec<_> = admission
        .refused
        .iter()
        .map(|refusal| refusal.kind)
        .collect();
    assert_eq!(kinds, [long.kind, short.kind]);
    assert_eq!(admission.refusal().unwrap().kind, long.kind);
    assert!(admission.refusal().unwrap().retry_after > 4 * HOUR);
}

async fn shadow_never_refuses(limiter: &dyn RateLimiter) {
    let charges = [shadow(email("1 per 1h")), page("3 per 1h")];
    assert_passes(&decide(limiter, &charges).await);
    for _ in 0..2 {
        let admission = decide(limiter, &charges).await;
        assert!(admission.is_admitted());
        assert_eq!(admission.shadow_refused.len(), 1);
        assert_eq!(admission.shadow_refused[0].kind, QuotaKind::Email);
    }
    let admission = decide(limiter, &charges).await;
    assert_eq!(admission.refusal().unwrap().kind, QuotaKind::Page);
    assert_eq!(admission.shadow_refused.len(), 1);
}

async fn shadow_is_not_charged_by_a_refused_submission(limiter: &dyn RateLimiter) {
    let (enforced, watched) = (email("1 per 1h"), page("2 per 1h"));
    assert!(admitted(limiter, &[enforced]).await);
    for _ in 0..5 {
        assert!(!admitted(limiter, &[enforced, shadow(watched)]).await);
    }
    assert!(admitted(limiter, &[watched]).await);
    assert!(admitted(limiter, &[watched]).await);
}

async fn shadow_is_charged_only_when_it_passes_itself(limiter: &dyn RateLimiter) {
    let watched = email("2 per 2h");
    for _ in 0..20 {
        assert!(admitted(limiter, &[shadow(watched)]).await);
    }
    let refusal = decide(limiter, &[watched]).await.refusal().unwrap();
    assert!(refusal.retry_after <= HOUR, "18 of the 20 were not counted");
}

async fn what_costs_more_takes_more(limiter: &dyn RateLimiter) {
    let (one, three) = (email("7 per 7h"), costing(email("7 per 7h"), 3));
    for charge in [three, one, three] {
        assert!(admitted(limiter, &[charge]).await);
    }
    let refusal = decide(limiter, &[three]).await.refusal().unwrap();
    assert!(refusal.retry_after > 2 * HOUR && refusal.retry_after <= 3 * HOUR);
    let refusal = decide(limiter, &[one]).await.refusal().unwrap();
    assert!(refusal.retry_after <= HOUR, "{refusal:?}");
}

async fn a_cost_above_the_burst_takes_the_whole_burst_and_no_more(limiter: &dyn RateLimiter) {
    let dear = costing(email("2 per 2h"), 50);
    assert!(admitted(limiter, &[dear]).await, "else it never would be");
    let refusal = decide(limiter, &[dear]).await.refusal().unwrap();
    assert!(refusal.retry_after <= 2 * HOUR, "{refusal:?}");
}

async fn says_what_is_left(limiter: &dyn RateLimiter) {
    let charges = [costing(email("5 per 5h"), 2), page("9 per 9h")];
    for (admits, counts, waits) in [
        (true, [3, 8], [false, false]),
        (true, [1, 7], [false, false]),
        (false, [1, 7], [true, false]),
    ] {
        let admission = decide(limiter, &charges).await;
        assert_eq!(admission.is_admitted(), admits);
        for (at, left) in admission.remaining.iter().enumerate() {
            assert_eq!(left.count, counts[at]);
            assert_eq!(!left.retry_after.is_zero(), waits[at]);
            assert!(left.whole_after <= 9 * HOUR && !left.whole_after.is_zero());
        }
    }
}

async fn a_look_takes_nothing(limiter: &dyn RateLimiter) {
    let charges = [costing(email("5 per 5h"), 2), page("1 per 1h")];
    let look = async || {
        look_up(limiter, &SiteId::default(), &charges)
            .await
            .unwrap()
    };
    for status in look().await {
        assert_eq!(status.left, status.charge.quota.burst());
        assert!(status.whole_after.is_zero() && status.next_after.is_zero());
    }
    assert!(admitted(limiter, &charges).await);
    for _ in 0..3 {
        let [email, page] = look().await[..] else {
            panic!("expected two answers");
        };
        assert_eq!((email.kind(), email.left), (QuotaKind::Email, 3));
        assert!(email.next_after.is_zero() && email.whole_after <= 2 * HOUR);
        assert_eq!((page.left, page.next_after), (0, page.whole_after));
        assert!(page.next_after <= HOUR && page.next_after + PATIENCE > HOUR);
    }
}

async fn a_reset_key_is_as_good_as_new_and_others_stay(limiter: &dyn RateLimiter) {
    let (email, page) = (email("2 per 2h"), page("2 per 2h"));
    for _ in 0..2 {
        assert!(admitted(limiter, &[email, page]).await);
    }
    reset(limiter, &SiteId::default(), &[email]).await.unwrap();
    // What is left of a reset is gone after a tenth of a millisecond.
    let whole = async {
        while !admitted(limiter, &[costing(email, 2)]).await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, whole)
        .await
        .expect("the key to be whole");
    assert!(!admitted(limiter, &[page]).await);
}

async fn kinds_and_sites_count_apart(limiter: &dyn RateLimiter) {
    let other_site = SiteId::new("other").unwrap();
    let here = email("1 per 1h");
    let there = Charge {
        key: KeyHasher::new([9; 32]).key(&other_site, QuotaKind::Email, b"a@example.org"),
        ..here
    };
    let as_page = charge(QuotaKind::Page, "a@example.org", "1 per 1h");
    assert!(admitted(limiter, &[here]).await);
    assert!(admitted(limiter, &[as_page]).await);
    assert!(
        limiter
            .charge(&other_site, &[there])
            .await
            .unwrap()
            .is_admitted()
    );
    assert!(!admitted(limiter, &[here]).await);
}

async fn admits_what_no_quota_counts(limiter: &dyn RateLimiter) {
    assert_eq!(decide(limiter, &[]).await, Admission::default());
}

async fn a_narrower_quota_applies_at_once(limiter: &dyn RateLimiter) {
    for _ in 0..100 {
        assert!(admitted(limiter, &[email("100 per 365d")]).await);
    }
    let refusal = decide(limiter, &[email("2 per 2h")])
        .await
        .refusal()
        .unwrap();
    assert!(refusal.retry_after <= HOUR, "{refusal:?}");
}

async fn concurrent_submissions_admit_exactly_the_quota(limiter: &dyn RateLimiter) {
    let names = ["a", "b", "c", "d"];
    let reader = async |reader: usize| {
        let mut charges = names.map(|name| charge(QuotaKind::Email, name, "100 per 10h"));
        charges.rotate_left(reader % names.len());
        let attempts = join_all((0..25).map(|_| admitted(limiter, &charges))).await;
        attempts.into_iter().filter(|admitted| *admitted).count()
    };
    let admitted: usize = join_all((0..8).map(reader)).await.into_iter().sum();
    assert_eq!(admitted, 100);
}

/// Asks all the time: were the wait extended by refused attempts, it would not end;
/// were the page charged by them, it would refuse.
async fn what_was_used_comes_back(limiter: &dyn RateLimiter) {
    let interval = Duration::from_millis(150);
    let charges = [email("2 per 300ms"), page("5 per 5h")];
    let start = Instant::now();
    for _ in 0..5 {
        let until_admitted = async {
            while let Some(refusal) = decide(limiter, &charges).await.refusal() {
                assert_eq!(refusal.kind, QuotaKind::Email);
                assert!(refusal.retry_after <= interval, "{refusal:?}");
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, until_admitted).await;
        waited.expect("what was used to come back");
    }
    // Two at once, then three more; a millisecond for two clocks that run apart.
    assert!(start.elapsed() + Duration::from_millis(1) >= 3 * interval);
}
