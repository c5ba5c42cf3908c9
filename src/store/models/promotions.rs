//! Which model is live, and who made it so.

use jiff::Timestamp;
use serde_json::Value;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::actor;
use crate::store::Store;
use crate::store::audit::{self, AuditLine, By};
use crate::store::comments::Actor;
use crate::store::error::StoreError;
use crate::store::values::{Columns, micros, text, unexpected};

/// How a model became live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromotionKind {
    /// It was put in the place of another.
    Promote,
    /// The one in its place was taken back.
    RollBack,
}

impl PromotionKind {
    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::RollBack => "roll_back",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Promote, Self::RollBack]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// That a model became live.
#[derive(Clone, Debug, PartialEq)]
pub struct Promotion {
    /// From 1 on, without gaps; the highest is in force.
    pub number: i64,
    /// Which; `None`: the one that the configuration names.
    pub model: Option<String>,
    /// How.
    pub kind: PromotionKind,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// Why, in their words.
    pub why: Option<String>,
    /// What spoke for and against it.
    pub checks: Option<Value>,
}

/// A promotion to be made.
#[derive(Clone, Debug)]
pub struct NewPromotion {
    /// As it will be; its number is one more than that of the last one seen.
    pub promotion: Promotion,
    /// Names the line of the audit.
    pub audit_id: Uuid,
}

impl Store {
    /// The promotion in force; `None`: there was none yet.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn live(&self) -> Result<Option<Promotion>, StoreError> {
        let row = sqlx::query("SELECT * FROM promotions ORDER BY number DESC LIMIT 1")
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        row.as_ref().map(promotion).transpose()
    }

    /// Every promotion, oldest first.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn promotions(&self) -> Result<Vec<Promotion>, StoreError> {
        let rows = sqlx::query("SELECT * FROM promotions ORDER BY number")
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter().map(promotion).collect()
    }

    /// Puts a model in force, unless somebody promoted since the last one was seen.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] then; or if the store cannot be reached.
    pub async fn promote(&self, new: &NewPromotion) -> Result<(), StoreError> {
        let made = &new.promotion;
        let mut transaction = self.begin().await?;
        let added = sqlx::query(
            "INSERT INTO promotions (number, model, kind, promoted_at, actor_kind, actor, why, \
             checks) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (number) DO NOTHING",
        )
        .bind(made.number)
        .bind(made.model.clone())
        .bind(made.kind.name())
        .bind(micros(made.at))
        .bind(made.actor.kind())
        .bind(made.actor.name().map(str::to_owned))
        .bind(made.why.as_deref().map(text))
        .bind(made.checks.as_ref().map(Value::to_string))
        .execute(&mut *transaction)
        .await?;
        if added.rows_affected() == 0 {
            return Err(StoreError::Conflict);
        }
        let line = AuditLine {
            id: new.audit_id,
            at: made.at,
            site: None,
            by: By::Actor(&made.actor),
            action: made.kind.name(),
            subject: made.model.as_deref(),
            detail: serde_json::json!({
                "number": made.number, "why": made.why, "checks": made.checks,
            }),
        };
        audit::append(&mut transaction, line).await?;
        transaction.commit().await
    }
}

fn promotion(row: &AnyRow) -> Result<Promotion, StoreError> {
    let row = Columns(row);
    let kind: String = row.get("kind")?;
    Ok(Promotion {
        number: row.get("number")?,
        model: row.get("model")?,
        kind: PromotionKind::from_name(&kind).ok_or_else(|| unexpected("kind", &kind))?,
        at: row.time("promoted_at")?,
        actor: actor(&row)?,
        why: row.get("why")?,
        checks: row.json("checks")?,
    })
}
