//! The script in Redis: one round trip, keys that tell nothing and expire.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use moderato::rate_limit::{QuotaKind, RateLimiter, Redis};
use moderato::site::SiteId;

use crate::redis_server::{PATIENCE, RedisServer};
use crate::{charge, email, page};

fn limiter(server: &RedisServer) -> Redis {
    Redis::open(&server.url(), PATIENCE).unwrap()
}

#[tokio::test]
async fn limiters_that_share_a_redis_admit_the_quota_between_them() {
    let server = RedisServer::start().await;
    let limiters = [limiter(&server), limiter(&server), limiter(&server)];
    let charges = [email("50 per 10h"), page("80 per 10h")];
    let attempts = (0..100).flat_map(|_| &limiters).map(async |limiter| {
        let admission = limiter.charge(&SiteId::default(), &charges).await;
        admission.unwrap().is_admitted()
    });
    let admitted = join_all(attempts)
        .await
        .into_iter()
        .filter(|admitted| *admitted);
    assert_eq!(admitted.count(), 50);
}

#[tokio::test]
async fn one_submission_is_one_command() {
    let server = RedisServer::start().await;
    let limiter = limiter(&server);
    let charges = [
        email("100 per 1h"),
        page("100 per 1h"),
        charge(QuotaKind::Site, "", "100 per 1h"),
    ];
    // The first loads the script.
    limiter.charge(&SiteId::default(), &charges).await.unwrap();
    reset_commands(&server).await;
    for _ in 0..20 {
        limiter.charge(&SiteId::default(), &charges).await.unwrap();
    }
    // What a script calls is counted too, and so is the reset itself.
    let expected = [
        ("config|resetstat".to_owned(), 1),
        ("evalsha".to_owned(), 20),
        ("mget".to_owned(), 20),
        ("set".to_owned(), 60),
        ("time".to_owned(), 20),
    ];
    assert_eq!(commands(&server).await, BTreeMap::from(expected));
}

#[tokio::test]
async fn submissions_that_come_at_once_share_a_command() {
    let server = RedisServer::start().await;
    let limiter = limiter(&server);
    limiter
        .charge(&SiteId::default(), &[email("1 per 1h")])
        .await
        .unwrap();
    reset_commands(&server).await;
    let charges: Vec<_> = (0..64)
        .map(|reader: u32| {
            let reader = charge(QuotaKind::Author, &reader.to_string(), "1 per 1h");
            [reader, page("40 per 10h")]
        })
        .collect();
    let admissions = charges.iter().map(async |charges| {
        let admission = limiter.charge(&SiteId::default(), charges).await;
        admission.unwrap().is_admitted()
    });
    let admitted = join_all(admissions).await;
    // In the order in which they came.
    assert_eq!(admitted.iter().position(|admitted| !admitted), Some(40));
    assert!(!admitted[40..].contains(&true));
    let commands = commands(&server).await;
    assert!(commands["evalsha"] <= 4, "{commands:?}");
    // Each of 40 readers, and the page once a call; who is refused writes nothing.
    assert!((41..=44).contains(&commands["set"]), "{commands:?}");
}

/// What clients and scripts have called, counted from now on.
async fn reset_commands(server: &RedisServer) {
    let mut command = redis::cmd("CONFIG");
    command.arg("RESETSTAT");
    let mut connection = server.connection().await;
    command.exec_async(&mut connection).await.unwrap();
}

/// How often each command was called.
async fn commands(server: &RedisServer) -> BTreeMap<String, u32> {
    let mut command = redis::cmd("INFO");
    command.arg("commandstats");
    let mut connection = server.connection().await;
    let info: String = command.query_async(&mut connection).await.unwrap();
    let counts = info.lines().filter_map(|line| {
        let (name, count) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        let (count, _) = count.split_once(',')?;
        Some((name.to_owned(), count.parse().ok()?))
    });
    counts.collect()
}

#[tokio::test]
async fn forgetting_the_script_costs_nothing() {
    let server = RedisServer::start().await;
    let limiter = limiter(&server);
    let charges = [email("2 per 1h")];
    for admitted in [true, true, false] {
        let mut connection = server.connection().await;
        redis::cmd("SCRIPT")
            .arg("FLUSH")
            .exec_async(&mut connection)
            .await
            .unwrap();
        let admission = limiter.charge(&SiteId::default(), &charges).await.unwrap();
        assert_eq!(admission.is_admitted(), admitted);
    }
}

#[tokio::test]
async fn keys_tell_nobody_and_expire() {
    let server = RedisServer::start().await;
    let charges = [email("3 per 1h, burst 2"), page("1 per 10s")];
    limiter(&server)
        .charge(&SiteId::default(), &charges)
        .await
        .unwrap();

    let mut connection = server.connection().await;
    let mut keys: Vec<String> = redis::cmd("KEYS")
        .arg("*")
        .query_async(&mut connection)
        .await
        .unwrap();
    keys.sort();
    let expected = charges.map(|charge| format!("rl:{{default}}:{}:{}", charge.kind, charge.key));
    assert_eq!(keys, expected);
    for (key, interval) in keys.iter().zip([1_200_000, 10_000]) {
        let left: i64 = redis::cmd("PTTL")
            .arg(key)
            .query_async(&mut connection)
            .await
            .unwrap();
        assert!(0 < left && left <= interval, "{key}: {left} ms");
    }
}

/// However many addresses come, Redis holds those that are not idle yet.
#[tokio::test]
async fn idle_keys_go_by_themselves() {
    let server = RedisServer::start().await;
    let limiter = limiter(&server);
    let readers: Vec<_> = (0..10_000)
        .map(|reader: u32| [charge(QuotaKind::Address, &reader.to_string(), "1 per 1s")])
        .collect();
    let site = SiteId::default();
    let admissions = readers.iter().map(|charges| limiter.charge(&site, charges));
    assert!(join_all(admissions).await.iter().all(Result::is_ok));
    assert!(server.keys().await > 0);
    let gone = async {
        while server.keys().await > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone)
        .await
        .expect("all keys to expire");
}
