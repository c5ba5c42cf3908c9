//! What the operator sees of a running server: logs, metrics, and a line for
//! every submission. None of it holds a name, an address or a text.

mod causes;
mod labels;
pub mod logging;
mod metrics;
mod model_metrics;
mod quota_answers;
mod store_metrics;
mod submission_log;
mod webhook_metrics;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use causes::with_causes;
pub use metrics::Metrics;
pub use model_metrics::ShownTrial;
pub use quota_answers::QuotaOutcome;
pub use submission_log::{LogWriter, SubmissionLog};

use crate::rate_limit::OverQuota;
use crate::site::SiteId;
use crate::verdict::{JudgedBy, Verdict};

/// Where every verdict is counted and logged.
#[derive(Debug)]
pub struct Recorder {
    metrics: Arc<Metrics>,
    log: SubmissionLog,
}

impl Recorder {
    /// Counts in `metrics`, writes to `log`.
    #[must_use]
    pub const fn new(metrics: Arc<Metrics>, log: SubmissionLog) -> Self {
        Self { metrics, log }
    }

    /// Records what was judged at `now`. Never waits: a line that finds the log full is
    /// dropped and counted.
    pub fn record(&self, site: &SiteId, judged: Judged<'_>, now: SystemTime) {
        self.metrics.judged(site, judged.verdict, judged.took);
        if judged.verdict.scores.is_some() {
            self.metrics.judged_by(judged.verdict.decision, judged.by);
        }
        self.log.write(site, judged, now);
    }
}

/// A submission that was judged.
#[derive(Debug)]
pub struct Judged<'a> {
    /// What was answered.
    pub verdict: &'a Verdict,
    /// The quotas it was over.
    pub over: OverQuota,
    /// Which models judged it.
    pub by: JudgedBy,
    /// How long that took.
    pub took: Duration,
}
