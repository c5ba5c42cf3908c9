//! The task that writes what has gathered, and unpacks what was packed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Job;
use crate::store::batch::{self, Outcomes};
use crate::store::bell::Bell;
use crate::store::connected::Connected;
use crate::store::error::StoreError;
use crate::store::observer::Observer;
use crate::store::packed::Unpacking;
use crate::store::patience::in_time;
use crate::store::record::{Record, Recorded};

/// The most records of one transaction. Those who wait for the first of them wait
/// for all.
const BATCH: usize = 512;

/// How long what nobody waits for may gather before it is written.
const LINGER: Duration = Duration::from_millis(10);

pub(super) struct Writer {
    pub(super) database: Connected,
    pub(super) awaited: mpsc::Receiver<Job>,
    pub(super) behind: mpsc::Receiver<Job>,
    pub(super) observer: Arc<dyn Observer>,
    pub(super) bell: Bell,
    pub(super) finish: CancellationToken,
    pub(super) unpacking: Unpacking,
}

impl Writer {
    pub(super) async fn run(mut self) {
        let mut jobs = Vec::with_capacity(BATCH);
        while self.gather(&mut jobs).await {
            let is_busy = batch::are_many(jobs.len());
            if !jobs.is_empty() {
                self.write(&mut jobs).await;
            }
            if self.unpacking.is_due(is_busy) {
                self.unpack().await;
                // Of small pages, one may hold less than was packed meanwhile.
                if self.unpacking.is_overdue() && self.is_idle() {
                    self.unpack().await;
                }
            }
        }
    }

    /// Whether no job waits.
    fn is_idle(&self) -> bool {
        self.awaited.is_empty() && self.behind.is_empty()
    }

    /// Waits for a job and takes all that are there, or for a quiet moment with something
    /// packed, and takes none; false once no more can come.
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
            () = self.unpacking.quiet() => return true,
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

    /// Makes rows of a page.
    async fn unpack(&mut self) {
        let unpacked = match self.database.ready().await {
            Ok(database) => self.unpacking.one(database).await,
            Err(error) => Err(error),
        };
        match unpacked {
            Ok(()) => self.observer.packed(self.unpacking.left()),
            Err(error) => self.observer.not_unpacked(&error),
        }
    }

    async fn attempt(&self, records: &[Arc<Record>]) -> Result<Outcomes, StoreError> {
        let start = Instant::now();
        let attempt = async {
            let database = self.database.ready().await?;
            batch::write(database, records).await
        };
        let outcome = in_time(attempt).await;
        match &outcome {
            Ok(written) => {
                if let Some(amount) = written.packed {
                    self.unpacking.add(amount);
                    self.observer.packed(self.unpacking.left());
                }
                self.observer.wrote(records.len(), start.elapsed());
                if records.iter().any(|record| record.is_queued()) {
                    self.bell.ring();
                }
            }
            Err(error) => self.observer.failed(error),
        }
        outcome.map(|written| written.outcomes)
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
