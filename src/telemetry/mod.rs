//! What the operator sees of a running server: logs, metrics, and a line for
//! every submission. None of it holds a name, an address or a text.

mod causes;
mod labels;
pub mod logging;
mod metrics;
mod quota_answers;
mod store_metrics;
mod submission_log;
mod webhook_metrics;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use causes::with_causes;
pub use metrics::Metrics;
pub use quota_answers::QuotaOutcome;
pub use submission_log::{LogWriter, SubmissionLog};

use crate::site::SiteId;
use crate::verdict::Verdict;

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

    /// Records a verdict given at `now` that took `took`. Never waits: a line
    /// that finds the log full is dropped and counted.
    pub fn record(&self, site: &SiteId, verdict: &Verdict, took: Duration, now: SystemTime) {
        self.metrics.judged(site, verdict, took);
        self.log.write(site, verdict, took, now);
    }
}
