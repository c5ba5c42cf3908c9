//! Taking the texts out of a comment, or all of it: what retention and erasure share.

use jiff::Timestamp;
use sqlx::AnyConnection;

use super::comments::Actor;
use super::error::StoreError;
use super::events::{EventKind, EventPayload, NewEvent};
use super::ids::CommentId;
use super::record::Status;
use super::values::{Columns, micros};
use crate::site::SiteId;
use crate::verdict::Decision;

/// What else quotes a comment, or leads to one, besides its own row.
const QUOTES: [&str; 6] = [
    "UPDATE decisions SET reasons = NULL, evidence = NULL, note = NULL WHERE comment_id = $1",
    "UPDATE reports SET note = NULL WHERE comment_id = $1",
    "DELETE FROM notes WHERE comment_id = $1",
    "DELETE FROM submissions WHERE comment_id = $1",
    "DELETE FROM claims WHERE comment_id = $1",
    // What was answered holds no text, and stays to be counted.
    "DELETE FROM blind_samples WHERE comment_id = $1",
];

/// Everything of a comment. Labels stay: they have a copy of the text to learn from.
const ROWS: [&str; 9] = [
    "DELETE FROM decisions WHERE comment_id = $1",
    "DELETE FROM reports WHERE comment_id = $1",
    "DELETE FROM notes WHERE comment_id = $1",
    "DELETE FROM submissions WHERE comment_id = $1",
    "DELETE FROM claims WHERE comment_id = $1",
    "DELETE FROM shadow_verdicts WHERE comment_id = $1",
    "DELETE FROM blind_samples WHERE comment_id = $1",
    "DELETE FROM blind_answers WHERE comment_id = $1",
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

/// Rejects a held comment that nobody can decide on any more, for `why`. The event that
/// tells its site so, to be added at the end of the transaction; `None`: it was not held.
pub(super) async fn reject_held(
    connection: &mut AnyConnection,
    id: CommentId,
    why: &'static str,
    now: Timestamp,
) -> Result<Option<NewEvent>, StoreError> {
    let rejected = sqlx::query(
        "UPDATE comments SET status = 'rejected', settled_at = $2, \
         last_decision = last_decision + 1 WHERE id = $1 AND status = 'held' \
         RETURNING site, submission_id, page_id, last_decision",
    )
    .bind(id.as_bytes().to_vec())
    .bind(micros(now))
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = rejected else {
        return Ok(None);
    };
    let row = Columns(&row);
    let (site, number): (SiteId, i64) = (row.site("site")?, row.get("last_decision")?);
    sqlx::query(
        "INSERT INTO decisions (comment_id, number, site, decided_at, decision, actor_kind, \
         why, degraded) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
    )
    .bind(id.as_bytes().to_vec())
    .bind(number)
    .bind(site.to_string())
    .bind(micros(now))
    .bind(Decision::Reject.name())
    .bind(Actor::Upkeep.kind())
    .bind(why)
    .execute(connection)
    .await?;
    Ok(Some(NewEvent {
        kind: EventKind::Resolved,
        comment: id,
        decision: number,
        at: now,
        payload: EventPayload {
            status: Status::Rejected.name().to_owned(),
            reject_reason: Some(why.to_owned()),
            submission_id: row.get("submission_id")?,
            page_id: row.get("page_id")?,
        },
        site,
    }))
}
