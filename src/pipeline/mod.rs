//! The one path every submission takes: parse, classify, limit, decide, keep.

mod content;
mod deciding;
mod in_force;
mod judging;
mod keeping;
mod quotas;
mod receipts;
mod shared_quotas;
mod site_table;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use uuid::Uuid;

use crate::classifier::Classifier;
use crate::comment::{NotASubmissionId, Submission, SubmissionId};
use crate::rate_limit::{KeyHasher, OverQuota, RateLimiter};
use crate::site::SiteId;
use crate::store::{PersonHasher, Records, StoreError, SubmissionKey};
use crate::verdict::{JudgedBy, Verdict};
pub use deciding::Circumstances;
pub use in_force::{AuthorShare, Canary, ModelsInForce, Shadow};
use receipts::{Receipts, fingerprint};
pub use shared_quotas::{Counted, QuotaState, SharedAnswer, SharedQuestion};
pub use site_table::{SiteRules, SiteTable};

/// Whether a submission is counted against its quotas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limits {
    /// Checked and charged.
    Enforce,
    /// Neither, as in a scan of comments that already exist.
    Skip,
}

/// Why there is no verdict.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PipelineError {
    /// The site used this `submission_id` for something else.
    #[error("submission_id: it was used before with different content")]
    SubmissionIdReused,
    /// The site's `submission_id` is no id.
    #[error(transparent)]
    InvalidSubmissionId(#[from] NotASubmissionId),
    /// There is one, but it could not be kept, and it may not be given without.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for PipelineError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::SubmissionIdReused => Self::SubmissionIdReused,
            other => Self::Store(other),
        }
    }
}

/// A verdict, and whether it was given before.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The verdict.
    pub verdict: Arc<Verdict>,
    /// The same submission was judged before, and this is that verdict.
    pub replayed: bool,
    /// The quotas it was over, if it was judged now.
    pub over: OverQuota,
    /// Which models judged it, if it was judged now.
    pub judged_by: JudgedBy,
}

/// What a pipeline is made of.
pub struct Parts {
    /// The model in force, for all.
    pub classifier: Arc<Classifier>,
    /// Counts submissions against quotas.
    pub limiter: Arc<dyn RateLimiter>,
    /// Hides what is counted.
    pub hasher: KeyHasher,
    /// Hides who wrote what is kept.
    pub people: PersonHasher,
    /// Keeps comments and verdicts.
    pub store: Arc<dyn Records>,
    /// Policy, rules and quotas by site.
    pub sites: SiteTable,
    /// Names a new submission; a source of UUIDs, version 7 in service.
    pub new_id: fn() -> Uuid,
    /// What time it is.
    pub now: fn() -> Timestamp,
    /// How long a `submission_id` is answered from memory.
    pub remember: Duration,
}

/// Judges submissions. Shared by all calls; model and sites can be replaced while
/// it runs, and a submission under way keeps those it began with.
pub struct Pipeline {
    models: ArcSwap<ModelsInForce>,
    limiter: Arc<dyn RateLimiter>,
    hasher: KeyHasher,
    people: PersonHasher,
    store: Arc<dyn Records>,
    sites: ArcSwap<SiteTable>,
    receipts: Receipts,
    new_id: fn() -> Uuid,
    now: fn() -> Timestamp,
}

impl Pipeline {
    /// A pipeline of these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            models: ArcSwap::from_pointee(ModelsInForce::only(parts.classifier)),
            limiter: parts.limiter,
            hasher: parts.hasher,
            people: parts.people,
            store: parts.store,
            sites: ArcSwap::from_pointee(parts.sites),
            receipts: Receipts::new(parts.remember),
            new_id: parts.new_id,
            now: parts.now,
        }
    }

    /// Puts other policies, rules and quotas in force.
    pub fn replace_sites(&self, sites: SiteTable) {
        self.sites.store(Arc::new(sites));
    }

    /// Policies, rules and quotas in force.
    #[must_use]
    pub fn sites(&self) -> Arc<SiteTable> {
        self.sites.load_full()
    }

    /// The models in force.
    #[must_use]
    pub fn models(&self) -> Arc<ModelsInForce> {
        self.models.load_full()
    }

    /// Puts other models in force.
    pub fn replace_models(&self, models: ModelsInForce) {
        self.models.store(Arc::new(models));
    }

    /// Puts one model in force for all.
    pub fn replace_classifier(&self, classifier: Arc<Classifier>) {
        self.replace_models(ModelsInForce::only(classifier));
    }

    /// Forgets which submissions were judged of late: an author was erased, and what is
    /// remembered quotes their words. The store still answers retries of the others.
    pub fn forget_receipts(&self) {
        self.receipts.forget();
    }

    /// Judges a submission to `site`, and keeps comment and verdict. A hold, a
    /// rejection for its content, and whatever has a `submission_id` is durable when
    /// this returns; an approval without one soon after.
    ///
    /// With a `submission_id`, the same content gets the same verdict again, on any
    /// replica, and is charged to no quota twice; a submission that a quota refused
    /// was not charged, and is judged anew.
    ///
    /// # Errors
    /// If the `submission_id` is none, or was used for other content, or if what must
    /// be durable cannot be made so. What such a submission was charged is given back.
    pub async fn check(
        &self,
        site: &SiteId,
        submission: Submission,
        limits: Limits,
    ) -> Result<Checked, PipelineError> {
        if submission.submission_id.is_empty() {
            let (judgement, charged) = self.judge(site, submission, limits).await;
            let kept = self.keep(site, judgement, None).await;
            return Ok(self.settle(site, kept, charged).await?.into());
        }
        // Boxed, for most calls are without an id and would carry its room along.
        Box::pin(self.check_once(site, submission, limits)).await
    }

    async fn check_once(
        &self,
        site: &SiteId,
        submission: Submission,
        limits: Limits,
    ) -> Result<Checked, PipelineError> {
        let key = SubmissionKey {
            id: SubmissionId::new(&submission.submission_id)?,
            fingerprint: fingerprint(&submission, limits),
        };
        // Boxed, for the cache would move it about.
        let answer = Box::pin(async {
            if let Some(receipt) = self.store.receipt(site, &key.id).await? {
                return Ok(receipts::Answer::before(receipt));
            }
            let (judgement, charged) = self.judge(site, submission, limits).await;
            let kept = self.keep(site, judgement, Some(key.clone())).await;
            self.settle(site, kept, charged).await
        });
        self.receipts.once(site, &key, answer).await
    }
}

#[cfg(test)]
mod tests;
