//! Take decisions back.

use jiff::Timestamp;

use super::resolve::{AT_ONCE, distinct};
use super::{CommentName, Review, ReviewError};
use crate::site::SiteId;
use crate::store::{Actor, CommentId, Outcome, StoredDecision, Undoing};

impl Review {
    /// Whether a decision that stands can still be taken back by who made it.
    pub(super) fn is_undoable(&self, decision: &StoredDecision, now: Timestamp) -> bool {
        decision.can_be_undone() && decision.decided_at >= self.settings.undo_not_before(now)
    }

    /// Takes back people's last decisions on these, each by itself: its own of `who`,
    /// or anybody's where `of_others`.
    ///
    /// # Errors
    /// If the names cannot be meant, or the store has no answer; then nothing was
    /// taken back.
    pub async fn undo(
        &self,
        names: &[CommentName],
        who: &Actor,
        of_others: bool,
        now: Timestamp,
    ) -> Result<Vec<(CommentName, Outcome)>, ReviewError> {
        distinct(names)?;
        let asked = names;
        let names = &self.own(asked);
        let comments = names.iter().map(|name| (name.site.clone(), name.id));
        let undoing = Undoing {
            comments: comments.collect(),
            actor: who.clone(),
            of_others,
            not_before: self.settings.undo_not_before(now),
            now,
            new_id: self.new_id,
        };
        let outcomes = self.store.undo(&undoing).await?;
        for name in names {
            self.waves.outdate(&name.site);
        }
        let outcomes = names.iter().cloned().zip(outcomes).collect();
        Ok(self.of_all(asked, outcomes))
    }

    /// Takes back all that was decided in one call with the decision in force on `of`, as
    /// far as it still stands: of these, what may be seen.
    ///
    /// # Errors
    /// If there is no such comment, or the store has no answer. Of more than 250 comments,
    /// some may have been taken back then; asking the same again is safe.
    pub async fn undo_act(
        &self,
        of: &CommentName,
        who: &Actor,
        of_others: bool,
        now: Timestamp,
    ) -> Result<Vec<(CommentName, Outcome)>, ReviewError> {
        self.must(&of.site)?;
        let decisions = self.store.decisions(of.id).await?;
        let last = decisions.last().ok_or(ReviewError::NotFound)?;
        let act = self
            .store
            .act(&last.actor, last.decided_at, &self.access)
            .await?;
        self.undo_all(act, who, of_others, now).await
    }

    /// Takes back all that `who` decided in one call, at that moment, as far as it still
    /// stands: of these, what may be seen.
    ///
    /// # Errors
    /// As [`Review::undo_act`].
    pub async fn undo_own_act(
        &self,
        at: Timestamp,
        who: &Actor,
        now: Timestamp,
    ) -> Result<Vec<(CommentName, Outcome)>, ReviewError> {
        let act = self.store.act(who, at, &self.access).await?;
        self.undo_all(act, who, false, now).await
    }

    async fn undo_all(
        &self,
        act: Vec<(SiteId, CommentId)>,
        who: &Actor,
        of_others: bool,
        now: Timestamp,
    ) -> Result<Vec<(CommentName, Outcome)>, ReviewError> {
        let names: Vec<_> = act
            .into_iter()
            .map(|(site, id)| CommentName { site, id })
            .collect();
        let mut outcomes = Vec::with_capacity(names.len());
        for some in names.chunks(AT_ONCE) {
            outcomes.extend(self.undo(some, who, of_others, now).await?);
        }
        Ok(outcomes)
    }
}
