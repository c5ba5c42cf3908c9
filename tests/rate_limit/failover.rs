//! A new master behind the same name.

use std::time::{Duration, Instant};

use moderato::rate_limit::{InProcess, RateLimiter, Redis, Share, WithFallback};
use moderato::site::SiteId;

use crate::page;
use crate::proxy::Proxy;
use crate::redis_server::{PATIENCE, RedisServer};

pub const BUDGET: Duration = Duration::from_millis(100);
pub const PAUSE: Duration = Duration::from_millis(5);

async fn is_degraded(limiter: &WithFallback<Redis>) -> bool {
    let charges = [page("1000000 per 365d")];
    let admission = limiter.charge(&SiteId::default(), &charges).await.unwrap();
    assert!(admission.is_admitted());
    admission.degraded
}

pub async fn until_degraded(limiter: &WithFallback<Redis>, wanted: bool) {
    let wait = async {
        while is_degraded(limiter).await != wanted {
            tokio::time::sleep(PAUSE).await;
        }
    };
    let outcome = tokio::time::timeout(PATIENCE, wait).await;
    outcome.unwrap_or_else(|_| panic!("the limiter to have degraded = {wanted}"));
}

fn limiter(url: &str) -> WithFallback<Redis> {
    with_stand_in(Redis::open(url, BUDGET).unwrap())
}

/// `redis` with a stand-in.
pub fn with_stand_in(redis: Redis) -> WithFallback<Redis> {
    WithFallback::new(redis, InProcess::new(), Share::WHOLE)
}

/// A master and its replica, which has all of it.
pub async fn pair() -> (RedisServer, RedisServer) {
    let (master, replica) = (RedisServer::start().await, RedisServer::start().await);
    follow(&replica, &master).await;
    (master, replica)
}

async fn follow(replica: &RedisServer, master: &RedisServer) {
    follow_at(replica, master.port()).await;
}

/// Lets `replica` follow who listens on a port of this machine.
pub async fn follow_at(replica: &RedisServer, port: u16) {
    let port = port.to_string();
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
pub async fn is_master(server: &RedisServer) -> bool {
    let client = redis::Client::open(server.url()).unwrap();
    let Ok(mut connection) = client.get_multiplexed_async_connection().await else {
        return false;
    };
    let role = redis::cmd("ROLE").query_async(&mut connection).await;
    role.is_ok_and(|role: Vec<redis::Value>| {
        role[0] == redis::Value::BulkString(b"master".to_vec())
    })
}
