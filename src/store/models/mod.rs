//! Models that were trained or brought here, and which of them is live.

mod canary;
mod promotions;
mod removal;
mod shadow;
mod trials;

use jiff::Timestamp;
use serde_json::Value;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::Store;
use super::audit::{self, AuditLine, By};
use super::comments::Actor;
use super::error::StoreError;
use super::values::{Columns, micros, unexpected};

pub use canary::JudgedCell;
pub use promotions::{NewPromotion, Promotion, PromotionKind};
pub use removal::{ModelUse, Removing};
pub(super) use shadow::keep_shadow_verdicts;
pub use shadow::{ScoreSums, ShadowCell};
pub use trials::{CanaryTrial, NotATrialShare, ShadowTrial, TrialShare};

/// Where a model comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelOrigin {
    /// A base was adapted to labels.
    Labels,
    /// A file.
    Import,
}

impl ModelOrigin {
    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::Import => "import",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Labels, Self::Import]
            .into_iter()
            .find(|origin| origin.name() == name)
    }
}

/// What is known of a model besides its artefact. Never changed once it is kept, but that its
/// artefact may go.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredModel {
    /// Its name, by its content.
    pub id: String,
    /// Where it comes from.
    pub origin: ModelOrigin,
    /// The model that was adapted.
    pub base: Option<String>,
    /// The model that was live when it was made; `None`: the configured one.
    pub parent: Option<String>,
    /// The features it reads.
    pub feature_version: u32,
    /// Length of its artefact.
    pub bytes: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// With which settings.
    pub settings: Option<Value>,
    /// On which labels.
    pub labels: Option<Value>,
    /// How good it is on labels it had not seen.
    pub evaluation: Option<Value>,
    /// Since when its artefact is gone; `None`: it is there.
    pub removed_at: Option<Timestamp>,
}

/// What became of a model that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It was not known before.
    New,
    /// It was known, and its artefact, which was removed, is there again.
    Restored,
    /// It was there.
    Known,
}

const COLUMNS: &str = "id, origin, base, parent, feature_version, bytes, created_at, actor_kind, \
    actor, settings, labels, evaluation, removed_at";

impl Store {
    /// Keeps a model and its artefact, whole or not at all.
    /// `audit_id` names the line of the audit.
    ///
    /// # Errors
    /// If it cannot be kept, such as on a full disk.
    pub async fn add_model(
        &self,
        model: &StoredModel,
        artefact: &[u8],
        audit_id: Uuid,
    ) -> Result<Added, StoreError> {
        let mut transaction = self.begin().await?;
        let json = |value: &Option<Value>| value.as_ref().map(Value::to_string);
        let added = sqlx::query(
            "INSERT INTO models (id, origin, base, parent, feature_version, bytes, created_at, \
             actor_kind, actor, settings, labels, evaluation) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(model.id.clone())
        .bind(model.origin.name())
        .bind(model.base.clone())
        .bind(model.parent.clone())
        .bind(i64::from(model.feature_version))
        .bind(i64::try_from(artefact.len()).unwrap_or(i64::MAX))
        .bind(micros(model.created_at))
        .bind(model.actor.kind())
        .bind(model.actor.name().map(str::to_owned))
        .bind(json(&model.settings))
        .bind(json(&model.labels))
        .bind(json(&model.evaluation))
        .execute(&mut *transaction)
        .await?;
        let is_new = added.rows_affected() == 1;
        if !is_new && !removal::restore(&mut transaction, &model.id).await? {
            return Ok(Added::Known);
        }
        sqlx::query("INSERT INTO model_artefacts (id, artefact) VALUES ($1, $2)")
            .bind(model.id.clone())
            .bind(artefact.to_vec())
            .execute(&mut *transaction)
            .await?;
        let line = AuditLine {
            id: audit_id,
            at: model.created_at,
            site: None,
            by: By::Actor(&model.actor),
            action: if is_new { "add_model" } else { "restore_model" },
            subject: Some(&model.id),
            detail: serde_json::json!({ "origin": model.origin.name() }),
        };
        audit::append(&mut transaction, line).await?;
        transaction.commit().await?;
        Ok(if is_new { Added::New } else { Added::Restored })
    }

    /// Every model, the latest first.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn models(&self) -> Result<Vec<StoredModel>, StoreError> {
        let select = format!("SELECT {COLUMNS} FROM models ORDER BY created_at DESC, id");
        let rows = sqlx::query(sqlx::AssertSqlSafe(select))
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter().map(model).collect()
    }

    /// The model of that name.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn model(&self, id: &str) -> Result<Option<StoredModel>, StoreError> {
        let select = format!("SELECT {COLUMNS} FROM models WHERE id = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(select))
            .bind(id.to_owned())
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        row.as_ref().map(model).transpose()
    }

    /// The artefact of the model of that name, as it was kept.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn artefact(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query("SELECT artefact FROM model_artefacts WHERE id = $1")
            .bind(id.to_owned())
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        row.map(|row| Columns(&row).get("artefact")).transpose()
    }
}

fn model(row: &AnyRow) -> Result<StoredModel, StoreError> {
    let row = Columns(row);
    let origin: String = row.get("origin")?;
    let count = |column| -> Result<u64, StoreError> {
        u64::try_from(row.get::<i64>(column)?).map_err(|error| unexpected(column, &error))
    };
    Ok(StoredModel {
        id: row.get("id")?,
        origin: ModelOrigin::from_name(&origin).ok_or_else(|| unexpected("origin", &origin))?,
        base: row.get("base")?,
        parent: row.get("parent")?,
        feature_version: u32::try_from(count("feature_version")?)
            .map_err(|error| unexpected("feature_version", &error))?,
        bytes: count("bytes")?,
        created_at: row.time("created_at")?,
        actor: actor(&row)?,
        settings: row.json("settings")?,
        labels: row.json("labels")?,
        evaluation: row.json("evaluation")?,
        removed_at: row.maybe_time("removed_at")?,
    })
}

fn actor(row: &Columns<'_>) -> Result<Actor, StoreError> {
    let kind: String = row.get("actor_kind")?;
    Actor::from_columns(&kind, row.get("actor")?).ok_or_else(|| unexpected("actor_kind", &kind))
}
