//! Doing it: the work, and a word to the store every second while it goes on.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::policy_text::PolicyText;
use super::told::{OperationFailure, OperationResult, Replayed, Trained, lost_before};
use super::{BEAT, MOST_FLIPS, OperationRequest, Operations, ReplayRequest, TrainRequest};
use crate::lifecycle::{Judges, LifecycleError, Replaying, TrainStage, Training};
use crate::store::{Actor, Beat, OperationEnd, OperationId, OperationState};

/// How far an operation is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// `labels`, `adapting`, `registering` or `replaying`; nothing before it began.
    pub stage: String,
    /// Texts that are adapted to, or comments decided on by now.
    pub count: u64,
}

/// How far it is, written by the work and read by who tells the store.
#[derive(Clone, Default)]
struct Gauge(Arc<Mutex<Progress>>);

impl Gauge {
    fn set(&self, stage: &str, count: u64) {
        let mut progress = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stage.clone_into(&mut progress.stage);
        progress.count = count;
    }

    fn read(&self) -> Value {
        let progress = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        serde_json::json!({ "stage": progress.stage, "count": progress.count })
    }
}

/// How the work ended, besides by itself.
enum Ended {
    Itself(Result<OperationResult, LifecycleError>),
    Fault,
    ServerStops,
    Lost,
}

impl Operations {
    /// Runs an operation that is on the record to its end.
    pub(super) async fn run(&self, id: OperationId, request: OperationRequest, actor: Actor) {
        let (gauge, cancelled) = (Gauge::default(), CancellationToken::new());
        // A task of its own: whatever it does, there is time to say that it goes on.
        let work = tokio::spawn({
            let (this, gauge, cancelled) = (self.clone(), gauge.clone(), cancelled.clone());
            async move { this.work(request, actor, &gauge, &cancelled).await }
        });
        let ended = self.attended(id, work, &gauge, &cancelled).await;
        let failed = |failure| (OperationState::Failed, serde_json::to_value(failure).ok());
        let (state, outcome) = match ended {
            Ended::Itself(Ok(result)) => (OperationState::Done, serde_json::to_value(result).ok()),
            Ended::Itself(Err(LifecycleError::Stopped)) if cancelled.is_cancelled() => {
                (OperationState::Cancelled, None)
            }
            Ended::Itself(Err(error)) => {
                tracing::warn!(%error, operation = %id, "an operation came to nothing");
                failed(OperationFailure::from(&error))
            }
            Ended::Fault => failed(OperationFailure::fault()),
            Ended::ServerStops => failed(OperationFailure::stopped()),
            Ended::Lost => {
                tracing::warn!(operation = %id, "given up: it was told as lost");
                return;
            }
        };
        let progress = gauge.read();
        let end = OperationEnd {
            state,
            outcome,
            progress,
        };
        self.keep_end(id, &end).await;
        tracing::info!(operation = %id, state = state.name(), "an operation has ended");
    }

    /// Tells the store that `work` goes on until it ends.
    async fn attended(
        &self,
        id: OperationId,
        work: JoinHandle<Result<OperationResult, LifecycleError>>,
        gauge: &Gauge,
        cancelled: &CancellationToken,
    ) -> Ended {
        let mut work = AbortOnDropHandle::new(work);
        let mut beats = tokio::time::interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = (self.now)();
        loop {
            tokio::select! {
                done = &mut work => return done.map_or(Ended::Fault, Ended::Itself),
                () = self.stopping.cancelled() => return Ended::ServerStops,
                _ = beats.tick() => {}
            }
            let now = (self.now)();
            let store = &self.lifecycle.store;
            match store.beat_operation(id, &gauge.read(), now).await {
                Ok(Beat::GoOn) => heard = now,
                Ok(Beat::Cancel) => {
                    heard = now;
                    cancelled.cancel();
                }
                Ok(Beat::Gone) => return Ended::Lost,
                Err(error) if is_lost(heard, now) => {
                    tracing::warn!(%error, operation = %id, "cannot say that it goes on");
                    return Ended::Lost;
                }
                Err(_) => {}
            }
        }
    }

    /// Keeps how it ended. A store that is away is asked again until all others take the
    /// operation for lost.
    async fn keep_end(&self, id: OperationId, end: &OperationEnd) {
        let begun = (self.now)();
        loop {
            let now = (self.now)();
            match self.lifecycle.store.end_operation(id, end, now).await {
                Ok(_) => return,
                Err(error) if !error.is_passing() || is_lost(begun, now) => {
                    tracing::error!(%error, operation = %id, "cannot keep how it ended");
                    return;
                }
                Err(_) => tokio::time::sleep(BEAT).await,
            }
        }
    }

    async fn work(
        &self,
        request: OperationRequest,
        actor: Actor,
        gauge: &Gauge,
        cancelled: &CancellationToken,
    ) -> Result<OperationResult, LifecycleError> {
        match request {
            OperationRequest::Train(request) => {
                let trained = self.train(&request, actor, gauge, cancelled).await?;
                Ok(OperationResult::Train(trained))
            }
            OperationRequest::Replay(request) => {
                let replayed = self.replay(request, gauge);
                let replayed = cancelled.run_until_cancelled(replayed).await;
                let replayed = replayed.unwrap_or(Err(LifecycleError::Stopped))?;
                Ok(OperationResult::Replay(Box::new(replayed)))
            }
        }
    }

    async fn train(
        &self,
        request: &TrainRequest,
        actor: Actor,
        gauge: &Gauge,
        cancelled: &CancellationToken,
    ) -> Result<Trained, LifecycleError> {
        let training = Training {
            options: request.options(),
            actor,
            now: (self.now)(),
        };
        let on_stage = |stage| {
            match stage {
                TrainStage::Labels => gauge.set("labels", 0),
                TrainStage::Adapting { texts } => gauge.set("adapting", texts as u64),
                TrainStage::Registering => gauge.set("registering", 0),
            }
            // A thread that learns cannot be stopped; what it learned can be dropped.
            if cancelled.is_cancelled() {
                return Err(LifecycleError::Stopped);
            }
            Ok(())
        };
        let candidate = self.lifecycle.train(&self.base, training, on_stage).await?;
        Ok(Trained {
            model: candidate.model.id,
            is_new: candidate.is_new,
            held_back: candidate.held_back,
        })
    }

    async fn replay(
        &self,
        request: ReplayRequest,
        gauge: &Gauge,
    ) -> Result<Replayed, LifecycleError> {
        let in_force = self.pipeline.sites();
        let sites = match &request.policy {
            None => Arc::clone(&in_force),
            Some(text) => Arc::new(text.parse::<PolicyText>()?.over(&in_force)),
        };
        let candidate = &request.candidate;
        let replaying = Replaying {
            before: Judges {
                model: self.lifecycle.serving(&self.base).await?,
                sites: Arc::clone(&in_force),
            },
            after: Judges {
                model: self.lifecycle.artefact(candidate, &self.base).await?,
                sites,
            },
            since: request.since.since((self.now)()),
            most_flips: MOST_FLIPS,
            only: (!request.sites.is_empty()).then_some(request.sites),
            one_thread: true,
        };
        let gauge = gauge.clone();
        let on_progress = move |comments| gauge.set("replaying", comments);
        let mut replay = self.lifecycle.replay(replaying, on_progress).await?;
        for flip in &mut replay.flipped {
            flip.text.clear();
        }
        Ok(Replayed {
            replay,
            in_force: in_force.id(),
        })
    }
}

/// Whether others take for lost what was heard of then.
fn is_lost(heard: Timestamp, now: Timestamp) -> bool {
    // Before they do, so that none of its kind is started while this one goes on.
    let margin = SignedDuration::from_secs(3);
    let now = now.checked_add(margin).unwrap_or(Timestamp::MAX);
    heard < lost_before(now)
}
