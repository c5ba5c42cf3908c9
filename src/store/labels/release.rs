//! Letting labels through that the guard holds back: an entry beside each.

use super::{LabelId, Retraction};
use crate::store::Store;
use crate::store::audit::{self, AuditLine, By};
use crate::store::error::StoreError;
use crate::store::insert::Insert;
use crate::store::values::{micros, text};

const COLUMNS: [&str; 5] = ["label_id", "released_at", "actor_kind", "actor", "why"];

static RELEASES: Insert = Insert::new(
    "label_releases",
    &COLUMNS,
    "ON CONFLICT (label_id) DO NOTHING RETURNING label_id",
);

impl Store {
    /// Lets labels through, in one transaction; `by` says who, when and why. How many
    /// were not released before.
    ///
    /// # Errors
    /// If the store cannot be reached; then none was released.
    pub async fn release_labels(
        &self,
        labels: &[LabelId],
        by: &Retraction,
    ) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let released = RELEASES
            .returning(&mut transaction, labels, |query, label| {
                query
                    .bind(label.as_bytes().to_vec())
                    .bind(micros(by.now))
                    .bind(by.actor.kind())
                    .bind(by.actor.name().map(str::to_owned))
                    .bind(by.why.as_deref().map(text))
            })
            .await?
            .len() as u64;
        let line = AuditLine {
            id: by.audit_id,
            at: by.now,
            site: None,
            by: By::Actor(&by.actor),
            action: "release_labels",
            subject: None,
            detail: serde_json::json!({ "labels": released }),
        };
        audit::append(&mut transaction, line).await?;
        transaction.commit().await?;
        Ok(released)
    }
}
