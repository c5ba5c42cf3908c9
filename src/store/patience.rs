//! How long the database may take.

use std::time::Duration;

use super::error::StoreError;

/// How long an answer may take before the store counts as unreachable: less than a call
/// may, so that a call is told why. The wait for a connection is part of it.
const PATIENCE: Duration = Duration::from_secs(3);

/// What `answer` gives, if it comes in time.
pub(super) async fn in_time<T>(
    answer: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(PATIENCE, answer)
        .await
        .unwrap_or_else(|_| {
            let reason = format!("no answer within {PATIENCE:?}");
            Err(StoreError::Unavailable(reason))
        })
}
