//! Taking the texts out of a comment, or all of it: what retention and erasure share.

use jiff::Timestamp;
use sqlx::AnyConnection;

use super::comments::Actor;
use super::error::StoreError;
use super::ids::CommentId;
use super::values::{Columns, json, micros};
use crate::verdict::Decision;

/// What else quotes a comment, or leads to one, besides its own row.
const QUOTES: [&str; 5] = [
    "UPDATE decisions SET reasons = NULL, evidence = NULL, note = NULL WHERE comment_id = $1",
    "UPDATE reports SET note = NULL WHERE comment_id = $1",
    "DELETE FROM notes WHERE comment_id = $1",
    "DELETE FROM submissions WHERE comment_id = $1",
    "DELETE FROM claims WHERE comment_id = $1",
];

/// Everything of a comment. Labels stay: they have a copy of the text to learn from.
const ROWS: [&str; 6] = [
    "DELETE FROM decisions WHERE comment_id = $1",
    "DELETE FROM reports WHERE comment_id = $1",
    "DELETE FROM notes WHERE comment_id = $1",
    "DELETE FROM submissions WHERE comment_id = $1",
    "DELETE FROM claims WHERE comment_id = $1",
    "DELETE FROM comments WHERE id = $1",
];

/// Takes the texts out of a comment.
pub(super) async fn drop_texts(
    connection: &mut AnyConnection,
    id: CommentId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE comments SET name = NULL, text = NULL, url = NULL, page_id = NULL, \
         page_url = NULL, page_title = NULL, user_agent = NULL, locale = NULL, \
         search_text = NULL, simhash = NULL, texts_gone_at = $2 WHERE id = $1",
    )
    .bind(id.as_bytes().to_vec())
    .bind(micros(now))
    .execute(&mut *connection)
    .await?;
    each(connection, &QUOTES, id).await
}

/// Takes a comment out whole.
pub(super) async fn remove(
    connection: &mut AnyConnection,
    id: CommentId,
) -> Result<(), StoreError> {
    each(connection, &ROWS, id).await
}

async fn each(
    connection: &mut AnyConnection,
    statements: &[&'static str],
    id: CommentId,
) -> Result<(), StoreError> {
    for statement in statements {
        sqlx::query(*statement)
            .bind(id.as_bytes().to_vec())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Rejects a held comment that nobody can decide on any more, for `why`, and tells its
/// site so. Whether it was one.
pub(super) async fn reject_held(
    connection: &mut AnyConnection,
    id: CommentId,
    why: &'static str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rejected = sqlx::query(
        "UPDATE comments SET status = 'rejected', settled_at = $2, \
         last_decision = last_decision + 1 WHERE id = $1 AND status = 'held' \
         RETURNING site, submission_id, last_decision",
    )
    .bind(id.as_bytes().to_vec())
    .bind(micros(now))
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = rejected else {
        return Ok(false);
    };
    let row = Columns(&row);
    let (site, number): (String, i64) = (row.get("site")?, row.get("last_decision")?);
    sqlx::query(
        "INSERT INTO decisions (comment_id, number, site, decided_at, decision, actor_kind, \
         why, degraded) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
    )
    .bind(id.as_bytes().to_vec())
    .bind(number)
    .bind(site.clone())
    .bind(micros(now))
    .bind(Decision::Reject.name())
    .bind(Actor::Operator.kind())
    .bind(why)
    .execute(&mut *connection)
    .await?;
    let payload = serde_json::json!({
        "status": "rejected",
        "reject_reason": why,
        "submission_id": row.get::<Option<String>>("submission_id")?,
    });
    let event = sqlx::query(
        "INSERT INTO event_numbers (site, last) VALUES ($1, 1) ON CONFLICT (site) \
         DO UPDATE SET last = event_numbers.last + 1 RETURNING last",
    )
    .bind(site.clone())
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO events (site, number, occurred_at, kind, comment_id, decision_number, \
         payload) VALUES ($1, $2, $3, 'resolved', $4, $5, $6)",
    )
    .bind(site)
    .bind(Columns(&event).get::<i64>("last")?)
    .bind(micros(now))
    .bind(id.as_bytes().to_vec())
    .bind(number)
    .bind(json(&payload))
    .execute(connection)
    .await?;
    Ok(true)
}
