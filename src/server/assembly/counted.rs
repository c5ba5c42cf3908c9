//! A limiter whose answers show in the metrics.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::rate_limit::{Admission, Charge, LimiterError, RateLimiter};
use crate::site::SiteId;
use crate::telemetry::{Metrics, QuotaOutcome};

/// Counts what another limiter answers, by kind of quota and never by key.
pub(super) struct Counted<L> {
    limiter: L,
    metrics: Arc<Metrics>,
}

impl<L: RateLimiter> Counted<L> {
    pub(super) const fn new(limiter: L, metrics: Arc<Metrics>) -> Self {
        Self { limiter, metrics }
    }

    fn count(&self, charges: &[Charge], admission: &Admission) {
        if admission.degraded {
            self.metrics.limiter_stand_in_answered();
        }
        let count = |kind, outcome| {
            let degraded = admission.degraded;
            self.metrics.quota_answered(kind, outcome, degraded);
        };
        for refusal in &admission.refused {
            count(refusal.kind, QuotaOutcome::Refused);
        }
        for refusal in &admission.shadow_refused {
            count(refusal.kind, QuotaOutcome::ShadowRefused);
        }
        for charge in admission.charged(charges) {
            count(charge.kind, QuotaOutcome::Allowed);
        }
    }
}

#[async_trait]
impl<L: RateLimiter> RateLimiter for Counted<L> {
    async fn charge(&self, site: &SiteId, charges: &[Charge]) -> Result<Admission, LimiterError> {
        let admission = self.limiter.charge(site, charges).await?;
        self.count(charges, &admission);
        Ok(admission)
    }

    async fn refund(
        &self,
        site: &SiteId,
        charges: &[Charge],
        admission: &Admission,
        ago: Duration,
    ) -> Result<(), LimiterError> {
        self.limiter.refund(site, charges, admission, ago).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate_limit::{
        InProcess, KeyHasher, ManualClock, QuotaKind, Quotas, Refusal, Subject,
    };

    /// Answers the same to everything.
    struct Always(Admission);

    #[async_trait]
    impl RateLimiter for Always {
        async fn charge(&self, _: &SiteId, _: &[Charge]) -> Result<Admission, LimiterError> {
            Ok(self.0.clone())
        }

        async fn refund(
            &self,
            _: &SiteId,
            _: &[Charge],
            _: &Admission,
            _: Duration,
        ) -> Result<(), LimiterError> {
            Ok(())
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
            "moderato_limiter_stand_in_answers_total 1",
            "moderato_quota_answers_total{quota=\"email\",outcome=\"refused\",degraded=\"true\"} 1",
            "moderato_quota_answers_total{quota=\"page\",outcome=\"shadow_refused\",degraded=\"true\"} 1",
        ] {
            assert!(page.lines().any(|other| other == line), "{line}\n{page}");
        }
    }

    #[tokio::test]
    async fn each_quota_is_counted_by_what_it_answered() {
        let settings = "per_email = \"2 per 1h\"\nper_page = \"1 per 1h\"\nshadow = [\"per_page\"]";
        let quotas = Quotas::resolve(&[&toml::from_str(settings).unwrap()]);
        let subject = Subject {
            email: Some("a@example.org"),
            page: Some("p"),
            site: true,
            ..Subject::default()
        };
        let (site, hasher) = (SiteId::default(), KeyHasher::new([1; 32]));
        let charges = quotas.charges(&hasher, &site, &subject, crate::rate_limit::Cost::ONE);
        let metrics = Arc::new(Metrics::new());
        let in_process = InProcess::with(ManualClock::at(0), 1_000);
        let limiter = Counted::new(in_process, Arc::clone(&metrics));
        for _ in 0..3 {
            limiter.charge(&site, &charges).await.unwrap();
        }
        let page = metrics.encode();
        for (quota, outcome, count) in [
            ("email", "allowed", 2),
            ("email", "refused", 1),
            ("page", "allowed", 1),
            ("page", "shadow_refused", 2),
            ("site", "allowed", 2),
            ("site", "refused", 0),
            ("address", "allowed", 0),
        ] {
            let line = format!(
                "moderato_quota_answers_total{{quota=\"{quota}\",outcome=\"{outcome}\",degraded=\"false\"}} {count}"
            );
            assert!(page.lines().any(|other| other == line), "{line}\n{page}");
        }
    }
}
