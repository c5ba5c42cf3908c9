//! What the three kinds of rulings share: where a comment stands, the next decision
//! on it, labels.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::AnyConnection;
use uuid::Uuid;

use crate::label::Label;
use crate::site::SiteId;
use crate::store::comments::{StoredComment, StoredDecision, comment, decision};
use crate::store::error::StoreError;
use crate::store::events::{EventKind, EventPayload, NewEvent};
use crate::store::ids::CommentId;
use crate::store::insert::{Bound, Insert};
use crate::store::labels::LabelSource;
use crate::store::packed;
use crate::store::record::{Status, Texts};
use crate::store::sql::{CHUNK, Sql};
use crate::store::values::{flag, micros, text};

/// A comment and the decision in force on it.
pub(in crate::store) struct Standing {
    pub(in crate::store) comment: StoredComment,
    pub(in crate::store) decision: StoredDecision,
}

/// Where these comments stand.
pub(in crate::store) async fn standings(
    connection: &mut AnyConnection,
    ids: &[CommentId],
) -> Result<HashMap<CommentId, Standing>, StoreError> {
    let mut standings = HashMap::with_capacity(ids.len());
    add_standings(connection, ids, &mut standings).await?;
    let mut missing = ids.to_vec();
    missing.retain(|id| !standings.contains_key(id));
    if !missing.is_empty() {
        // They may be packed, or somebody may have unpacked them since.
        packed::unpack_of(connection, &missing).await?;
        add_standings(connection, &missing, &mut standings).await?;
    }
    Ok(standings)
}

/// Adds those of these comments that have rows.
async fn add_standings(
    connection: &mut AnyConnection,
    ids: &[CommentId],
    standings: &mut HashMap<CommentId, Standing>,
) -> Result<(), StoreError> {
    let mut comments = HashMap::new();
    for some in ids.chunks(CHUNK) {
        let mut sql = Sql::new("SELECT * FROM comments WHERE id");
        sql.is_in(some.iter().map(CommentId::as_bytes));
        for row in sql.fetch_all(&mut *connection).await? {
            let comment = comment(&row)?;
            comments.insert(comment.id, comment);
        }
        let mut sql = Sql::new(
            "SELECT d.* FROM decisions d JOIN comments c \
             ON c.id = d.comment_id AND c.last_decision = d.number WHERE c.id",
        );
        sql.is_in(some.iter().map(CommentId::as_bytes));
        for row in sql.fetch_all(&mut *connection).await? {
            let decision = decision(&row)?;
            if let Some(comment) = comments.remove(&decision.comment) {
                standings.insert(comment.id, Standing { comment, decision });
            }
        }
    }
    Ok(())
}

/// Gives a comment its next status, unless somebody decided since `standing` was
/// read. Whether it did.
pub(in crate::store) async fn settle(
    connection: &mut AnyConnection,
    standing: &Standing,
    status: Status,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let StoredComment { id, texts, .. } = &standing.comment;
    let searched = texts.as_ref().filter(|_| status == Status::Held);
    let done = sqlx::query(
        "UPDATE comments SET status = $1, settled_at = $2, last_decision = last_decision + 1, \
         search_text = $3 WHERE id = $4 AND last_decision = $5",
    )
    .bind(status.name())
    .bind(micros(now))
    .bind(searched.map(Texts::searched))
    .bind(id.as_bytes().to_vec())
    .bind(standing.comment.last_decision)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

const DECISION_COLUMNS: [&str; 13] = [
    "comment_id",
    "number",
    "site",
    "decided_at",
    "decision",
    "actor_kind",
    "actor",
    "why",
    "note",
    "degraded",
    "label_spam",
    "label_toxicity",
    "lesson",
];

static DECISIONS: Insert = Insert::new("decisions", &DECISION_COLUMNS, "");

/// Adds decisions that people made, but for what they take back.
pub(in crate::store) async fn add_decisions(
    connection: &mut AnyConnection,
    decisions: &[(SiteId, StoredDecision)],
) -> Result<(), StoreError> {
    DECISIONS.run(connection, decisions, bind_decision).await?;
    for (_, decision) in decisions.iter().filter(|(_, made)| made.undoes.is_some()) {
        sqlx::query("UPDATE decisions SET undoes = $1 WHERE comment_id = $2 AND number = $3")
            .bind(decision.undoes)
            .bind(decision.comment.as_bytes().to_vec())
            .bind(decision.number)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn bind_decision(query: Bound, (site, decision): &(SiteId, StoredDecision)) -> Bound {
    query
        .bind(decision.comment.as_bytes().to_vec())
        .bind(decision.number)
        .bind(site.to_string())
        .bind(micros(decision.decided_at))
        .bind(decision.decision.name())
        .bind(decision.actor.kind())
        .bind(decision.actor.name().map(str::to_owned))
        .bind(decision.why.clone())
        .bind(decision.note.as_deref().map(text))
        .bind(0_i64)
        .bind(decision.label.spam.map(flag))
        .bind(decision.label.toxicity.map(flag))
        .bind(decision.lesson.map(|lesson| lesson.as_bytes().to_vec()))
}

/// A label to be added: what somebody says of a comment's text.
pub(in crate::store) struct NewLabel<'a> {
    pub(in crate::store) id: Uuid,
    /// What it stands for, where several decisions teach one.
    pub(in crate::store) lesson: Option<Uuid>,
    pub(in crate::store) of: &'a StoredComment,
    pub(in crate::store) label: Label,
    pub(in crate::store) source: LabelSource,
    pub(in crate::store) actor: Option<String>,
    pub(in crate::store) at: Timestamp,
}

const LABEL_COLUMNS: [&str; 15] = [
    "id",
    "site",
    "comment_id",
    "labelled_at",
    "spam",
    "toxicity",
    "source",
    "actor",
    "name",
    "text",
    "url",
    "language",
    "email_hash",
    "author_hash",
    "lesson",
];

static LABELS: Insert = Insert::new("labels", &LABEL_COLUMNS, "");

pub(in crate::store) async fn add_labels(
    connection: &mut AnyConnection,
    labels: &[NewLabel<'_>],
) -> Result<(), StoreError> {
    LABELS.run(connection, labels, bind_label).await
}

fn bind_label(query: Bound, label: &NewLabel<'_>) -> Bound {
    let comment = label.of;
    let texts = comment.texts.clone().unwrap_or_default();
    query
        .bind(label.id.as_bytes().to_vec())
        .bind(comment.site.to_string())
        .bind(comment.id.as_bytes().to_vec())
        .bind(micros(label.at))
        .bind(label.label.spam.map(flag))
        .bind(label.label.toxicity.map(flag))
        .bind(label.source.name())
        .bind(label.actor.clone())
        .bind(text(&texts.name))
        .bind(text(&texts.text))
        .bind(texts.url.as_deref().map(text))
        .bind(comment.language.clone())
        .bind(comment.author.email.as_bytes().to_vec())
        .bind(comment.author.author.map(|hash| hash.as_bytes().to_vec()))
        .bind(label.lesson.map(|lesson| lesson.as_bytes().to_vec()))
}

/// The event that tells of `decision`.
pub(in crate::store) fn event(
    kind: EventKind,
    comment: &StoredComment,
    decision: &StoredDecision,
) -> NewEvent {
    let status = Status::from(decision.decision);
    let rejected = status == Status::Rejected && kind == EventKind::Resolved;
    NewEvent {
        site: comment.site.clone(),
        kind,
        comment: comment.id,
        decision: decision.number,
        at: decision.decided_at,
        payload: EventPayload {
            status: status.name().to_owned(),
            reject_reason: decision.why.clone().filter(|_| rejected),
            submission_id: comment.submission_id.clone(),
            page_id: comment
                .texts
                .as_ref()
                .and_then(|texts| texts.page_id.clone()),
        },
    }
}
