//! What people decided.

use std::collections::HashMap;

use jiff::Timestamp;

use super::page_token::{self, BadPageToken, Position, QueryName};
use super::{HeldComment, Page, Review, ReviewError};
use crate::store::{Act, CommentId, HistoryFilter, PastDecision, StoredDecision};

/// A person's decision, and the comment it was on.
#[derive(Clone, Debug)]
pub struct Resolution {
    /// The decision.
    pub decision: StoredDecision,
    /// The comment, as it is now.
    pub comment: HeldComment,
    /// It stands, and can still be taken back by who made it.
    pub undoable: bool,
    /// How many decisions of the same call stand, this one included; 0: this one does not.
    pub act: usize,
}

/// A page of history.
#[derive(Clone, Debug)]
pub struct HistoryPage {
    /// The decisions, the latest first.
    pub resolutions: Vec<Resolution>,
    /// Token of the next page, if there is one.
    pub next: Option<String>,
}

impl Review {
    /// What people decided, the latest first.
    ///
    /// # Errors
    /// If the site may not be seen, the token cannot be meant, or the store has no answer.
    pub async fn history(
        &self,
        filter: &HistoryFilter,
        page: &Page,
        now: Timestamp,
    ) -> Result<HistoryPage, ReviewError> {
        let name = QueryName::of(&("history", filter));
        let place = page.position(name, now)?.map(place).transpose()?;
        let limit = page.limit();
        let filter = &self.narrowed_past(filter)?;
        let mut past = self.store.history(filter, place, limit + 1).await?;
        let more = past.len() > limit as usize;
        past.truncate(limit as usize);
        let last = past.last().filter(|_| more);
        let next = last.map(|last| page_token::encode(name, position(last), now));
        Ok(HistoryPage {
            resolutions: self.resolutions(past, now).await?,
            next,
        })
    }

    async fn resolutions(
        &self,
        past: Vec<PastDecision>,
        now: Timestamp,
    ) -> Result<Vec<Resolution>, ReviewError> {
        let mut ids: Vec<_> = past.iter().map(|past| past.decision.comment).collect();
        ids.sort_unstable();
        ids.dedup();
        let found = self.in_order(&ids, now).await?;
        let comments = self.with_wave_sizes(found, now).await?;
        let comments: HashMap<_, _> = comments
            .into_iter()
            .map(|comment| (comment.queued.comment.id, comment))
            .collect();
        let undoable = |past: &PastDecision| past.stands && self.is_undoable(&past.decision, now);
        let mut moments: Vec<_> = past
            .iter()
            .filter(|past| undoable(past))
            .map(|past| past.decision.decided_at)
            .collect();
        moments.dedup();
        let acts = self.store.acts(&moments, &self.access).await?;
        let act = |decision: &StoredDecision| {
            let same = |act: &&Act| act.at == decision.decided_at && act.actor == decision.actor;
            acts.iter().find(same).map_or(0, |act| act.standing)
        };
        let resolution = |PastDecision { decision, stands }| {
            Some(Resolution {
                comment: comments.get(&decision.comment)?.clone(),
                undoable: stands && self.is_undoable(&decision, now),
                act: if stands { act(&decision) } else { 0 },
                decision,
            })
        };
        Ok(past.into_iter().filter_map(resolution).collect())
    }
}

fn position(last: &PastDecision) -> Position {
    Position {
        key: last.decision.decided_at.as_microsecond(),
        id: last.decision.comment.to_bytes(),
        group: [0; 16],
    }
}

fn place(position: Position) -> Result<(Timestamp, CommentId), ReviewError> {
    let time = Timestamp::from_microsecond(position.key).map_err(|_| BadPageToken::Malformed)?;
    Ok((time, CommentId::from_array(position.id)))
}
