//! The limiter that counts for all replicas together.

mod circuit;
mod connector;
mod lane;
mod location;
mod prober;
mod script;
mod tls;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use async_trait::async_trait;
use tokio::sync::Mutex;
use tokio::time::Instant;

use self::circuit::Circuit;
use self::connector::{Connection, Connector};
use self::lane::Lane;
use self::location::Location;
use self::prober::Prober;
use self::script::Batch;
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
        Self::open_with_tls(url, &TlsFiles::default(), budget)
    }

    /// As [`open`](Self::open), with certificates from `files`.
    ///
    /// # Errors
    /// If the URL is malformed, or a file cannot be used.
    pub fn open_with_tls(
        url: &str,
        files: &TlsFiles,
        budget: Duration,
    ) -> Result<Self, LimiterError> {
        let location = Location::parse(url, files)?;
        let core = Core {
            connector: Connector::new(location)?,
            budget,
            connection: ArcSwapOption::empty(),
            connecting: Mutex::new(()),
            lanes: ArcSwap::default(),
            prober: Prober::default(),
        };
        Ok(Self {
            core: Arc::new(core),
        })
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

    /// Asks Redis about `batch`. Late after `deadline`.
    async fn ask(
        self: &Arc<Self>,
        batch: &Batch,
        deadline: Instant,
    ) -> Result<Vec<i64>, LimiterError> {
        let answer = async {
            let connection = self.connection().await?;
            batch.ask(&connection).await
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
        let is_first = self
            .connection
            .swap(Some(Arc::clone(&connection)))
            .is_none();
        if is_first {
            tokio::spawn(prober::keep_alive(Arc::downgrade(self)));
        }
        Ok(connection)
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
