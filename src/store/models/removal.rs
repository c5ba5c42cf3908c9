//! Removing artefacts that nothing needs any more. What is known of the models stays.

use jiff::Timestamp;
use sqlx::AnyConnection;
use uuid::Uuid;

use super::promotions::{Promotion, last_promotion};
use super::{ModelOrigin, StoredModel};
use crate::store::Store;
use crate::store::audit::{self, AuditLine, By};
use crate::store::comments::Actor;
use crate::store::error::StoreError;
use crate::store::values::micros;

/// Who removes a model's artefact.
#[derive(Clone, Debug)]
pub struct Removing {
    /// Who.
    pub actor: Actor,
    /// When.
    pub now: Timestamp,
    /// Names the line of the audit.
    pub audit_id: Uuid,
}

/// What needs a model's artefact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelUse {
    /// It is live or on trial.
    InForce,
    /// It is not there, or its artefact is gone already.
    Gone,
}

impl Store {
    /// Removes the artefact of a model, unless it is in force. `Ok(None)`: it is removed.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn remove_artefact(
        &self,
        id: &str,
        removing: &Removing,
    ) -> Result<Option<ModelUse>, StoreError> {
        let mut transaction = self.begin().await?;
        // Locks the row, as who puts a model in force does: of both at once one waits, and
        // then sees what the other did.
        let marked =
            sqlx::query("UPDATE models SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL")
                .bind(id.to_owned())
                .bind(micros(removing.now))
                .execute(&mut *transaction)
                .await?;
        if marked.rows_affected() == 0 {
            return Ok(Some(ModelUse::Gone));
        }
        let last = last_promotion(&mut transaction).await?;
        if last.is_some_and(|promotion| promotion.uses(id)) {
            return Ok(Some(ModelUse::InForce));
        }
        sqlx::query("DELETE FROM model_artefacts WHERE id = $1")
            .bind(id.to_owned())
            .execute(&mut *transaction)
            .await?;
        let line = AuditLine {
            id: removing.audit_id,
            at: removing.now,
            site: None,
            by: By::Actor(&removing.actor),
            action: "remove_model",
            subject: Some(id),
            detail: serde_json::json!({}),
        };
        audit::append(&mut transaction, line).await?;
        transaction.commit().await?;
        Ok(None)
    }

    /// Whether a comment whose text is still kept was decided on by `model`.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn has_kept_decisions(&self, model: &StoredModel) -> Result<bool, StoreError> {
        self.unpack_most().await?;
        // What was trained decided on nothing before; what was imported may have, from a file.
        let from = match model.origin {
            ModelOrigin::Labels => micros(model.created_at),
            ModelOrigin::Import => 0,
        };
        let row = sqlx::query(
            "SELECT 1 AS found FROM decisions d JOIN comments c ON c.id = d.comment_id \
             WHERE d.number = 0 AND d.decided_at >= $2 AND d.model = $1 AND c.text IS NOT NULL \
             LIMIT 1",
        )
        .bind(model.id.clone())
        .bind(from)
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        Ok(row.is_some())
    }
}

/// Locks the model that `promotion` newly puts in force until the end of the transaction; the
/// others are in force already.
///
/// # Errors
/// [`StoreError::Conflict`] if its artefact was removed since it was read.
pub(super) async fn keep_artefact(
    connection: &mut AnyConnection,
    promotion: &Promotion,
) -> Result<(), StoreError> {
    let Some(id) = promotion.subject() else {
        return Ok(());
    };
    let kept =
        sqlx::query("UPDATE models SET removed_at = NULL WHERE id = $1 AND removed_at IS NULL")
            .bind(id.to_owned())
            .execute(connection)
            .await?;
    if kept.rows_affected() == 0 {
        return Err(StoreError::Conflict);
    }
    Ok(())
}

/// Brings the artefact of a model back that was removed; whether it was.
pub(super) async fn restore(connection: &mut AnyConnection, id: &str) -> Result<bool, StoreError> {
    let restored =
        sqlx::query("UPDATE models SET removed_at = NULL WHERE id = $1 AND removed_at IS NOT NULL")
            .bind(id.to_owned())
            .execute(connection)
            .await?;
    Ok(restored.rows_affected() == 1)
}
