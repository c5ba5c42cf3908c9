//! One comment with all that speaks for and against it.

use jiff::Timestamp;

use super::fingerprint::fingerprint;
use super::waves::Waves;
use super::{CommentName, HeldComment, Review, ReviewError};
use crate::store::{Actor, AuthorRecord, CommentId, Note, Report, Status, StoredDecision};

/// Comments shown beside one: of the author, and near-identical ones.
const BESIDE: u32 = 20;

/// All that is known of a comment.
#[derive(Clone, Debug)]
pub struct Dossier {
    /// The comment, with reasons and evidence of its verdict.
    pub comment: HeldComment,
    /// Every decision on it, the oldest first.
    pub decisions: Vec<StoredDecision>,
    /// The last decision can still be taken back by who made it.
    pub undoable: bool,
    /// It can be decided on: it waits, or only the policy decided, and its text is there.
    pub resolvable: bool,
    /// What moderators noted, the oldest first.
    pub notes: Vec<Note>,
    /// What was reported, the oldest first.
    pub reports: Vec<Report>,
    /// Other comments of the author on this site, the latest first; at most 20.
    pub author_comments: Vec<HeldComment>,
    /// How the author fared on this site.
    pub author: AuthorRecord,
    /// Near-identical comments in the queue, the oldest first; at most 20.
    pub near: Vec<HeldComment>,
}

impl Review {
    /// All that is known of a comment, be it held or not.
    ///
    /// # Errors
    /// If there is no such comment, or the store has no answer.
    pub async fn dossier(
        &self,
        name: &CommentName,
        now: Timestamp,
    ) -> Result<Dossier, ReviewError> {
        let found = self.in_order(&[name.id], now).await?;
        let queued = found.into_iter().next();
        let queued = queued
            .filter(|queued| queued.comment.site == name.site && self.may(&name.site))
            .ok_or(ReviewError::NotFound)?;
        let author = queued.comment.author.email;
        let of_author = self
            .store
            .comments_of(&name.site, author, Some(name.id), BESIDE, now)
            .await?;
        let print = fingerprint(&queued.comment);
        let beside = |waves: &Waves| {
            let wave = waves.alike(name.id, print);
            let others = wave.iter().copied().filter(|id| *id != name.id);
            let others: Vec<CommentId> = others.take(BESIDE as usize).collect();
            (others, waves.size(name.id))
        };
        let (others, wave_size) = self.waves.recent(&name.site, now, beside).await;
        let mut near = self.in_order(&others, now).await?;
        near.retain(|queued| queued.comment.status == Status::Held);
        let decisions = self.store.decisions(name.id).await?;
        let last = decisions.last();
        let waits = queued.comment.status == Status::Held;
        let by_policy = last.is_some_and(|last| last.actor == Actor::Policy);
        Ok(Dossier {
            undoable: last.is_some_and(|last| self.is_undoable(last, now)),
            resolvable: (waits || by_policy) && queued.comment.texts.is_some(),
            comment: HeldComment { queued, wave_size },
            decisions,
            notes: self.store.notes(name.id).await?,
            reports: self.store.reports(name.id).await?,
            author_comments: self.with_wave_sizes(of_author, now).await?,
            author: self.store.author_record(&name.site, author).await?,
            near: self.with_wave_sizes(near, now).await?,
        })
    }
}
