//! Counters for Prometheus. What a request touches is resolved once, so counting
//! it takes a look-up at most.

use std::collections::HashMap;
use std::time::Duration;

use arc_swap::ArcSwap;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use tonic::Code;

use super::labels::{BuildLabels, CODES, CallLabels, ReasonLabels, ReloadLabels, SubmissionLabels};
use super::model_metrics::{ModelMetrics, ShownTrial};
use super::quota_answers::{QuotaAnswers, QuotaOutcome};
use super::store_metrics::StoreMetrics;
use super::webhook_metrics::WebhookMetrics;
use crate::rate_limit::QuotaKind;
use crate::site::SiteId;
use crate::verdict::{Decision, JudgedBy, Verdict};

/// Upper bounds of the latency buckets, in seconds: from what scoring takes to
/// where a reader notices.
const SECONDS: [f64; 14] = [
    50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 500e-3,
    1.0,
];

/// One counter for each [`Decision`], in the order of [`Decision::ALL`].
type ByDecision = [Counter; Decision::ALL.len()];

/// What a running server counts.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    submissions: Family<SubmissionLabels, Counter>,
    submissions_by_site: ArcSwap<HashMap<SiteId, ByDecision>>,
    reasons: Family<ReasonLabels, Counter>,
    check_duration: Histogram,
    calls: [Counter; CODES.len()],
    in_flight: Gauge,
    shed: Counter,
    limiter_degraded: Gauge,
    limiter_stand_in_answers: Counter,
    quota_answers: QuotaAnswers,
    config_reloads: Family<ReloadLabels, Counter>,
    log_lines_dropped: Counter,
    store: StoreMetrics,
    webhooks: WebhookMetrics,
    models: ModelMetrics,
    build: Family<BuildLabels, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Counters at zero.
    #[must_use]
    pub fn new() -> Self {
        let calls = Family::<CallLabels, Counter>::default();
        let mut metrics = Self {
            registry: Registry::with_prefix("moderato"),
            submissions: Family::default(),
            submissions_by_site: ArcSwap::default(),
            reasons: Family::default(),
            check_duration: Histogram::new(SECONDS),
            calls: CODES.map(|code| calls.get_or_create_owned(&CallLabels { code })),
            in_flight: Gauge::default(),
            shed: Counter::default(),
            limiter_degraded: Gauge::default(),
            limiter_stand_in_answers: Counter::default(),
            quota_answers: QuotaAnswers::default(),
            config_reloads: Family::default(),
            log_lines_dropped: Counter::default(),
            store: StoreMetrics::default(),
            webhooks: WebhookMetrics::default(),
            models: ModelMetrics::default(),
            build: Family::default(),
        };
        metrics.register(calls);
        metrics
    }

    fn register(&mut self, calls: Family<CallLabels, Counter>) {
        let registry = &mut self.registry;
        let submissions = self.submissions.clone();
        registry.register("submissions", "Verdicts by site and decision", submissions);
        registry.register("reasons", "Reasons given, by code", self.reasons.clone());
        registry.register_with_unit(
            "check_duration",
            "Time from a parsed request to its verdict",
            Unit::Seconds,
            self.check_duration.clone(),
        );
        registry.register("grpc_calls", "gRPC calls by the status they got", calls);
        let in_flight = self.in_flight.clone();
        registry.register("in_flight", "Comments being judged now", in_flight);
        registry.register(
            "shed",
            "Calls refused because the server was full",
            self.shed.clone(),
        );
        registry.register(
            "limiter_degraded",
            "1 while the in-process limiter stands in for Redis",
            self.limiter_degraded.clone(),
        );
        registry.register(
            "limiter_stand_in_answers",
            "Submissions whose quotas the in-process limiter judged in place of Redis",
            self.limiter_stand_in_answers.clone(),
        );
        registry.register(
            "quota_answers",
            "What each kind of quota answered; degraded: the in-process limiter stood in",
            self.quota_answers.family(),
        );
        registry.register(
            "config_reloads",
            "Changed configurations that were put in force or refused",
            self.config_reloads.clone(),
        );
        registry.register(
            "submission_log_dropped",
            "Lines of the submission log that were dropped because it was full or failed",
            self.log_lines_dropped.clone(),
        );
        self.store.register(registry);
        self.webhooks.register(registry);
        self.models.register(registry);
        let build = self.build.clone();
        registry.register(
            "build_info",
            "The program's version and the model in force",
            build,
        );
    }

    /// Counts a verdict that took `took`.
    pub fn judged(&self, site: &SiteId, verdict: &Verdict, took: Duration) {
        self.count_submission(site, verdict.decision);
        self.check_duration.observe(took.as_secs_f64());
        for reason in &verdict.reasons {
            self.reasons
                .get_or_create(&ReasonLabels { code: reason.code })
                .inc();
        }
    }

    fn count_submission(&self, site: &SiteId, decision: Decision) {
        if let Some(counters) = self.submissions_by_site.load().get(site) {
            counters[decision as usize].inc();
            return;
        }
        let counters = self.counters_of(site);
        counters[decision as usize].inc();
        // Sites are few and stay, so copying the map for a new one is cheap.
        self.submissions_by_site.rcu(|sites| {
            let mut sites = HashMap::clone(sites);
            sites.insert(site.clone(), counters.clone());
            sites
        });
    }

    fn counters_of(&self, site: &SiteId) -> ByDecision {
        Decision::ALL.map(|decision| {
            self.submissions.get_or_create_owned(&SubmissionLabels {
                site: site.to_string(),
                decision: decision.name(),
            })
        })
    }

    /// Counts a gRPC call by the status it was answered with.
    pub fn called(&self, code: Code) {
        self.calls[code as usize].inc();
    }

    /// A comment has begun to be judged.
    pub fn entered(&self) {
        self.in_flight.inc();
    }

    /// A comment is no longer being judged.
    pub fn left(&self) {
        self.in_flight.dec();
    }

    /// A call was refused because the server was full.
    pub fn shed(&self) {
        self.shed.inc();
    }

    /// Says whether the in-process limiter stands in for Redis from now on.
    pub fn limiter_degraded(&self, degraded: bool) {
        self.limiter_degraded.set(degraded.into());
    }

    /// The in-process limiter answered in place of Redis.
    pub fn limiter_stand_in_answered(&self) {
        self.limiter_stand_in_answers.inc();
    }

    /// A quota of this kind has answered; `degraded`: by the stand-in.
    pub fn quota_answered(&self, kind: QuotaKind, outcome: QuotaOutcome, degraded: bool) {
        self.quota_answers.count(kind, outcome, degraded);
    }

    /// A changed configuration was put in force, or refused.
    pub fn config_reloaded(&self, in_force: bool) {
        let result = if in_force { "applied" } else { "refused" };
        let labels = ReloadLabels { result };
        self.config_reloads.get_or_create(&labels).inc();
    }

    /// A line of the submission log was dropped.
    pub fn log_line_dropped(&self) {
        self.log_lines_dropped.inc();
    }

    /// So many records became durable together, after `took`.
    pub fn store_wrote(&self, records: usize, took: Duration) {
        self.store.wrote(records, took);
    }

    /// The store was found to take writes, or not.
    pub fn store_up(&self, up: bool) {
        self.store.set_up(up);
    }

    /// Records could not be written.
    pub fn store_failed(&self) {
        self.store.failed();
    }

    /// So many approvals are packed.
    pub fn store_packed(&self, records: u64) {
        self.store.set_packed(records);
    }

    /// So many verdicts were given whose records could not be kept.
    pub fn store_lost(&self, records: usize) {
        self.store.lost(records);
    }

    /// A webhook was sent, and this came of it.
    pub fn webhook_attempted(&self, result: &'static str) {
        self.webhooks.attempted(result);
    }

    /// So many deliveries to `site` wait, and so many were given up.
    pub fn webhooks_pending(&self, site: &str, waiting: u64, dead: u64) {
        self.webhooks.pending(site, waiting, dead);
    }

    /// Names the model in force from now on.
    pub fn model_in_force(&self, model: &str) {
        let labels = BuildLabels {
            version: env!("CARGO_PKG_VERSION"),
            model: model.to_owned(),
        };
        self.build.clear();
        self.build.get_or_create(&labels).set(1);
    }

    /// Shows the models on trial from now on.
    pub fn models_on_trial(&self, canary: Option<ShownTrial<'_>>, shadow: Option<ShownTrial<'_>>) {
        self.models.on_trial(canary, shadow);
    }

    /// A model could not be put in force.
    pub fn model_refused(&self) {
        self.models.refused();
    }

    /// Counts by which models a comment was judged and decided on.
    pub fn judged_by(&self, decision: Decision, by: JudgedBy) {
        self.models.judged(decision, by);
    }

    /// Everything, in the `OpenMetrics` text format.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut page = String::new();
        // Writing to a string does not fail, and our labels do not either.
        let _ = text::encode(&mut page, &self.registry);
        page
    }
}

#[cfg(test)]
#[path = "metrics_tests.rs"]
mod tests;
