//! The limiter in the process: decisions a second on one core, with as many keys live
//! as asked for.

use std::hint::black_box;
use std::time::Duration;

use anyhow::Context as _;
use moderato::rate_limit::{Charge, InProcess};

use crate::readers::Readers;

/// Decisions that are measured.
const DECISIONS: u64 = 2_000 * AT_ONCE;
/// Submissions read at once, so few that they stay in the cache.
const AT_ONCE: u64 = 1_000;

pub fn measure(keys: u64) -> anyhow::Result<()> {
    let readers = Readers::new();
    let of = |number| readers.charges(number);
    let all: Vec<Vec<Charge>> = (0..keys).map(of).collect();

    let limiter = InProcess::new();
    let before = resident()?;
    for charges in &all {
        limiter.decide(&charges[..1]);
    }
    let bytes = resident()?.saturating_sub(before);
    println!(
        "in process      {} live keys in {:.1} MB: {:.0} bytes a key",
        limiter.keys(),
        bytes as f64 / 1e6,
        bytes as f64 / limiter.keys() as f64,
    );
    for (name, count) in [("an address", 1), ("address, e-mail, page and site", 4)] {
        let took = decide(&limiter, &all, count)?;
        println!(
            "                {:.2} million decisions/s on one core, each on {name} (budget 2 on a key)",
            DECISIONS as f64 / took.as_secs_f64() / 1e6,
        );
    }
    println!("                {} live keys after that\n", limiter.keys());
    Ok(())
}

/// One reader after the other, in an order no cache knows. What is to be charged is in
/// the cache, as in a server that has just read it from the submission; the key is not.
/// Says how long the processor was at it, which busy neighbours change less than the
/// time that went by.
fn decide(limiter: &InProcess, all: &[Vec<Charge>], count: usize) -> anyhow::Result<Duration> {
    let mut took = Duration::ZERO;
    let mut at = 0;
    for _ in 0..DECISIONS / AT_ONCE {
        let mut next = || {
            at = (at + 7_368_787) % all.len();
            &all[at][..count.min(all[at].len())]
        };
        let submissions: Vec<Vec<Charge>> = (0..AT_ONCE).map(|_| next().to_vec()).collect();
        let start = on_processor()?;
        for charges in &submissions {
            black_box(limiter.decide(charges));
        }
        took += on_processor()?.saturating_sub(start);
    }
    Ok(took)
}

/// How long this thread has run on a processor, by proc(5).
fn on_processor() -> anyhow::Result<Duration> {
    let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = schedstat.split(' ').next().context("schedstat is empty")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}

/// Bytes of memory this process has, by proc(5).
fn resident() -> anyhow::Result<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages = statm
        .split(' ')
        .nth(1)
        .context("statm has a second field")?;
    Ok(pages.parse::<u64>()? * 4_096)
}
