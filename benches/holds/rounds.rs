//! Rounds of one way to keep records, and what they say.

use std::time::{Duration, Instant};

use moderato::store::Store;
use moderato::verdict::Decision;

use crate::records::Records;

/// One way, and its rounds.
pub struct Series {
    name: String,
    /// What is kept.
    pub decision: Decision,
    /// How many wait at once.
    pub callers: usize,
    /// What was measured.
    pub rounds: Vec<Round>,
}

/// One round.
pub struct Round {
    rate: f64,
    cpu_us: f64,
    later_us: f64,
    latencies: Vec<Duration>,
}

impl Round {
    /// Keeps records for `length`, `callers` of them at once.
    pub async fn play(
        store: &Store,
        records: &Records,
        decision: Decision,
        callers: usize,
        length: Duration,
    ) -> Self {
        let (start, before) = (Instant::now(), cpu_seconds());
        let caller = async || {
            let mut latencies = Vec::new();
            while start.elapsed() < length {
                let (record, asked) = (records.next(decision), Instant::now());
                let kept = if decision == Decision::Approve {
                    // Where the disk does not keep up, some are turned away.
                    store.record_behind(record).await.is_ok()
                } else {
                    store.record(record).await.map(|_| true).unwrap()
                };
                if kept {
                    latencies.push(asked.elapsed());
                }
            }
            latencies
        };
        let calls = futures::future::join_all((0..callers).map(|_| caller())).await;
        // What nobody waited for was written before what came after it.
        store.record(records.next(Decision::Hold)).await.unwrap();
        let (took, now) = (start.elapsed(), cpu_seconds());
        // What was packed is no part of it, nor of the next round.
        store.unpack().await.unwrap();
        let mut latencies = calls.concat();
        latencies.sort_unstable();
        let done = latencies.len() as f64;
        Self {
            rate: done / took.as_secs_f64(),
            cpu_us: (now - before) * 1e6 / done,
            later_us: (cpu_seconds() - now) * 1e6 / done,
            latencies,
        }
    }

    fn percentile(&self, percent: usize) -> f64 {
        self.latencies[self.latencies.len() * percent / 100].as_secs_f64() * 1e3
    }
}

impl Series {
    /// One that has not begun.
    pub const fn new(name: String, decision: Decision, callers: usize) -> Self {
        Self {
            name,
            decision,
            callers,
            rounds: Vec::new(),
        }
    }

    /// The middle of its rounds' records a second.
    pub fn rate(&self) -> f64 {
        self.median(|round| round.rate)
    }

    fn median(&self, figure: impl Fn(&Round) -> f64) -> f64 {
        let mut figures: Vec<_> = self.rounds.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    }

    /// Prints it beside a way that keeps `single` a second.
    pub fn print(&self, single: f64) {
        println!(
            "{:44}{:>10.0}{:>10.2}{:>10.2}{:>12.1}{:>8.1}   {:.1} times a commit for each",
            self.name,
            self.rate(),
            self.median(|round| round.percentile(50)),
            self.median(|round| round.percentile(99)),
            self.median(|round| round.cpu_us),
            self.median(|round| round.later_us),
            self.rate() / single,
        );
    }
}

/// CPU time of this process: the fields utime and stime of proc(5), in ticks of 10 ms.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = |field: usize| fields[field].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / 100.0
}
