//! Group commit: one task writes whatever has gathered in one transaction, so a
//! durable record does not cost a sync of the disk each.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::batch::{self, Outcomes};
use super::bell::Bell;
use super::connected::Connected;
use super::error::StoreError;
use super::observer::Observer;
use super::patience::in_time;
use super::record::{Record, Recorded};

/// The most records of one transaction. Those who wait for the first of them wait
/// for all.
const BATCH: usize = 512;

/// Records that may wait for the writer, of each kind.
const WAITING: usize = 4096;

/// How long what nobody waits for may gather before it is written.
const LINGER: Duration = Duration::from_millis(10);

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
    /// It has.
    finished: CancellationToken,
}

impl Recorder {
    /// Starts the task. It ends once every recorder is gone and all is written.
    pub(super) fn start(database: Connected, observer: Arc<dyn Observer>, bell: Bell) -> Self {
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
        match self.behind.send_timeout(job, BACK_PRESSURE).await {
            Ok(()) => Ok(()),
            Err(mpsc::error::SendTimeoutError::Timeout(_)) => Err(failed("too much is waiting")),
            Err(mpsc::error::SendTimeoutError::Closed(_)) => Err(failed("the writer has stopped")),
        }
    }
}

struct Writer {
    database: Connected,
    awaited: mpsc::Receiver<Job>,
    behind: mpsc::Receiver<Job>,
    observer: Arc<dyn Observer>,
    bell: Bell,
    finish: CancellationToken,
}

impl Writer {
    async fn run(mut self) {
        let mut jobs = Vec::with_capacity(BATCH);
        while self.gather(&mut jobs).await {
            self.write(&mut jobs).await;
        }
    }

    /// Waits for a job and takes all that are there; false once no more can come.
    async fn gather(&mut self, jobs: &mut Vec<Job>) -> bool {
        let first = tokio::select! {
            biased;
            Some(job) = self.awaited.recv() => Some(job),
            Some(job) = self.behind.recv() => {
                jobs.push(job);
                self.linger().await
            }
            () = self.finish.cancelled() => {
                self.awaited.close();
                self.behind.close();
                None
            }
            else => return false,
        };
        jobs.extend(first);
        take(&mut self.awaited, jobs);
        take(&mut self.behind, jobs);
        !jobs.is_empty()
    }

    /// Lets what nobody waits for gather for a moment: a commit costs as much for one.
    /// What ends it early, if somebody waits for it.
    async fn linger(&mut self) -> Option<Job> {
        if self.behind.len() >= BATCH {
            return None;
        }
        tokio::select! {
            Some(job) = self.awaited.recv() => Some(job),
            () = tokio::time::sleep(LINGER) => None,
            () = self.finish.cancelled() => None,
        }
    }

    async fn write(&mut self, jobs: &mut Vec<Job>) {
        let records: Vec<_> = jobs.iter().map(|job| Arc::clone(&job.record)).collect();
        match self.attempt(&records).await {
            Ok(outcomes) => {
                for (job, outcome) in jobs.drain(..).zip(outcomes) {
                    job.tell(outcome);
                }
            }
            // One that the database will not take must not cost the others.
            Err(StoreError::Fault(_)) if jobs.len() > 1 => {
                for job in jobs.drain(..) {
                    let outcome = self.alone(&job.record).await;
                    self.fail(job, outcome);
                }
            }
            Err(error) => {
                // Those behind it would wait as long to be told the same.
                while let Ok(job) = self.awaited.try_recv() {
                    jobs.push(job);
                }
                for job in jobs.drain(..) {
                    self.fail(job, Err(error.clone()));
                }
            }
        }
    }

    async fn alone(&self, record: &Arc<Record>) -> Result<Recorded, StoreError> {
        let outcomes = self.attempt(std::slice::from_ref(record)).await?;
        let nothing = || Err(StoreError::Fault("no outcome".to_owned()));
        outcomes.into_iter().next().unwrap_or_else(nothing)
    }

    /// Tells whoever waits for the job how it ended, and counts one that is lost.
    fn fail(&self, job: Job, outcome: Result<Recorded, StoreError>) {
        if job.reply.is_none() && outcome.is_err() {
            self.observer.lost(1);
        }
        job.tell(outcome);
    }

    async fn attempt(&self, records: &[Arc<Record>]) -> Result<Outcomes, StoreError> {
        let start = Instant::now();
        let attempt = async {
            let database = self.database.ready().await?;
            batch::write(database, records).await
        };
        let outcome = in_time(attempt).await;
        match &outcome {
            Ok(_) => {
                self.observer.wrote(records.len(), start.elapsed());
                if records.iter().any(|record| record.is_queued()) {
                    self.bell.ring();
                }
            }
            Err(error) => self.observer.failed(error),
        }
        outcome
    }
}

/// Takes what is there without waiting, up to a batch.
fn take(from: &mut mpsc::Receiver<Job>, jobs: &mut Vec<Job>) {
    while jobs.len() < BATCH
        && let Ok(job) = from.try_recv()
    {
        jobs.push(job);
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
