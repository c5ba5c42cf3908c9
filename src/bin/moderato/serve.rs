//! `moderato serve`: the service, from its configuration to an orderly end.

mod first_link;

use std::future::Future;
use std::io::{self, IsTerminal as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use moderato::accounts::Accounts;
use moderato::config::{Config, Sources};
use moderato::grpc::auth::SiteKeys;
use moderato::lifecycle::Operations;
use moderato::pipeline::Pipeline;
use moderato::review::Review;
use moderato::server::assembly::{self, WatchedFiles};
use moderato::server::live_model::{self, LiveModel};
use moderato::server::reload::{self, Reloader};
use moderato::server::{self, Listeners, Parts, ServerError, upkeep};
use moderato::store::Store;
use moderato::telemetry::{Metrics, SubmissionLog, logging};
use moderato::webhook::Webhooks;
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::ConfigFile;
use crate::exit::OrWrongInput as _;

/// How long the last lines of the submission log may take to be written.
const LOG_PATIENCE: Duration = Duration::from_secs(2);

/// How long what is still to be kept at the end may take.
const STORE_PATIENCE: Duration = Duration::from_secs(5);

/// How long a reload that is being compiled may hold up the end.
const RELOAD_PATIENCE: Duration = Duration::from_millis(100);

/// A shell says 128 and the number of the signal that ended a program.
const ENDED_BY_SIGNAL: u8 = 128;

/// Serves until SIGTERM or SIGINT, then finishes the calls under way; a second
/// signal ends it at once. SIGHUP reloads the configuration, as does a change of
/// its files.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    file: ConfigFile,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    logging::init().or_wrong_input()?;
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let service = {
        let _inside = runtime.enter();
        Service::prepare(arguments.file.sources())?
    };
    let ended = runtime.block_on(service.serve());
    runtime.shutdown_timeout(RELOAD_PATIENCE);
    ended
}

/// Everything a server is made of, before it listens.
struct Service {
    config: Config,
    sources: Sources,
    files: WatchedFiles,
    pipeline: Arc<Pipeline>,
    keys: Arc<SiteKeys>,
    metrics: Arc<Metrics>,
    accounts: Accounts,
    review: Review,
    operations: Operations,
    store: Store,
    webhooks: watch::Sender<Webhooks>,
}

impl Service {
    fn prepare(sources: Sources) -> anyhow::Result<Self> {
        let metrics = Arc::new(Metrics::new());
        let mut files = WatchedFiles::default();
        let mut read = |path: &_| files.read(path);
        let config = sources.load(&mut read).or_wrong_input()?;
        let store = assembly::observed_store(&config, &metrics).or_wrong_input()?;
        let pipeline = assembly::pipeline(&config, &mut read, &metrics, &store).or_wrong_input()?;
        let keys = Arc::new(SiteKeys::new(assembly::keys(&config).or_wrong_input()?));
        let accounts = assembly::accounts(&config, store.clone())?;
        let review = assembly::review(&config, store.clone());
        let operations =
            assembly::operations(&config, store.clone(), Arc::clone(&pipeline)).or_wrong_input()?;
        let (webhooks, _) = watch::channel(assembly::webhooks(&config));
        moderato::text::prepare();
        for warning in config.warnings() {
            tracing::warn!("{warning}");
        }
        Ok(Self {
            config,
            sources,
            files,
            pipeline,
            keys,
            metrics,
            accounts,
            review,
            operations,
            store,
            webhooks,
        })
    }

    async fn serve(self) -> anyhow::Result<ExitCode> {
        let mut stop = StopSignals::new()?;
        let mut hangup = signal(SignalKind::hangup())?;
        prepare_store(&self.config, &self.store).await?;
        let mut live_model = self.live_model();
        live_model.look().await;
        tokio::spawn(live_model.run(live_model::INTERVAL));
        let listeners = Listeners {
            grpc: server::bind("listen.grpc", self.config.listen.grpc).await?,
            http: server::bind("listen.http", self.config.listen.http).await?,
        };
        let http = listeners.http.local_addr()?;
        announce(listeners.grpc.local_addr()?, http);
        let console = assembly::console(
            &self.config,
            self.accounts.clone(),
            self.review.clone(),
            self.operations.clone(),
        );
        if console.is_some() {
            let address = self.config.console.public_url.as_ref().map_or_else(
                || format!("http://{}", reachable(http)),
                ToString::to_string,
            );
            tokio::spawn(first_link::announce(self.accounts.clone(), address));
            let (review, sites) = (self.review.clone(), assembly::site_names(&self.config));
            tokio::spawn(async move { review.prepare_waves(&sites, jiff::Timestamp::now()).await });
        }
        let (submission_log, log_writer) =
            SubmissionLog::start(io::stdout(), Arc::clone(&self.metrics))
                .context("cannot start the submission log")?;
        let parts = Parts {
            pipeline: Arc::clone(&self.pipeline),
            keys: Arc::clone(&self.keys),
            metrics: Arc::clone(&self.metrics),
            submission_log,
            accounts: self.accounts.clone(),
            review: self.review.clone(),
            operations: self.operations.clone(),
            console,
        };
        self.tell_sites()?;
        let drain = CancellationToken::new();
        let store = self.store.clone();
        tokio::spawn(upkeep::probe(
            self.store.clone(),
            Arc::clone(&self.pipeline),
        ));
        tokio::spawn(upkeep::run(
            store.clone(),
            self.config.retention,
            upkeep::INTERVAL,
        ));
        tokio::spawn(upkeep::draw_blind(
            self.review.clone(),
            assembly::blind_hasher(&self.config)?,
            upkeep::INTERVAL,
        ));
        let options = self.config.server.clone();
        let serving = server::run(parts, options, listeners, drain.clone().cancelled_owned());
        tokio::spawn(self.reloader().run(
            reload::INTERVAL,
            futures::stream::poll_fn(move |context| hangup.poll_recv(context)),
        ));
        let ended = until_told(serving, &drain, &mut stop).await?;
        if tokio::time::timeout(STORE_PATIENCE, store.close())
            .await
            .is_err()
        {
            tracing::warn!("the store does not take the last approvals");
        }
        if !log_writer.finish(LOG_PATIENCE) {
            tracing::warn!("standard output takes no more lines of the submission log");
        }
        Ok(ended)
    }

    /// What follows the promotions.
    fn live_model(&self) -> LiveModel {
        let lifecycle = assembly::lifecycle(self.store.clone());
        LiveModel::new(
            lifecycle,
            Arc::clone(&self.pipeline),
            Arc::clone(&self.metrics),
        )
    }

    /// Sends webhooks from now on.
    fn tell_sites(&self) -> anyhow::Result<()> {
        let (store, metrics) = (self.store.clone(), Arc::clone(&self.metrics));
        match assembly::dispatcher(store, self.webhooks.subscribe(), metrics) {
            Ok(dispatcher) => drop(tokio::spawn(dispatcher.run())),
            Err(error) if self.webhooks.borrow().is_empty() => {
                tracing::warn!(%error, "a webhook would take a restart");
            }
            refused => return refused.map(drop).or_wrong_input(),
        }
        Ok(())
    }

    fn reloader(self) -> Reloader {
        Reloader::new(
            self.sources,
            self.config,
            self.files,
            self.pipeline,
            self.operations,
            self.keys,
            self.webhooks,
            self.metrics,
        )
    }
}

/// Brings the store up to date. One that cannot be reached is waited for later, since
/// much can be answered without it; one that cannot be used is not started with.
async fn prepare_store(config: &Config, store: &Store) -> anyhow::Result<()> {
    match store.prepare().await {
        Err(error) if error.is_passing() && config.database_url.is_some() => {
            tracing::error!(%error, "starting without the store; nothing can be held until it answers");
            Ok(())
        }
        prepared => prepared
            .map_err(|source| assembly::unusable_store(config, source))
            .or_wrong_input(),
    }
}

/// Serves until the first signal, drains until the second.
async fn until_told(
    serving: impl Future<Output = Result<(), ServerError>>,
    drain: &CancellationToken,
    stop: &mut StopSignals,
) -> anyhow::Result<ExitCode> {
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        // It ends of itself only where a door breaks.
        broken = &mut serving => {
            broken?;
            return Ok(ExitCode::FAILURE);
        }
        signal = stop.next() => tracing::info!(signal, "told to stop"),
    }
    drain.cancel();
    tokio::select! {
        drained = &mut serving => {
            drained?;
            Ok(ExitCode::SUCCESS)
        }
        signal = stop.next() => {
            tracing::warn!(signal, "told to stop again; calls under way are broken off");
            Ok(ExitCode::from(ENDED_BY_SIGNAL.saturating_add(signal)))
        }
    }
}

/// The signals that end a server.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The number of the next one.
    async fn next(&mut self) -> u8 {
        let kind = tokio::select! {
            _ = self.terminate.recv() => SignalKind::terminate(),
            _ = self.interrupt.recv() => SignalKind::interrupt(),
        };
        u8::try_from(kind.as_raw_value()).unwrap_or_default()
    }
}

/// Says where the server listens, and how to try it: to a person in lines, to a
/// machine as an entry of the log.
fn announce(grpc: SocketAddr, http: SocketAddr) {
    // As this program was called, so that the line works where it is pasted.
    let program = std::env::args()
        .next()
        .unwrap_or_else(|| "moderato".to_owned());
    let check = format!(
        "{program} check --server http://{} --name Ayesha --email ayesha@example.org \
         --text 'Well said.'",
        reachable(grpc)
    );
    if io::stderr().is_terminal() {
        eprintln!("gRPC on {grpc}");
        eprintln!("HTTP on http://{}: /console, /metrics", reachable(http));
        eprintln!("Try it:\n  {check}");
    } else {
        tracing::info!(%grpc, %http, check, "listening");
    }
}

/// An address that this machine can call, where `listening` is all of them.
fn reachable(listening: SocketAddr) -> SocketAddr {
    let address = match listening.ip() {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    SocketAddr::new(address, listening.port())
}
