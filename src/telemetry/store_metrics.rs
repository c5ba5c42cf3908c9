//! What is counted of the store.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper bounds of the buckets of a commit, in seconds: from a fast disk to where the
/// store gives up.
const SECONDS: [f64; 12] = [
    250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 500e-3, 1.0, 5.0,
];

/// Counters of the store.
#[derive(Debug)]
pub(super) struct StoreMetrics {
    up: Gauge,
    records: Counter,
    commits: Histogram,
    failures: Counter,
    packed: Gauge,
    lost: Counter,
}

impl Default for StoreMetrics {
    fn default() -> Self {
        let up = Gauge::default();
        // Until it is known to be down.
        up.set(1);
        Self {
            up,
            records: Counter::default(),
            commits: Histogram::new(SECONDS),
            failures: Counter::default(),
            packed: Gauge::default(),
            lost: Counter::default(),
        }
    }
}

impl StoreMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "store_up",
            "1 while the store takes writes, by the last comments kept or a probe every few seconds",
            self.up.clone(),
        );
        registry.register(
            "store_records",
            "Comments and verdicts that became durable",
            self.records.clone(),
        );
        registry.register_with_unit(
            "store_commit_duration",
            "Time to make a group of records durable",
            Unit::Seconds,
            self.commits.clone(),
        );
        registry.register(
            "store_failures",
            "Groups of records that could not be written",
            self.failures.clone(),
        );
        registry.register(
            "store_packed",
            "Approvals of a burst that are packed, until there is time to make rows of them",
            self.packed.clone(),
        );
        registry.register(
            "store_lost",
            "Approvals that were answered and could not be recorded",
            self.lost.clone(),
        );
    }

    pub(super) fn wrote(&self, records: usize, took: Duration) {
        self.up.set(1);
        self.records.inc_by(records as u64);
        self.commits.observe(took.as_secs_f64());
    }

    pub(super) fn failed(&self) {
        self.up.set(0);
        self.failures.inc();
    }

    pub(super) fn set_up(&self, up: bool) {
        self.up.set(up.into());
    }

    pub(super) fn set_packed(&self, records: u64) {
        self.packed.set(records.cast_signed());
    }

    pub(super) fn lost(&self, records: usize) {
        self.lost.inc_by(records as u64);
    }
}
