//! Labels from files.

use jiff::Timestamp;
use uuid::Uuid;

use super::{LabelId, LabelSource, LabelTexts};
use crate::label::Label;
use crate::site::SiteId;
use crate::store::Store;
use crate::store::audit::{self, AuditLine, By};
use crate::store::comments::Actor;
use crate::store::error::StoreError;
use crate::store::insert::{Bound, Insert};
use crate::store::values::{flag, micros, text};

/// Labels of one import, or some of them.
#[derive(Clone, Debug)]
pub struct LabelImport {
    /// What is retracted together.
    pub batch: String,
    /// Which site they are for.
    pub site: SiteId,
    /// Who imports.
    pub actor: Actor,
    /// When.
    pub now: Timestamp,
    /// The labels.
    pub labels: Vec<ImportedLabel>,
}

/// A label as it is imported.
#[derive(Clone, Debug)]
pub struct ImportedLabel {
    /// Its id.
    pub id: LabelId,
    /// What the text is.
    pub label: Label,
    /// The text.
    pub texts: LabelTexts,
    /// Language tag.
    pub language: Option<String>,
    /// What stays on one side of every split.
    pub group: Option<String>,
    /// Name of the file, without folders.
    pub origin: String,
}

const COLUMNS: [&str; 14] = [
    "id",
    "site",
    "labelled_at",
    "spam",
    "toxicity",
    "source",
    "actor",
    "batch",
    "name",
    "text",
    "url",
    "language",
    "origin",
    "group_name",
];

static LABELS: Insert = Insert::new("labels", &COLUMNS, "");

impl Store {
    /// Adds labels from files, in one transaction.
    ///
    /// # Errors
    /// If they cannot be kept; then none was.
    pub async fn import_labels(&self, import: &LabelImport) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        LABELS
            .run(&mut transaction, &import.labels, |query, label| {
                bind(query, import, label)
            })
            .await?;
        transaction.commit().await
    }

    /// Says in the audit what an import brought. `audit_id` names the line.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn label_import_done(
        &self,
        import: &LabelImport,
        labels: u64,
        audit_id: Uuid,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let line = AuditLine {
            id: audit_id,
            at: import.now,
            site: Some(&import.site),
            by: By::Actor(&import.actor),
            action: "import_labels",
            subject: Some(&import.batch),
            detail: serde_json::json!({ "labels": labels }),
        };
        audit::append(&mut transaction, line).await?;
        transaction.commit().await
    }
}

fn bind(query: Bound, import: &LabelImport, label: &ImportedLabel) -> Bound {
    query
        .bind(label.id.as_bytes().to_vec())
        .bind(import.site.to_string())
        .bind(micros(import.now))
        .bind(label.label.spam.map(flag))
        .bind(label.label.toxicity.map(flag))
        .bind(LabelSource::Import.name())
        .bind(import.actor.name().map(str::to_owned))
        .bind(import.batch.clone())
        .bind(text(&label.texts.name))
        .bind(text(&label.texts.text))
        .bind(label.texts.url.as_deref().map(text))
        .bind(label.language.as_deref().map(text))
        .bind(text(&label.origin))
        .bind(label.group.as_deref().map(text))
}
