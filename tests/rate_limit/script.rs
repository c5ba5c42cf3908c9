//! The script in Redis: the same arithmetic as in process, one round trip, keys that
//! tell nothing and expire.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::join_all;
use moderato::rate_limit::{Charge, InProcess, ManualClock, QuotaKind, RateLimiter, Redis};
use moderato::site::SiteId;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::redis_server::{PATIENCE, RedisServer};
use crate::{charge, email, page, shadow};

const LUA: &str = include_str!("../../src/rate_limit/gcra.lua");
/// A day in 2025, in microseconds since 1970: as large as the numbers in Redis are.
const TODAY_US: u64 = 1_764_000_000_000_000;

/// The waits of `charges` by kind, by the script with the clock in hand.
fn by_script(
    connection: &mut redis::Connection,
    charges: &[Charge],
    clock: &ManualClock,
) -> BTreeMap<QuotaKind, Duration> {
    use moderato::rate_limit::Clock;

    let script = LUA.replace("redis.call('TIME')", "{ARGV[#ARGV - 1], ARGV[#ARGV]}");
    assert_ne!(script, LUA, "the script asks for the time in other words");
    let mut command = redis::cmd("EVAL");
    command.arg(script).arg(charges.len());
    for charge in charges {
        command.arg(charge.key.to_string());
    }
    for charge in charges {
        let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap();
        command.arg(micros(charge.quota.interval()));
        command.arg(micros(charge.quota.refill()));
        command.arg(u8::from(!charge.shadow));
    }
    command
        .arg(clock.now_us() / 1_000_000)
        .arg(clock.now_us() % 1_000_000);
    let waits: Vec<u64> = command.query(connection).unwrap();
    let waits = waits.into_iter().map(Duration::from_micros);
    let by_kind = charges.iter().map(|charge| charge.kind).zip(waits);
    by_kind.filter(|(_, wait)| !wait.is_zero()).collect()
}

fn in_process(
    limiter: &InProcess<ManualClock>,
    charges: &[Charge],
) -> BTreeMap<QuotaKind, Duration> {
    let admission = limiter.decide(charges);
    let refusals = admission.refused.iter().chain(&admission.shadow_refused);
    refusals
        .map(|refusal| (refusal.kind, refusal.retry_after))
        .collect()
}

/// Up to four kinds, each one of two names; quotas so slow that Redis expires nothing
/// by its own clock during the test. A kind's quota changes now and then.
fn any_charges() -> impl Strategy<Value = Vec<Charge>> {
    let quotas = ["3 per 1h", "7 per 5h, burst 2", "1 per 1d", "1000 per 365d"];
    let choice = (
        prop::option::weighted(0.8, 0..2),
        0..quotas.len(),
        prop::bool::weighted(0.3),
    );
    prop::collection::vec(choice, 1..5).prop_map(move |choices: Vec<(Option<i32>, _, _)>| {
        let choices = QuotaKind::ALL.into_iter().zip(choices);
        let charges = choices.filter_map(|(kind, (name, quota, is_shadow))| {
            let charge = charge(kind, &name?.to_string(), quotas[quota]);
            Some(if is_shadow { shadow(charge) } else { charge })
        });
        charges.collect()
    })
}

#[tokio::test]
async fn the_script_computes_what_the_in_process_limiter_does() {
    let server = RedisServer::start().await;
    let client = redis::Client::open(server.url()).unwrap();
    let connection = RefCell::new(client.get_connection().unwrap());
    let step = (any_charges(), 0..3_000_000_000_u64);
    let trace = prop::collection::vec(step, 1..60);
    let config = Config {
        cases: 64,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&trace, |trace| {
        let connection = &mut *connection.borrow_mut();
        redis::cmd("FLUSHALL").exec(connection).unwrap();
        let clock = ManualClock::at(TODAY_US);
        let limiter = InProcess::with(clock.clone(), 10_000);
        for (charges, pause) in trace {
            clock.advance(Duration::from_micros(pause));
            if !charges.is_empty() {
                prop_assert_eq!(
                    by_script(connection, &charges, &clock),
                    in_process(&limiter, &charges)
                );
            }
        }
        Ok(())
    });
    outcome.unwrap();
}

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
