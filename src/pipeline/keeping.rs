//! Keeping: which judgements go into the store, and when a verdict may be given.

use std::sync::Arc;

use super::judging::Judgement;
use super::receipts::Answer;
use super::{Pipeline, PipelineError};
use crate::site::SiteId;
use crate::store::{Record, Recorded, SubmissionKey};
use crate::verdict::{Decision, Verdict};

impl Pipeline {
    /// Keeps a judgement as its decision asks, and returns what is to be answered.
    pub(super) async fn keep(
        &self,
        site: &SiteId,
        judgement: Judgement,
        submission: Option<SubmissionKey>,
    ) -> Result<Answer, PipelineError> {
        let Judgement {
            id,
            verdict,
            content,
            judged_by,
        } = judgement;
        let verdict = Arc::new(verdict);
        if !is_kept(&verdict, content.is_some(), submission.is_some()) {
            return Ok(Answer::new(verdict, submission).by(judged_by));
        }
        let awaited = submission.is_some() || verdict.decision != Decision::Approve;
        let record = Record {
            id,
            site: site.clone(),
            received_at: (self.now)(),
            submission: submission.clone(),
            verdict: Arc::clone(&verdict),
            content,
        };
        if !awaited {
            // An approval stands without its record; the store counts what is lost.
            let _ = self.store.record_behind(record).await;
            return Ok(Answer::new(verdict, submission).by(judged_by));
        }
        Ok(match self.store.record(record).await? {
            Recorded::New => Answer::new(verdict, submission).by(judged_by),
            // Another replica was first, and its verdict is the one.
            Recorded::Before(verdict) => Answer::again(verdict, submission),
        })
    }
}

/// A fault of the form is kept only for retries; what a quota refused is not kept, for
/// it is judged anew.
fn is_kept(verdict: &Verdict, is_comment: bool, has_submission_id: bool) -> bool {
    verdict.retry_after.is_none() && (is_comment || has_submission_id)
}
