//! Three real servers that share one Redis admit exactly the quota between them.

use std::time::{Duration, Instant};

use futures::future::join_all;
use moderato::grpc::proto::{Decision, Submission};

use super::daemon::Daemon;
use super::redis_server::RedisServer;
use super::{Client, check, civil, codes};

const SERVERS: usize = 3;
const CLIENTS: usize = 9;

/// Three servers with `config` on one Redis, and nine clients, three of each.
struct Replicas {
    _redis: RedisServer,
    _daemons: Vec<Daemon>,
    clients: Vec<Client>,
}

impl Replicas {
    async fn start(config: &str) -> Self {
        let redis = RedisServer::start().await;
        let url = redis.url();
        let key = "7e".repeat(32);
        // No answer may come from a stand-in, however busy the machine is.
        let config = format!("redis.budget = \"10s\"\n{config}");
        let variables = [("MODERATO_REDIS_URL", &*url), ("MODERATO_HASH_KEY", &*key)];
        let mut daemons = Vec::new();
        for _ in 0..SERVERS {
            daemons.push(Daemon::start_with(&config, &variables).await);
        }
        let mut clients = Vec::new();
        for number in 0..CLIENTS {
            clients.push(daemons[number % SERVERS].client().await);
        }
        Self {
            _redis: redis,
            _daemons: daemons,
            clients,
        }
    }
}

/// Whether `email` gets a comment through.
async fn admitted(client: &mut Client, email: &str) -> bool {
    let submission = Submission {
        email: email.to_owned(),
        ..civil()
    };
    let verdict = check(client, submission).await;
    assert!(!verdict.degraded);
    let is_admitted = verdict.decision() == Decision::Approve;
    assert!(
        is_admitted || codes(&verdict) == ["RATE_LIMITED"],
        "{verdict:?}"
    );
    is_admitted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_window_admits_its_quota_and_never_one_more() {
    const WINDOWS: usize = 60;
    const QUOTA: usize = 7;
    let config = format!("[limits]\nper_address = \"off\"\nper_email = \"{QUOTA} per 365d\"");
    let mut replicas = Replicas::start(&config).await;
    for window in 0..WINDOWS {
        let email = format!("reader-{window}@example.org");
        let attempts = replicas.clients.iter_mut().map(async |client| {
            let mut admissions = 0;
            for _ in 0..4 {
                admissions += usize::from(admitted(client, &email).await);
            }
            admissions
        });
        let admissions: usize = join_all(attempts).await.into_iter().sum();
        assert_eq!(admissions, QUOTA, "window {window}");
    }
    println!(
        "{WINDOWS} windows of {} attempts: {QUOTA} admitted in each",
        4 * CLIENTS
    );
}

/// The same while the quota comes back: all the time somebody asks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_back_is_admitted_once() {
    const INTERVAL: Duration = Duration::from_millis(40);
    const BURST: u32 = 5;
    const INTERVALS: u32 = 60;
    let config = "[limits]\nper_address = \"off\"\nper_site = \"off\"\n\
                  per_email = \"5 per 200ms\"";
    let mut replicas = Replicas::start(config).await;
    let start = Instant::now();
    let attempts = replicas.clients.iter_mut().map(async |client| {
        let (mut admissions, mut attempts) = (0_u32, 0_u32);
        while start.elapsed() < INTERVALS * INTERVAL {
            admissions += u32::from(admitted(client, "a@example.org").await);
            attempts += 1;
        }
        (admissions, attempts)
    });
    let counts = join_all(attempts).await;
    let admissions: u32 = counts.iter().map(|(admissions, _)| admissions).sum();
    let attempts: u32 = counts.iter().map(|(_, attempts)| attempts).sum();
    let intervals = start.elapsed().as_micros() / INTERVAL.as_micros();
    println!("{attempts} attempts in {intervals} intervals: {admissions} admitted, burst {BURST}");
    assert!(u128::from(admissions) <= u128::from(BURST) + intervals);
    assert!(
        admissions >= BURST + INTERVALS / 2,
        "{admissions}: somebody always asked"
    );
}
