//! Redis away in every way it goes away, under a real server with sixteen readers who
//! never pause. Each fault prints a row of the table `added p99`; run with
//! `--nocapture --test-threads 1` to read it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use moderato::grpc::proto::Decision;
use redis::aio::MultiplexedConnection;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::daemon::{Daemon, soon};
use super::proxy::Proxy;
use super::redis_server::RedisServer;
use super::{Client, check, civil};

const READERS: usize = 16;
/// Answers that make a phase.
const ENOUGH: usize = 1_500;
/// As `redis.budget` is by default.
const BUDGET: Duration = Duration::from_millis(50);
/// What a busy machine may add.
const SLACK: Duration = Duration::from_millis(250);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Killed,
    Paused,
    Slow,
    TooManyClients,
    OutOfMemory,
    ReadOnly,
    Flapping,
}

/// One answer.
#[derive(Clone, Copy)]
struct Seen {
    at: Instant,
    took: Duration,
    degraded: bool,
}

struct Scene {
    redis: RedisServer,
    proxy: Proxy,
    /// Stays open where Redis takes no other.
    control: MultiplexedConnection,
}

impl Scene {
    async fn start() -> Self {
        let redis = RedisServer::start().await;
        let proxy = Proxy::start(redis.port()).await;
        let control = redis.connection().await;
        Self {
            redis,
            proxy,
            control,
        }
    }

    async fn begin(&mut self, fault: Fault) {
        match fault {
            Fault::Killed | Fault::Flapping => self.redis.kill(),
            Fault::Paused => self.redis.stop().await,
            Fault::Slow => self.proxy.delay(Duration::from_millis(200)),
            Fault::TooManyClients => {
                self.tell(&["CONFIG", "SET", "maxclients", "1"]).await;
                self.tell(&["CLIENT", "KILL", "TYPE", "normal"]).await;
            }
            Fault::OutOfMemory => {
                self.tell(&["CONFIG", "SET", "maxmemory", "1"]).await;
            }
            Fault::ReadOnly => {
                self.tell(&["REPLICAOF", "127.0.0.1", "1"]).await;
            }
        }
    }

    async fn end(&mut self, fault: Fault) {
        match fault {
            Fault::Killed | Fault::Flapping => self.redis.restart().await,
            Fault::Paused => self.redis.cont(),
            Fault::Slow => self.proxy.delay(Duration::ZERO),
            Fault::TooManyClients => {
                self.tell(&["CONFIG", "SET", "maxclients", "10000"]).await;
            }
            Fault::OutOfMemory => {
                self.tell(&["CONFIG", "SET", "maxmemory", "0"]).await;
            }
            Fault::ReadOnly => {
                self.tell(&["REPLICAOF", "NO", "ONE"]).await;
            }
        }
    }

    async fn tell(&mut self, words: &[&str]) {
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        command.exec_async(&mut self.control).await.unwrap();
    }
}

/// Readers who submit all the time.
struct Readers {
    seen: Arc<Mutex<Vec<Seen>>>,
    count: watch::Receiver<usize>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Readers {
    async fn start(daemon: &Daemon) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (counted, count) = watch::channel(0);
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let counted = Arc::new(counted);
        for _ in 0..READERS {
            let client = daemon.client().await;
            let (seen, counted) = (Arc::clone(&seen), Arc::clone(&counted));
            tasks.spawn(read(client, seen, counted, stopped.clone()));
        }
        Self {
            seen,
            count,
            stop,
            tasks,
        }
    }

    /// Waits for so many more answers.
    async fn more(&mut self, answers: usize) {
        let until = *self.count.borrow() + answers;
        soon(self.count.wait_for(|count| *count >= until))
            .await
            .unwrap();
    }

    /// Waits for an answer to a question asked from now on that is degraded, or is not.
    async fn until(&mut self, degraded: bool) {
        let now = Instant::now();
        let seen = Arc::clone(&self.seen);
        let is_there = move |_: &usize| {
            let seen = seen.lock().unwrap();
            let newest = seen.iter().rev().take_while(|seen| seen.at >= now);
            newest.into_iter().any(|seen| seen.degraded == degraded)
        };
        soon(self.count.wait_for(is_there)).await.unwrap();
    }

    /// What they saw. Fails if a call of theirs did.
    async fn stop(mut self) -> Vec<Seen> {
        self.stop.send_replace(true);
        while let Some(ended) = soon(self.tasks.join_next()).await {
            ended.expect("no call to fail");
        }
        self.seen.lock().unwrap().clone()
    }
}

async fn read(
    mut client: Client,
    seen: Arc<Mutex<Vec<Seen>>>,
    counted: Arc<watch::Sender<usize>>,
    stopped: watch::Receiver<bool>,
) {
    while !*stopped.borrow() {
        let at = Instant::now();
        let verdict = check(&mut client, civil()).await;
        assert_eq!(verdict.decision(), Decision::Approve);
        let (took, degraded) = (at.elapsed(), verdict.degraded);
        seen.lock().unwrap().push(Seen { at, took, degraded });
        counted.send_modify(|count| *count += 1);
    }
}

/// The latency that 99 of 100 of these do not exceed.
fn p99(seen: &[Seen], from: Instant, to: Instant) -> Duration {
    let within = seen.iter().filter(|seen| from <= seen.at && seen.at < to);
    let mut took: Vec<_> = within.map(|seen| seen.took).collect();
    took.sort_unstable();
    took[took.len() * 99 / 100]
}

/// Nobody is refused, one of the quotas is enough to count.
const WIDE: &str = "[limits]\nper_address = \"off\"\nper_email = \"off\"\n\
                    per_site = \"1000000 per 100s\"";

async fn outage(fault: Fault) {
    let mut scene = Scene::start().await;
    let url = match fault {
        Fault::Slow => scene.proxy.url(),
        _ => scene.redis.url(),
    };
    let daemon = Daemon::start_with(WIDE, &[("MODERATO_REDIS_URL", &url)]).await;
    let mut readers = Readers::start(&daemon).await;
    readers.until(false).await;
    let start = Instant::now();
    readers.more(ENOUGH).await;

    let gone = Instant::now();
    scene.begin(fault).await;
    if fault == Fault::Flapping {
        for _ in 0..5 {
            readers.until(true).await;
            scene.end(fault).await;
            readers.until(false).await;
            scene.begin(fault).await;
        }
    }
    readers.until(true).await;
    readers.more(ENOUGH).await;
    let page = daemon.get("/metrics").await;
    assert!(page.contains("moderato_limiter_degraded 1\n"), "{page}");

    scene.end(fault).await;
    let back = Instant::now();
    readers.until(false).await;
    readers.more(ENOUGH).await;
    let page = daemon.get("/metrics").await;
    assert!(page.contains("moderato_limiter_degraded 0\n"), "{page}");
    let connections = scene.redis.connections().await;
    let seen = readers.stop().await;

    let late = |seen: &&Seen| seen.at >= back && seen.degraded;
    let recovered = seen.iter().filter(late).map(|seen| seen.at - back).max();
    let recovered = recovered.unwrap_or_default();
    let during: Vec<_> = seen
        .iter()
        .filter(|seen| gone <= seen.at && seen.at < back)
        .collect();
    let degraded = during.iter().filter(|seen| seen.degraded).count();
    let longest = during.iter().map(|seen| seen.took).max().unwrap();
    let waited = during.iter().filter(|seen| seen.took >= BUDGET).count();
    let (before, within) = (p99(&seen, start, gone), p99(&seen, gone, back));
    println!(
        "| {fault:?} | {} answers, 0 failed, {degraded} degraded | {waited} took the budget or more, longest {longest:.1?} \
         | p99 {before:.1?} before, {within:.1?} within: {:+.1} ms | {recovered:.0?} | {connections} |",
        during.len(),
        (within.as_secs_f64() - before.as_secs_f64()) * 1e3,
    );
    assert!(longest < BUDGET + SLACK, "{longest:?}");
    assert!(recovered < Duration::from_secs(1), "{recovered:?}");
    if fault == Fault::Killed {
        // The test's own two or three, and the server's one: no herd.
        assert!(connections <= 5, "{connections}");
    }
}

macro_rules! outages {
    ($($name:ident: $fault:ident)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            outage(Fault::$fault).await;
        })*
    };
}

outages! {
    killed: Killed
    paused: Paused
    slow: Slow
    refusing_more_clients: TooManyClients
    out_of_memory: OutOfMemory
    a_replica_now: ReadOnly
    flapping: Flapping
}

/// The gauge follows Redis while nobody submits, from the start.
#[tokio::test]
async fn the_metrics_tell_of_an_outage_that_no_reader_met() {
    let mut redis = RedisServer::start().await;
    let url = redis.url();
    redis.kill();
    let daemon = Daemon::start_with("", &[("MODERATO_REDIS_URL", &url)]).await;
    let told = async |degraded| {
        let degraded = u64::from(degraded);
        daemon.measures("moderato_limiter_degraded", degraded).await;
    };
    told(true).await;
    redis.restart().await;
    told(false).await;
    redis.kill();
    told(true).await;
    redis.restart().await;
    told(false).await;
}

/// Two servers that share a Redis: what an outage admits beyond the quota is a share of
/// it for each, and no more.
#[tokio::test]
async fn an_outage_admits_a_share_of_the_quota_more_for_each_replica() {
    let mut redis = RedisServer::start().await;
    let config = "redis.outage_share = 0.5\n[limits]\nper_email = \"20 per 365d\"";
    let url = redis.url();
    let key = "5a".repeat(32);
    let variables = [("MODERATO_REDIS_URL", &*url), ("MODERATO_HASH_KEY", &*key)];
    let replicas = [
        Daemon::start_with(config, &variables).await,
        Daemon::start_with(config, &variables).await,
    ];
    let mut admitted = Vec::new();
    for is_away in [false, true] {
        if is_away {
            redis.kill();
        }
        let mut approved = 0;
        for replica in &replicas {
            let mut client = replica.client().await;
            for _ in 0..30 {
                let verdict = check(&mut client, civil()).await;
                assert_eq!(verdict.degraded, is_away, "{verdict:?}");
                approved += usize::from(verdict.decision() == Decision::Approve);
            }
        }
        admitted.push(approved);
    }
    assert_eq!(admitted, [20, 2 * 10]);
}
