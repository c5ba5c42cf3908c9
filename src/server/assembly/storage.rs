//! The store, from the configuration, and how it does in log and metrics.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::AssemblyError;
use crate::config::Config;
use crate::store::{CommentId, Location, Nobody, Observer, Store, StoreError};
use crate::telemetry::Metrics;

/// Name of SQLite's file in `data_dir`.
const FILE: &str = "moderato.sqlite";

/// The store that a configuration names. Must be called inside a Tokio runtime;
/// connects when it is first used.
///
/// # Errors
/// If the URL cannot be meant or the folder cannot be made.
pub fn store(config: &Config) -> Result<Store, AssemblyError> {
    open(config, Arc::new(Nobody))
}

/// The same, for a server: what it keeps is counted, and an outage is logged.
///
/// # Errors
/// As for [`store`].
pub fn observed_store(config: &Config, metrics: &Arc<Metrics>) -> Result<Store, AssemblyError> {
    let metrics = Arc::clone(metrics);
    let is_down = AtomicBool::new(false);
    let told = Mutex::default();
    open(
        config,
        Arc::new(Watched {
            metrics,
            is_down,
            told,
        }),
    )
}

fn open(config: &Config, observer: Arc<dyn Observer>) -> Result<Store, AssemblyError> {
    let location = match &config.database_url {
        Some(url) => Location::Postgres(url.expose().to_owned()),
        None => Location::File(config.data_dir.join(FILE)),
    };
    Store::observed(&location, observer).map_err(|source| unusable_store(config, source))
}

/// The error that names the key which the store comes from.
#[must_use]
pub const fn unusable_store(config: &Config, source: StoreError) -> AssemblyError {
    let key = match config.database_url {
        Some(_) => "database_url",
        None => "data_dir",
    };
    AssemblyError::Store { key, source }
}

/// Counts, and logs when an outage begins and ends.
#[derive(Debug)]
struct Watched {
    metrics: Arc<Metrics>,
    is_down: AtomicBool,
    /// Pages that the log tells of.
    told: Mutex<BTreeSet<CommentId>>,
}

impl Watched {
    fn is_up(&self) {
        if self.is_down.swap(false, Ordering::Relaxed) {
            tracing::info!("the store takes comments again");
        }
    }

    fn is_down(&self, error: &StoreError) {
        if error.is_passing() && self.is_down.swap(true, Ordering::Relaxed) {
            return;
        }
        tracing::error!(%error, "comments cannot be kept; what must be kept is not answered");
    }
}

impl Observer for Watched {
    fn wrote(&self, records: usize, took: Duration) {
        self.metrics.store_wrote(records, took);
        self.is_up();
    }

    fn failed(&self, error: &StoreError) {
        self.metrics.store_failed();
        self.is_down(error);
    }

    fn probed(&self, outcome: Result<(), &StoreError>) {
        self.metrics.store_up(outcome.is_ok());
        outcome.map_or_else(|error| self.is_down(error), |()| self.is_up());
    }

    fn packed(&self, records: u64) {
        self.metrics.store_packed(records);
    }

    fn not_unpacked(&self, error: &StoreError) {
        let StoreError::Page { first, .. } = error else {
            // Whether the store can be reached is told by what is written and probed.
            tracing::debug!(%error, "packed approvals could not be unpacked yet");
            return;
        };
        // It is tried every few seconds; once is enough to be told.
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.insert(*first) {
            tracing::error!(
                %error,
                "approvals stay packed: they are kept, but no list or report shows them"
            );
        }
    }

    fn lost(&self, records: usize) {
        self.metrics.store_lost(records);
    }
}
