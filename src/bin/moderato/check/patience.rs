//! How long a server is waited for.

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;

/// How long a server may take once it is connected.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the answer to a single call.
    pub call: Duration,
    /// For the next answer of a stream, while a question waits.
    pub answer: Duration,
}

/// The time is up.
#[derive(Debug, thiserror::Error)]
#[error("none within {0:?}")]
pub struct Late(Duration);

impl Default for Patience {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(10),
            answer: Duration::from_secs(30),
        }
    }
}

impl Patience {
    /// What a single call comes to, in time.
    pub async fn for_call<T>(self, call: impl Future<Output = T>) -> Result<T, Late> {
        within(self.call, call).await
    }

    /// What a stream answers, in time.
    pub async fn for_answer<T>(self, answer: impl Future<Output = T>) -> Result<T, Late> {
        within(self.answer, answer).await
    }
}

async fn within<T>(longest: Duration, event: impl Future<Output = T>) -> Result<T, Late> {
    timeout(longest, event).await.map_err(|_| Late(longest))
}
