//! Removing models that nothing needs any more.

use std::fmt;

use jiff::Timestamp;

use super::promotion::before_last;
use super::{Lifecycle, LifecycleError, ModelRef};
use crate::classifier::ModelId;
use crate::store::{Actor, ModelUse, Promotion, Removing, StoredModel};

/// What is to be removed.
#[derive(Clone, Debug)]
pub struct Removal {
    /// These; of none, every registered one.
    pub models: Vec<ModelRef>,
    /// Only what was made before.
    pub before: Option<Timestamp>,
    /// Also what decided on comments whose texts are still kept.
    pub force: bool,
    /// Who removes it.
    pub actor: Actor,
    /// When.
    pub now: Timestamp,
}

/// What became of one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovalOutcome {
    /// Its name.
    pub model: String,
    /// Why it was kept; `None`: it is removed.
    pub kept: Option<KeptBecause>,
}

/// Why a model is not removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptBecause {
    /// It is live.
    Live,
    /// It runs as a canary.
    Canary,
    /// It runs in shadow.
    Shadow,
    /// A rollback would put it in force.
    RollbackTarget,
    /// It decided on comments whose texts are still kept.
    Decisions,
    /// Its artefact is gone already.
    Gone,
    /// It was made later than asked for.
    Younger,
}

impl KeptBecause {
    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Canary => "canary",
            Self::Shadow => "shadow",
            Self::RollbackTarget => "rollback_target",
            Self::Decisions => "decisions",
            Self::Gone => "gone",
            Self::Younger => "younger",
        }
    }
}

impl fmt::Display for KeptBecause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Live => "it is live",
            Self::Canary => "it runs as a canary",
            Self::Shadow => "it runs in shadow",
            Self::RollbackTarget => "a rollback would put it in force again",
            Self::Decisions => {
                "it decided on comments that are still kept; with --force it is removed all the same"
            }
            Self::Gone => "it was removed before",
            Self::Younger => "it was made later than that",
        })
    }
}

impl Lifecycle {
    /// Removes artefacts; what is known of the models stays. What is in force, and what the
    /// next rollback would put in force, is kept whatever is asked.
    ///
    /// # Errors
    /// If there is no such model, or the store cannot be reached; what was removed until then
    /// stays removed.
    pub async fn remove_models(
        &self,
        removal: &Removal,
        base: &ModelId,
    ) -> Result<Vec<RemovalOutcome>, LifecycleError> {
        let mut models = Vec::new();
        for model in &removal.models {
            let found = self.model(model, base).await?;
            models.push(found.ok_or_else(|| LifecycleError::NoSuchModel(model.to_string()))?);
        }
        let is_all = removal.models.is_empty();
        if is_all {
            models = self.store.models().await?;
            let made = |model: &StoredModel| removal.before.is_none_or(|it| model.created_at < it);
            models.retain(|model| model.removed_at.is_none() && made(model));
        }
        let mut outcomes = Vec::with_capacity(models.len());
        for model in models {
            outcomes.push(RemovalOutcome {
                kept: self.remove_model(&model, removal).await?,
                model: model.id,
            });
        }
        Ok(outcomes)
    }

    async fn remove_model(
        &self,
        model: &StoredModel,
        removal: &Removal,
    ) -> Result<Option<KeptBecause>, LifecycleError> {
        if model.removed_at.is_some() {
            return Ok(Some(KeptBecause::Gone));
        }
        if removal
            .before
            .is_some_and(|before| model.created_at >= before)
        {
            return Ok(Some(KeptBecause::Younger));
        }
        let needed = needed(&self.store.promotions().await?, &model.id);
        if needed.is_some() {
            return Ok(needed);
        }
        if !removal.force && self.store.has_kept_decisions(model).await? {
            return Ok(Some(KeptBecause::Decisions));
        }
        let removing = Removing {
            actor: removal.actor.clone(),
            now: removal.now,
            audit_id: (self.new_id)(),
        };
        let kept = self.store.remove_artefact(&model.id, &removing).await?;
        Ok(kept.map(|kept| match kept {
            // Somebody put it in force since.
            ModelUse::InForce => KeptBecause::Live,
            ModelUse::Gone => KeptBecause::Gone,
        }))
    }
}

/// What `promotions` need a model for.
fn needed(promotions: &[Promotion], id: &str) -> Option<KeptBecause> {
    let last = promotions.last()?;
    let is = |model: &Option<String>| model.as_deref() == Some(id);
    if is(&last.model) {
        return Some(KeptBecause::Live);
    }
    if last.canary.as_ref().is_some_and(|canary| is(&canary.model)) {
        return Some(KeptBecause::Canary);
    }
    if last.shadow.as_ref().is_some_and(|shadow| is(&shadow.model)) {
        return Some(KeptBecause::Shadow);
    }
    let before = before_last(promotions).ok()?;
    is(&before).then_some(KeptBecause::RollbackTarget)
}
