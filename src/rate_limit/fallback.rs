//! What counts while the limiter proper does not answer.

use std::time::Duration;

use async_trait::async_trait;

use super::admission::Admission;
use super::breaker::{Breaker, Change};
use super::charge::Charge;
use super::clock::{Clock, MonotonicClock};
use super::in_process::InProcess;
use super::{LimiterError, RateLimiter};
use crate::site::SiteId;

/// How long a limiter that failed is left alone before one call tries it again.
pub const DEFAULT_REST: Duration = Duration::from_millis(200);

/// A limiter with an in-process one that answers when it does not, so that no
/// submission fails or waits because a part is down.
///
/// A submission is counted by one of the two. The stand-in starts from idle, so an
/// outage can admit up to one whole quota more in each replica; what it counted is
/// not carried over when the limiter proper is back. Each try in an outage costs one
/// caller the time that limiter takes to fail; everyone else is answered at once.
pub struct WithFallback<P, C = MonotonicClock> {
    primary: P,
    stand_in: InProcess<C>,
    breaker: Breaker,
}

impl<P: RateLimiter, C: Clock> WithFallback<P, C> {
    /// Asks `primary`, which must bound its own time to answer; when it fails,
    /// `stand_in` answers, and `primary` is left alone for `rest`, timed by the
    /// stand-in's clock.
    pub fn new(primary: P, stand_in: InProcess<C>, rest: Duration) -> Self {
        Self {
            primary,
            stand_in,
            breaker: Breaker::new(rest),
        }
    }

    /// The primary's answer; `None` if it is resting or fails.
    async fn ask_primary(&self, site: &SiteId, charges: &[Charge]) -> Option<Admission> {
        let leave = self.breaker.ask(self.stand_in.clock().now_us())?;
        match self.primary.charge(site, charges).await {
            Ok(admission) => {
                if leave.succeeded() == Change::Closed {
                    tracing::info!("the limiter answers again; limits are no longer counted here");
                }
                Some(admission)
            }
            Err(error) => {
                if leave.failed(self.stand_in.clock().now_us()) == Change::Opened {
                    tracing::warn!(%error, "limits are counted in this process until the limiter answers again");
                }
                None
            }
        }
    }
}

#[async_trait]
impl<P: RateLimiter, C: Clock> RateLimiter for WithFallback<P, C> {
    /// Never fails.
    async fn charge(&self, site: &SiteId, charges: &[Charge]) -> Result<Admission, LimiterError> {
        if let Some(admission) = self.ask_primary(site, charges).await {
            return Ok(admission);
        }
        Ok(Admission {
            degraded: true,
            ..self.stand_in.decide(charges)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use super::*;
    use crate::rate_limit::{Cost, KeyHasher, ManualClock, QuotaKind};

    const REST: Duration = Duration::from_millis(200);

    /// Admits everything, or is down.
    #[derive(Default)]
    struct Primary {
        down: AtomicBool,
        asked: AtomicU32,
    }

    #[async_trait]
    impl RateLimiter for &Primary {
        async fn charge(&self, _: &SiteId, _: &[Charge]) -> Result<Admission, LimiterError> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            if self.down.load(Ordering::SeqCst) {
                return Err(LimiterError::Late(Duration::ZERO));
            }
            Ok(Admission::default())
        }
    }

    impl Primary {
        fn set_down(&self, down: bool) {
            self.down.store(down, Ordering::SeqCst);
        }

        fn asked(&self) -> u32 {
            self.asked.load(Ordering::SeqCst)
        }
    }

    async fn charge<C: Clock>(limiter: &WithFallback<&Primary, C>) -> Admission {
        let site = SiteId::default();
        let charge = Charge {
            kind: QuotaKind::Site,
            key: KeyHasher::new([1; 32]).key(&site, QuotaKind::Site, b""),
            quota: "1 per 1h".parse().unwrap(),
            cost: Cost::ONE,
            shadow: false,
        };
        limiter.charge(&site, &[charge]).await.unwrap()
    }

    #[tokio::test]
    async fn the_stand_in_answers_enforces_and_says_so() {
        let primary = Primary::default();
        let clock = ManualClock::at(0);
        let limiter = WithFallback::new(&primary, InProcess::with(clock.clone(), 1_000), REST);
        assert!(!charge(&limiter).await.degraded);

        primary.set_down(true);
        let first = charge(&limiter).await;
        assert!(first.degraded && first.is_admitted());
        let second = charge(&limiter).await;
        assert!(second.degraded && !second.is_admitted());
        assert_eq!(
            primary.asked(),
            2,
            "the second went straight to the stand-in"
        );
    }

    #[tokio::test]
    async fn the_primary_is_tried_again_after_its_rest() {
        let primary = Primary::default();
        let clock = ManualClock::at(0);
        let limiter = WithFallback::new(&primary, InProcess::with(clock.clone(), 1_000), REST);
        primary.set_down(true);
        charge(&limiter).await;
        clock.advance(REST);
        assert!(charge(&limiter).await.degraded);
        assert_eq!(primary.asked(), 2);

        primary.set_down(false);
        assert!(charge(&limiter).await.degraded, "still resting");
        clock.advance(REST);
        assert!(!charge(&limiter).await.degraded);
        assert!(!charge(&limiter).await.degraded);
        assert_eq!(primary.asked(), 4);
    }
}
