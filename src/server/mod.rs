//! The running server: both doors, from open to empty.

pub mod assembly;
mod door;
pub mod duration_text;
mod listener;
pub mod live_model;
mod options;
pub mod reload;
pub mod upkeep;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

pub use listener::bind;
pub use options::ServerOptions;

use crate::accounts::Accounts;
use crate::grpc::auth::SiteKeys;
use crate::grpc::callers::Callers;
use crate::grpc::envoy::SharedLimits;
use crate::grpc::following::Following;
use crate::grpc::guard::guarded;
use crate::grpc::limits::Admission;
use crate::grpc::models::Modelling;
use crate::grpc::moderation::{Desk, Moderation};
use crate::grpc::review::Reviewing;
use crate::grpc::{self, ModelServer, ModerationServer, RateLimitServer, ReviewServer};
use crate::http::console::{self, Console, Peer};
use crate::http::{self, Phase, Readiness};
use crate::lifecycle::Operations;
use crate::pipeline::Pipeline;
use crate::review::Review;
use crate::telemetry::{Metrics, Recorder, SubmissionLog};
use door::Door;
use listener::Severable;

/// How long the HTTP door, whose answers are short, may take to empty.
const HTTP_DRAIN: Duration = Duration::from_secs(1);

/// How long it may take to say in the store that operations were broken off.
const OPERATIONS_DRAIN: Duration = Duration::from_secs(2);

/// What a server serves.
pub struct Parts {
    /// Judges submissions.
    pub pipeline: Arc<Pipeline>,
    /// Which key is which site's.
    pub keys: Arc<SiteKeys>,
    /// Who may review.
    pub accounts: Accounts,
    /// The queue of what was held.
    pub review: Review,
    /// What operators have a server do.
    pub operations: Operations,
    /// What it counts.
    pub metrics: Arc<Metrics>,
    /// Where it writes a line for every submission.
    pub submission_log: SubmissionLog,
    /// The moderators' console; `None`: it is off.
    pub console: Option<Console>,
}

/// Where a server listens; see [`bind`].
#[derive(Debug)]
pub struct Listeners {
    /// For gRPC.
    pub grpc: TcpListener,
    /// For probes, metrics and the console.
    pub http: TcpListener,
}

/// Why a server does not start, or stops without being told to.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The system does not let it listen.
    #[error("{key}: cannot listen on {address}: {source}")]
    Bind {
        /// The configuration key that holds the address.
        key: &'static str,
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The contract compiled into the program cannot be served by reflection.
    #[error("the contract's descriptors cannot be read")]
    Descriptors(#[from] tonic_reflection::server::Error),
    /// A listener stopped without being told to.
    #[error("the {door} listener stopped: {source}")]
    Broken {
        /// Which.
        door: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Serves until `shutdown` is complete, then drains: health and `/readyz` turn
/// first, then the gRPC door closes and calls under way finish, at most for
/// [`ServerOptions::drain_timeout`]; what is left is cut. The HTTP door, which
/// tells how it goes, closes last.
///
/// # Errors
/// If a listener stops before it was told to.
pub async fn run(
    mut parts: Parts,
    options: ServerOptions,
    listeners: Listeners,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServerError> {
    let readiness = Arc::new(Readiness::default());
    let console = parts
        .console
        .take()
        .map_or_else(console::off, console::router);
    let probes = http::router(Arc::clone(&parts.metrics), Arc::clone(&readiness));
    let pages = probes.merge(console);
    let mut http = Door::open("http", listeners.http, |connections, stop| {
        serve_http(pages, connections, stop)
    });

    let metrics = Arc::clone(&parts.metrics);
    let stopping = CancellationToken::new();
    let health = HealthReporter::new();
    let max_message_bytes = options.max_message_bytes.get();
    let operations = parts.operations.clone();
    let shared_limits = SharedLimits::new(Arc::clone(&parts.keys), Arc::clone(&parts.pipeline));
    let callers = Arc::new(Callers {
        keys: Arc::clone(&parts.keys),
        accounts: parts.accounts.clone(),
        now: Timestamp::now,
    });
    let reviewing = Reviewing::new(
        Arc::clone(&callers),
        parts.review.clone(),
        Arc::clone(&metrics),
        Timestamp::now,
    );
    let modelling = Modelling::new(
        Arc::clone(&callers),
        operations.clone(),
        Arc::clone(&metrics),
        Timestamp::now,
    );
    let routes = grpc::routes(
        moderation(parts, callers, &options, stopping.clone()),
        reviewing,
        modelling,
        shared_limits,
        health.clone(),
        max_message_bytes,
    )?;
    // Both probes turn before the door opens, so that whoever gets in finds them so;
    // the socket has been listening since before.
    health.set_serving::<ModerationServer>().await;
    health.set_serving::<ReviewServer>().await;
    health.set_serving::<ModelServer>().await;
    health.set_serving::<RateLimitServer>().await;
    readiness.set(Phase::Serving);
    let mut grpc = Door::open("grpc", listeners.grpc, |connections, stop| {
        serve_grpc(routes, metrics, &options, connections, stop)
    });

    tokio::select! {
        () = shutdown => {}
        error = grpc.broken() => return Err(error),
        error = http.broken() => return Err(error),
    }
    readiness.set(Phase::Draining);
    drain(grpc, health, &stopping, &operations, &options).await;
    http.stop();
    http.emptied_within(HTTP_DRAIN).await;
    Ok(())
}

fn moderation(
    parts: Parts,
    callers: Arc<Callers>,
    options: &ServerOptions,
    stopping: CancellationToken,
) -> Moderation {
    let admission = Admission::new(options.max_in_flight.get(), Arc::clone(&parts.metrics));
    Moderation::new(Desk {
        callers,
        pipeline: parts.pipeline,
        admission: Arc::new(admission),
        following: Following {
            review: parts.review,
            stopping,
            now: Timestamp::now,
        },
        recorder: Arc::new(Recorder::new(parts.metrics, parts.submission_log)),
        max_message_bytes: options.max_message_bytes.get(),
        longest: options.request_timeout,
    })
}

async fn serve_http(
    pages: Router,
    connections: Severable,
    stop: CancellationToken,
) -> io::Result<()> {
    axum::serve(
        connections,
        pages.into_make_service_with_connect_info::<Peer>(),
    )
    .with_graceful_shutdown(stop.cancelled_owned())
    .await
}

fn serve_grpc(
    routes: Routes,
    metrics: Arc<Metrics>,
    options: &ServerOptions,
    connections: Severable,
    stop: CancellationToken,
) -> impl Future<Output = Result<(), tonic::transport::Error>> + Send + 'static {
    let service = guarded(routes, options.request_timeout, metrics);
    Server::builder()
        .http2_keepalive_interval(Some(options.http2_keepalive_interval))
        .http2_keepalive_timeout(Some(options.http2_keepalive_timeout))
        .max_concurrent_streams(options.max_concurrent_streams.get())
        .serve_with_incoming_shutdown(service, connections.into_stream(), stop.cancelled_owned())
}

/// Empties the gRPC door, having said so first.
async fn drain(
    grpc: Door,
    mut health: HealthReporter,
    stopping: &CancellationToken,
    operations: &Operations,
    options: &ServerOptions,
) {
    // "" is the server as a whole.
    let watched = [
        "",
        <ModerationServer as NamedService>::NAME,
        <ReviewServer as NamedService>::NAME,
        <ModelServer as NamedService>::NAME,
        <RateLimitServer as NamedService>::NAME,
    ];
    for service in watched {
        health
            .set_service_status(service, ServingStatus::NotServing)
            .await;
    }
    tracing::info!(drain_timeout = ?options.drain_timeout, "draining");
    tokio::time::sleep(options.drain_delay).await;
    grpc.stop();
    // Who watches decisions would stay to the end, too.
    stopping.cancel();
    // Others may start them again; nobody else can know sooner.
    let stopped = tokio::time::timeout(OPERATIONS_DRAIN, operations.stop()).await;
    if stopped.is_err() {
        tracing::warn!("cannot say that operations were broken off; they will be told as lost");
    }
    // Ends the streams of those who watch our health, who would stay to the end.
    for service in watched {
        health.clear_service_status(service).await;
    }
    if !grpc.emptied_within(options.drain_timeout).await {
        tracing::warn!(drain_timeout = ?options.drain_timeout, "cut the calls that were left");
    }
}
