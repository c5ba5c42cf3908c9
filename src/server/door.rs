//! A listener at work: told to stop, it lets calls finish; told again, it does not.

use std::future::Future;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::ServerError;
use super::listener::Severable;

/// What a door that breaks gives as its reason.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// How long connections that were cut may take to notice.
const CUT_GRACE: Duration = Duration::from_secs(1);

/// One of the server's listeners, serving in a task of its own. Dropped, it
/// takes no more connections.
pub(super) struct Door {
    name: &'static str,
    stop: CancellationToken,
    cut: CancellationToken,
    serving: AbortOnDropHandle<Result<(), Cause>>,
}

impl Door {
    /// Opens `listener`: `serve` takes its connections until the token it is
    /// given is cancelled, and ends when the last of them has.
    pub(super) fn open<F, E>(
        name: &'static str,
        listener: TcpListener,
        serve: impl FnOnce(Severable, CancellationToken) -> F,
    ) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Cause>,
    {
        let (stop, cut) = (CancellationToken::new(), CancellationToken::new());
        let serving = serve(Severable::new(listener, cut.clone()), stop.clone());
        let serving = tokio::spawn(async { serving.await.map_err(Into::into) });
        Self {
            name,
            stop,
            cut,
            serving: AbortOnDropHandle::new(serving),
        }
    }

    /// Ends only if the door breaks.
    pub(super) async fn broken(&mut self) -> ServerError {
        let source = match (&mut self.serving).await {
            Ok(Ok(())) => "it stopped without being told to".into(),
            Ok(Err(source)) => source,
            Err(error) => panicked(&error),
        };
        ServerError::Broken {
            door: self.name,
            source,
        }
    }

    /// Takes no more connections and asks clients to leave (GOAWAY). Calls under
    /// way go on.
    pub(super) fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until the last connection has ended, after `limit` by cutting those
    /// that are left. Says whether all ended of themselves.
    pub(super) async fn emptied_within(mut self, limit: Duration) -> bool {
        if tokio::time::timeout(limit, &mut self.serving).await.is_ok() {
            return true;
        }
        self.cut.cancel();
        // Whether they notice in time or not, there is nothing left to do for them.
        let _ = tokio::time::timeout(CUT_GRACE, &mut self.serving).await;
        false
    }
}

/// A task's error names the task and may quote what it panicked with.
fn panicked(error: &JoinError) -> Cause {
    if error.is_panic() {
        "it panicked".into()
    } else {
        "its task was cancelled".into()
    }
}
