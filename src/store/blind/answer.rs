//! What somebody who looks again says.

use jiff::Timestamp;
use sqlx::AnyConnection;
use uuid::Uuid;

use super::{BlindId, claimant};
use crate::label::Label;
use crate::site::{SiteAccess, SiteId};
use crate::store::Store;
use crate::store::comments::{Actor, StoredComment, StoredDecision};
use crate::store::error::StoreError;
use crate::store::ids::CommentId;
use crate::store::labels::LabelSource;
use crate::store::rulings::append::{NewLabel, Standing, add_labels, standings};
use crate::store::values::{Columns, micros};
use crate::verdict::Decision;

/// An answer to be kept.
#[derive(Clone)]
pub struct BlindAnswer {
    /// To which sample.
    pub sample: BlindId,
    /// What they would decide: approve or reject.
    pub answer: Decision,
    /// Structured reason.
    pub why: Option<String>,
    /// What the text is.
    pub label: Label,
    /// Who.
    pub actor: Actor,
    /// The sites that they may see.
    pub sites: SiteAccess,
    /// When.
    pub now: Timestamp,
    /// Names a label; a source of UUIDs, version 7 in service.
    pub new_id: fn() -> Uuid,
}

/// An answer that was kept, and what it was about.
#[derive(Clone, Debug)]
pub struct BlindAnswered {
    /// The comment.
    pub comment: StoredComment,
    /// What stands.
    pub standing: StoredDecision,
    /// What they said.
    pub answer: Decision,
    /// The reason they gave.
    pub why: Option<String>,
    /// Whether it teaches: it was added to the labels.
    pub teaches: bool,
}

impl BlindAnswered {
    /// Whether the answer is what stands.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.answer == self.standing.decision
    }
}

/// Why an answer was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlindObstacle {
    /// There is no such sample, or it is answered, or what it was of does not stand or
    /// is not kept any more.
    #[error("this is not open any more: it was answered, or decided on anew, or its text is gone")]
    Gone,
    /// Somebody else looks at it.
    #[error("somebody else is looking at this")]
    Claimed,
    /// They decided on it themselves.
    #[error("you decided on this yourself, so you cannot look at it blind")]
    Own,
}

/// A sample as it is answered.
struct Asked {
    comment: CommentId,
    number: i64,
    claimed: bool,
}

impl Store {
    /// Keeps an answer. It changes nothing on the comment. As a label it is kept where the
    /// policy alone decided, or where it is what the person said who did: two who differ
    /// teach nothing.
    ///
    /// # Errors
    /// If the store cannot be reached; then nothing was kept.
    pub async fn answer_blind(
        &self,
        answer: &BlindAnswer,
    ) -> Result<Result<BlindAnswered, BlindObstacle>, StoreError> {
        let mut transaction = self.begin().await?;
        let answered = keep(&mut transaction, answer).await?;
        transaction.commit().await?;
        Ok(answered)
    }
}

async fn keep(
    connection: &mut AnyConnection,
    answer: &BlindAnswer,
) -> Result<Result<BlindAnswered, BlindObstacle>, StoreError> {
    let Some(asked) = asked(connection, answer).await? else {
        return Ok(Err(BlindObstacle::Gone));
    };
    if asked.claimed {
        return Ok(Err(BlindObstacle::Claimed));
    }
    let found = standings(connection, &[asked.comment]).await?;
    let standing = found.into_values().next().filter(|standing| {
        standing.comment.last_decision == asked.number
            && standing.comment.texts.is_some()
            && answer.sites.allows(&standing.comment.site)
    });
    let Some(Standing { comment, decision }) = standing else {
        return Ok(Err(BlindObstacle::Gone));
    };
    if has_decided(connection, comment.id, &answer.actor).await? {
        return Ok(Err(BlindObstacle::Own));
    }
    if !append(connection, answer, &comment.site, &decision).await? {
        return Ok(Err(BlindObstacle::Gone));
    }
    let agrees = decision.decision == answer.answer;
    let teaches = answer.label.is_judged() && (agrees || decision.actor == Actor::Policy);
    if teaches {
        let label = NewLabel {
            id: (answer.new_id)(),
            lesson: None,
            of: &comment,
            label: answer.label,
            source: LabelSource::Blind,
            actor: answer.actor.name().map(str::to_owned),
            at: answer.now,
        };
        add_labels(connection, &[label]).await?;
    }
    Ok(Ok(BlindAnswered {
        comment,
        standing: decision,
        answer: answer.answer,
        why: answer.why.clone(),
        teaches,
    }))
}

async fn asked(
    connection: &mut AnyConnection,
    answer: &BlindAnswer,
) -> Result<Option<Asked>, StoreError> {
    let row = sqlx::query("SELECT * FROM blind_samples WHERE id = $1")
        .bind(answer.sample.to_vec())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let row = Columns(&row);
    let by: String = row.get("claimed_by")?;
    let until: i64 = row.get("claimed_until")?;
    Ok(Some(Asked {
        comment: row.comment_id("comment_id")?,
        number: row.get("decision_number")?,
        claimed: until > micros(answer.now) && by != claimant(&answer.actor),
    }))
}

/// Whether they ever decided on it: they would know what was decided.
async fn has_decided(
    connection: &mut AnyConnection,
    comment: CommentId,
    who: &Actor,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT 1 AS found FROM decisions WHERE comment_id = $1 AND actor_kind = $2 \
         AND COALESCE(actor, '') = $3 LIMIT 1",
    )
    .bind(comment.as_bytes().to_vec())
    .bind(who.kind())
    .bind(who.name().unwrap_or_default().to_owned())
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

/// Adds the answer, unless there is one. Whether it did.
async fn append(
    connection: &mut AnyConnection,
    answer: &BlindAnswer,
    site: &SiteId,
    standing: &StoredDecision,
) -> Result<bool, StoreError> {
    let added = sqlx::query(
        "INSERT INTO blind_answers (sample_id, comment_id, site, answered_at, answer, why, \
         actor_kind, actor, standing_number, standing, standing_kind, standing_actor) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (sample_id) DO NOTHING",
    )
    .bind(answer.sample.to_vec())
    .bind(standing.comment.as_bytes().to_vec())
    .bind(site.to_string())
    .bind(micros(answer.now))
    .bind(answer.answer.name())
    .bind(answer.why.clone())
    .bind(answer.actor.kind())
    .bind(answer.actor.name().map(str::to_owned))
    .bind(standing.number)
    .bind(standing.decision.name())
    .bind(standing.actor.kind())
    .bind(standing.actor.name().map(str::to_owned))
    .execute(connection)
    .await?;
    Ok(added.rows_affected() == 1)
}
