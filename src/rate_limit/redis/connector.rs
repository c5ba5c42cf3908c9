//! Making a connection, and asking over it.

use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::cluster::ClusterClient;
use ::redis::cluster_async::ClusterConnection;
use ::redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use ::redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, RedisError,
    TlsCertificates, TlsMode,
};
use tokio::sync::Mutex;

use super::cluster;
use super::credentials::Login;
use super::location::{Kind, Location};
use crate::rate_limit::LimiterError;

/// How long making a connection may take, greeting and login included.
pub(super) const CONNECTION_TIMEOUT: Duration = Duration::from_millis(500);

/// The same where several servers are asked in turn.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(2);

/// Where connections come from.
pub(super) enum Connector {
    /// One server, or whoever has its name now.
    Single(Box<Client>),
    /// Who the sentinels say is the master now.
    Sentinel(Box<Mutex<SentinelClient>>),
    /// All masters of a cluster.
    Cluster(Box<ClusterClient>),
}

/// A connection that many share.
pub(super) enum Connection {
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Connector {
    /// Does not connect yet.
    pub(super) fn new(location: Location) -> Result<Self, LimiterError> {
        let Location { nodes, kind, tls } = location;
        let connector = match kind {
            Kind::Single => single(nodes, tls).map(|client| Self::Single(Box::new(client))),
            Kind::Sentinel { master, login } => sentinel(&nodes, &master, login, tls)
                .map(|client| Self::Sentinel(Box::new(Mutex::new(client)))),
            Kind::Cluster => {
                cluster::client(nodes, tls).map(|client| Self::Cluster(Box::new(client)))
            }
        };
        connector.map_err(LimiterError::Url)
    }

    pub(super) const fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }

    /// Connects anew: a name is looked up, sentinels and nodes are asked again.
    pub(super) async fn connect(&self) -> Result<Connection, LimiterError> {
        let limit = match self {
            Self::Single(_) => CONNECTION_TIMEOUT,
            Self::Sentinel(_) | Self::Cluster(_) => SEARCH_TIMEOUT,
        };
        let connection = tokio::time::timeout(limit, self.connect_patiently()).await;
        let connection = connection.map_err(|_| LimiterError::Unconnected(limit))?;
        Ok(connection?)
    }

    async fn connect_patiently(&self) -> Result<Connection, RedisError> {
        // What is late is late for the one who waits, who says how long.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECTION_TIMEOUT))
            .set_response_timeout(None);
        match self {
            Self::Single(client) => {
                let connection = client.get_multiplexed_async_connection_with_config(&config);
                connection.await.map(Connection::Single)
            }
            Self::Sentinel(client) => {
                let mut client = client.lock().await;
                let connection = client.get_async_connection_with_config(&config);
                connection.await.map(Connection::Single)
            }
            // Its own timings stay as they are: with shorter ones it was seen not to
            // recover from the loss of a master. It is replaced instead.
            Self::Cluster(client) => {
                let connection = client.get_async_connection();
                connection.await.map(Connection::Cluster)
            }
        }
    }
}

impl Connection {
    /// The whole numbers that `command` is answered with.
    pub(super) async fn ask(&self, command: &Cmd) -> Result<Vec<i64>, RedisError> {
        match self {
            Self::Single(connection) => command.query_async(&mut connection.clone()).await,
            Self::Cluster(connection) => cluster::ask(connection, command).await,
        }
    }
}

fn single(nodes: Vec<ConnectionInfo>, tls: Option<TlsCertificates>) -> Result<Client, RedisError> {
    let node = nodes.into_iter().next();
    let node = node.ok_or_else(|| super::location::malformed("no host"))?;
    match tls {
        Some(certificates) => Client::build_with_tls(node, certificates),
        None => Client::open(node),
    }
}

/// The URL's login and database are the master's; `login` is for the sentinels.
fn sentinel(
    nodes: &[ConnectionInfo],
    master: &str,
    login: Option<Login>,
    tls: Option<TlsCertificates>,
) -> Result<SentinelClient, RedisError> {
    let first = nodes.first().cloned();
    let first = first.ok_or_else(|| super::location::malformed("no host"))?;
    let addresses = nodes.iter().map(|node| node.addr().clone());
    let mut builder = SentinelClientBuilder::new(addresses, master, SentinelServerType::Master)?
        .set_client_to_redis_db(first.redis_settings().db())
        .set_client_to_redis_tcp_settings(first.tcp_settings().clone())
        .set_client_to_sentinel_tcp_settings(first.tcp_settings().clone());
    if let Some(user) = first.redis_settings().username() {
        builder = builder.set_client_to_redis_username(user);
    }
    if let Some(password) = first.redis_settings().password() {
        builder = builder.set_client_to_redis_password(password);
    }
    if let Some(Login { user, password }) = login {
        if let Some(user) = user {
            builder = builder.set_client_to_sentinel_username(user);
        }
        builder = builder.set_client_to_sentinel_password(password.expose());
    }
    if let ConnectionAddr::TcpTls { insecure, .. } = first.addr() {
        let mode = if *insecure {
            TlsMode::Insecure
        } else {
            TlsMode::Secure
        };
        builder = builder.set_client_to_redis_tls_mode(mode);
        if let Some(certificates) = tls {
            builder = builder
                .set_client_to_redis_certificates(certificates.clone())
                .set_client_to_sentinel_certificates(certificates);
        }
    }
    builder.build()
}
