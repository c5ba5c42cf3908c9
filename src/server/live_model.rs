//! The models that the store says are in force, put in force on this replica.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::classifier::Classifier;
use crate::lifecycle::{Lifecycle, LifecycleError, Seen};
use crate::pipeline::{AuthorShare, Canary, ModelsInForce, Pipeline, Shadow};
use crate::store::TrialShare;
use crate::telemetry::{Metrics, ShownTrial, with_causes};

/// How often the store is asked what is in force: a promotion is in force everywhere
/// after this and the time it takes to read a model.
pub const INTERVAL: Duration = Duration::from_millis(500);

/// Follows the promotions. What cannot be put in force is refused, and nothing else is harmed
/// by it: of the live model the one before keeps serving, and what is on trial is left out.
pub struct LiveModel {
    lifecycle: Lifecycle,
    pipeline: Arc<Pipeline>,
    metrics: Arc<Metrics>,
    /// What serves where nothing was promoted.
    base: Arc<Classifier>,
    /// The number of the promotion that was dealt with last.
    number: i64,
}

impl LiveModel {
    /// Follows for `pipeline`, whose model is the base now.
    #[must_use]
    pub fn new(lifecycle: Lifecycle, pipeline: Arc<Pipeline>, metrics: Arc<Metrics>) -> Self {
        Self {
            lifecycle,
            base: Arc::clone(&pipeline.models().live),
            pipeline,
            metrics,
            number: 0,
        }
    }

    /// Looks once, and puts in force what is to be.
    pub async fn look(&mut self) {
        let seen = match self.lifecycle.live().await {
            Ok(seen) => seen,
            // The store says by itself that it is away; it is asked again.
            Err(error) => {
                tracing::debug!(%error, "cannot ask which model is live");
                return;
            }
        };
        if seen.number() == self.number {
            return;
        }
        match self.models(&seen).await {
            Ok(models) => {
                self.put_in_force(models, &seen);
                self.number = seen.number();
            }
            Err(error) => {
                tracing::warn!(%error, "cannot read the models in force; will try again");
            }
        }
    }

    /// Looks at every `interval`. Never ends.
    pub async fn run(mut self, interval: Duration) -> Infallible {
        let mut ticks = tokio::time::interval(interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.look().await;
        }
    }

    /// What is to be in force, as far as it can be used.
    ///
    /// # Errors
    /// If the store is away.
    async fn models(&self, seen: &Seen) -> Result<ModelsInForce, LifecycleError> {
        let now = self.pipeline.models();
        let live = self.load(seen.model(), &now, "live").await?;
        let mut models = ModelsInForce::only(live.unwrap_or_else(|| Arc::clone(&now.live)));
        if let Some(trial) = seen.canary() {
            let model = self.load(trial.model.as_deref(), &now, "canary").await?;
            models.canary = model.map(|model| Canary {
                authors: authors(&model, trial.share),
                model,
            });
        }
        if let Some(trial) = seen.shadow() {
            let model = self.load(trial.model.as_deref(), &now, "shadow").await?;
            models.shadow = model.map(|model| Shadow {
                authors: authors(&model, trial.share),
                sites: trial.sites.clone(),
                model,
            });
        }
        Ok(models)
    }

    /// The model of that name, of those in force `now` or from the store; `None`: it is refused.
    async fn load(
        &self,
        id: Option<&str>,
        now: &ModelsInForce,
        role: &'static str,
    ) -> Result<Option<Arc<Classifier>>, LifecycleError> {
        let Some(id) = id else {
            return Ok(Some(Arc::clone(&self.base)));
        };
        let canary = now.canary.as_ref().map(|canary| &canary.model);
        let shadow = now.shadow.as_ref().map(|shadow| &shadow.model);
        let mut loaded = [Some(&now.live), canary, shadow].into_iter().flatten();
        if let Some(model) = loaded.find(|model| model.id().as_str() == id) {
            return Ok(Some(Arc::clone(model)));
        }
        match self.read(id).await {
            Ok(model) => Ok(Some(model)),
            Err(LifecycleError::Store(error)) if error.is_passing() => Err(error.into()),
            Err(error) => {
                self.metrics.model_refused();
                let kept = if role == "live" {
                    "the promoted model is refused; the one before keeps serving"
                } else {
                    "a model on trial is refused; the live one judges all"
                };
                tracing::error!(error = with_causes(&error), model = id, role, "{kept}");
                Ok(None)
            }
        }
    }

    async fn read(&self, id: &str) -> Result<Arc<Classifier>, LifecycleError> {
        let artefact = self.lifecycle.load(id).await?;
        // Milliseconds of one core, which calls must not wait for.
        let made = tokio::task::spawn_blocking(|| Classifier::new(artefact)).await;
        Ok(Arc::new(made.map_err(|_| LifecycleError::Stopped)?))
    }

    fn put_in_force(&self, models: ModelsInForce, seen: &Seen) {
        let live = models.live.id().to_string();
        let name = |model: &Arc<Classifier>| model.id().to_string();
        let canary = models.canary.as_ref().map(|canary| name(&canary.model));
        let shadow = models.shadow.as_ref().map(|shadow| name(&shadow.model));
        self.pipeline.replace_models(models);
        let share = |share: Option<TrialShare>| share.map_or(0.0, TrialShare::get);
        let shown = |model, share| ShownTrial { model, share };
        let canary_share = share(seen.canary().map(|trial| trial.share));
        let shadow_share = share(seen.shadow().map(|trial| trial.share));
        self.metrics.model_in_force(&live);
        self.metrics.models_on_trial(
            canary.as_deref().map(|model| shown(model, canary_share)),
            shadow.as_deref().map(|model| shown(model, shadow_share)),
        );
        tracing::info!(
            model = live,
            canary,
            shadow,
            promotion = seen.number(),
            "other models are in force"
        );
    }
}

fn authors(model: &Classifier, share: TrialShare) -> AuthorShare {
    AuthorShare::new(model.id(), share.get())
}
