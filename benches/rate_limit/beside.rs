//! The limiter in Redis beside `redis-benchmark`, round by round on the same server.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use moderato::rate_limit::{RateLimiter, Redis};

use crate::median;
use crate::readers::Readers;
use crate::redis_server::RedisServer;

const CLIENTS: u64 = 64;
const PIPELINE: u64 = 16;
const CALLS: u64 = 200_000;
const SCRIPT: &str = include_str!("../../src/rate_limit/gcra.lua");

/// One submission of four keys, as the limiter would write it by itself: of every
/// reader an address and an e-mail, of all a page and the site.
const WORDS: &str = "4 rl:{default}:address:0123456789abcdef____:__rand_int__ \
    rl:{default}:email:0123456789abcdef______:__rand_int__ rl:{default}:page:0123456789abcdef0123456789abcdef \
    rl:{default}:site:0123456789abcdef0123456789abcdef \
    3 10000000 300000000 1 60000000 300000000 1 100 100000000 1 4 1 1 2 2 3 3 4 3";

pub async fn measure(server: &RedisServer, rounds: u64) -> anyhow::Result<()> {
    let sha: String = server.command(&["SCRIPT", "LOAD", SCRIPT]).await;
    println!(
        "redis-benchmark: one EVALSHA of the script a submission of four keys; moderato: the \
         limiter with as many\nsubmissions under way; {rounds} rounds of {CALLS} each, ratios the \
         middle of those within each round"
    );
    for pipeline in [1, PIPELINE] {
        let (mut theirs, mut ours, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        let mut calls = 0;
        for _ in 0..rounds {
            let _: String = server.command(&["FLUSHALL"]).await;
            let there = redis_benchmark(server.port(), &sha, pipeline)?;
            let _: String = server.command(&["FLUSHALL"]).await;
            let _: String = server.command(&["CONFIG", "RESETSTAT"]).await;
            let here = limiter(&server.url(), CLIENTS * pipeline).await?;
            calls += server.calls("evalsha").await;
            theirs.push(there);
            ours.push(here);
            ratios.push(here / there);
        }
        println!(
            "-c {CLIENTS} -P {pipeline:<3} redis-benchmark {:>7.0}/s  moderato {:>7.0}/s  ratio {:.2} (budget 0.70), \
             {:.1} submissions a call",
            median(&mut theirs),
            median(&mut ours),
            median(&mut ratios),
            (CALLS * rounds) as f64 / calls as f64,
        );
    }
    println!();
    Ok(())
}

/// Calls a second, as it says.
fn redis_benchmark(port: u16, sha: &str, pipeline: u64) -> anyhow::Result<f64> {
    let output = Command::new("redis-benchmark")
        .args(["-p", &port.to_string(), "-c", &CLIENTS.to_string()])
        .args(["-P", &pipeline.to_string(), "-n", &CALLS.to_string()])
        .args(["-r", "1000000000", "--csv", "EVALSHA", sha])
        .args(WORDS.split_whitespace())
        .stdin(Stdio::null())
        .output()
        .context("redis-benchmark")?;
    let told = String::from_utf8(output.stdout)?;
    ensure!(output.status.success(), "redis-benchmark: {told}");
    let last = told
        .lines()
        .last()
        .context("redis-benchmark said nothing")?;
    // "name","calls a second",...; the name holds commas.
    let rate = last
        .rsplit("\",\"")
        .nth(6)
        .with_context(|| last.to_owned())?;
    rate.parse()
        .with_context(|| format!("redis-benchmark: {last}"))
}

/// Submissions a second by as many tasks as asked for.
async fn limiter(url: &str, tasks: u64) -> anyhow::Result<f64> {
    let limiter = Arc::new(Redis::open(url, Duration::from_secs(5))?);
    let readers = Arc::new(Readers::new());
    // Connects.
    limiter.charge(readers.site(), &readers.charges(0)).await?;
    let next = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..tasks {
        let (limiter, readers, next) = (
            Arc::clone(&limiter),
            Arc::clone(&readers),
            Arc::clone(&next),
        );
        running.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= CALLS {
                    return anyhow::Ok(());
                }
                let charges = readers.charges(number);
                let admission = limiter.charge(readers.site(), &charges).await?;
                ensure!(admission.is_admitted(), "{admission:?}");
            }
        });
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(CALLS as f64 / start.elapsed().as_secs_f64())
}
