//! Which submissions were judged already, so that a retry is safe.
//!
//! Held in memory: it covers the retries of a site whose call timed out, on the
//! same replica, for as long as the receipts are remembered.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use moka::future::Cache;
use sha2::{Digest, Sha256};

use super::{Checked, PipelineError};
use crate::comment::{Submission, SubmissionId};
use crate::site::SiteId;
use crate::verdict::Verdict;

/// Most receipts remembered; about 1 KiB each. Beyond it the least used go first.
const MAX_RECEIPTS: u64 = 16_384;

/// SHA-256 over every field of a submission but its id.
type Fingerprint = [u8; 32];

#[derive(Clone)]
struct Receipt {
    fingerprint: Fingerprint,
    verdict: Arc<Verdict>,
}

/// The submissions judged of late, by site and `submission_id`.
pub(super) struct Receipts(Cache<(SiteId, SubmissionId), Receipt>);

impl Receipts {
    pub(super) fn new(remember: Duration) -> Self {
        Self(
            Cache::builder()
                .max_capacity(MAX_RECEIPTS)
                .time_to_live(remember)
                .build(),
        )
    }

    /// Judges by `judge`, once for each id: calls with the same id at the same time
    /// wait for the first. A verdict of a used-up quota is not kept.
    pub(super) async fn once(
        &self,
        site: &SiteId,
        id: SubmissionId,
        fingerprint: Fingerprint,
        judge: impl Future<Output = Verdict>,
    ) -> Result<Checked, PipelineError> {
        let fresh = AtomicBool::new(false);
        let receipt = async {
            fresh.store(true, Ordering::Relaxed);
            let verdict = Arc::new(judge.await);
            let receipt = Receipt {
                fingerprint,
                verdict,
            };
            if receipt.verdict.retry_after.is_some() {
                Err(receipt)
            } else {
                Ok(receipt)
            }
        };
        let receipt = match self.0.try_get_with((site.clone(), id), receipt).await {
            Ok(receipt) => receipt,
            Err(refused) => Arc::unwrap_or_clone(refused),
        };
        if receipt.fingerprint != fingerprint {
            return Err(PipelineError::SubmissionIdReused);
        }
        Ok(Checked {
            verdict: receipt.verdict,
            replayed: !fresh.load(Ordering::Relaxed),
        })
    }
}

/// The fingerprint of a submission's content.
pub(super) fn fingerprint(submission: &Submission) -> Fingerprint {
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
    digest.update([u8::from(author.trusted)]);
    for number in [author.approved_comments.map(u64::from), *form_duration_ms] {
        digest.update([u8::from(number.is_some())]);
        digest.update(number.unwrap_or_default().to_le_bytes());
    }
    digest.finalize().into()
}
