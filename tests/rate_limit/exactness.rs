//! On random traces every limiter answers, to the microsecond, as the reference does.
//!
//! The in-process limiter and the script run with the clock in hand. The limiter on a
//! real Redis runs by Redis's own, which its answer and the key it has written give
//! away exactly; Redis's TIME before and after says whether that can be.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use moderato::rate_limit::{Charge, Cost, InProcess, ManualClock, QuotaKind, RateLimiter, Redis};
use moderato::site::SiteId;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use redis::aio::MultiplexedConnection;

use crate::charge;
use crate::redis_server::{PATIENCE, RedisServer};
use crate::reference::{Reference, answers, micros};

const LUA: &str = include_str!("../../src/rate_limit/gcra.lua");
/// A day in 2025, in microseconds since 1970: as large as the numbers in Redis are.
const TODAY_US: u64 = 1_764_000_000_000_000;

/// Charges of up to four kinds, each on one of two keys, with a quota that changes now
/// and then, some in shadow, for costs of nothing to more than any burst.
fn any_charges(quotas: [&'static str; 4]) -> impl Strategy<Value = Vec<Charge>> {
    let cost = prop_oneof![
        4 => Just(1_000),
        2 => 0..=3_000_u32,
        1 => Just(0),
        1 => 4_000..100_000_u32,
    ];
    let choice = (
        prop::option::weighted(0.8, 0..2),
        0..quotas.len(),
        prop::bool::weighted(0.3),
        cost,
    );
    prop::collection::vec(choice, 1..5).prop_map(move |choices: Vec<(Option<i32>, _, _, _)>| {
        let choices = QuotaKind::ALL.into_iter().zip(choices);
        let charges = choices.filter_map(|(kind, (name, quota, shadow, thousandths))| {
            Some(Charge {
                shadow,
                cost: Cost::try_from(f64::from(thousandths) / 1_000.0).unwrap(),
                ..charge(kind, &name?.to_string(), quotas[quota])
            })
        });
        charges.collect()
    })
}

/// So slow that Redis expires nothing by its own clock while the test runs.
const SLOW: [&str; 4] = ["3 per 1h", "7 per 5h, burst 2", "1 per 1d", "1000 per 365d"];

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    })
}

#[test]
fn in_process_answers_are_the_references() {
    let step = (any_charges(SLOW), 0..3_000_000_000_u64);
    let trace = prop::collection::vec(step, 1..100);
    let outcome = runner(512).run(&trace, |trace| {
        let clock = ManualClock::at(77);
        let limiter = InProcess::with(clock.clone(), 10_000);
        let mut reference = Reference::default();
        let mut now_us = 77;
        for (charges, pause) in trace {
            clock.advance(Duration::from_micros(pause));
            now_us += pause;
            reference.leak_until(now_us);
            let admission = limiter.decide(&charges);
            prop_assert_eq!(answers(&admission, &charges), reference.charge(&charges));
        }
        Ok(())
    });
    outcome.unwrap();
}

/// By how much each submission's charges overrun their quotas, by one call of the
/// script with the clock in hand. The words are put together here once more, by what
/// the script says of them: each charge has a term of its own.
fn by_script(
    connection: &mut redis::Connection,
    submissions: &[Vec<Charge>],
    now_us: u64,
) -> Vec<Vec<i64>> {
    let script = LUA
        .replace("redis.call('TIME')", "{KEYS[#KEYS - 1], KEYS[#KEYS]}")
        .replace(
            "local keys, args = KEYS, ARGV",
            "local keys, args = {unpack(KEYS, 1, #KEYS - 2)}, ARGV",
        );
    assert!(script.contains("KEYS - 1") && script.contains("KEYS - 2"));
    let charges: Vec<&Charge> = submissions.iter().flatten().collect();
    let keys = charges.iter().map(|charge| charge.key.to_string());
    let distinct: Vec<String> = keys.collect::<BTreeSet<_>>().into_iter().collect();
    let mut command = redis::cmd("EVAL");
    command.arg(script).arg(distinct.len() + 2).arg(&distinct);
    command.arg(now_us / 1_000_000).arg(now_us % 1_000_000);
    command.arg(charges.len());
    for charge in &charges {
        command.arg(micros(charge.takes()));
        command.arg(micros(charge.quota.refill()));
        command.arg(u8::from(!charge.shadow));
    }
    let mut terms = 1..;
    for submission in submissions {
        command.arg(submission.len());
        for charge in submission {
            let key = charge.key.to_string();
            let at = distinct.iter().position(|other| *other == key).unwrap();
            command.arg(at + 1).arg(terms.next().unwrap());
        }
    }
    let overruns: Vec<i64> = command.query(connection).unwrap();
    assert_eq!(overruns.len(), charges.len());
    let mut overruns = overruns.into_iter();
    let own = |submission: &Vec<Charge>| overruns.by_ref().take(submission.len()).collect();
    submissions.iter().map(own).collect()
}

#[tokio::test]
async fn the_scripts_answers_are_the_references() {
    let server = RedisServer::start().await;
    let client = redis::Client::open(server.url()).unwrap();
    let connection = RefCell::new(client.get_connection().unwrap());
    // Up to four submissions that share a call.
    let submissions = prop::collection::vec(any_charges(SLOW), 1..5);
    let step = (submissions, 0..3_000_000_000_u64);
    let trace = prop::collection::vec(step, 1..40);
    let outcome = runner(64).run(&trace, |trace| {
        let connection = &mut *connection.borrow_mut();
        redis::cmd("FLUSHALL").exec(connection).unwrap();
        let mut reference = Reference::default();
        let mut now_us = TODAY_US;
        for (mut submissions, pause) in trace {
            now_us += pause;
            reference.leak_until(now_us);
            submissions.retain(|charges| !charges.is_empty());
            if submissions.is_empty() {
                continue;
            }
            let answers = by_script(connection, &submissions, now_us);
            for (charges, overruns) in submissions.iter().zip(answers) {
                assert_are_the_references(&mut reference, charges, &overruns);
            }
        }
        Ok(())
    });
    outcome.unwrap();
}

/// Fails unless `reference` overflows by what `charges` overrun their quotas, and keeps
/// as much room.
fn assert_are_the_references(reference: &mut Reference, charges: &[Charge], overruns: &[i64]) {
    let expected = reference.charge(charges);
    let overruns_one = |(charge, overrun): (&Charge, &i64)| *overrun > 0 && !charge.shadow;
    let refused = charges.iter().zip(overruns).any(overruns_one);
    for ((charge, overrun), answer) in charges.iter().zip(overruns).zip(expected) {
        let wait = u64::try_from(*overrun).unwrap_or(0);
        assert_eq!(Duration::from_micros(wait), answer.wait);
        // What was charged has left so much room.
        if !refused && *overrun <= 0 {
            let room = Duration::from_micros(overrun.unsigned_abs());
            assert_eq!(charge.quota.refill(), answer.whole_after + room);
        }
    }
}

/// So fast that much comes back while the test runs, without waiting.
const FAST: [&str; 4] = [
    "3 per 10ms",
    "7 per 50ms, burst 2",
    "1 per 20ms",
    "40 per 1s, burst 9",
];

#[tokio::test]
async fn the_answers_of_redis_by_its_own_clock_are_the_references() {
    let server = RedisServer::start().await;
    let mut connection = server.connection().await;
    let limiter = Redis::open(&server.url(), PATIENCE).unwrap();
    // Charged by all and never used up: it tells when Redis answered.
    let watch = charge(QuotaKind::Site, "", "1000000 per 365d");
    let strategy = prop::collection::vec(any_charges(FAST), 2_000);
    let trace = strategy.new_tree(&mut runner(1)).unwrap().current();
    let mut reference = Reference::default();
    let (mut admitted, mut refused) = (0, 0);
    for charges in trace {
        let charges = [&[watch], &charges[..]].concat();
        let before_us = time_us(&mut connection).await;
        let admission = limiter.charge(&SiteId::default(), &charges).await.unwrap();
        let after_us = time_us(&mut connection).await;
        let answers = answers(&admission, &charges);
        // What the key holds is when it will be whole; the answer says how long that is.
        let whole_at_us = stored_us(&mut connection).await;
        let now_us = whole_at_us - micros(answers[0].whole_after);
        assert!((before_us..=after_us).contains(&now_us));
        reference.leak_until(now_us);
        assert_eq!(answers, reference.charge(&charges));
        if admission.is_admitted() {
            admitted += 1;
        } else {
            refused += 1;
        }
    }
    assert!(admitted > 100 && refused > 100, "{admitted}, {refused}");
}

async fn time_us(connection: &mut MultiplexedConnection) -> u64 {
    let (seconds, micros): (u64, u64) = redis::cmd("TIME").query_async(connection).await.unwrap();
    seconds * 1_000_000 + micros
}

/// What the one key of the site's quota holds.
async fn stored_us(connection: &mut MultiplexedConnection) -> u64 {
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg("rl:*:site:*")
        .query_async(connection)
        .await
        .unwrap();
    assert_eq!(keys.len(), 1, "{keys:?}");
    redis::cmd("GET")
        .arg(&keys)
        .query_async(connection)
        .await
        .unwrap()
}
