//! What takes long to compute, kept off the threads that answer calls.

use std::future::Future;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

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

/// Runs `work`, which waits as well as it computes, on one such thread from begin to end: on
/// those that answer calls each of its rows would wait for its turn. The token is cancelled
/// where nobody waits for the result any more; `work` must look at it.
pub(super) async fn on_one_thread<T, W>(
    work: impl FnOnce(CancellationToken) -> W + Send + 'static,
) -> Result<T, LifecycleError>
where
    T: Send + 'static,
    W: Future<Output = Result<T, LifecycleError>>,
{
    let broken_off = CancellationToken::new();
    let _guard = broken_off.clone().drop_guard();
    let runtime = Handle::current();
    computed(move || runtime.block_on(work(broken_off))).await?
}
