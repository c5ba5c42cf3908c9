//! Finding out when Redis counts again.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use futures::future::join_all;

use super::Core;
use super::circuit::Circuit;
use super::connector::Connection;
use super::script::Batch;
use crate::rate_limit::LimiterError;
use crate::site::SiteId;

/// How often circuits are looked at that nobody has used since.
const IDLE: Duration = Duration::from_secs(5);

/// From one try to the next.
const REST: Duration = Duration::from_millis(100);

/// Tries Redis for all open circuits, by one task, however many submissions there are:
/// no reader waits for a try, and a Redis that comes back meets one new connection
/// from each replica.
#[derive(Default)]
pub(super) struct Prober {
    /// The task runs while there are any.
    open: Mutex<Vec<Arc<Circuit>>>,
    watcher: OnceLock<Watcher>,
}

/// Is told whether any circuit is open.
type Watcher = Box<dyn Fn(bool) + Send + Sync>;

impl Prober {
    /// Takes care of a circuit that has just opened.
    pub(super) fn heal(&self, core: &Arc<Core>, circuit: &Arc<Circuit>) {
        let mut open = self.lock();
        open.push(Arc::clone(circuit));
        self.told(&open);
        if open.len() == 1 {
            tokio::spawn(probe(Arc::downgrade(core)));
        }
    }

    /// Tells `watcher` whether any circuit is open, now and from now on.
    pub(super) fn tell(&self, watcher: Watcher) {
        let open = self.lock();
        let _ = self.watcher.set(watcher);
        self.told(&open);
    }

    /// Called with the lock, so that what is told last is how it is.
    fn told(&self, open: &[Arc<Circuit>]) {
        if let Some(watcher) = self.watcher.get() {
            watcher(!open.is_empty());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Circuit>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tries at once, for what is lost may only be a connection, and then again and again.
async fn probe(core: Weak<Core>) {
    while let Some(core) = core.upgrade() {
        if let Err(error) = try_once(&core).await {
            tracing::debug!(%error, "Redis does not count yet");
        }
        if core.prober.lock().is_empty() {
            return;
        }
        drop(core);
        tokio::time::sleep(REST).await;
    }
}

/// Tries closed circuits that nobody has used for a while, as long as there is a limiter:
/// it should not be a reader who finds that a connection was closed for being idle, or
/// that Redis is away.
pub(super) async fn keep_alive(core: Weak<Core>) {
    loop {
        tokio::time::sleep(IDLE).await;
        let Some(core) = core.upgrade() else { return };
        for circuit in core.circuits() {
            if !circuit.is_open() && circuit.is_idle() {
                look(&core, &circuit).await;
            }
        }
    }
}

/// Opens a closed circuit if Redis does not count for it.
pub(super) async fn look(core: &Arc<Core>, circuit: &Arc<Circuit>) {
    let counts = async {
        let connection = core.connection().await?;
        counts(core, circuit.site(), &connection).await
    };
    if let Err(error) = counts.await {
        core.failed(circuit, &error);
    }
}

/// Tries all open circuits over a new connection, closes those for which Redis counts,
/// and puts a new connection in the place of the old one, which may never recover.
async fn try_once(core: &Core) -> Result<(), LimiterError> {
    let open = core.prober.lock().clone();
    let connection = Arc::new(core.connector.connect().await?);
    let tries = open.iter().map(async |circuit| {
        let counts = counts(core, circuit.site(), &connection).await;
        counts.map(|()| circuit)
    });
    let outcomes = join_all(tries).await;
    let error = outcomes
        .iter()
        .find_map(|outcome| outcome.as_ref().err().cloned());
    let healed: Vec<_> = outcomes.into_iter().flatten().collect();
    if !healed.is_empty() {
        // Where one node of a cluster is away, what was sent to it holds up the whole
        // connection.
        let clean = if core.connector.is_cluster() && error.is_some() {
            Arc::new(core.connector.connect().await?)
        } else {
            connection
        };
        core.connection.store(Some(clean));
        let mut open = core.prober.lock();
        for circuit in healed {
            circuit.close();
            open.retain(|other| !Arc::ptr_eq(other, circuit));
        }
        core.prober.told(&open);
        tracing::info!("Redis counts again; limits are no longer counted in this process");
    }
    error.map_or(Ok(()), Err)
}

/// Whether Redis counts within the budget, by a key of its own that nothing else uses:
/// to answer is not enough, for a replica or a full Redis answers too.
async fn counts(core: &Core, site: &SiteId, connection: &Connection) -> Result<(), LimiterError> {
    let probe = Batch::probe(site);
    let answer = tokio::time::timeout(core.budget, probe.ask(connection)).await;
    answer.map_err(|_| LimiterError::Late(core.budget))??;
    Ok(())
}
