//! Who works on what.

use jiff::Timestamp;

use super::resolve::distinct;
use super::{CommentName, Review, ReviewError};
use crate::store::{Claim, CommentId, Obstacle};

impl Review {
    /// Claims comments for `moderator`, or prolongs the claim. For each, the claim, or
    /// who has it, or that it does not wait any more.
    ///
    /// # Errors
    /// If the names cannot be meant, or the store has no answer; then nothing is
    /// claimed.
    pub async fn claim(
        &self,
        names: &[CommentName],
        moderator: &str,
        now: Timestamp,
    ) -> Result<Vec<Result<Claim, Obstacle>>, ReviewError> {
        distinct(names)?;
        let known = self.in_order(&ids(names), now).await?;
        let here = |name: &CommentName| {
            self.may(&name.site)
                && known
                    .iter()
                    .any(|queued| queued.comment.id == name.id && queued.comment.site == name.site)
        };
        let mine: Vec<_> = names
            .iter()
            .filter(|name| here(name))
            .map(|name| name.id)
            .collect();
        let until = self.settings.claim_until(now);
        let claims = self.store.claim(&mine, moderator, until, now).await?;
        let mut outcomes = Vec::with_capacity(names.len());
        for name in names {
            outcomes.push(match claims.get(&name.id).filter(|_| here(name)) {
                Some(claim) if claim.moderator == moderator => Ok(claim.clone()),
                Some(claim) => Err(Obstacle::Claimed(claim.clone())),
                None if here(name) => Err(self.settled(name.id).await?),
                None => Err(Obstacle::NotFound),
            });
        }
        Ok(outcomes)
    }

    /// Gives back what `moderator` has claimed of these.
    ///
    /// # Errors
    /// If the names cannot be meant, or the store has no answer.
    pub async fn release(&self, names: &[CommentName], moderator: &str) -> Result<(), ReviewError> {
        distinct(names)?;
        Ok(self.store.release(&ids(names), moderator).await?)
    }

    async fn settled(&self, id: CommentId) -> Result<Obstacle, ReviewError> {
        let last = self.store.decisions(id).await?.pop();
        Ok(last.map_or(Obstacle::NotFound, |last| Obstacle::Settled(Box::new(last))))
    }
}

fn ids(names: &[CommentName]) -> Vec<CommentId> {
    names.iter().map(|name| name.id).collect()
}
