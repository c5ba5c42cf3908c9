//! One JSON line for every submission: what was decided and why, never by whom
//! or about what.
//!
//! A request only puts its entry on a bounded channel. The writer naps between
//! batches, so that a burst wakes it once and not once for each line: waking a
//! thread costs a request more than judging the comment does.

use std::io::{BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, SystemTime};

use serde::{Serialize, Serializer};

use super::{Judged, Metrics};
use crate::rate_limit::QuotaKind;
use crate::site::SiteId;
use crate::verdict::{Decision, PerHead, ReasonCode};

/// Entries that may wait for the writer; about 1 MB.
const CAPACITY: usize = 4096;

/// How long the writer lets entries gather, and so how late a line may be.
const NAP: Duration = Duration::from_millis(10);

/// Bytes that are written at once.
const BUFFER: usize = 64 * 1024;

/// The end of the log that requests write to.
#[derive(Clone, Debug)]
pub struct SubmissionLog {
    sender: SyncSender<Message>,
    metrics: Arc<Metrics>,
}

/// The thread at the other end.
#[derive(Debug)]
pub struct LogWriter {
    sender: SyncSender<Message>,
    finishing: Arc<AtomicBool>,
    finished: Receiver<()>,
}

#[derive(Debug)]
enum Message {
    Entry(Box<Entry>),
    Finish,
}

/// What a line says.
#[derive(Debug, Serialize)]
struct Entry {
    #[serde(serialize_with = "rfc_3339")]
    time: SystemTime,
    site: SiteId,
    comment: String,
    decision: Decision,
    reasons: Vec<ReasonCode>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused_by: Vec<QuotaKind>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused_in_shadow_by: Vec<QuotaKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scores: Option<PerHead<f64>>,
    model: String,
    policy: String,
    degraded: bool,
    micros: u64,
}

impl SubmissionLog {
    /// Starts a thread that writes lines to `sink`; `metrics` counts those that
    /// could not be written.
    ///
    /// # Errors
    /// If the system refuses a thread.
    pub fn start(
        sink: impl Write + Send + 'static,
        metrics: Arc<Metrics>,
    ) -> std::io::Result<(Self, LogWriter)> {
        let (sender, entries) = sync_channel(CAPACITY);
        let (done, finished) = sync_channel(0);
        let finishing = Arc::new(AtomicBool::new(false));
        let mut pen = Pen {
            sink: BufWriter::with_capacity(BUFFER, sink),
            metrics: Arc::clone(&metrics),
            finishing: Arc::clone(&finishing),
        };
        thread::Builder::new()
            .name("submission-log".into())
            .spawn(move || {
                pen.write_all_of(&entries);
                drop(done);
            })?;
        let log = Self {
            sender: sender.clone(),
            metrics,
        };
        let writer = LogWriter {
            sender,
            finishing,
            finished,
        };
        Ok((log, writer))
    }

    /// Logs what was judged at `now`. Never waits: a line that finds the log full is
    /// dropped and counted.
    pub fn write(&self, site: &SiteId, judged: Judged<'_>, now: SystemTime) {
        let entry = Box::new(Entry::new(site, judged, now));
        if self.sender.try_send(Message::Entry(entry)).is_err() {
            self.metrics.log_line_dropped();
        }
    }
}

impl LogWriter {
    /// Writes what was logged until now and stops; entries that come later are
    /// dropped. Waits for at most `limit`, since the sink may be stuck; says
    /// whether everything was written.
    #[must_use]
    pub fn finish(self, limit: Duration) -> bool {
        self.finishing.store(true, Ordering::Release);
        // A full channel needs no message: its reader is awake and sees the flag.
        let _ = self.sender.try_send(Message::Finish);
        let end = self.finished.recv_timeout(limit);
        matches!(end, Err(std::sync::mpsc::RecvTimeoutError::Disconnected))
    }
}

/// The writer's side.
struct Pen<W: Write> {
    sink: BufWriter<W>,
    metrics: Arc<Metrics>,
    finishing: Arc<AtomicBool>,
}

impl<W: Write> Pen<W> {
    fn write_all_of(&mut self, messages: &Receiver<Message>) {
        while let Ok(first) = messages.recv() {
            if !self.is_finishing() {
                thread::sleep(NAP);
            }
            // Asked before the batch is taken: what came earlier is then in it.
            let mut last = self.is_finishing();
            for message in std::iter::once(first).chain(messages.try_iter().take(CAPACITY)) {
                match message {
                    Message::Entry(entry) => self.put(&entry),
                    Message::Finish => last = true,
                }
            }
            // A sink that fails (a closed pipe) loses lines, not the server.
            if self.sink.flush().is_err() {
                self.metrics.log_line_dropped();
            }
            if last {
                return;
            }
        }
    }

    fn is_finishing(&self) -> bool {
        self.finishing.load(Ordering::Acquire)
    }

    fn put(&mut self, entry: &Entry) {
        let written = serde_json::to_writer(&mut self.sink, entry)
            .map_err(std::io::Error::from)
            .and_then(|()| self.sink.write_all(b"\n"));
        if written.is_err() {
            self.metrics.log_line_dropped();
        }
    }
}

impl Entry {
    fn new(site: &SiteId, judged: Judged<'_>, now: SystemTime) -> Self {
        let Judged {
            by: _,
            verdict,
            over,
            took,
        } = judged;
        Self {
            time: now,
            site: site.clone(),
            comment: verdict.comment.clone(),
            decision: verdict.decision,
            reasons: verdict.reasons.iter().map(|reason| reason.code).collect(),
            refused_by: over.refused,
            refused_in_shadow_by: over.shadow_refused,
            scores: verdict
                .scores
                .map(|scores| PerHead::from_fn(|head| rounded(scores.get(head).get()))),
            model: verdict.model.clone(),
            policy: verdict.policy.clone(),
            degraded: verdict.degraded,
            micros: took.as_micros().try_into().unwrap_or(u64::MAX),
        }
    }
}

/// To four places.
fn rounded(probability: f64) -> f64 {
    (probability * 1e4).round() / 1e4
}

fn rfc_3339<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&prost_types::Timestamp::from(*time))
}

#[cfg(test)]
#[path = "submission_log_tests.rs"]
mod tests;
