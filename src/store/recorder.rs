//! Group commit: one task writes whatever has gathered in one transaction, so a
//! durable record does not cost a sync of the disk each.

mod writer;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::error::{SendTimeoutError, TrySendError};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::bell::Bell;
use super::connected::Connected;
use super::error::StoreError;
use super::observer::Observer;
use super::packed::{Backlog, Unpacking};
use super::record::{Record, Recorded};
use writer::Writer;

/// Records that may wait for the writer, of each kind.
const WAITING: usize = 4096;

/// How long a record that nobody waits for may wait for its place.
const BACK_PRESSURE: Duration = Duration::from_secs(1);

/// A record, and who waits until it is durable.
struct Job {
    record: Arc<Record>,
    reply: Option<oneshot::Sender<Result<Recorded, StoreError>>>,
}

/// Hands records to the task that writes them.
#[derive(Clone, Debug)]
pub(super) struct Recorder {
    /// Those somebody waits for go first.
    awaited: mpsc::Sender<Job>,
    behind: mpsc::Sender<Job>,
    observer: Arc<dyn Observer>,
    /// Told to write what is there and end.
    finish: CancellationToken,
    /// Tells it so once the last recorder is gone.
    _last: Arc<DropGuard>,
    /// It has.
    finished: CancellationToken,
}

impl Recorder {
    /// Starts the task. It ends once every recorder is gone and all is written.
    pub(super) fn start(
        database: Connected,
        observer: Arc<dyn Observer>,
        bell: Bell,
        backlog: Arc<Backlog>,
    ) -> Self {
        let (awaited, awaited_jobs) = mpsc::channel(WAITING);
        let (behind, behind_jobs) = mpsc::channel(WAITING);
        let finish = CancellationToken::new();
        let finished = CancellationToken::new();
        let writer = Writer {
            database,
            awaited: awaited_jobs,
            behind: behind_jobs,
            observer: Arc::clone(&observer),
            bell,
            finish: finish.clone(),
            unpacking: Unpacking::new(backlog),
        };
        let end = finished.clone().drop_guard();
        tokio::spawn(async move {
            writer.run().await;
            drop(end);
        });
        Self {
            awaited,
            behind,
            observer,
            _last: Arc::new(finish.clone().drop_guard()),
            finish,
            finished,
        }
    }

    /// Writes what is waiting, and takes no more.
    pub(super) async fn finish(&self) {
        self.finish.cancel();
        self.finished.cancelled().await;
    }

    /// Writes a record and returns once it is durable.
    pub(super) async fn record(&self, record: Record) -> Result<Recorded, StoreError> {
        let (reply, outcome) = oneshot::channel();
        let job = Job {
            record: Arc::new(record),
            reply: Some(reply),
        };
        let gone = || StoreError::Unavailable("the writer has stopped".to_owned());
        self.awaited.send(job).await.map_err(|_| gone())?;
        outcome.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Leaves a record to be written. Waits for a place, not for the disk.
    pub(super) async fn record_behind(&self, record: Record) -> Result<(), StoreError> {
        let job = Job {
            record: Arc::new(record),
            reply: None,
        };
        let failed = |reason: &str| {
            self.observer.lost(1);
            StoreError::Unavailable(reason.to_owned())
        };
        // There nearly always is a place, and then no clock need be looked at.
        let job = match self.behind.try_send(job) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Full(job) | TrySendError::Closed(job)) => job,
        };
        match self.behind.send_timeout(job, BACK_PRESSURE).await {
            Ok(()) => Ok(()),
            Err(SendTimeoutError::Timeout(_)) => Err(failed("too much is waiting")),
            Err(SendTimeoutError::Closed(_)) => Err(failed("the writer has stopped")),
        }
    }
}

impl Job {
    fn tell(self, outcome: Result<Recorded, StoreError>) {
        if let Some(reply) = self.reply {
            // Who asked may have gone; the record stays.
            let _ = reply.send(outcome);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::store::{Location, Store};

    #[tokio::test]
    async fn the_writer_ends_with_the_last_recorder() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Location::File(folder.path().join("moderato.sqlite"))).unwrap();
        let (clone, finished) = (store.clone(), store.recorder.finished.clone());
        drop(store);
        tokio::task::yield_now().await;
        assert!(!finished.is_cancelled());
        drop(clone);
        let ended = tokio::time::timeout(Duration::from_secs(10), finished.cancelled());
        ended.await.unwrap();
    }
}
