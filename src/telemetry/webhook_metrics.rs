//! What is counted of webhooks.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// How an attempt went.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AttemptLabels {
    result: &'static str,
}

/// Whose deliveries, and how far they are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PendingLabels {
    site: String,
    state: &'static str,
}

/// Counters of webhooks.
#[derive(Debug, Default)]
pub(super) struct WebhookMetrics {
    attempts: Family<AttemptLabels, Counter>,
    pending: Family<PendingLabels, Gauge>,
}

impl WebhookMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "webhook_attempts",
            "Attempts to deliver a webhook, by result: delivered, retry or dead",
            self.attempts.clone(),
        );
        registry.register(
            "webhook_deliveries",
            "Webhook deliveries of a site that wait, or that were given up (dead)",
            self.pending.clone(),
        );
    }

    pub(super) fn attempted(&self, result: &'static str) {
        self.attempts.get_or_create(&AttemptLabels { result }).inc();
    }

    pub(super) fn pending(&self, site: &str, waiting: u64, dead: u64) {
        for (state, count) in [("waiting", waiting), ("dead", dead)] {
            let site = site.to_owned();
            let gauge = self
                .pending
                .get_or_create_owned(&PendingLabels { site, state });
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }
}
