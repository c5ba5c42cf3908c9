//! A server on free ports, in this process, with clients for it.

use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use moderato::accounts::Accounts;
use moderato::config::Config;
use moderato::grpc::auth::SiteKeys;
use moderato::grpc::proto::moderation_service_client::ModerationServiceClient;
use moderato::lifecycle::Operations;
use moderato::pipeline::Pipeline;
use moderato::review::Review;
use moderato::server::assembly;
use moderato::server::{self, Listeners, Parts, ServerError, ServerOptions};
use moderato::store::{Location, Store};
use moderato::telemetry::{Metrics, SubmissionLog};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

/// How long a test waits for what must happen.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A pipeline that judges by the defaults, without anything installed.
pub fn pipeline() -> Arc<Pipeline> {
    let no_files = |_: &Path| unreachable!("the defaults name no file");
    assembly::local_pipeline(&Config::default(), &mut { no_files }).unwrap()
}

/// A store that is never asked.
fn nowhere() -> Store {
    let nowhere = Location::Postgres("postgres://nobody@127.0.0.1:1/none".to_owned());
    Store::open(&nowhere).unwrap()
}

/// A review of a store that is never asked.
pub fn review() -> Review {
    assembly::review(&Config::default(), nowhere())
}

/// The operator's loop over a store that is never asked.
fn operations(pipeline: &Arc<Pipeline>) -> Operations {
    assembly::operations(&Config::default(), nowhere(), Arc::clone(pipeline)).unwrap()
}

/// Accounts in a store that is never asked.
pub fn accounts() -> Accounts {
    assembly::accounts(&Config::default(), nowhere()).unwrap()
}

/// Waits for `event`, and fails where it does not come.
pub async fn soon<T>(event: impl Future<Output = T>) -> T {
    let event = tokio::time::timeout(PATIENCE, event);
    event.await.expect("what was waited for did not come")
}

/// A listener on a free port of this machine.
pub async fn free_port() -> (TcpListener, SocketAddr) {
    let listener = server::bind("test", ([127, 0, 0, 1], 0).into())
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A client of the gRPC server at `address`.
pub async fn channel(address: SocketAddr) -> Channel {
    let endpoint = Channel::from_shared(format!("http://{address}")).unwrap();
    endpoint.connect().await.unwrap()
}

/// A server at work.
pub struct Shell {
    pub grpc: SocketAddr,
    pub http: SocketAddr,
    stop: CancellationToken,
    running: JoinHandle<Result<(), ServerError>>,
}

impl Shell {
    pub async fn start(options: ServerOptions, keys: SiteKeys) -> Self {
        let (grpc_listener, grpc) = free_port().await;
        let (http_listener, http) = free_port().await;
        let metrics = Arc::new(Metrics::new());
        let (submission_log, _) =
            SubmissionLog::start(std::io::sink(), Arc::clone(&metrics)).unwrap();
        let pipeline = pipeline();
        let parts = Parts {
            operations: operations(&pipeline),
            pipeline,
            keys: Arc::new(keys),
            metrics,
            submission_log,
            accounts: accounts(),
            review: review(),
            console: None,
        };
        let listeners = Listeners {
            grpc: grpc_listener,
            http: http_listener,
        };
        let stop = CancellationToken::new();
        let shutdown = stop.clone().cancelled_owned();
        let running = tokio::spawn(server::run(parts, options, listeners, shutdown));
        Self {
            grpc,
            http,
            stop,
            running,
        }
    }

    pub async fn client(&self) -> ModerationServiceClient<Channel> {
        ModerationServiceClient::new(channel(self.grpc).await)
    }

    /// Tells the server to stop, and does not wait for it.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until the server has stopped.
    pub async fn stopped(self) -> Result<(), ServerError> {
        soon(self.running).await.unwrap()
    }

    /// Status line and body of what the HTTP door answers.
    pub async fn get(&self, path: &str) -> std::io::Result<String> {
        let mut connection = TcpStream::connect(self.http).await?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await?;
        Ok(answer)
    }
}
