//! A limiter whose answers show in the metrics.

use std::sync::Arc;

use async_trait::async_trait;

use crate::rate_limit::{Admission, Charge, LimiterError, RateLimiter};
use crate::site::SiteId;
use crate::telemetry::Metrics;

/// Counts what another limiter answers, by kind of quota and never by key.
pub(super) struct Counted<L> {
    limiter: L,
    metrics: Arc<Metrics>,
}

impl<L: RateLimiter> Counted<L> {
    pub(super) const fn new(limiter: L, metrics: Arc<Metrics>) -> Self {
        Self { limiter, metrics }
    }

    fn count(&self, admission: &Admission) {
        self.metrics.limiter_degraded(admission.degraded);
        if admission.degraded {
            self.metrics.limiter_stand_in_answered();
        }
        for refusal in &admission.refused {
            self.metrics.quota_refused(refusal.kind);
        }
        for refusal in &admission.shadow_refused {
            self.metrics.shadow_quota_refused(refusal.kind);
        }
    }
}

#[async_trait]
impl<L: RateLimiter> RateLimiter for Counted<L> {
    async fn charge(&self, site: &SiteId, charges: &[Charge]) -> Result<Admission, LimiterError> {
        let admission = self.limiter.charge(site, charges).await?;
        self.count(&admission);
        Ok(admission)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::rate_limit::{QuotaKind, Refusal};

    /// Answers the same to everything.
    struct Always(Admission);

    #[async_trait]
    impl RateLimiter for Always {
        async fn charge(&self, _: &SiteId, _: &[Charge]) -> Result<Admission, LimiterError> {
            Ok(self.0.clone())
        }
    }

    #[tokio::test]
    async fn answers_are_passed_on_and_counted() {
        let refusal = |kind| {
            let retry_after = Duration::from_secs(1);
            vec![Refusal { kind, retry_after }]
        };
        let answer = Admission {
            refused: refusal(QuotaKind::Email),
            shadow_refused: refusal(QuotaKind::Page),
            degraded: true,
            ..Admission::default()
        };
        let metrics = Arc::new(Metrics::new());
        let limiter = Counted::new(Always(answer.clone()), Arc::clone(&metrics));
        let charged = limiter.charge(&SiteId::default(), &[]).await.unwrap();
        assert_eq!(charged, answer);
        let page = metrics.encode();
        for line in [
            "moderato_limiter_degraded 1",
            "moderato_limiter_stand_in_answers_total 1",
            "moderato_quota_refusals_total{quota=\"email\",mode=\"enforced\"} 1",
            "moderato_quota_refusals_total{quota=\"page\",mode=\"shadow\"} 1",
        ] {
            assert!(page.lines().any(|other| other == line), "{line}\n{page}");
        }
    }
}
