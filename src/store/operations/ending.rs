//! How an operation goes on and ends.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::{OperationId, OperationState, audited};
use crate::store::Store;
use crate::store::comments::Actor;
use crate::store::error::StoreError;
use crate::store::values::{Columns, micros};

/// What whoever runs an operation learns when they say that they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// Go on.
    GoOn,
    /// Somebody wants it ended.
    Cancel,
    /// It was given up for lost: nothing that comes of it counts any more.
    Gone,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationEnd {
    /// Where it is: any state but running.
    pub state: OperationState,
    /// What came of it, or why it failed.
    pub outcome: Option<Value>,
    /// How far it got.
    pub progress: Value,
}

/// Rows of one transaction: few, since others wait for it.
const GROUP: i64 = 100;

impl Store {
    /// Says that an operation runs and how far it is.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn beat_operation(
        &self,
        id: OperationId,
        progress: &Value,
        now: Timestamp,
    ) -> Result<Beat, StoreError> {
        let mut transaction = self.begin().await?;
        let row = sqlx::query(
            "UPDATE operations SET seen_at = $1, progress = $2 \
             WHERE id = $3 AND state = 'running' RETURNING cancelled_at",
        )
        .bind(micros(now))
        .bind(progress.to_string())
        .bind(id.as_bytes().to_vec())
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else {
            return Ok(Beat::Gone);
        };
        let cancelled: Option<i64> = Columns(&row).get("cancelled_at")?;
        transaction.commit().await?;
        Ok(cancelled.map_or(Beat::GoOn, |_| Beat::Cancel))
    }

    /// Ends an operation. Whether it still ran.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn end_operation(
        &self,
        id: OperationId,
        end: &OperationEnd,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let ended = sqlx::query(
            "UPDATE operations SET state = $1, outcome = $2, progress = $3, ended_at = $4 \
             WHERE id = $5 AND state = 'running'",
        )
        .bind(end.state.name())
        .bind(end.outcome.as_ref().map(Value::to_string))
        .bind(end.progress.to_string())
        .bind(micros(now))
        .bind(id.as_bytes().to_vec())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(ended.rows_affected() > 0)
    }

    /// Asks whoever runs an operation to end it. Whether it runs and nobody asked before.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn cancel_operation(
        &self,
        id: OperationId,
        actor: &Actor,
        now: Timestamp,
        audit_id: Uuid,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let asked = sqlx::query(
            "UPDATE operations SET cancelled_at = $1, cancelled_by_kind = $2, cancelled_by = $3 \
             WHERE id = $4 AND state = 'running' AND cancelled_at IS NULL",
        )
        .bind(micros(now))
        .bind(actor.kind())
        .bind(actor.name().map(str::to_owned))
        .bind(id.as_bytes().to_vec())
        .execute(&mut *transaction)
        .await?;
        if asked.rows_affected() == 0 {
            return Ok(false);
        }
        let by = (actor, now, audit_id);
        let detail = serde_json::json!({});
        audited(&mut transaction, "cancel_operation", id, by, detail).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Gives up for lost what runs and was not heard of since `before`, so that another of
    /// its kind can begin. How many.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn give_up_operations(
        &self,
        before: Timestamp,
        outcome: &Value,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let lost = sqlx::query(
            "UPDATE operations SET state = 'failed', outcome = $1, ended_at = $2 \
             WHERE state = 'running' AND seen_at < $3",
        )
        .bind(outcome.to_string())
        .bind(micros(now))
        .bind(micros(before))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(lost.rows_affected())
    }

    /// Removes at most some operations that began before `before` and do not run. How many.
    pub(in crate::store) async fn sweep_operations(
        &self,
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let removed = sqlx::query(
            "DELETE FROM operations WHERE id IN (SELECT id FROM operations \
             WHERE created_at < $1 AND state <> 'running' ORDER BY created_at LIMIT $2)",
        )
        .bind(micros(before))
        .bind(GROUP)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(removed.rows_affected())
    }
}
