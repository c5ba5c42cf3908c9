//! Long work that a server does for an operator, told to every replica.
//!
//! Whoever runs one says so every few seconds. One that has not been heard of for longer
//! is lost: its server died. What ends an operation asks whether it still runs, so that
//! one that was given up by others cannot come back.

mod ending;

use jiff::Timestamp;
use serde_json::Value;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::Store;
use super::audit::{self, AuditLine, By};
use super::comments::Actor;
use super::error::StoreError;
use super::ids::uuid_id;
use super::sql::Sql;
use super::values::{Columns, micros, unexpected};

pub use ending::{Beat, OperationEnd};

/// The id of an operation: a UUID, written as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperationId(Uuid);

/// Text that is no operation's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the id of an operation: 32 hexadecimal digits")]
pub struct NotAnOperationId;

uuid_id!(OperationId, NotAnOperationId);

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationKind {
    /// A candidate is trained from the labels.
    Train,
    /// Kept history is decided on again.
    Replay,
}

impl OperationKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Train, Self::Replay];

    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Replay => "replay",
        }
    }
}

/// Where an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationState {
    /// Under way, as far as is known.
    Running,
    /// It came to its end.
    Done,
    /// It did not.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

impl OperationState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Running, Self::Done, Self::Failed, Self::Cancelled];

    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// An operation as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredOperation {
    /// Its id.
    pub id: OperationId,
    /// What is done.
    pub kind: OperationKind,
    /// Where it is.
    pub state: OperationState,
    /// What was asked for.
    pub request: Value,
    /// How far it is.
    pub progress: Option<Value>,
    /// What came of it, or why it failed. A list leaves out what came of it.
    pub outcome: Option<Value>,
    /// Who asked for it.
    pub actor: Actor,
    /// When.
    pub created_at: Timestamp,
    /// When the server that runs it last said so.
    pub seen_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Who asked to end it.
    pub cancelled_by: Option<Actor>,
}

/// An operation that begins.
#[derive(Clone, Debug)]
pub struct NewOperation {
    /// Its id.
    pub id: OperationId,
    /// What is done.
    pub kind: OperationKind,
    /// What was asked for. Without personal data.
    pub request: Value,
    /// Who asks for it.
    pub actor: Actor,
    /// When.
    pub now: Timestamp,
    /// Names the line of the audit.
    pub audit_id: Uuid,
}

/// Where a list of operations goes on: after the one that began then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationPlace(pub Timestamp, pub OperationId);

const COLUMNS: &str = "SELECT id, kind, state, request, progress, outcome, actor_kind, actor, \
    created_at, seen_at, ended_at, cancelled_by_kind, cancelled_by FROM operations";

/// What came of an operation may be long.
const LISTED: &str = "SELECT id, kind, state, request, progress, \
    CASE WHEN state = 'failed' THEN outcome END AS outcome, actor_kind, actor, \
    created_at, seen_at, ended_at, cancelled_by_kind, cancelled_by FROM operations WHERE 1 = 1";

impl Store {
    /// Begins an operation, unless one of its kind runs: then that one is returned.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn start_operation(
        &self,
        new: &NewOperation,
    ) -> Result<Option<StoredOperation>, StoreError> {
        let mut transaction = self.begin().await?;
        let added = sqlx::query(
            "INSERT INTO operations (id, kind, state, request, actor_kind, actor, created_at, \
             seen_at) VALUES ($1, $2, 'running', $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind(new.id.as_bytes().to_vec())
        .bind(new.kind.name())
        .bind(new.request.to_string())
        .bind(new.actor.kind())
        .bind(new.actor.name().map(str::to_owned))
        .bind(micros(new.now))
        .bind(micros(new.now))
        .execute(&mut *transaction)
        .await?;
        if added.rows_affected() == 0 {
            let mut sql = Sql::new(COLUMNS);
            sql.push(" WHERE state = 'running' AND kind = ")
                .bind(new.kind.name());
            let running = sql.fetch_optional(&mut transaction).await?;
            // It may have ended since; whoever asks again will find out.
            let running = running.ok_or(StoreError::Conflict)?;
            return operation(&running).map(Some);
        }
        let detail = serde_json::json!({ "kind": new.kind.name() });
        let by = (&new.actor, new.now, new.audit_id);
        audited(&mut transaction, "start_operation", new.id, by, detail).await?;
        transaction.commit().await?;
        Ok(None)
    }

    /// The operation of that id.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn operation(&self, id: OperationId) -> Result<Option<StoredOperation>, StoreError> {
        let mut sql = Sql::new(COLUMNS);
        sql.push(" WHERE id = ").bind(id.as_bytes());
        let row = sql.fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(operation).transpose()
    }

    /// At most `limit` operations, the latest first, from after `place`; only of `kind`, if
    /// one is given.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn operations(
        &self,
        kind: Option<OperationKind>,
        place: Option<OperationPlace>,
        limit: u32,
    ) -> Result<Vec<StoredOperation>, StoreError> {
        let mut sql = Sql::new(LISTED);
        if let Some(kind) = kind {
            sql.push(" AND kind = ").bind(kind.name());
        }
        if let Some(OperationPlace(time, id)) = place {
            sql.push(" AND (created_at, id) < (").bind(micros(time));
            sql.push(", ").bind(id.as_bytes()).push(")");
        }
        sql.push(" ORDER BY created_at DESC, id DESC LIMIT ")
            .bind(i64::from(limit));
        let rows = sql.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(operation).collect()
    }
}

async fn audited(
    transaction: &mut AnyConnection,
    action: &str,
    id: OperationId,
    (actor, now, audit_id): (&Actor, Timestamp, Uuid),
    detail: Value,
) -> Result<(), StoreError> {
    let line = AuditLine {
        id: audit_id,
        at: now,
        site: None,
        by: By::Actor(actor),
        action,
        subject: Some(&id.to_string()),
        detail,
    };
    audit::append(transaction, line).await
}

fn operation(row: &AnyRow) -> Result<StoredOperation, StoreError> {
    let row = Columns(row);
    let id: Vec<u8> = row.get("id")?;
    let (kind, state): (String, String) = (row.get("kind")?, row.get("state")?);
    let kinds = OperationKind::ALL.into_iter();
    let states = OperationState::ALL.into_iter();
    let actor = |kind: String, name| {
        Actor::from_columns(&kind, name).ok_or_else(|| unexpected("actor_kind", &kind))
    };
    let cancelled_by: Option<String> = row.get("cancelled_by_kind")?;
    let cancelled_by = cancelled_by.map(|kind| actor(kind, row.get("cancelled_by")?));
    Ok(StoredOperation {
        id: OperationId::from_bytes(&id).ok_or_else(|| unexpected("id", &id.len()))?,
        kind: kinds
            .into_iter()
            .find(|known| known.name() == kind)
            .ok_or_else(|| unexpected("kind", &kind))?,
        state: states
            .into_iter()
            .find(|known| known.name() == state)
            .ok_or_else(|| unexpected("state", &state))?,
        request: row
            .json("request")?
            .ok_or_else(|| unexpected("request", &"null"))?,
        progress: row.json("progress")?,
        outcome: row.json("outcome")?,
        actor: actor(row.get("actor_kind")?, row.get("actor")?)?,
        created_at: row.time("created_at")?,
        seen_at: row.time("seen_at")?,
        ended_at: row.maybe_time("ended_at")?,
        cancelled_by: cancelled_by.transpose()?,
    })
}
