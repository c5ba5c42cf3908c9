//! Looking at a model before it is put in force: at one at a time, as each replays history.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::OwnedMutexGuard;

use super::Operations;
use crate::lifecycle::threads::joined;
use crate::lifecycle::{Checked, LifecycleError, ModelRef};

/// While this is held, no other model is looked at on this server.
#[derive(Debug)]
#[must_use = "another promotion may begin once it is dropped"]
pub struct Turn {
    _held: OwnedMutexGuard<()>,
}

impl Operations {
    /// What speaks for and against putting `model` in force on this server, and the turn,
    /// to be held until it was or was not.
    ///
    /// # Errors
    /// If another is looked at ([`LifecycleError::PromotionRuns`]): who would wait for that
    /// would find what is live exchanged. Else as [`Lifecycle::check`].
    ///
    /// [`Lifecycle::check`]: crate::lifecycle::Lifecycle::check
    pub async fn check(
        &self,
        model: &ModelRef,
        now: Timestamp,
    ) -> Result<(Checked, Turn), LifecycleError> {
        let turn = Arc::clone(&self.looking).try_lock_owned();
        let turn = turn.map_err(|_| LifecycleError::PromotionRuns)?;
        let ground = self.ground();
        let checked = self.lifecycle.check(model, &ground, now, |_| {}).await?;
        Ok((checked, Turn { _held: turn }))
    }

    /// Does `work` to its end though whoever asked for it goes away. Only the end of this
    /// server breaks it off ([`LifecycleError::Stopped`]).
    ///
    /// # Errors
    /// As `work` does.
    ///
    /// # Panics
    /// If `work` does.
    pub async fn see_through<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, LifecycleError>> + Send + 'static,
    ) -> Result<T, LifecycleError> {
        let stopping = self.stopping.clone();
        let done = self.tasks.spawn(async move {
            let done = stopping.run_until_cancelled(work).await;
            done.unwrap_or(Err(LifecycleError::Stopped))
        });
        joined(done).await?
    }
}
