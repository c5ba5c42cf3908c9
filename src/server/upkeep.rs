//! What a server does for its store from time to time.

use std::convert::Infallible;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::MissedTickBehavior;

use crate::store::{Retention, Store, Swept};

/// How often what is past its retention is removed.
pub const INTERVAL: Duration = Duration::from_mins(5);

/// Removes what is past its retention, now and then at every `interval`. A sweep that
/// fails goes on at the next.
pub async fn run(store: Store, retention: Retention, interval: Duration) -> Infallible {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match store.sweep(&retention, Timestamp::now()).await {
            Ok(swept) if swept == Swept::default() => {}
            Ok(Swept {
                texts,
                records,
                submissions,
                events,
            }) => {
                tracing::info!(
                    texts,
                    records,
                    submissions,
                    events,
                    "past retention, removed"
                );
            }
            Err(error) => tracing::warn!(%error, "cannot remove what is past its retention"),
        }
    }
}
