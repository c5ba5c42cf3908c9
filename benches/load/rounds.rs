//! The same load on each server in turn, again and again, so that a slow minute of
//! the machine is everybody's.

use std::thread;
use std::time::Duration;

use anyhow::{Context as _, ensure};

use crate::h2load::{Load, Seen};
use crate::process::Process;
use crate::served::Moderato;
use crate::tally::Tally;

/// Between two looks at a server that still works on calls that were given up.
const PAUSE: Duration = Duration::from_millis(1);

/// Between two looks at what it has recorded: longer than records gather.
const SETTLING: Duration = Duration::from_millis(100);

/// How far the size of answers may be off: some of the last arrive only in part.
const LIKENESS: f64 = 0.01;

/// A server that takes part.
pub struct Contestant {
    /// What the report calls it.
    pub name: &'static str,
    /// What it did, round by round.
    pub rounds: Vec<Round>,
    /// What it says it answered in all of them; the empty service says nothing.
    pub tally: Option<Tally>,
    server: Server,
}

enum Server {
    Empty(Process),
    Moderato(Box<Moderato>),
}

/// One turn of one server.
pub struct Round {
    /// Calls answered a second.
    pub rate: f64,
    /// Half of the calls took at most so many microseconds.
    pub p50_us: u64,
    /// 99 of 100 did.
    pub p99_us: u64,
    /// CPU time of the server for a call, in microseconds, while calls came.
    pub cpu_us: f64,
    /// The same of what it left for later: approvals that it packed, made rows of.
    pub later_us: f64,
    /// Calls that were answered.
    pub answered: u64,
    /// Bytes of a message that came back.
    pub answer_bytes: f64,
}

impl Contestant {
    /// The empty service.
    pub const fn empty(process: Process) -> Self {
        Self::new("empty tonic service", Server::Empty(process))
    }

    /// The real one.
    pub fn moderato(moderato: Moderato) -> Self {
        Self::new(moderato.name, Server::Moderato(Box::new(moderato)))
    }

    const fn new(name: &'static str, server: Server) -> Self {
        Self {
            name,
            rounds: Vec::new(),
            tally: None,
            server,
        }
    }

    const fn process(&self) -> &Process {
        match &self.server {
            Server::Empty(process) => process,
            Server::Moderato(moderato) => &moderato.process,
        }
    }

    fn play(&self, load: &Load) -> anyhow::Result<Round> {
        let process = self.process();
        let before = process.cpu_seconds()?;
        let seen = load.run(&process.grpc_url())?;
        let after = process.cpu_seconds()?;
        // Nor is it to be done in the next one's round.
        self.settle()?;
        let later = process.cpu_seconds()? - after;
        Ok(Round::new(&seen, after - before, later))
    }

    /// Waits until everything is recorded, and in rows.
    fn settle(&self) -> anyhow::Result<()> {
        let Server::Moderato(moderato) = &self.server else {
            return Ok(());
        };
        let mut recorded = None;
        loop {
            let tally = Tally::read(&moderato.metrics()?)?;
            if tally.packed == 0 && recorded.replace(tally.recorded) == Some(tally.recorded) {
                return Ok(());
            }
            thread::sleep(SETTLING);
        }
    }

    /// Proves what it answered in `played` rounds, by what came back and by its own
    /// count.
    fn prove(&self, played: usize, answer_bytes: f64) -> anyhow::Result<()> {
        for round in &self.rounds {
            let deviation = (round.answer_bytes / answer_bytes - 1.0).abs();
            ensure!(
                deviation < LIKENESS,
                "{}: expected answers of about {answer_bytes} bytes, found {:.1}; a call that \
                 failed has none",
                self.name,
                round.answer_bytes
            );
        }
        let answered = self.rounds.iter().map(|round| round.answered).sum();
        let proof = self
            .tally
            .as_ref()
            .map(|tally| tally.prove(answered, played));
        proof.unwrap_or(Ok(())).context(self.name)
    }

    /// The server's own count, when it has done what it was asked.
    fn count(&self) -> anyhow::Result<Option<Tally>> {
        let Server::Moderato(moderato) = &self.server else {
            return Ok(None);
        };
        loop {
            let tally = Tally::read(&moderato.metrics()?)?;
            if tally.in_flight == 0 {
                return Ok(Some(tally));
            }
            thread::sleep(PAUSE);
        }
    }
}

impl Round {
    fn new(seen: &Seen, cpu_seconds: f64, later_seconds: f64) -> Self {
        let percentile = |percent| seen.latencies_us[seen.latencies_us.len() * percent / 100];
        Self {
            rate: seen.rate,
            p50_us: percentile(50),
            p99_us: percentile(99),
            cpu_us: cpu_seconds * 1e6 / seen.answered as f64,
            later_us: later_seconds * 1e6 / seen.answered as f64,
            answered: seen.answered,
            answer_bytes: seen.message_bytes as f64 / seen.answered as f64,
        }
    }
}

/// Plays `rounds` rounds, after one that does not count, and proves that every call
/// was answered with a verdict of the model, of `answer_bytes` bytes or so.
///
/// # Errors
/// If a call failed, or was answered otherwise.
pub fn play(
    contestants: &mut [Contestant],
    load: &Load,
    rounds: usize,
    answer_bytes: usize,
) -> anyhow::Result<()> {
    for contestant in &*contestants {
        contestant.play(load)?;
    }
    for round in 1..=rounds {
        eprint!("round {round}:");
        for contestant in &mut *contestants {
            let played = contestant.play(load)?;
            eprint!("  {:.0}/s", played.rate);
            contestant.rounds.push(played);
        }
        eprintln!();
    }
    for contestant in contestants {
        contestant.tally = contestant.count()?;
        // The round that does not count is in the tally.
        contestant.prove(rounds + 1, answer_bytes as f64)?;
    }
    Ok(())
}

/// The middle of `values`, which are not none; of two middles the mean.
pub fn median(values: &[f64]) -> f64 {
    let mut values = values.to_owned();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}
