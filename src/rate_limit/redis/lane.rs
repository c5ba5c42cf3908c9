//! The submissions of one site, on their way to Redis together.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::circuit::Circuit;
use super::connector::Connection;
use super::script::Batch;
use super::{Core, apart};
use crate::rate_limit::{Admission, Charge, LimiterError};
use crate::site::SiteId;

/// Most submissions in one call: of seven keys each, Redis is busy with it for a quarter
/// of a millisecond or so.
const MAX_BATCH: usize = 64;

/// Most calls under way: with one, a submission would wait for the whole round trip
/// of those before it; with many, few would share a call.
const MAX_CALLS: usize = 4;

type Answer = Result<Admission, LimiterError>;

/// One submission that waits for its answer.
struct Waiting {
    charges: Vec<Charge>,
    since: Instant,
    answer: oneshot::Sender<Answer>,
}

/// A site's queue. Who finds fewer than [`MAX_CALLS`] under way starts one, in a task of
/// its own, so that its outcome is known even if nobody waits for it any more.
pub(super) struct Lane {
    site: SiteId,
    circuit: Arc<Circuit>,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    calls: usize,
}

impl Lane {
    pub(super) fn new(site: SiteId, circuit: Arc<Circuit>) -> Self {
        Self {
            site,
            circuit,
            queue: Mutex::default(),
        }
    }

    pub(super) const fn circuit(&self) -> &Arc<Circuit> {
        &self.circuit
    }

    /// Redis's answer to `charges`, or that there is none.
    pub(super) async fn charge(lane: &Arc<Self>, core: &Arc<Core>, charges: &[Charge]) -> Answer {
        if lane.circuit.is_open() {
            return Err(LimiterError::Resting);
        }
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            charges: charges.to_vec(),
            since: Instant::now(),
            answer,
        };
        if let Some(call) = Self::enqueue(lane, waiting) {
            tokio::spawn(call.run(Arc::clone(core)));
        }
        // Without an answer the task is gone, and with it the runtime.
        answered.await.unwrap_or(Err(LimiterError::Resting))
    }

    fn enqueue(lane: &Arc<Self>, waiting: Waiting) -> Option<Call> {
        let mut queue = lane.lock();
        queue.waiting.push_back(waiting);
        let starts = queue.calls < MAX_CALLS;
        queue.calls += usize::from(starts);
        drop(queue);
        starts.then(|| Call {
            lane: Arc::clone(lane),
            ended: false,
        })
    }

    async fn ask(&self, core: &Arc<Core>, batch: Vec<Waiting>) {
        let submissions: Vec<_> = batch.iter().map(|waiting| &*waiting.charges).collect();
        let oldest = batch.iter().map(|waiting| waiting.since).min();
        let deadline = oldest.unwrap_or_else(Instant::now) + core.budget;
        let site = &self.site;
        let question = async |connection: &Connection| {
            let together = Batch::new(site, &submissions).ask(connection).await;
            match together {
                Err(error) if error.keys_are_moving() => {
                    apart::ask(connection, site, &submissions).await
                }
                answer => answer,
            }
        };
        let answer = self.attempt(core, question, deadline).await;
        let mut overruns_us = answer.map(Vec::into_iter);
        for waiting in batch {
            let answer = match &mut overruns_us {
                Ok(overruns_us) => {
                    let own: Vec<_> = overruns_us.by_ref().take(waiting.charges.len()).collect();
                    Ok(Admission::from_overruns(
                        &waiting.charges,
                        own.iter().copied(),
                    ))
                }
                Err(error) => Err(error.clone()),
            };
            // Its caller may have given up.
            let _ = waiting.answer.send(answer);
        }
    }

    /// Gives back what `charges` took so long `ago`.
    pub(super) async fn refund(
        lane: &Arc<Self>,
        core: &Arc<Core>,
        charges: &[Charge],
        ago: Duration,
    ) -> Result<(), LimiterError> {
        let site = &lane.site;
        let question = async |connection: &Connection| {
            let together = Batch::refund(site, charges, ago).ask(connection).await;
            match together {
                Err(error) if error.keys_are_moving() => {
                    apart::refund(connection, site, charges, ago).await
                }
                answer => answer.map(drop),
            }
        };
        let deadline = Instant::now() + core.budget;
        lane.attempt(core, question, deadline).await
    }

    /// Asks, unless the circuit is open; opens it if Redis fails.
    async fn attempt<T>(
        &self,
        core: &Arc<Core>,
        question: impl AsyncFnOnce(&Connection) -> Result<T, LimiterError>,
        deadline: Instant,
    ) -> Result<T, LimiterError> {
        if self.circuit.is_open() {
            return Err(LimiterError::Resting);
        }
        let answer = core.ask(question, deadline).await;
        answer
            .inspect(|_| self.circuit.succeeded())
            .inspect_err(|error| core.failed(&self.circuit, error))
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to one of a lane's calls at a time.
struct Call {
    lane: Arc<Lane>,
    ended: bool,
}

impl Call {
    /// Asks for those who wait until nobody does.
    async fn run(mut self, core: Arc<Core>) {
        // What is ready now may want to come along.
        tokio::task::yield_now().await;
        while let Some(batch) = self.next() {
            if !batch.is_empty() {
                self.lane.ask(&core, batch).await;
            }
        }
    }

    /// The next to go, oldest first, without those whose callers have given up. None,
    /// and the call has ended, if nobody waits.
    fn next(&mut self) -> Option<Vec<Waiting>> {
        let mut queue = self.lane.lock();
        if queue.waiting.is_empty() {
            queue.calls -= 1;
            self.ended = true;
            return None;
        }
        let oldest = std::iter::from_fn(|| queue.waiting.pop_front());
        let wanted = oldest.filter(|waiting| !waiting.answer.is_closed());
        Some(wanted.take(MAX_BATCH).collect())
    }
}

/// A task that is dropped at an await must not keep the right for ever.
impl Drop for Call {
    fn drop(&mut self) {
        if !self.ended {
            self.lane.lock().calls -= 1;
        }
    }
}
