//! The script in Redis: one round trip, keys that tell nothing and expire.

use std::collections::BTreeSet;

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
    let mut connection = server.connection().await;
    redis::cmd("CONFIG")
        .arg("RESETSTAT")
        .exec_async(&mut connection)
        .await
        .unwrap();
    for _ in 0..20 {
        limiter.charge(&SiteId::default(), &charges).await.unwrap();
    }

    let info: String = redis::cmd("INFO")
        .arg("commandstats")
        .query_async(&mut connection)
        .await
        .unwrap();
    let stats: BTreeSet<_> = info
        .lines()
        .filter_map(|line| line.strip_prefix("cmdstat_")?.split_once(",usec="))
        .map(|(command_and_calls, _)| command_and_calls)
        .collect();
    // What a script calls is counted too, and so is the reset itself.
    let expected = [
        "config|resetstat:calls=1",
        "evalsha:calls=20",
        "mget:calls=20",
        "set:calls=60",
        "time:calls=20",
    ];
    assert_eq!(stats, BTreeSet::from(expected));
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
