//! What a server does for its store, and because of it, from time to time.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::MissedTickBehavior;

use crate::pipeline::Pipeline;
use crate::review::Review;
use crate::store::{BlindHasher, Retention, Store, Swept};

/// How often a store is probed that was found to take writes: how long an outage goes
/// unnoticed while nothing is held, and how long the verdict on an erased author's
/// comment may still be answered from memory.
pub const PROBE: Duration = Duration::from_secs(5);

/// How often one that was not.
const PROBE_DOWN: Duration = Duration::from_secs(1);

/// Finds out over and over whether the store takes writes, and has `pipeline` forget what
/// it remembers when an author was erased, by this process or another.
pub async fn probe(store: Store, pipeline: Arc<Pipeline>) -> Infallible {
    let (mut was_down, mut erasures) = (false, None);
    loop {
        let probed = store.probe(was_down, Timestamp::now()).await;
        was_down = probed.is_err();
        if let Ok(probed) = probed
            && erasures.replace(probed.erasures) != Some(probed.erasures)
        {
            pipeline.forget_receipts();
        }
        tokio::time::sleep(if was_down { PROBE_DOWN } else { PROBE }).await;
    }
}

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
                operations,
            }) => {
                tracing::info!(
                    texts,
                    records,
                    submissions,
                    events,
                    operations,
                    "past retention, removed"
                );
            }
            Err(error) => tracing::warn!(%error, "cannot remove what is past its retention"),
        }
    }
}

/// Draws decisions for blind re-review from every day that is over, now and then at every
/// `interval`. Of replicas one does.
pub async fn draw_blind(review: Review, hasher: BlindHasher, interval: Duration) -> Infallible {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match review.draw_blind(&hasher, Timestamp::now()).await {
            Ok(0) => {}
            Ok(drawn) => tracing::info!(drawn, "drawn for blind re-review"),
            Err(error) => tracing::warn!(%error, "cannot draw for blind re-review"),
        }
    }
}
