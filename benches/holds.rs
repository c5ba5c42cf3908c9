//! Durable holds through the store: `cargo bench --bench holds`. How many comments a
//! second become durable when many wait at once and share a commit, beside a commit for
//! each, in one run on one file system (`TMPDIR`), with full syncs; then the same on a
//! PostgreSQL, and approvals, for which nobody waits; `later` is the CPU time of making rows
//! of those that were packed. Ratios within one run are what it is for.
//!
//! `HOLDS_ROUNDS` (3), `HOLDS_SECONDS` of each (3), `HOLDS_CALLERS` (`64,512`) and
//! `HOLDS_ONLY` (`sqlite`, `postgres`) change what is done.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot go on says so by a panic"
)]

use moderato_test_support::postgres_server;

#[path = "support/comments.rs"]
mod comments;
#[path = "holds/records.rs"]
mod records;
#[path = "holds/rounds.rs"]
mod rounds;

use std::io::Write as _;
use std::time::{Duration, Instant};

use moderato::store::{Location, Store};
use moderato::verdict::Decision;
use postgres_server::PostgresServer;
use records::Records;
use rounds::{Round, Series};

/// As the service has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--bench") {
        tokio::runtime::Runtime::new().unwrap().block_on(compare());
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect(name))
}

async fn compare() {
    let length = Duration::from_secs(number("HOLDS_SECONDS", 3));
    let count = number("HOLDS_ROUNDS", 3);
    let callers: Vec<usize> = std::env::var("HOLDS_CALLERS")
        .unwrap_or_else(|_| "64,512".to_owned())
        .split(',')
        .map(|text| text.parse().expect("HOLDS_CALLERS"))
        .collect();
    let only = std::env::var("HOLDS_ONLY").unwrap_or_default();
    let wanted = |name: &str| only.is_empty() || only == name;

    let folder = tempfile::tempdir().unwrap();
    println!(
        "one appended page synced: {:.0} a second",
        syncs(folder.path(), length)
    );
    println!(
        "\n{:44}{:>10}{:>10}{:>10}{:>12}{:>8}",
        "", "records/s", "p50 ms", "p99 ms", "CPU us each", "later"
    );
    if wanted("sqlite") {
        let location = Location::File(folder.path().join("holds.sqlite"));
        let store = Store::open(&location).unwrap();
        series("SQLite", &store, &callers, count, length).await;
        store.close().await;
    }
    if wanted("postgres") {
        let server = PostgresServer::start().await;
        let url = server.database("holds").await;
        let store = Store::open(&Location::Postgres(url)).unwrap();
        series("PostgreSQL", &store, &callers, count, length).await;
        store.close().await;
    }
}

/// One store after the other way, round by round, so that a slow minute is everybody's.
async fn series(database: &str, store: &Store, callers: &[usize], count: u64, length: Duration) {
    store.prepare().await.unwrap();
    let records = Records::new().await;
    let mut all = vec![Series::new(
        format!("{database}: a commit for each hold"),
        Decision::Hold,
        1,
    )];
    all.extend(callers.iter().map(|&callers| {
        Series::new(
            format!("{database}: {callers} holds at once"),
            Decision::Hold,
            callers,
        )
    }));
    all.push(Series::new(
        format!("{database}: approvals, written behind"),
        Decision::Approve,
        64,
    ));
    for _ in 0..count {
        for series in &mut all {
            let round = Round::play(store, &records, series.decision, series.callers, length);
            series.rounds.push(round.await);
        }
    }
    let single = all[0].rate();
    for series in &all {
        series.print(single);
    }
}

/// What the file system gives: pages appended and synced, one after the other.
fn syncs(folder: &std::path::Path, length: Duration) -> f64 {
    let mut file = std::fs::File::create(folder.join("syncs")).unwrap();
    let start = Instant::now();
    let mut done = 0_u32;
    while start.elapsed() < length {
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
        done += 1;
    }
    f64::from(done) / start.elapsed().as_secs_f64()
}
