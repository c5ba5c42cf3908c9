//! Approve or reject.

use std::collections::{HashMap, HashSet};

use sqlx::AnyConnection;

use super::append::{NewLabel, Standing, add_decisions, add_labels, event, settle, standings};
use super::{Obstacle, Outcome, Ruled, RuledOn, Ruling};
use crate::label::Label;
use crate::site::SiteId;
use crate::store::Store;
use crate::store::claims::{Claim, claims_of};
use crate::store::comments::{Actor, StoredDecision};
use crate::store::error::StoreError;
use crate::store::events::{self, EventKind};
use crate::store::ids::CommentId;
use crate::store::labels::LabelSource;
use crate::store::record::Status;
use crate::store::sql::Sql;

impl Store {
    /// Decides on comments, each by itself: of two who decide on the same at once, one
    /// does and the other is told. Decision, label and event of one are kept together.
    ///
    /// A comment that waits can be decided on, and one that only the policy decided
    /// on; the same decision by the same person again is answered as if it were new.
    ///
    /// # Errors
    /// If the store cannot be reached; then nothing was decided.
    pub async fn resolve(&self, ruling: &Ruling) -> Result<Ruled, StoreError> {
        let mut transaction = self.begin().await?;
        let ruled = rule(&mut transaction, ruling).await?;
        transaction.commit().await?;
        self.events_appended();
        Ok(ruled)
    }
}

async fn rule(connection: &mut AnyConnection, ruling: &Ruling) -> Result<Ruled, StoreError> {
    let ids: Vec<_> = ruling.comments.iter().map(|ruled| ruled.id).collect();
    let mut standings = standings(connection, &ids).await?;
    let claims = claims_of(connection, &ids, ruling.now).await?;
    let mut order: Vec<_> = ruling.comments.iter().collect();
    // Whoever decides on the same at once takes the locks in the same order.
    order.sort_unstable_by_key(|ruled| ruled.id);
    let mut outcomes: HashMap<CommentId, Outcome> = HashMap::new();
    let mut made = Vec::new();
    for ruled in order {
        let RuledOn { site, id, .. } = ruled;
        let standing = standings
            .get(id)
            .filter(|found| found.comment.site == *site);
        let outcome = match standing {
            None => Err(Obstacle::NotFound),
            Some(standing) => match obstacle(ruling, ruled, standing, claims.get(id)) {
                Some(outcome) => outcome,
                None => decide(connection, ruling, ruled, standing).await?,
            },
        };
        if let (Ok(decision), Some(standing)) = (&outcome, standing)
            && decision.number != standing.decision.number
        {
            made.push((site.clone(), decision.clone()));
        }
        outcomes.insert(*id, outcome);
    }
    let labels = keep(connection, ruling, &made, &standings).await?;
    standings.clear();
    let outcome = |ruled: &RuledOn| {
        let outcome = outcomes.get(&ruled.id).cloned();
        outcome.unwrap_or(Err(Obstacle::NotFound))
    };
    Ok(Ruled {
        outcomes: ruling.comments.iter().map(outcome).collect(),
        labels,
    })
}

/// What is in the way, or was decided already.
fn obstacle(
    ruling: &Ruling,
    ruled: &RuledOn,
    standing: &Standing,
    claim: Option<&Claim>,
) -> Option<Outcome> {
    let Standing { comment, decision } = standing;
    let by_policy = decision.actor == Actor::Policy;
    let overruled = ruled.overrules == Some(decision.number);
    if comment.status != Status::Held && !by_policy && !overruled {
        let same = decision.actor == ruling.actor
            && decision.decision == ruling.decision
            && decision.why == ruling.why;
        return Some(if same {
            Ok(decision.clone())
        } else {
            Err(Obstacle::Settled(Box::new(decision.clone())))
        });
    }
    if comment.texts.is_none() {
        return Some(Err(Obstacle::Erased));
    }
    let theirs = |claim: &&Claim| Some(claim.moderator.as_str()) != ruling.actor.name();
    let claim = claim.filter(theirs).filter(|_| !ruling.override_claims);
    claim.map(|claim| Err(Obstacle::Claimed(claim.clone())))
}

async fn decide(
    connection: &mut AnyConnection,
    ruling: &Ruling,
    ruled: &RuledOn,
    standing: &Standing,
) -> Result<Outcome, StoreError> {
    let id = standing.comment.id;
    let status = Status::from(ruling.decision);
    if settle(connection, standing, status, ruling.now).await? {
        return Ok(Ok(StoredDecision {
            comment: id,
            number: standing.comment.last_decision + 1,
            decided_at: ruling.now,
            decision: ruling.decision,
            actor: ruling.actor.clone(),
            why: ruling.why.clone(),
            note: ruling.note.clone(),
            reasons: Vec::new(),
            evidence: Vec::new(),
            model: None,
            policy: None,
            label: ruling.label,
            undoes: None,
            lesson: ruling.label.is_judged().then_some(ruled.lesson),
        }));
    }
    let now = standings(connection, &[id]).await?;
    Ok(Err(now
        .into_values()
        .next()
        .map_or(Obstacle::NotFound, |standing| {
            Obstacle::Settled(Box::new(standing.decision))
        })))
}

/// Keeps what was decided: decisions, labels, events; ends the claims. How many labels.
async fn keep(
    connection: &mut AnyConnection,
    ruling: &Ruling,
    made: &[(SiteId, StoredDecision)],
    standings: &HashMap<CommentId, Standing>,
) -> Result<u32, StoreError> {
    if made.is_empty() {
        return Ok(0);
    }
    add_decisions(connection, made).await?;
    let done: HashSet<_> = made.iter().map(|(_, decision)| decision.comment).collect();
    let labels = labels(ruling, &done, standings);
    add_labels(connection, &labels).await?;
    let mut sql = Sql::new("DELETE FROM claims WHERE comment_id");
    sql.is_in(done.iter().map(CommentId::as_bytes));
    sql.execute(&mut *connection).await?;
    let events: Vec<_> = made
        .iter()
        .filter_map(|(_, decision)| {
            let comment = &standings.get(&decision.comment)?.comment;
            Some(event(EventKind::Resolved, comment, decision))
        })
        .collect();
    events::append(connection, &events).await?;
    Ok(u32::try_from(labels.len()).unwrap_or(u32::MAX))
}

/// One label for each lesson of which anything was decided: of its first comment.
fn labels<'a>(
    ruling: &Ruling,
    done: &HashSet<CommentId>,
    standings: &'a HashMap<CommentId, Standing>,
) -> Vec<NewLabel<'a>> {
    if !Label::is_judged(&ruling.label) {
        return Vec::new();
    }
    let mut taught = HashSet::new();
    let teaches = ruling
        .comments
        .iter()
        .filter(|ruled| ruled.teaches && done.contains(&ruled.id) && taught.insert(ruled.lesson));
    teaches
        .filter_map(|ruled| {
            Some(NewLabel {
                id: (ruling.new_id)(),
                lesson: Some(ruled.lesson),
                of: &standings.get(&ruled.id)?.comment,
                label: ruling.label,
                source: LabelSource::Moderator,
                actor: ruling.actor.name().map(str::to_owned),
                at: ruling.now,
            })
        })
        .collect()
}
