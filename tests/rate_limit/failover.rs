//! A new master: behind the same name, or under the same name among sentinels.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use moderato::rate_limit::{InProcess, RateLimiter, Redis, Share, WithFallback};
use moderato::site::SiteId;

use crate::page;
use crate::proxy::Proxy;
use crate::redis_server::{PATIENCE, RedisServer, free_port};

const BUDGET: Duration = Duration::from_millis(100);
const PAUSE: Duration = Duration::from_millis(5);

async fn is_degraded(limiter: &WithFallback<Redis>) -> bool {
    let charges = [page("1000000 per 365d")];
    let admission = limiter.charge(&SiteId::default(), &charges).await.unwrap();
    assert!(admission.is_admitted());
    admission.degraded
}

async fn until_degraded(limiter: &WithFallback<Redis>, wanted: bool) {
    let wait = async {
        while is_degraded(limiter).await != wanted {
            tokio::time::sleep(PAUSE).await;
        }
    };
    let outcome = tokio::time::timeout(PATIENCE, wait).await;
    outcome.unwrap_or_else(|_| panic!("the limiter to have degraded = {wanted}"));
}

fn limiter(url: &str) -> WithFallback<Redis> {
    let redis = Redis::open(url, BUDGET).unwrap();
    WithFallback::new(redis, InProcess::new(), Share::WHOLE)
}

/// A master and its replica, which has all of it.
async fn pair() -> (RedisServer, RedisServer) {
    let (master, replica) = (RedisServer::start().await, RedisServer::start().await);
    follow(&replica, &master).await;
    (master, replica)
}

async fn follow(replica: &RedisServer, master: &RedisServer) {
    let port = master.port().to_string();
    let _: String = replica.command(&["REPLICAOF", "127.0.0.1", &port]).await;
    let linked = async {
        while !replication(replica).await.contains("master_link_status:up") {
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(PATIENCE, linked)
        .await
        .expect("the replica to follow");
}

async fn replication(server: &RedisServer) -> String {
    server.command(&["INFO", "replication"]).await
}

/// As managed services do it: the master is demoted and keeps its connections; the name
/// leads to the new one.
#[tokio::test]
async fn a_demoted_master_is_left_for_who_has_its_name_now() {
    let (old, new) = pair().await;
    let name = Proxy::start(old.port()).await;
    let limiter = limiter(&name.url());
    until_degraded(&limiter, false).await;

    let _: String = new.command(&["REPLICAOF", "NO", "ONE"]).await;
    follow(&old, &new).await;
    until_degraded(&limiter, true).await;
    name.point_to(new.port());
    let moved = Instant::now();
    until_degraded(&limiter, false).await;
    println!(
        "counted by the new master {:?} after the name led there",
        moved.elapsed()
    );
    assert!(moved.elapsed() < Duration::from_secs(1));
    let keys: u64 = new.command(&["DBSIZE"]).await;
    assert!(keys > 0);
}

/// False also while it is being promoted and hangs up on everybody.
async fn is_master(server: &RedisServer) -> bool {
    let client = redis::Client::open(server.url()).unwrap();
    let Ok(mut connection) = client.get_multiplexed_async_connection().await else {
        return false;
    };
    let role = redis::cmd("ROLE").query_async(&mut connection).await;
    role.is_ok_and(|role: Vec<redis::Value>| {
        role[0] == redis::Value::BulkString(b"master".to_vec())
    })
}

/// A sentinel that watches `master` by itself.
struct Sentinel {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Sentinel {
    fn start(master: &RedisServer) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let config = format!(
            "port {port}\nsentinel monitor comments 127.0.0.1 {} 1\n\
             sentinel down-after-milliseconds comments 300\n\
             sentinel failover-timeout comments 3000\n",
            master.port()
        );
        let file = folder.path().join("sentinel.conf");
        std::fs::write(&file, config).unwrap();
        let process = Command::new("redis-server")
            .arg(file)
            .arg("--sentinel")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            process,
            port,
            _folder: folder,
        }
    }

    /// Waits until it knows the replica, which it asks its master for every ten seconds.
    async fn knows_a_replica(&self) {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}", self.port)).unwrap();
        let knows = async {
            loop {
                let mut command = redis::cmd("SENTINEL");
                command.arg("REPLICAS").arg("comments");
                if let Ok(mut connection) = client.get_multiplexed_async_connection().await
                    && let Ok(replicas) = command
                        .query_async::<Vec<redis::Value>>(&mut connection)
                        .await
                    && !replicas.is_empty()
                {
                    return;
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::time::timeout(PATIENCE, knows)
            .await
            .expect("the sentinel to know the replica");
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn sentinels_say_who_the_master_is_now() {
    let (mut old, new) = pair().await;
    let sentinel = Sentinel::start(&old);
    sentinel.knows_a_replica().await;
    // The first sentinel does not answer: the next is asked.
    let nobody = free_port();
    let url = format!(
        "redis-sentinel://127.0.0.1:{nobody},127.0.0.1:{}#comments",
        sentinel.port
    );
    let limiter = limiter(&url);
    until_degraded(&limiter, false).await;
    old.kill();
    let gone = Instant::now();
    until_degraded(&limiter, true).await;
    let promoted = async {
        while !is_master(&new).await {
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(PATIENCE, promoted)
        .await
        .expect("the replica to be promoted");
    let promoted = Instant::now();
    until_degraded(&limiter, false).await;
    println!(
        "promoted {:?} after the kill, counted {:?} after that",
        promoted - gone,
        promoted.elapsed()
    );
    // The sentinel names the new master only when it has finished with the others.
    assert!(promoted.elapsed() < Duration::from_secs(3));
}
