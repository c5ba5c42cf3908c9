//! Long work that an operator starts on a running server: a training, a replay.
//!
//! It is kept in the store, so that any replica can tell how far it is, end it, or start
//! the next; of each kind at most one runs, on one thread of one server, so that
//! comments are judged beside it. Whoever runs it says so every second. What was not heard
//! of for [`LOST_AFTER`] is told as failed, since its server is gone.

mod looking;
mod policy_text;
mod request;
mod run;
mod told;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Ground, Lifecycle, LifecycleError, PromotionBounds};
use crate::classifier::Artefact;
use crate::pipeline::Pipeline;
use crate::store::{Actor, NewOperation, OperationId, OperationKind, OperationPlace};

pub use looking::Turn;
pub use policy_text::NotAPolicy;
pub use request::{OperationRequest, ReplayRequest, TrainRequest};
pub use run::Progress;
pub use told::{Operation, OperationFailure, OperationResult, OperationStatus, Replayed, Trained};

/// How long who waits for one waits at most.
pub const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Flips of a replay that are kept, those that matter most first.
pub const MOST_FLIPS: usize = 200;
/// How long an operation may be silent. Clocks of replicas must agree better than this.
pub const LOST_AFTER: Duration = Duration::from_secs(15);
/// How often who runs one says so.
const BEAT: Duration = Duration::from_secs(1);
/// How often who waits for one looks.
const LOOK: Duration = Duration::from_millis(200);

/// Starts operations on this server, and tells of those of all. Cheap to clone.
#[derive(Clone)]
pub struct Operations {
    lifecycle: Lifecycle,
    pipeline: Arc<Pipeline>,
    base: Arc<Artefact>,
    bounds: Arc<ArcSwap<PromotionBounds>>,
    /// Held by who looks at a model that may be promoted.
    looking: Arc<Mutex<()>>,
    now: fn() -> Timestamp,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Operations {
    /// Operations of a server that judges by `pipeline`; `base` is what serves where
    /// nothing was promoted, and `bounds` is what promotions are held against.
    #[must_use]
    pub fn new(
        lifecycle: Lifecycle,
        pipeline: Arc<Pipeline>,
        base: Arc<Artefact>,
        bounds: PromotionBounds,
        now: fn() -> Timestamp,
    ) -> Self {
        Self {
            lifecycle,
            pipeline,
            base,
            bounds: Arc::new(ArcSwap::from_pointee(bounds)),
            looking: Arc::default(),
            now,
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// The rest of the operator's loop.
    #[must_use]
    pub const fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }

    /// What serves where nothing was promoted.
    #[must_use]
    pub const fn base(&self) -> &Arc<Artefact> {
        &self.base
    }

    /// Holds promotions against other bounds from now on.
    pub fn replace_bounds(&self, bounds: PromotionBounds) {
        self.bounds.store(Arc::new(bounds));
    }

    /// What a promotion on this server is held against now.
    #[must_use]
    pub fn ground(&self) -> Ground {
        Ground {
            base: Artefact::clone(&self.base),
            sites: self.pipeline.sites(),
            bounds: **self.bounds.load(),
            one_thread: true,
        }
    }

    /// Starts what is asked for on this server. Returns as soon as it is on the record.
    ///
    /// # Errors
    /// If it cannot be meant, one of its kind runs ([`LifecycleError::Busy`]), the server
    /// is being stopped, or the store cannot be reached.
    pub async fn start(
        &self,
        request: OperationRequest,
        actor: Actor,
    ) -> Result<Operation, LifecycleError> {
        if self.stopping.is_cancelled() {
            return Err(LifecycleError::Stopped);
        }
        let request = self.resolved(request).await?;
        let now = (self.now)();
        let new = NewOperation {
            id: OperationId::new((self.lifecycle.new_id)()),
            kind: request.kind(),
            request: serde_json::to_value(&request).map_err(LifecycleError::Record)?,
            actor,
            now,
            audit_id: (self.lifecycle.new_id)(),
        };
        self.give_up_lost(now).await?;
        if let Some(running) = self.lifecycle.store.start_operation(&new).await? {
            let running = Operation::of(running, now)?;
            return Err(LifecycleError::Busy(Box::new(running)));
        }
        let (this, id, actor) = (self.clone(), new.id, new.actor.clone());
        self.tasks
            .spawn(async move { this.run(id, request, actor).await });
        self.get(new.id).await
    }

    /// An operation, wherever it runs.
    ///
    /// # Errors
    /// If there is none, or no longer, or the store cannot be reached.
    pub async fn get(&self, id: OperationId) -> Result<Operation, LifecycleError> {
        let found = self.lifecycle.store.operation(id).await?;
        let found = found.ok_or(LifecycleError::NoSuchOperation(id))?;
        Operation::of(found, (self.now)())
    }

    /// At most `limit` operations, the latest first, from after `place`; only of `kind`, if
    /// one is given. What came of each is left out.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn list(
        &self,
        kind: Option<OperationKind>,
        place: Option<OperationPlace>,
        limit: u32,
    ) -> Result<Vec<Operation>, LifecycleError> {
        let now = (self.now)();
        let found = self.lifecycle.store.operations(kind, place, limit).await?;
        let found = found.into_iter();
        found.map(|stored| Operation::of(stored, now)).collect()
    }

    /// The operation once it has ended, or as it is after `longest`.
    ///
    /// # Errors
    /// As [`Operations::get`].
    pub async fn wait(
        &self,
        id: OperationId,
        longest: Duration,
    ) -> Result<Operation, LifecycleError> {
        let ended = async {
            loop {
                let operation = self.get(id).await?;
                if operation.status.is_over() {
                    return Ok(operation);
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        match tokio::time::timeout(longest, ended).await {
            Ok(ended) => ended,
            Err(_) => self.get(id).await,
        }
    }

    /// Asks the server that runs an operation to end it. A replay ends within a second or
    /// two; a training before its next stage, and then registers nothing. One that has
    /// ended stays as it is.
    ///
    /// # Errors
    /// As [`Operations::get`].
    pub async fn cancel(
        &self,
        id: OperationId,
        actor: &Actor,
    ) -> Result<Operation, LifecycleError> {
        self.get(id).await?;
        let Lifecycle { store, new_id } = &self.lifecycle;
        store
            .cancel_operation(id, actor, (self.now)(), new_id())
            .await?;
        self.get(id).await
    }

    /// Ends what runs on this server, and says so in the store. Nothing starts any more.
    pub async fn stop(&self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Gives up what was not heard of for too long, so that another can begin.
    async fn give_up_lost(&self, now: Timestamp) -> Result<(), LifecycleError> {
        let outcome = serde_json::to_value(OperationFailure::lost());
        let outcome = outcome.map_err(LifecycleError::Record)?;
        let store = &self.lifecycle.store;
        let given_up = store.give_up_operations(told::lost_before(now), &outcome, now);
        given_up.await?;
        Ok(())
    }
}
