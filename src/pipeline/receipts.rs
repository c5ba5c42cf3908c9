//! Which submissions were judged of late, so that a retry is safe and quick.
//!
//! A cache in memory before the store's own receipts: it answers most retries
//! without asking the store, and lets calls with the same id wait for the first.

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use moka::future::Cache;
use moka::policy::EvictionPolicy;
use sha2::{Digest, Sha256};

use super::{Checked, Limits, PipelineError};
use crate::comment::{Submission, SubmissionId};
use crate::rate_limit::OverQuota;
use crate::site::SiteId;
use crate::store::{Fingerprint, Receipt, SubmissionKey};
use crate::verdict::{Evidence, JudgedBy, Reason, Verdict};

/// Most bytes of receipts remembered: about 15,000 of ordinary verdicts. Beyond
/// it those that were asked for longest ago go first.
const MAX_BYTES: u64 = 32 << 20;

/// What a receipt takes besides evidence and reasons, in bytes, the cache's own
/// entry included.
const RECEIPT_BYTES: usize = 512;

/// What a submission is answered.
pub(super) struct Answer {
    pub(super) verdict: Arc<Verdict>,
    /// Of what the verdict was given for.
    fingerprint: Fingerprint,
    /// The quotas that it is over.
    over: OverQuota,
    /// Who judged it, if it was given just now.
    judged_by: JudgedBy,
    /// It was given before, and kept.
    before: bool,
}

impl Answer {
    /// A verdict that was given just now.
    pub(super) fn new(verdict: Arc<Verdict>, submission: Option<SubmissionKey>) -> Self {
        Self {
            verdict,
            fingerprint: submission.map(|key| key.fingerprint).unwrap_or_default(),
            over: OverQuota::default(),
            judged_by: JudgedBy::default(),
            before: false,
        }
    }

    /// The same, of a submission that is over these quotas.
    pub(super) fn over(self, over: OverQuota) -> Self {
        Self { over, ..self }
    }

    /// The same, of a submission that these models judged.
    pub(super) fn by(self, judged_by: JudgedBy) -> Self {
        Self { judged_by, ..self }
    }

    /// Whether it was given just now.
    pub(super) const fn is_new(&self) -> bool {
        !self.before
    }

    /// A verdict that was given before, for the same content.
    pub(super) fn again(verdict: Arc<Verdict>, submission: Option<SubmissionKey>) -> Self {
        Self {
            before: true,
            ..Self::new(verdict, submission)
        }
    }

    /// A verdict that was kept, for the same content or other.
    pub(super) fn before(receipt: Receipt) -> Self {
        Self {
            verdict: receipt.verdict,
            fingerprint: receipt.fingerprint,
            over: OverQuota::default(),
            judged_by: JudgedBy::default(),
            before: true,
        }
    }
}

impl From<Answer> for Checked {
    fn from(answer: Answer) -> Self {
        Self {
            replayed: answer.before,
            verdict: answer.verdict,
            over: answer.over,
            judged_by: answer.judged_by,
        }
    }
}

/// Why an answer is not remembered.
#[derive(Clone)]
enum Passing {
    /// A quota refused it, and will not always.
    Refused(Receipt),
    /// There is none.
    Failed(PipelineError),
}

/// The submissions judged of late, by site and `submission_id`.
pub(super) struct Receipts(Cache<(SiteId, SubmissionId), Receipt>);

impl Receipts {
    pub(super) fn new(remember: Duration) -> Self {
        Self::of_at_most(MAX_BYTES, remember)
    }

    fn of_at_most(bytes: u64, remember: Duration) -> Self {
        Self(
            Cache::builder()
                .weigher(|_, receipt: &Receipt| weight(&receipt.verdict))
                .max_capacity(bytes)
                // By default a full cache turns away what is asked for the first
                // time, which is every receipt.
                .eviction_policy(EvictionPolicy::lru())
                .time_to_live(remember)
                .build(),
        )
    }

    /// Forgets all of them; the store knows those that are to be known still.
    pub(super) fn forget(&self) {
        self.0.invalidate_all();
    }

    /// Answers by `answer`, once for each id: calls with the same id at the same time
    /// wait for the first. A verdict of a used-up quota is not remembered, nor is a
    /// failure.
    pub(super) async fn once(
        &self,
        site: &SiteId,
        key: &SubmissionKey,
        answer: impl Future<Output = Result<Answer, PipelineError>>,
    ) -> Result<Checked, PipelineError> {
        let fresh = OnceLock::new();
        let receipt = async {
            let answer = answer.await.map_err(Passing::Failed)?;
            if answer.is_new() {
                let _ = fresh.set((answer.over, answer.judged_by));
            }
            let receipt = Receipt {
                fingerprint: answer.fingerprint,
                verdict: answer.verdict,
            };
            if receipt.verdict.retry_after.is_some() {
                Err(Passing::Refused(receipt))
            } else {
                Ok(receipt)
            }
        };
        let entry = (site.clone(), key.id.clone());
        let receipt = match self.0.try_get_with(entry, receipt).await {
            Ok(receipt) => receipt,
            Err(passing) => match Arc::unwrap_or_clone(passing) {
                Passing::Refused(receipt) => receipt,
                Passing::Failed(error) => return Err(error),
            },
        };
        if receipt.fingerprint != key.fingerprint {
            return Err(PipelineError::SubmissionIdReused);
        }
        let replayed = fresh.get().is_none();
        let (over, judged_by) = fresh.into_inner().unwrap_or_default();
        Ok(Checked {
            verdict: receipt.verdict,
            replayed,
            over,
            judged_by,
        })
    }
}

/// Roughly the bytes that the receipt of `verdict` takes.
fn weight(verdict: &Verdict) -> u32 {
    let evidence = verdict.evidence.iter();
    let evidence = evidence.map(|piece| size_of::<Evidence>() + piece.token.len());
    let reasons = verdict.reasons.iter();
    let reasons = reasons.map(|reason| size_of::<Reason>() + reason.message.len());
    let bytes = RECEIPT_BYTES + evidence.chain(reasons).sum::<usize>();
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// The fingerprint of a submission's content and of what is asked for it: a verdict
/// without limits is none for a call with them.
pub(super) fn fingerprint(submission: &Submission, limits: Limits) -> Fingerprint {
    let Submission {
        name,
        email,
        text,
        url,
        ip_address,
        user_agent,
        referrer,
        page,
        author,
        form_duration_ms,
        honeypot,
        locale,
        submission_id: _,
    } = submission;
    let mut digest = Sha256::new();
    for field in [
        name,
        email,
        text,
        url,
        ip_address,
        user_agent,
        referrer,
        &page.id,
        &page.url,
        &page.title,
        &author.id,
        honeypot,
        locale,
    ] {
        digest.update((field.len() as u64).to_le_bytes());
        digest.update(field);
    }
    digest.update([
        u8::from(author.trusted),
        u8::from(limits == Limits::Enforce),
    ]);
    for number in [author.approved_comments.map(u64::from), *form_duration_ms] {
        digest.update([u8::from(number.is_some())]);
        digest.update(number.unwrap_or_default().to_le_bytes());
    }
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::{Decision, EvidenceKind, Head};

    const MINUTE: Duration = Duration::from_mins(1);

    fn verdict(token_bytes: usize) -> Verdict {
        Verdict {
            comment: String::new(),
            decision: Decision::Approve,
            reasons: Vec::new(),
            scores: None,
            evidence: vec![Evidence {
                head: Head::Spam,
                kind: EvidenceKind::Word,
                token: "x".repeat(token_bytes),
                span: None,
                log_odds: 0.0,
            }],
            model: String::new(),
            policy: String::new(),
            degraded: false,
            retry_after: None,
        }
    }

    async fn judged(receipts: &Receipts, id: usize, token_bytes: usize) -> Checked {
        let key = SubmissionKey {
            id: SubmissionId::new(&format!("s-{id}")).unwrap(),
            fingerprint: [0; 32],
        };
        let answer = async {
            Ok(Answer::new(
                Arc::new(verdict(token_bytes)),
                Some(key.clone()),
            ))
        };
        let checked = receipts.once(&SiteId::default(), &key, answer).await;
        receipts.0.run_pending_tasks().await;
        checked.unwrap()
    }

    #[tokio::test]
    async fn long_verdicts_push_out_the_oldest_and_not_the_newest() {
        let receipts = Receipts::of_at_most(10_000, MINUTE);
        for id in 0..10 {
            judged(&receipts, id, 4_000).await;
        }
        assert!(receipts.0.weighted_size() <= 10_000);
        assert!(judged(&receipts, 9, 4_000).await.replayed, "the newest");
        assert!(!judged(&receipts, 0, 4_000).await.replayed, "the oldest");
    }

    #[test]
    fn limits_are_part_of_what_was_asked() {
        let submission = Submission::default();
        let [enforced, skipped] =
            [Limits::Enforce, Limits::Skip].map(|limits| fingerprint(&submission, limits));
        assert_ne!(enforced, skipped);
    }
}
