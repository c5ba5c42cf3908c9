//! A changed configuration, put in force without a restart, or refused.

use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::assembly::{self, AssemblyError, WatchedFiles};
use crate::config::{Config, ConfigError, Sources};
use crate::grpc::auth::SiteKeys;
use crate::lifecycle::Operations;
use crate::pipeline::Pipeline;
use crate::telemetry::{Metrics, with_causes};
use crate::webhook::Webhooks;

/// How often the files are looked at.
pub const INTERVAL: Duration = Duration::from_secs(1);

/// Why a changed configuration was not put in force.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Assembly(#[from] AssemblyError),
    #[error(
        "sites: no site has a key any more, so that anybody who reaches the server could use it: \
         expected a key in [sites.<id>], or a restart, which alone can open a server that had keys"
    )]
    Opening,
}

/// What takes the place of what is in force.
pub struct Reloader {
    sources: Sources,
    in_force: Config,
    files: WatchedFiles,
    pipeline: Arc<Pipeline>,
    operations: Operations,
    keys: Arc<SiteKeys>,
    webhooks: watch::Sender<Webhooks>,
    metrics: Arc<Metrics>,
}

impl Reloader {
    /// Reloads from `sources` what `pipeline`, `keys` and `webhooks` hold; `in_force` is what
    /// they were made from, and `files` what was read for it.
    #[must_use]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a part of the server of its own"
    )]
    pub const fn new(
        sources: Sources,
        in_force: Config,
        files: WatchedFiles,
        pipeline: Arc<Pipeline>,
        operations: Operations,
        keys: Arc<SiteKeys>,
        webhooks: watch::Sender<Webhooks>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            sources,
            in_force,
            files,
            pipeline,
            operations,
            keys,
            webhooks,
            metrics,
        }
    }

    /// Looks for changes every `interval`, and reloads at each of `requests`
    /// whether there is a change or not. Never ends.
    pub async fn run(mut self, interval: Duration, requests: impl Stream<Item = ()>) {
        let mut requests = std::pin::pin!(requests.fuse());
        let mut ticks = tokio::time::interval(interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let asked = tokio::select! {
                _ = ticks.tick() => false,
                Some(()) = requests.next() => true,
            };
            // Reading files and compiling rules block for a while.
            let looked = tokio::task::spawn_blocking(move || {
                self.look(asked);
                self
            });
            match looked.await {
                Ok(reloader) => self = reloader,
                Err(error) => {
                    tracing::error!(%error, "the configuration is not watched any more");
                    return std::future::pending().await;
                }
            }
        }
    }

    /// Reloads if a file has changed, or if `asked` to.
    fn look(&mut self, asked: bool) {
        if !asked && !self.files.have_changed() {
            return;
        }
        match self.reload() {
            Ok(()) => {
                self.metrics.config_reloaded(true);
                tracing::info!("the changed configuration is in force");
            }
            Err(refusal) => {
                self.metrics.config_reloaded(false);
                tracing::error!(
                    error = with_causes(&refusal),
                    "the changed configuration is refused; the one before stays in force"
                );
            }
        }
    }

    fn reload(&mut self) -> Result<(), Refusal> {
        // Watched even if refused, so that mending any of them is noticed.
        self.files = WatchedFiles::default();
        let mut read = |path: &_| self.files.read(path);
        let config = self.sources.load(&mut read)?;
        if self.in_force.has_keys() && !config.has_keys() {
            return Err(Refusal::Opening);
        }
        let sites = assembly::sites(&config, &mut read)?;
        let keys = assembly::keys(&config)?;
        // First the rules of a new site, then the key that lets it in.
        self.pipeline.replace_sites(sites);
        self.keys.replace(keys);
        self.operations.replace_bounds(config.promotion);
        self.webhooks.send_replace(assembly::webhooks(&config));
        for key in self.in_force.waiting_for_restart(&config) {
            tracing::warn!(key, "changed, but takes a restart to be in force");
        }
        for warning in config.warnings() {
            tracing::warn!("{warning}");
        }
        self.in_force = self.in_force.reloaded(config);
        Ok(())
    }
}
