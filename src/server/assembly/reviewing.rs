//! The review, the operator's loop and the webhooks, from the configuration.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::watch;
use uuid::Uuid;

use super::AssemblyError;
use crate::config::Config;
use crate::lifecycle::{Lifecycle, Operations};
use crate::pipeline::Pipeline;
use crate::review::Review;
use crate::store::Store;
use crate::telemetry::Metrics;
use crate::webhook::{Dispatcher, Sender, Webhooks};

/// The review of what `store` keeps.
#[must_use]
pub fn review(config: &Config, store: Store) -> Review {
    Review::new(store, config.review.settings(), Uuid::now_v7)
}

/// The operator's loop over what `store` keeps.
#[must_use]
pub const fn lifecycle(store: Store) -> Lifecycle {
    Lifecycle::new(store, Uuid::now_v7)
}

/// The operator's loop as a server offers it.
///
/// # Errors
/// If the model that the configuration names cannot be read or used.
pub fn operations(
    config: &Config,
    store: Store,
    pipeline: Arc<Pipeline>,
) -> Result<Operations, AssemblyError> {
    Ok(Operations::new(
        lifecycle(store),
        pipeline,
        Arc::new(super::artefact(config)?),
        config.promotion,
        Timestamp::now,
    ))
}

/// The webhooks of all sites.
#[must_use]
pub fn webhooks(config: &Config) -> Webhooks {
    let webhook = |(site, settings): (&_, &crate::config::SiteSettings)| {
        Some((Clone::clone(site), settings.webhook.clone()?))
    };
    Arc::new(config.sites.iter().filter_map(webhook).collect())
}

/// What tells sites, once it runs. The process has a `rustls` provider.
///
/// # Errors
/// If messages cannot be sent from this machine.
pub fn dispatcher(
    store: Store,
    webhooks: watch::Receiver<Webhooks>,
    metrics: Arc<Metrics>,
) -> Result<Dispatcher, AssemblyError> {
    Ok(Dispatcher {
        store,
        sender: Sender::new().map_err(AssemblyError::Webhooks)?,
        webhooks,
        metrics,
        now: Timestamp::now,
        jitter,
        given_up: Arc::default(),
    })
}

/// From 0 to 1, at random; without random numbers 0, which is the longest wait.
fn jitter() -> f64 {
    getrandom::u32().map_or(0.0, |random| f64::from(random) / f64::from(u32::MAX))
}
