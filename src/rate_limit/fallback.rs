//! What counts while the limiter proper does not answer.

use std::time::Duration;

use async_trait::async_trait;

use super::admission::Admission;
use super::charge::Charge;
use super::clock::{Clock, MonotonicClock};
use super::in_process::InProcess;
use super::share::Share;
use super::{LimiterError, RateLimiter};
use crate::site::SiteId;

/// A limiter with an in-process one that answers when it does not, so that no
/// submission fails because a part is down.
///
/// A submission is counted by one of the two. The stand-in starts from idle and counts
/// against a share of each quota, so an outage admits at most that share of a quota
/// more in each replica: with *n* replicas and a share of 1/*n*, one quota in all. What
/// it counted is not carried over when the limiter proper is back.
pub struct WithFallback<P, C = MonotonicClock> {
    primary: P,
    stand_in: InProcess<C>,
    share: Share,
}

impl<P: RateLimiter, C: Clock> WithFallback<P, C> {
    /// Asks `primary`, which must bound its own time to answer; when it fails,
    /// `stand_in` answers by `share` of each quota.
    pub const fn new(primary: P, stand_in: InProcess<C>, share: Share) -> Self {
        Self {
            primary,
            stand_in,
            share,
        }
    }

    fn stand_in(&self, charges: &[Charge]) -> Admission {
        Admission {
            degraded: true,
            ..self.stand_in.decide(&self.shares(charges))
        }
    }

    /// `charges` as the stand-in counts them.
    fn shares(&self, charges: &[Charge]) -> Vec<Charge> {
        charges.iter().map(|charge| self.share.of(charge)).collect()
    }
}

#[async_trait]
impl<P: RateLimiter, C: Clock> RateLimiter for WithFallback<P, C> {
    /// Never fails.
    async fn charge(&self, site: &SiteId, charges: &[Charge]) -> Result<Admission, LimiterError> {
        match self.primary.charge(site, charges).await {
            Ok(admission) => Ok(admission),
            Err(error) => {
                tracing::debug!(%error, "counted in this process");
                Ok(self.stand_in(charges))
            }
        }
    }

    /// By the one of the two that charged.
    async fn refund(
        &self,
        site: &SiteId,
        charges: &[Charge],
        admission: &Admission,
        ago: Duration,
    ) -> Result<(), LimiterError> {
        if admission.degraded {
            self.stand_in
                .give_back(&self.shares(charges), admission, ago);
            return Ok(());
        }
        self.primary.refund(site, charges, admission, ago).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::rate_limit::{Cost, KeyHasher, ManualClock, QuotaKind};

    /// Admits everything, or is down.
    #[derive(Default)]
    struct Primary {
        down: AtomicBool,
    }

    #[async_trait]
    impl RateLimiter for &Primary {
        async fn charge(&self, _: &SiteId, _: &[Charge]) -> Result<Admission, LimiterError> {
            if self.down.load(Ordering::SeqCst) {
                return Err(LimiterError::Resting);
            }
            Ok(Admission::default())
        }

        async fn refund(
            &self,
            _: &SiteId,
            _: &[Charge],
            _: &Admission,
            _: Duration,
        ) -> Result<(), LimiterError> {
            unreachable!("it charges nothing")
        }
    }

    async fn admitted_of_ten(primary: &Primary, share: &str) -> usize {
        let stand_in = InProcess::with(ManualClock::at(0), 1_000);
        let limiter = WithFallback::new(primary, stand_in, share.parse().unwrap());
        let site = SiteId::default();
        let charge = Charge {
            kind: QuotaKind::Site,
            key: KeyHasher::new([1; 32]).key(&site, QuotaKind::Site, b""),
            quota: "6 per 1h".parse().unwrap(),
            cost: Cost::ONE,
            shadow: false,
        };
        let mut admitted = 0;
        for _ in 0..10 {
            let admission = limiter.charge(&site, &[charge]).await.unwrap();
            assert_eq!(admission.degraded, primary.down.load(Ordering::SeqCst));
            admitted += usize::from(admission.is_admitted());
        }
        admitted
    }

    #[tokio::test]
    async fn the_stand_in_enforces_its_share_and_says_so() {
        let primary = Primary::default();
        assert_eq!(admitted_of_ten(&primary, "1").await, 10);
        primary.down.store(true, Ordering::SeqCst);
        assert_eq!(admitted_of_ten(&primary, "1").await, 6);
        assert_eq!(admitted_of_ten(&primary, "0.34").await, 2);
    }
}
