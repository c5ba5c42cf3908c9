//! The model that the store says is live, put in force on this replica.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::classifier::Classifier;
use crate::lifecycle::{Lifecycle, LifecycleError, Seen};
use crate::pipeline::Pipeline;
use crate::telemetry::{Metrics, with_causes};

/// How often the store is asked which model is live: a promotion is in force everywhere
/// after this and the time it takes to read a model.
pub const INTERVAL: Duration = Duration::from_millis(500);

/// Follows the promotions. What cannot be put in force is refused, and what was in force
/// keeps serving.
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
            base: pipeline.classifier(),
            pipeline,
            metrics,
            number: 0,
        }
    }

    /// Looks once, and puts in force what is live.
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
        match self.put_in_force(&seen).await {
            Ok(()) => {}
            Err(LifecycleError::Store(error)) if error.is_passing() => {
                tracing::warn!(%error, "cannot read the model that is live; will try again");
                return;
            }
            Err(error) => {
                self.metrics.model_refused();
                tracing::error!(
                    error = with_causes(&error),
                    model = seen.model(),
                    "the promoted model is refused; the one before keeps serving"
                );
            }
        }
        self.number = seen.number();
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

    async fn put_in_force(&self, seen: &Seen) -> Result<(), LifecycleError> {
        let classifier = match seen.model() {
            None => Arc::clone(&self.base),
            Some(id) => {
                let artefact = self.lifecycle.load(id).await?;
                // Milliseconds of one core, which calls must not wait for.
                let made = tokio::task::spawn_blocking(|| Classifier::new(artefact)).await;
                Arc::new(made.map_err(|_| LifecycleError::Stopped)?)
            }
        };
        let model = classifier.id().to_string();
        self.pipeline.replace_classifier(classifier);
        self.metrics.model_in_force(&model);
        tracing::info!(
            model,
            promotion = seen.number(),
            "another model is in force"
        );
        Ok(())
    }
}
