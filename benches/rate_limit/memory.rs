//! What keys take of Redis's memory, and that they go by themselves.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use moderato::rate_limit::{Charge, QuotaKind, RateLimiter, Redis};
use moderato::site::SiteId;

use crate::readers::Readers;
use crate::redis_server::RedisServer;

/// Each address may come back after so long.
const QUOTA: &str = "1 per 60s";
const AT_ONCE: u32 = 512;
const PATIENCE: Duration = Duration::from_mins(3);

pub async fn measure(server: &RedisServer, keys: u64) -> anyhow::Result<()> {
    let _: String = server.command(&["FLUSHALL"]).await;
    let before = server.memory().await;
    let readers = Arc::new(Readers::new());
    let limiter = Arc::new(Redis::open(&server.url(), Duration::from_secs(5))?);
    let mut running = tokio::task::JoinSet::new();
    for first in 0..AT_ONCE {
        let (readers, limiter) = (Arc::clone(&readers), Arc::clone(&limiter));
        running.spawn(async move {
            let mut number = u64::from(first);
            while number < keys {
                let address = address(&readers, number);
                number += u64::from(AT_ONCE);
                let admission = limiter.charge(&SiteId::default(), &[address]).await?;
                ensure!(admission.is_admitted(), "{admission:?}");
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    let (there, full) = (server.keys().await, server.memory().await);
    println!(
        "in Redis        {there} live keys of {keys} addresses in {:.1} MB: {:.0} bytes a key",
        (full - before) as f64 / 1e6,
        (full - before) as f64 / there as f64,
    );
    let start = Instant::now();
    while server.keys().await > 0 {
        ensure!(start.elapsed() < PATIENCE, "keys are still there");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!(
        "                none {:.0} s later, and {:.1} MB more than at the start",
        start.elapsed().as_secs_f64(),
        (server.memory().await.saturating_sub(before)) as f64 / 1e6,
    );
    Ok(())
}

fn address(readers: &Readers, number: u64) -> Charge {
    let charges = readers.charges(number);
    let address = charges
        .into_iter()
        .find(|charge| charge.kind == QuotaKind::Address);
    Charge {
        quota: QUOTA.parse().unwrap(),
        ..address.unwrap()
    }
}
