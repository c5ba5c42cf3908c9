//! The limiter that counts for all replicas together.

mod apart;
mod circuit;
mod cluster;
mod connector;
mod credentials;
mod lane;
mod location;
mod prober;
mod script;
mod tls;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use async_trait::async_trait;
use tokio::sync::Mutex;
use tokio::time::Instant;

use self::circuit::Circuit;
use self::connector::{Connection, Connector};
pub use self::credentials::{Credentials, Login, Password};
use self::lane::Lane;
use self::location::Location;
use self::prober::Prober;
pub use self::tls::{TlsError, TlsFiles};
use super::admission::Admission;
use super::charge::Charge;
use super::{LimiterError, RateLimiter};
use crate::site::SiteId;

/// How long an answer of Redis is waited for unless configured.
pub const DEFAULT_BUDGET: Duration = Duration::from_millis(50);

/// Counts in Redis, by Redis's own clock, in at most one round trip a submission.
///
/// Submissions of one site that come while others are on their way go together in the
/// next call. Keys are `rl:{site}:kind:hash`, so that all of a call lie in one cluster
/// slot; they expire when idle.
///
/// A call that fails or is late opens a *circuit*: from then on charges fail at once,
/// and a task tries Redis until it counts again. A single Redis has one circuit; in a
/// cluster each site has its own, since its keys may be on a node that is well. A
/// charge given up by its caller, or late, may still be counted.
pub struct Redis {
    core: Arc<Core>,
}

/// What the tasks of a limiter share.
struct Core {
    connector: Connector,
    budget: Duration,
    /// The connection all charges go over; none until the first.
    connection: ArcSwapOption<Connection>,
    connecting: Mutex<()>,
    lanes: ArcSwap<HashMap<SiteId, Arc<Lane>>>,
    prober: Prober,
    kept_alive: AtomicBool,
}

impl Redis {
    /// A limiter on the Redis at `url` that answers or fails within `budget`. Does not
    /// connect yet.
    ///
    /// `redis://` is one server, `redis-cluster://` a cluster of which one or more nodes
    /// are given, `redis-sentinel://` what some sentinels call the master of the name
    /// after the `#`; with `rediss` in place of `redis`, over TLS. Certificates are
    /// those of the system.
    ///
    /// # Errors
    /// If the URL is malformed.
    pub fn open(url: &str, budget: Duration) -> Result<Self, LimiterError> {
        Self::open_with(url, &Credentials::default(), budget)
    }

    /// As [`open`](Self::open), with what a URL has no place for.
    ///
    /// # Errors
    /// If the URL is malformed or has no use for the credentials, or a file cannot be
    /// used.
    pub fn open_with(
        url: &str,
        credentials: &Credentials,
        budget: Duration,
    ) -> Result<Self, LimiterError> {
        let location = Location::parse(url, credentials)?;
        let core = Core {
            connector: Connector::new(location)?,
            budget,
            connection: ArcSwapOption::empty(),
            connecting: Mutex::new(()),
            lanes: ArcSwap::default(),
            prober: Prober::default(),
            kept_alive: AtomicBool::new(false),
        };
        Ok(Self {
            core: Arc::new(core),
        })
    }

    /// Tells `watcher` from now on whether Redis is away: as soon as that shows, for any
    /// site, and as soon as it counts again for all. Looks for itself, at once and then
    /// every few seconds, so that it shows whether or not anybody submits. Once for a
    /// limiter; must be called inside a Tokio runtime.
    pub fn watch(&self, watcher: impl Fn(bool) + Send + Sync + 'static) {
        self.core.prober.tell(Box::new(watcher));
        self.core.keep_alive();
        // In a cluster, one site stands for others until they are asked for.
        let lane = self.core.lane(&SiteId::default());
        let core = Arc::clone(&self.core);
        tokio::spawn(async move { prober::look(&core, lane.circuit()).await });
    }
}

#[async_trait]
impl RateLimiter for Redis {
    async fn charge(&self, site: &SiteId, charges: &[Charge]) -> Result<Admission, LimiterError> {
        if charges.is_empty() {
            return Ok(Admission::default());
        }
        let lane = self.core.lane(site);
        Lane::charge(&lane, &self.core, charges).await
    }

    async fn refund(
        &self,
        site: &SiteId,
        charges: &[Charge],
        admission: &Admission,
        ago: Duration,
    ) -> Result<(), LimiterError> {
        let taken: Vec<_> = admission.charged(charges).copied().collect();
        if taken.is_empty() {
            return Ok(());
        }
        let lane = self.core.lane(site);
        Lane::refund(&lane, &self.core, &taken, ago).await
    }
}

impl Core {
    /// The lane of `site`, made when first asked for. Sites are few and stay.
    fn lane(&self, site: &SiteId) -> Arc<Lane> {
        if let Some(lane) = self.lanes.load().get(site) {
            return Arc::clone(lane);
        }
        self.lanes.rcu(|lanes| {
            let mut lanes = HashMap::clone(lanes);
            if !lanes.contains_key(site) {
                let shared = lanes.values().next().map(|lane| lane.circuit());
                let circuit = match shared {
                    Some(circuit) if !self.connector.is_cluster() => Arc::clone(circuit),
                    _ => Arc::new(Circuit::new(site.clone())),
                };
                let lane = Lane::new(site.clone(), circuit);
                lanes.insert(site.clone(), Arc::new(lane));
            }
            lanes
        });
        Arc::clone(&self.lanes.load()[site])
    }

    /// The circuits of all lanes, each once.
    fn circuits(&self) -> Vec<Arc<Circuit>> {
        let mut circuits: Vec<Arc<Circuit>> = Vec::new();
        for lane in self.lanes.load().values() {
            let is_new = circuits
                .iter()
                .all(|other| !Arc::ptr_eq(other, lane.circuit()));
            if is_new {
                circuits.push(Arc::clone(lane.circuit()));
            }
        }
        circuits
    }

    /// What `question` gets of Redis. Late after `deadline`.
    async fn ask<T>(
        self: &Arc<Self>,
        question: impl AsyncFnOnce(&Connection) -> Result<T, LimiterError>,
        deadline: Instant,
    ) -> Result<T, LimiterError> {
        let answer = async {
            let connection = self.connection().await?;
            question(&connection).await
        };
        let answer = tokio::time::timeout_at(deadline, answer).await;
        answer.map_err(|_| LimiterError::Late(self.budget))?
    }

    /// The connection in use, made by the first who asks.
    async fn connection(self: &Arc<Self>) -> Result<Arc<Connection>, LimiterError> {
        if let Some(connection) = self.connection.load_full() {
            return Ok(connection);
        }
        let _only_one = self.connecting.lock().await;
        if let Some(connection) = self.connection.load_full() {
            return Ok(connection);
        }
        let connection = Arc::new(self.connector.connect().await?);
        self.connection.store(Some(Arc::clone(&connection)));
        self.keep_alive();
        Ok(connection)
    }

    /// Has Redis looked at from now on, whether or not it is asked.
    fn keep_alive(self: &Arc<Self>) {
        if !self.kept_alive.swap(true, Ordering::Relaxed) {
            tokio::spawn(prober::keep_alive(Arc::downgrade(self)));
        }
    }

    /// Says that Redis did not count for `circuit`: nobody asks until it does again.
    fn failed(self: &Arc<Self>, circuit: &Arc<Circuit>, error: &LimiterError) {
        if circuit.open() {
            tracing::warn!(%error, "limits are counted in this process until Redis counts again");
            self.prober.heal(self, circuit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_url_is_refused_without_repeating_it() {
        for url in [
            "",
            "localhost:6379",
            "http://secret@host",
            "redis://:secret@host:port",
            "redis-cluster://:secret@",
            "redis-cluster://:secret@one,two/3",
            "redis-sentinel://:secret@one,two",
        ] {
            let error = Redis::open(url, DEFAULT_BUDGET).err().unwrap().to_string();
            assert!(error.starts_with("expected a Redis URL such as"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
