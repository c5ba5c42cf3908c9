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

/// The waits of each submission's charges by kind, by one call of the script with the
/// clock in hand. The words are put together here once more, by what the script says
/// of them: each charge has a term of its own.
fn by_script(
    connection: &mut redis::Connection,
    submissions: &[Vec<Charge>],
    clock: &ManualClock,
) -> Vec<BTreeMap<QuotaKind, Duration>> {
    use moderato::rate_limit::Clock;

    let script = LUA
        .replace("redis.call('TIME')", "{KEYS[#KEYS - 1], KEYS[#KEYS]}")
        .replace(
            "local keys, args = KEYS, ARGV",
            "local keys, args = {unpack(KEYS, 1, #KEYS - 2)}, ARGV",
        );
    assert!(script.contains("KEYS - 1") && script.contains("KEYS - 2"));
    let charges: Vec<&Charge> = submissions.iter().flatten().collect();
    let keys: Vec<String> = charges
        .iter()
        .map(|charge| charge.key.to_string())
        .collect();
    let distinct: Vec<&String> = keys.iter().collect::<BTreeSet<_>>().into_iter().collect();
    let mut command = redis::cmd("EVAL");
    command.arg(script).arg(distinct.len() + 2).arg(&distinct);
    command.arg(clock.now_us() / 1_000_000);
    command.arg(clock.now_us() % 1_000_000);
    command.arg(charges.len());
    for charge in &charges {
        let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap();
        command.arg(micros(charge.quota.interval()));
        command.arg(micros(charge.quota.refill()));
        command.arg(u8::from(!charge.shadow));
    }
    let mut terms = 1..;
    for submission in submissions {
        command.arg(submission.len());
        for charge in submission {
            let key = charge.key.to_string();
            let at = distinct.iter().position(|other| **other == key).unwrap();
            command.arg(at + 1).arg(terms.next().unwrap());
        }
    }
    let overruns: Vec<i64> = command.query(connection).unwrap();
    let waits = overruns
        .into_iter()
        .map(|overrun| u64::try_from(overrun).unwrap_or(0));
    let mut waits = waits.map(Duration::from_micros);
    let by_kind = submissions.iter().map(|submission| {
        let kinds = submission.iter().map(|charge| charge.kind);
        let by_kind: Vec<_> = kinds.zip(waits.by_ref()).collect();
        by_kind
            .into_iter()
            .filter(|(_, wait)| !wait.is_zero())
            .collect()
    });
    by_kind.collect()
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
    // Up to four submissions that share a call.
    let submissions = prop::collection::vec(any_charges(), 1..5);
    let step = (submissions, 0..3_000_000_000_u64);
    let trace = prop::collection::vec(step, 1..40);
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
        for (mut submissions, pause) in trace {
            clock.advance(Duration::from_micros(pause));
            submissions.retain(|charges| !charges.is_empty());
            if !submissions.is_empty() {
                let one_by_one = submissions
                    .iter()
                    .map(|charges| in_process(&limiter, charges));
                let one_by_one: Vec<_> = one_by_one.collect();
                prop_assert_eq!(by_script(connection, &submissions, &clock), one_by_one);
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
