//! Trying a model on live traffic: in shadow, for the record alone, or as a canary, which
//! judges a share of the comments and is acted on.

use super::promotion::allowed;
use super::{Checked, Lifecycle, LifecycleError, ModelRef, Promoting, Seen};
use crate::classifier::ModelId;
use crate::site::SiteAccess;
use crate::store::{CanaryTrial, Promotion, PromotionKind, ShadowTrial, TrialShare};

/// What is to run in shadow.
#[derive(Clone, Debug)]
pub struct Shadowing {
    /// Which model.
    pub model: ModelRef,
    /// On the comments of so many of the authors.
    pub share: TrialShare,
    /// On which sites.
    pub sites: SiteAccess,
}

impl Lifecycle {
    /// Whether a canary of a model with this share could begin, or get it, before anybody takes
    /// the time to check the model; [`Lifecycle::start_canary`] asks again. `base` is the base.
    ///
    /// # Errors
    /// If the share is all, there is no such model, or another canary runs.
    pub async fn may_begin_canary(
        &self,
        model: &ModelRef,
        base: &ModelId,
        share: TrialShare,
    ) -> Result<(), LifecycleError> {
        is_part(share)?;
        let model = self.model(model, base).await?.map(|model| model.id);
        is_free(&self.live().await?, model.as_deref())
    }

    /// Has a model that was checked against what is live judge a share of the comments, on
    /// every replica. Of the canary that runs it changes the share.
    ///
    /// # Errors
    /// As for [`Lifecycle::promote`]; if another canary runs, or the share is all.
    pub async fn start_canary(
        &self,
        checked: Checked,
        share: TrialShare,
        promoting: Promoting,
    ) -> Result<Promotion, LifecycleError> {
        is_part(share)?;
        let checks = allowed(&checked, &promoting)?;
        let Checked { model, seen, .. } = checked;
        is_free(&seen, model.as_deref())?;
        let since = seen.canary().map_or(promoting.now, |runs| runs.since);
        let mut next = seen.next(PromotionKind::Canary);
        next.canary = Some(CanaryTrial {
            model,
            share,
            since,
        });
        next.checks = Some(checks);
        self.put(next, &seen, promoting).await
    }

    /// Gives the canary that runs another share.
    ///
    /// # Errors
    /// If none runs, the share is all, or somebody else changed what is in force.
    pub async fn set_canary_share(
        &self,
        share: TrialShare,
        promoting: Promoting,
    ) -> Result<Promotion, LifecycleError> {
        is_part(share)?;
        let seen = self.live().await?;
        let runs = seen.canary().cloned().ok_or(LifecycleError::NoCanary)?;
        let mut next = seen.next(PromotionKind::Canary);
        next.canary = Some(CanaryTrial { share, ..runs });
        self.put(next, &seen, promoting).await
    }

    /// Ends the canary: the live model judges all again.
    ///
    /// # Errors
    /// If none runs, or somebody else changed what is in force.
    pub async fn end_canary(&self, promoting: Promoting) -> Result<Promotion, LifecycleError> {
        let seen = self.live().await?;
        self.end_canary_of(&seen, promoting).await
    }

    pub(super) async fn end_canary_of(
        &self,
        seen: &Seen,
        promoting: Promoting,
    ) -> Result<Promotion, LifecycleError> {
        seen.canary().ok_or(LifecycleError::NoCanary)?;
        let mut next = seen.next(PromotionKind::EndCanary);
        next.canary = None;
        self.put(next, seen, promoting).await
    }

    /// Has a model judge in shadow what the live one judges, on every replica, in the place of
    /// another that did. `base` is the base.
    ///
    /// # Errors
    /// If there is no such model, it cannot be used or is live, or somebody else changed what is
    /// in force.
    pub async fn start_shadow(
        &self,
        shadowing: Shadowing,
        base: &ModelId,
        promoting: Promoting,
    ) -> Result<Promotion, LifecycleError> {
        let Shadowing {
            model,
            share,
            sites,
        } = shadowing;
        let seen = self.live().await?;
        let model = self.model(&model, base).await?.map(|model| model.id);
        if model.as_deref() == seen.model() {
            return Err(LifecycleError::AlreadyLive(named(model)));
        }
        let since = match seen.shadow() {
            Some(runs) if runs.model == model => runs.since,
            _ => promoting.now,
        };
        let mut next = seen.next(PromotionKind::Shadow);
        next.shadow = Some(ShadowTrial {
            model,
            share,
            sites,
            since,
        });
        self.put(next, &seen, promoting).await
    }

    /// Ends the shadow. What it made of comments stays with them.
    ///
    /// # Errors
    /// If none runs, or somebody else changed what is in force.
    pub async fn end_shadow(&self, promoting: Promoting) -> Result<Promotion, LifecycleError> {
        let seen = self.live().await?;
        seen.shadow().ok_or(LifecycleError::NoShadow)?;
        let mut next = seen.next(PromotionKind::EndShadow);
        next.shadow = None;
        self.put(next, &seen, promoting).await
    }
}

fn named(model: Option<String>) -> String {
    model.unwrap_or_else(|| "the base".to_owned())
}

/// Whether no other model than `model` runs as a canary.
fn is_free(seen: &Seen, model: Option<&str>) -> Result<(), LifecycleError> {
    match seen.canary() {
        Some(runs) if runs.model.as_deref() != model => {
            Err(LifecycleError::CanaryRuns(named(runs.model.clone())))
        }
        _ => Ok(()),
    }
}

fn is_part(share: TrialShare) -> Result<(), LifecycleError> {
    share
        .is_part()
        .then_some(())
        .ok_or(LifecycleError::WholeCanary)
}
