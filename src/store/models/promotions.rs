//! Which model is live, which are on trial beside it, and who made it so.

use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::trials::{self, CanaryTrial, ShadowTrial, TrialColumns};
use super::{actor, removal};
use crate::site::SiteAccess;
use crate::store::Store;
use crate::store::audit::{self, AuditLine, By};
use crate::store::comments::Actor;
use crate::store::error::StoreError;
use crate::store::values::{Columns, micros, text, unexpected};

/// What was changed of the models in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromotionKind {
    /// A model was put in the place of the live one.
    Promote,
    /// The live one was taken back.
    RollBack,
    /// A canary began, or got another share.
    Canary,
    /// It ended, and the live model judges all again.
    EndCanary,
    /// A shadow began, or got another share or other sites.
    Shadow,
    /// It ended.
    EndShadow,
}

impl PromotionKind {
    const ALL: [Self; 6] = [
        Self::Promote,
        Self::RollBack,
        Self::Canary,
        Self::EndCanary,
        Self::Shadow,
        Self::EndShadow,
    ];

    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::RollBack => "roll_back",
            Self::Canary => "canary",
            Self::EndCanary => "end_canary",
            Self::Shadow => "shadow",
            Self::EndShadow => "end_shadow",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// That the models in force were changed, and all that is in force since.
#[derive(Clone, Debug, PartialEq)]
pub struct Promotion {
    /// From 1 on, without gaps; the highest is in force.
    pub number: i64,
    /// The live model; `None`: the one that the configuration names.
    pub model: Option<String>,
    /// What judges a share of the comments in its place.
    pub canary: Option<CanaryTrial>,
    /// What judges beside it for the record alone.
    pub shadow: Option<ShadowTrial>,
    /// What was changed.
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

impl Promotion {
    /// The model that it is about: the one that went live, or came or went on trial; `None`: the
    /// one that the configuration names, or it is of another promotion's.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        let of_canary = self
            .canary
            .as_ref()
            .and_then(|canary| canary.model.as_deref());
        let of_shadow = self
            .shadow
            .as_ref()
            .and_then(|shadow| shadow.model.as_deref());
        match self.kind {
            PromotionKind::Promote | PromotionKind::RollBack => self.model.as_deref(),
            PromotionKind::Canary => of_canary,
            PromotionKind::Shadow => of_shadow,
            PromotionKind::EndCanary | PromotionKind::EndShadow => None,
        }
    }

    /// Whether it keeps a model of that name in use.
    #[must_use]
    pub fn uses(&self, id: &str) -> bool {
        let canary = self.canary.as_ref().map(|canary| &canary.model);
        let shadow = self.shadow.as_ref().map(|shadow| &shadow.model);
        let used = [Some(&self.model), canary, shadow];
        used.into_iter()
            .flatten()
            .any(|used| used.as_deref() == Some(id))
    }
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
        last_promotion(&mut *self.reader().await?).await
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

    /// Puts models in force, unless somebody changed that since the last change was seen, or
    /// the artefact of one of them is gone.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] then; or if the store cannot be reached.
    pub async fn promote(&self, new: &NewPromotion) -> Result<(), StoreError> {
        let made = &new.promotion;
        let mut transaction = self.begin().await?;
        removal::keep_artefact(&mut transaction, made).await?;
        let canary = made.canary.as_ref();
        let canary = canary.map(|it| TrialColumns::of(it.model.as_ref(), it.share, it.since));
        let canary = canary.unwrap_or_default();
        let shadow = made.shadow.as_ref();
        let sites = shadow.and_then(|it| match &it.sites {
            SiteAccess::All => None,
            only @ SiteAccess::Only(_) => Some(only.to_string()),
        });
        let shadow = shadow.map(|it| TrialColumns::of(it.model.as_ref(), it.share, it.since));
        let shadow = shadow.unwrap_or_default();
        let added = sqlx::query(
            "INSERT INTO promotions (number, model, kind, promoted_at, actor_kind, actor, why, \
             checks, canary_share, canary, canary_since, shadow_share, shadow, shadow_since, \
             shadow_sites) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, \
             $15) ON CONFLICT (number) DO NOTHING",
        )
        .bind(made.number)
        .bind(made.model.clone())
        .bind(made.kind.name())
        .bind(micros(made.at))
        .bind(made.actor.kind())
        .bind(made.actor.name().map(str::to_owned))
        .bind(made.why.as_deref().map(text))
        .bind(made.checks.as_ref().map(Value::to_string))
        .bind(canary.share)
        .bind(canary.model)
        .bind(canary.since)
        .bind(shadow.share)
        .bind(shadow.model)
        .bind(shadow.since)
        .bind(sites)
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
            subject: made.subject(),
            detail: json!({
                "number": made.number, "why": made.why, "checks": made.checks,
                "canary": made.canary.as_ref().map(|canary| json!({
                    "model": canary.model, "share": canary.share.get(),
                })),
                "shadow": made.shadow.as_ref().map(|shadow| json!({
                    "model": shadow.model, "share": shadow.share.get(),
                    "sites": shadow.sites.to_string(),
                })),
            }),
        };
        audit::append(&mut transaction, line).await?;
        transaction.commit().await
    }
}

pub(super) async fn last_promotion(
    connection: &mut AnyConnection,
) -> Result<Option<Promotion>, StoreError> {
    let row = sqlx::query("SELECT * FROM promotions ORDER BY number DESC LIMIT 1")
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(promotion).transpose()
}

fn promotion(row: &AnyRow) -> Result<Promotion, StoreError> {
    let row = Columns(row);
    let kind: String = row.get("kind")?;
    Ok(Promotion {
        number: row.get("number")?,
        model: row.get("model")?,
        canary: trials::canary(&row)?,
        shadow: trials::shadow(&row)?,
        kind: PromotionKind::from_name(&kind).ok_or_else(|| unexpected("kind", &kind))?,
        at: row.time("promoted_at")?,
        actor: actor(&row)?,
        why: row.get("why")?,
        checks: row.json("checks")?,
    })
}
