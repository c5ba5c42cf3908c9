//! The limiters by themselves: `cargo bench --bench rate_limit`. What the one in the
//! process decides in a second on one core, and what the one in Redis does beside
//! `redis-benchmark` with the same script, in one run; and what a key takes of memory in
//! either, with a million of them. Ratios are what it is for; the figures themselves
//! depend on the machine and on its neighbours.
//!
//! `RATE_LIMIT_ROUNDS` (5) and `RATE_LIMIT_KEYS` (1000000) change what is done.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests/support says by a panic that it cannot go on"
)]

use moderato_test_support::redis_server;

#[path = "rate_limit/beside.rs"]
mod beside;
#[path = "rate_limit/in_process.rs"]
mod in_process;
#[path = "rate_limit/memory.rs"]
mod memory;
#[path = "rate_limit/readers.rs"]
mod readers;

use std::process::ExitCode;

/// As the service has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().all(|argument| argument != "--bench") {
        return ExitCode::SUCCESS;
    }
    match compare() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rate_limit: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn compare() -> anyhow::Result<()> {
    let keys = number("RATE_LIMIT_KEYS", 1_000_000)?;
    let rounds = number("RATE_LIMIT_ROUNDS", 5)?;
    in_process::measure(keys)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let server = redis_server::RedisServer::start().await;
        beside::measure(&server, rounds).await?;
        memory::measure(&server, keys).await
    })
}

fn number(name: &str, otherwise: u64) -> anyhow::Result<u64> {
    match std::env::var(name) {
        Err(_) => Ok(otherwise),
        Ok(text) => text
            .parse()
            .ok()
            .filter(|number| *number > 0)
            .ok_or_else(|| {
                anyhow::anyhow!("{name}: expected a whole number above 0, found {text:?}")
            }),
    }
}

/// The middle of `values`, which are not none.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
