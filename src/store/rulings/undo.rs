//! Take a decision back.

use std::collections::HashMap;

use sqlx::AnyConnection;

use super::append::{Standing, add_decisions, event, settle, standings};
use super::{Obstacle, Outcome, Undoing, lessons};
use crate::label::Label;
use crate::site::SiteId;
use crate::store::Store;
use crate::store::comments::StoredDecision;
use crate::store::error::StoreError;
use crate::store::events::{self, EventKind};
use crate::store::ids::CommentId;
use crate::store::record::Status;
use crate::store::values::Columns;
use crate::verdict::Decision;

impl Store {
    /// Takes back people's last decisions, each by itself: the comment is again what it
    /// was before, and what it taught is retracted.
    ///
    /// # Errors
    /// If the store cannot be reached; then nothing was taken back.
    pub async fn undo(&self, undoing: &Undoing) -> Result<Vec<Outcome>, StoreError> {
        let mut transaction = self.begin().await?;
        let outcomes = take_back(&mut transaction, undoing).await?;
        transaction.commit().await?;
        self.events_appended();
        Ok(outcomes)
    }
}

async fn take_back(
    connection: &mut AnyConnection,
    undoing: &Undoing,
) -> Result<Vec<Outcome>, StoreError> {
    let ids: Vec<_> = undoing.comments.iter().map(|(_, id)| *id).collect();
    let standings = standings(connection, &ids).await?;
    let mut order: Vec<_> = undoing.comments.iter().collect();
    order.sort_unstable_by_key(|(_, id)| *id);
    let mut outcomes: HashMap<CommentId, Outcome> = HashMap::new();
    let mut made = Vec::new();
    let mut told = Vec::new();
    for (site, id) in order {
        let standing = standings
            .get(id)
            .filter(|found| found.comment.site == *site);
        let outcome = match standing {
            None => Err(Obstacle::NotFound),
            Some(standing) => match obstacle(undoing, standing) {
                Some(obstacle) => Err(obstacle),
                None => one(connection, undoing, standing).await?,
            },
        };
        if let (Ok(decision), Some(standing)) = (&outcome, standing) {
            told.push(event(EventKind::Undone, &standing.comment, decision));
            made.push((site.clone(), decision.clone()));
        }
        outcomes.insert(*id, outcome);
    }
    if !made.is_empty() {
        add_decisions(connection, &made).await?;
        lessons::forget(connection, undoing, &made, &standings).await?;
        events::append(connection, &told).await?;
    }
    let outcome = |(_, id): &(SiteId, CommentId)| {
        outcomes.get(id).cloned().unwrap_or(Err(Obstacle::NotFound))
    };
    Ok(undoing.comments.iter().map(outcome).collect())
}

fn obstacle(undoing: &Undoing, standing: &Standing) -> Option<Obstacle> {
    let decision = &standing.decision;
    if !decision.can_be_undone() {
        return Some(Obstacle::NothingToUndo);
    }
    if decision.actor != undoing.actor && !undoing.of_others {
        return Some(Obstacle::NotTheirs(Box::new(decision.clone())));
    }
    (decision.decided_at < undoing.not_before)
        .then(|| Obstacle::TooLate(Box::new(decision.clone())))
}

async fn one(
    connection: &mut AnyConnection,
    undoing: &Undoing,
    standing: &Standing,
) -> Result<Outcome, StoreError> {
    let id = standing.comment.id;
    let before = decision_before(connection, id, standing.decision.number).await?;
    if !settle(connection, standing, Status::from(before), undoing.now).await? {
        let now = standings(connection, &[id]).await?;
        return Ok(Err(now
            .into_values()
            .next()
            .map_or(Obstacle::NotFound, |standing| {
                Obstacle::Settled(Box::new(standing.decision))
            })));
    }
    Ok(Ok(StoredDecision {
        comment: id,
        number: standing.comment.last_decision + 1,
        decided_at: undoing.now,
        decision: before,
        actor: undoing.actor.clone(),
        why: None,
        note: None,
        reasons: Vec::new(),
        evidence: Vec::new(),
        model: None,
        policy: None,
        label: Label::default(),
        undoes: Some(standing.decision.number),
        lesson: None,
    }))
}

/// The decision that was in force before `number`.
async fn decision_before(
    connection: &mut AnyConnection,
    id: CommentId,
    number: i64,
) -> Result<Decision, StoreError> {
    let row = sqlx::query("SELECT decision FROM decisions WHERE comment_id = $1 AND number = $2")
        .bind(id.as_bytes().to_vec())
        .bind(number - 1)
        .fetch_one(connection)
        .await?;
    Columns(&row).decision("decision")
}
