//! Taking labels back: an entry beside each, so that the log stays whole.

use jiff::Timestamp;
use uuid::Uuid;

use super::LabelId;
use crate::store::Store;
use crate::store::audit::{self, AuditLine, By};
use crate::store::comments::Actor;
use crate::store::error::StoreError;
use crate::store::insert::Insert;
use crate::store::values::{micros, text};

/// Who takes labels back, when and why.
#[derive(Clone, Debug)]
pub struct Retraction {
    /// Who.
    pub actor: Actor,
    /// When.
    pub now: Timestamp,
    /// Why, in their words.
    pub why: Option<String>,
    /// Names the line of the audit.
    pub audit_id: Uuid,
}

const COLUMNS: [&str; 5] = ["label_id", "retracted_at", "actor_kind", "actor", "why"];

static RETRACTIONS: Insert = Insert::new(
    "label_retractions",
    &COLUMNS,
    "ON CONFLICT (label_id) DO NOTHING RETURNING label_id",
);

impl Store {
    /// Retracts labels, in one transaction. How many were not retracted before.
    ///
    /// # Errors
    /// If the store cannot be reached; then none was retracted.
    pub async fn retract_labels(
        &self,
        labels: &[LabelId],
        retraction: &Retraction,
    ) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let retracted = RETRACTIONS
            .returning(&mut transaction, labels, |query, label| {
                query
                    .bind(label.as_bytes().to_vec())
                    .bind(micros(retraction.now))
                    .bind(retraction.actor.kind())
                    .bind(retraction.actor.name().map(str::to_owned))
                    .bind(retraction.why.as_deref().map(text))
            })
            .await?
            .len() as u64;
        let line = AuditLine {
            id: retraction.audit_id,
            at: retraction.now,
            site: None,
            by: By::Actor(&retraction.actor),
            action: "retract_labels",
            subject: None,
            detail: serde_json::json!({ "labels": retracted }),
        };
        audit::append(&mut transaction, line).await?;
        transaction.commit().await?;
        Ok(retracted)
    }
}
