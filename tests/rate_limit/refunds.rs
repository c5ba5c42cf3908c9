//! What every limiter gives back of what came to nothing.

use std::time::Duration;

use moderato::rate_limit::{Admission, Charge, QuotaKind, RateLimiter, look_up};
use moderato::site::SiteId;

use super::{HOUR, admitted, assert_passes, decide};
use crate::redis_server::PATIENCE;
use crate::{charge, costing, email, page, shadow};

async fn refund(
    limiter: &dyn RateLimiter,
    charges: &[Charge],
    admission: &Admission,
    ago: Duration,
) {
    let site = SiteId::default();
    let refunded = limiter.refund(&site, charges, admission, ago).await;
    refunded.unwrap();
}

pub async fn what_came_to_nothing_is_given_back(limiter: &dyn RateLimiter) {
    let charges = [costing(email("5 per 5h"), 3), page("2 per 2h")];
    for _ in 0..4 {
        let admission = decide(limiter, &charges).await;
        assert_passes(&admission);
        refund(limiter, &charges, &admission, Duration::ZERO).await;
    }
    // What was charged besides stays charged.
    let (kept, given_back) = ([email("5 per 5h")], [costing(email("5 per 5h"), 4)]);
    assert!(admitted(limiter, &kept).await);
    let admission = decide(limiter, &given_back).await;
    refund(limiter, &given_back, &admission, Duration::ZERO).await;
    assert!(admitted(limiter, &[costing(kept[0], 4)]).await);
    let refusal = decide(limiter, &kept).await.refusal().unwrap();
    assert!(refusal.retry_after + PATIENCE > HOUR, "{refusal:?}");
}

pub async fn only_what_was_charged_is_given_back(limiter: &dyn RateLimiter) {
    let (narrow, watched, wide) = (
        email("1 per 1h"),
        shadow(charge(QuotaKind::Author, "u", "1 per 1h")),
        page("3 per 3h"),
    );
    assert!(admitted(limiter, &[narrow, watched, wide]).await);
    let refused = decide(limiter, &[narrow, wide]).await;
    refund(limiter, &[narrow, wide], &refused, Duration::ZERO).await;
    assert!(!admitted(limiter, &[narrow]).await, "it was refused");
    let overrun = decide(limiter, &[watched, wide]).await;
    refund(limiter, &[watched, wide], &overrun, Duration::ZERO).await;
    let enforced = Charge {
        shadow: false,
        ..watched
    };
    assert!(
        !admitted(limiter, &[enforced]).await,
        "only one was counted"
    );
    for left in [true, true, false] {
        assert_eq!(admitted(limiter, &[wide]).await, left);
    }
}

pub async fn what_has_come_back_by_itself_is_not_given_back_again(limiter: &dyn RateLimiter) {
    let charges = [email("4 per 4h")];
    let first = decide(limiter, &charges).await;
    for _ in 0..3 {
        assert!(admitted(limiter, &charges).await);
    }
    refund(limiter, &charges, &first, HOUR).await;
    assert!(!admitted(limiter, &charges).await);
    refund(limiter, &charges, &first, HOUR / 2).await;
    let refusal = decide(limiter, &charges).await.refusal().unwrap();
    assert!(refusal.retry_after <= HOUR / 2, "{refusal:?}");
}

/// However often and late, a quota that was used up holds no more than it ever does.
pub async fn a_refund_never_lets_more_through(limiter: &dyn RateLimiter) {
    let charges = [costing(email("3 per 300ms"), 3)];
    let admission = decide(limiter, &charges).await;
    assert!(admission.is_admitted());
    for _ in 0..5 {
        refund(limiter, &charges, &admission, Duration::ZERO).await;
    }
    let counts = look_up(limiter, &SiteId::default(), &charges).await;
    assert_eq!(counts.unwrap()[0].left, 3);
    let one = [email("1 per 1h")];
    let earlier = decide(limiter, &one).await;
    refund(limiter, &one, &earlier, Duration::ZERO).await;
    refund(limiter, &one, &earlier, Duration::ZERO).await;
    assert!(admitted(limiter, &one).await);
    assert!(!admitted(limiter, &one).await, "nobody saves up");
}
