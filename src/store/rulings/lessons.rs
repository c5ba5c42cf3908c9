//! What decisions teach, once they are taken back.
//!
//! One decision on near-identical comments teaches one lesson: a label of one of them.
//! It stays for as long as any of those decisions stands. When the comment that has the
//! label is given back or erased, another takes its place; when the last is, nobody does.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::Undoing;
use super::append::{NewLabel, Standing, add_labels, standings};
use crate::site::SiteId;
use crate::store::comments::{Actor, StoredDecision};
use crate::store::error::StoreError;
use crate::store::ids::CommentId;
use crate::store::labels::LabelSource;
use crate::store::sql::Sql;
use crate::store::values::{Columns, micros, unexpected};

/// How often another comment is looked for while others take decisions back.
const TRIES: usize = 8;

/// Retracts what the decisions that `made` take back taught, and hands on what others of
/// their lessons still teach. `before` is where the comments stood.
pub(super) async fn forget(
    connection: &mut AnyConnection,
    undoing: &Undoing,
    made: &[(SiteId, StoredDecision)],
    before: &HashMap<CommentId, Standing>,
) -> Result<(), StoreError> {
    let ids: Vec<_> = made.iter().map(|(_, decision)| decision.comment).collect();
    let lessons: Vec<_> = ids
        .iter()
        .filter_map(|id| before.get(id)?.decision.lesson)
        .collect();
    let carried = carried(connection, &ids, &lessons).await?;
    retract(connection, undoing, &ids, &lessons).await?;
    for lesson in carried {
        hand_on(connection, undoing.new_id, lesson).await?;
    }
    Ok(())
}

/// The lessons whose label one of these comments has, whatever decided.
pub(in crate::store) async fn carried_by(
    connection: &mut AnyConnection,
    ids: &[CommentId],
) -> Result<Vec<Uuid>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(CARRIED);
    sql.is_in(ids.iter().map(CommentId::as_bytes));
    sql.push(" AND l.lesson IS NOT NULL");
    found(&sql.fetch_all(connection).await?)
}

/// Hands on what labels of erased comments taught, each to a near-identical comment of
/// somebody else. Where there is none the label stays, without its text.
pub(in crate::store) async fn bequeath(
    connection: &mut AnyConnection,
    ids: &[CommentId],
    lessons: &[Uuid],
    now: Timestamp,
    new_id: fn() -> Uuid,
) -> Result<(), StoreError> {
    for lesson in lessons {
        if !hand_on(connection, new_id, *lesson).await? {
            continue;
        }
        let mut sql = Sql::new(
            "INSERT INTO label_retractions (label_id, retracted_at, actor_kind, actor, why) SELECT id, ",
        );
        sql.typed(micros(now)).push(", ");
        sql.typed(Actor::Operator.kind());
        sql.push(", NULL, 'erased' FROM labels WHERE source = 'moderator' AND comment_id");
        sql.is_in(ids.iter().map(CommentId::as_bytes));
        sql.push(" AND lesson = ").bind(&lesson.as_bytes()[..]);
        sql.push(" ON CONFLICT (label_id) DO NOTHING");
        sql.execute(connection).await?;
    }
    Ok(())
}

const CARRIED: &str = "SELECT DISTINCT l.lesson FROM labels l \
    LEFT JOIN label_retractions r ON r.label_id = l.id \
    WHERE r.label_id IS NULL AND l.source = 'moderator' AND l.comment_id";

fn found(rows: &[AnyRow]) -> Result<Vec<Uuid>, StoreError> {
    let lesson = |row| {
        let bytes: Vec<u8> = Columns(row).get("lesson")?;
        Uuid::from_slice(&bytes).map_err(|error| unexpected("lesson", &error))
    };
    rows.iter().map(lesson).collect()
}

/// The lessons of these whose label one of these comments has.
async fn carried(
    connection: &mut AnyConnection,
    ids: &[CommentId],
    lessons: &[Uuid],
) -> Result<Vec<Uuid>, StoreError> {
    if lessons.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(CARRIED);
    sql.is_in(ids.iter().map(CommentId::as_bytes));
    sql.push(" AND l.lesson");
    sql.is_in(lessons.iter().map(|lesson| &lesson.as_bytes()[..]));
    found(&sql.fetch_all(connection).await?)
}

/// Retracts the labels of these comments that their last decisions made. Labels of
/// before lessons were kept go by the comment alone.
async fn retract(
    connection: &mut AnyConnection,
    undoing: &Undoing,
    ids: &[CommentId],
    lessons: &[Uuid],
) -> Result<(), StoreError> {
    let mut sql = Sql::new(
        "INSERT INTO label_retractions (label_id, retracted_at, actor_kind, actor, why) SELECT id, ",
    );
    sql.typed(micros(undoing.now)).push(", ");
    sql.typed(undoing.actor.kind()).push(", ");
    match undoing.actor.name() {
        Some(name) => sql.typed(name),
        None => sql.push("NULL"),
    };
    sql.push(", 'undone' FROM labels WHERE source = 'moderator' AND comment_id");
    sql.is_in(ids.iter().map(CommentId::as_bytes));
    sql.push(" AND (lesson IS NULL OR lesson");
    sql.is_in(lessons.iter().map(|lesson| &lesson.as_bytes()[..]));
    sql.push(") ON CONFLICT (label_id) DO NOTHING");
    sql.execute(connection).await?;
    Ok(())
}

/// Gives the label of `lesson` to another comment whose decision stands, if there is one.
/// It says what that decision said, by whom and when. Whether there was one.
async fn hand_on(
    connection: &mut AnyConnection,
    new_id: fn() -> Uuid,
    lesson: Uuid,
) -> Result<bool, StoreError> {
    for _ in 0..TRIES {
        let Some(id) = another(connection, lesson).await? else {
            return Ok(false);
        };
        let found = standings(connection, &[id]).await?;
        let Some(Standing { comment, decision }) = found.get(&id) else {
            continue;
        };
        if decision.lesson != Some(lesson) || !still(connection, decision).await? {
            continue;
        }
        let label = NewLabel {
            id: new_id(),
            lesson: Some(lesson),
            of: comment,
            label: decision.label,
            source: LabelSource::Moderator,
            actor: decision.actor.name().map(str::to_owned),
            at: decision.decided_at,
        };
        add_labels(connection, &[label]).await?;
        return Ok(true);
    }
    Ok(false)
}

/// A comment whose decision of this lesson stands, the oldest.
async fn another(
    connection: &mut AnyConnection,
    lesson: Uuid,
) -> Result<Option<CommentId>, StoreError> {
    let row = sqlx::query(
        "SELECT c.id FROM decisions d JOIN comments c \
         ON c.id = d.comment_id AND c.last_decision = d.number \
         WHERE d.lesson = $1 AND c.text IS NOT NULL ORDER BY c.id LIMIT 1",
    )
    .bind(lesson.as_bytes().to_vec())
    .fetch_optional(connection)
    .await?;
    row.map(|row| Columns(&row).comment_id("id")).transpose()
}

/// Whether `decision` still stands, and does until this transaction ends: who takes it
/// back at once has to wait, and then finds the label.
async fn still(
    connection: &mut AnyConnection,
    decision: &StoredDecision,
) -> Result<bool, StoreError> {
    let locked = sqlx::query(
        "UPDATE comments SET last_decision = last_decision WHERE id = $1 AND last_decision = $2",
    )
    .bind(decision.comment.as_bytes().to_vec())
    .bind(decision.number)
    .execute(connection)
    .await?;
    Ok(locked.rows_affected() == 1)
}
