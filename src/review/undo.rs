//! Take decisions back.

use jiff::Timestamp;

use super::resolve::distinct;
use super::{CommentName, Review, ReviewError};
use crate::store::{Actor, Outcome, StoredDecision, Undoing};

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
}
