//! What a site may ask of its comments, and say.

use jiff::Timestamp;

use super::fingerprint::fingerprint;
use super::resolve::checked_note;
use super::{CommentName, Review, ReviewError};
use crate::comment::SubmissionId;
use crate::site::SiteId;
use crate::store::{
    CommentId, Complaint, NewReport, Obstacle, Reporter, StoredComment, StoredDecision,
};
use crate::text::SimHash;

/// Which comment, as a site names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommentRef {
    /// By its id.
    Id(CommentId),
    /// By the site's own id for the submission.
    Submission(SubmissionId),
}

/// Where a comment is.
#[derive(Clone, Debug)]
pub struct Tracked {
    /// The comment.
    pub comment: StoredComment,
    /// The decision in force.
    pub decision: StoredDecision,
}

impl Review {
    /// Where a comment of `site` is.
    ///
    /// # Errors
    /// If there is no such comment, or the store has no answer.
    pub async fn track(&self, site: &SiteId, which: &CommentRef) -> Result<Tracked, ReviewError> {
        let id = match which {
            CommentRef::Id(id) => *id,
            CommentRef::Submission(submission) => self
                .store
                .comment_of_submission(site, submission)
                .await?
                .ok_or(ReviewError::NotFound)?,
        };
        let comment = self
            .store
            .comment(site, id)
            .await?
            .ok_or(ReviewError::NotFound)?;
        let decisions = self.store.decisions(id).await?;
        let number = comment.last_decision;
        let in_force = decisions
            .into_iter()
            .find(|decision| decision.number == number);
        Ok(Tracked {
            decision: in_force.ok_or(ReviewError::NotFound)?,
            comment,
        })
    }

    /// Takes a report: the comment goes back into the queue. Where it is then.
    ///
    /// # Errors
    /// If there is no such comment, the complaint does not fit its status, its text is
    /// gone, the note is longer than 2,000 characters, or the store has no answer.
    pub async fn report(
        &self,
        name: &CommentName,
        reporter: Reporter,
        complaint: Complaint,
        note: &str,
        now: Timestamp,
    ) -> Result<Tracked, ReviewError> {
        let report = NewReport {
            id: (self.new_id)(),
            site: name.site.clone(),
            comment: name.id,
            reporter,
            complaint,
            note: checked_note("note", Some(note))?,
            simhash: self.missing_simhash(name).await?,
            now,
        };
        let mut outcome = self.store.report(&report).await?;
        if let Err(Obstacle::Settled(_)) = outcome {
            // Somebody decided at that moment; what they decided is now reported.
            outcome = self.store.report(&report).await?;
        }
        match outcome {
            Ok(()) => {
                self.waves.outdate(&name.site);
                self.track(&name.site, &CommentRef::Id(name.id)).await
            }
            Err(Obstacle::NotFound) => Err(ReviewError::NotFound),
            Err(obstacle) => Err(ReviewError::Obstacle(obstacle)),
        }
    }

    /// The fingerprint of a comment that has none and still has its text: it was not
    /// held when it came, and is to be found among its copies now.
    async fn missing_simhash(&self, name: &CommentName) -> Result<Option<[u8; 16]>, ReviewError> {
        let comment = self.store.comment(&name.site, name.id).await?;
        let without = comment.filter(|comment| comment.simhash.is_none());
        let print = without.as_ref().and_then(fingerprint);
        Ok(print.map(SimHash::to_bytes))
    }
}
