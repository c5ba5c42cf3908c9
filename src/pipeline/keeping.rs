//! Keeping: what of a comment goes into the store, and when a verdict may be given.

use std::sync::Arc;

use super::judging::Judgement;
use super::receipts::Answer;
use super::{Pipeline, PipelineError};
use crate::comment::{AuthorUrl, Comment, Locale};
use crate::site::SiteId;
use crate::store::{AuthorHashes, Content, PersonHasher, Record, Recorded, SubmissionKey, Texts};
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

/// What is kept of a comment.
pub(super) fn content(people: &PersonHasher, site: &SiteId, comment: &Comment) -> Content {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let page = comment.page();
    let author = comment.author();
    Content {
        texts: Texts {
            name: comment.name().as_str().to_owned(),
            text: comment.text().as_str().to_owned(),
            url: owned(comment.url().map(AuthorUrl::as_str)),
            page_id: owned(page.id()),
            page_url: owned(page.url()),
            page_title: owned(page.title()),
            user_agent: owned(comment.user_agent()),
            locale: owned(comment.locale().map(Locale::as_str)),
        },
        author: AuthorHashes {
            email: people.email(site, &comment.email().canonical()),
            author: author.id().map(|id| people.author(site, id)),
            address: comment
                .ip_address()
                .map(|address| people.address(site, address)),
        },
        trusted: author.trusted(),
        approved_comments: author.approved_comments(),
        language: comment.locale().map(Locale::language),
        simhash: None,
        shadow: None,
    }
}
