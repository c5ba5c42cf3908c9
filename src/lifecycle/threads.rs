//! What takes long to compute, kept off the threads that answer calls.

use tokio::task::JoinHandle;

use super::LifecycleError;

/// Runs `work` on a thread where it may take its time.
pub(super) async fn computed<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, LifecycleError> {
    joined(tokio::task::spawn_blocking(work)).await
}

/// What a task came to; its panic goes on here.
pub(super) async fn joined<T>(task: JoinHandle<T>) -> Result<T, LifecycleError> {
    match task.await {
        Ok(done) => Ok(done),
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(LifecycleError::Stopped),
        },
    }
}
