//! When Redis is away: every submission is answered within the budget and told that
//! the answer is a stand-in's, and Redis counts again by itself once it is back.

use std::time::Duration;

use futures::future::join_all;
use moderato::rate_limit::{Admission, Charge, InProcess, RateLimiter, Redis, Share, WithFallback};
use moderato::site::SiteId;

use crate::redis_server::{PATIENCE, RedisServer};
use crate::{email, page};

const BUDGET: Duration = Duration::from_millis(100);
const SLACK: Duration = Duration::from_millis(100);
const PAUSE: Duration = Duration::from_millis(5);

fn limiter(url: &str) -> WithFallback<Redis> {
    let redis = Redis::open(url, BUDGET).unwrap();
    WithFallback::new(redis, InProcess::new(), Share::WHOLE)
}

/// The answer, which must come within the budget.
async fn decide(limiter: &WithFallback<Redis>, charges: &[Charge]) -> Admission {
    let site = SiteId::default();
    let answer = tokio::time::timeout(BUDGET + SLACK, limiter.charge(&site, charges));
    answer.await.expect("an answer within the budget").unwrap()
}

/// Submits until an answer is degraded or is not, as wanted.
async fn until_degraded(limiter: &WithFallback<Redis>, wanted: bool) {
    let wait = async {
        while decide(limiter, &[page("1000000 per 365d")]).await.degraded != wanted {
            tokio::time::sleep(PAUSE).await;
        }
    };
    let outcome = tokio::time::timeout(PATIENCE, wait).await;
    outcome.unwrap_or_else(|_| panic!("the limiter to have degraded = {wanted}"));
}

/// Submits by 64 readers at once, many times over; all must be stand-in's answers.
async fn assert_all_are_degraded(limiter: &WithFallback<Redis>) {
    let submissions = async {
        for _ in 0..20 {
            let charges = [page("1000000 per 365d")];
            let wave = join_all((0..64).map(|_| decide(limiter, &charges))).await;
            assert!(wave.iter().all(|admission| admission.degraded));
        }
    };
    // Were each wave to wait for Redis, this would take 20 budgets.
    tokio::time::timeout(10 * BUDGET, submissions)
        .await
        .expect("the breaker to spare most submissions the wait");
}

#[tokio::test]
async fn killed_and_restarted() {
    let mut server = RedisServer::start().await;
    let limiter = limiter(&server.url());
    until_degraded(&limiter, false).await;
    server.kill();
    assert_all_are_degraded(&limiter).await;
    server.restart().await;
    until_degraded(&limiter, false).await;
}

#[tokio::test]
async fn away_at_the_start() {
    let mut server = RedisServer::start().await;
    server.kill();
    let limiter = limiter(&server.url());
    assert_all_are_degraded(&limiter).await;
    server.restart().await;
    until_degraded(&limiter, false).await;
}

#[tokio::test]
async fn stopped_and_continued() {
    let server = RedisServer::start().await;
    let limiter = limiter(&server.url());
    until_degraded(&limiter, false).await;
    server.stop().await;
    assert_all_are_degraded(&limiter).await;
    server.cont();
    until_degraded(&limiter, false).await;
}

#[tokio::test]
async fn stopped_at_the_start() {
    let server = RedisServer::start().await;
    server.stop().await;
    let limiter = limiter(&server.url());
    assert_all_are_degraded(&limiter).await;
    server.cont();
    until_degraded(&limiter, false).await;
}

/// Callers who give up before the budget must not hide the outage: it is Redis's
/// silence that counts, not their patience.
#[tokio::test]
async fn stopped_while_every_caller_gives_up_early() {
    let server = RedisServer::start().await;
    let limiter = limiter(&server.url());
    until_degraded(&limiter, false).await;
    server.stop().await;
    let site = SiteId::default();
    let until_answered = async {
        let charges = [page("1000000 per 365d")];
        while tokio::time::timeout(BUDGET / 10, limiter.charge(&site, &charges))
            .await
            .is_err()
        {}
    };
    let answered = tokio::time::timeout(PATIENCE, until_answered).await;
    answered.expect("the stand-in to answer at once");
    server.cont();
    until_degraded(&limiter, false).await;
}

#[tokio::test]
async fn the_stand_in_enforces_the_same_quotas() {
    let mut server = RedisServer::start().await;
    let limiter = limiter(&server.url());
    until_degraded(&limiter, false).await;
    server.kill();
    until_degraded(&limiter, true).await;
    let charges = [email("3 per 1h")];
    let mut admitted = 0;
    for _ in 0..10 {
        let admission = decide(&limiter, &charges).await;
        assert!(admission.degraded);
        admitted += u32::from(admission.is_admitted());
    }
    assert_eq!(admitted, 3);
}

#[tokio::test]
async fn without_a_stand_in_the_error_says_what_happened() {
    let mut server = RedisServer::start().await;
    let redis = Redis::open(&server.url(), BUDGET).unwrap();
    let site = SiteId::default();
    server.stop().await;
    let error = redis.charge(&site, &[email("1 per 1h")]).await.unwrap_err();
    assert_eq!(error.to_string(), "Redis did not answer within 100ms");
    // From then on only the prober asks.
    let error = redis.charge(&site, &[email("1 per 1h")]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Redis is not asked until it counts again"
    );
    server.kill();
    let redis = Redis::open(&server.url(), BUDGET).unwrap();
    let error = redis.charge(&site, &[email("1 per 1h")]).await.unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");
}

/// Redis answers, but with an error: `breaking` makes it so, `mending` ends it.
async fn answers_with_errors(breaking: &[&str], mending: &[&str]) {
    let server = RedisServer::start().await;
    let mut connection = server.connection().await;
    let mut command = async |words: &[&str]| {
        let mut command = redis::cmd(words[0]);
        command
            .arg(&words[1..])
            .exec_async(&mut connection)
            .await
            .unwrap();
    };
    let limiter = limiter(&server.url());
    until_degraded(&limiter, false).await;
    command(breaking).await;
    assert_all_are_degraded(&limiter).await;
    command(mending).await;
    until_degraded(&limiter, false).await;
}

#[tokio::test]
async fn read_only() {
    answers_with_errors(
        &["REPLICAOF", "127.0.0.1", "1"],
        &["REPLICAOF", "NO", "ONE"],
    )
    .await;
}

#[tokio::test]
async fn out_of_memory() {
    let maxmemory = ["CONFIG", "SET", "maxmemory"];
    let [config, set, key] = maxmemory;
    answers_with_errors(&[config, set, key, "1"], &[config, set, key, "0"]).await;
}

/// The crate keeps a connection whose login failed, and with it the failure.
#[tokio::test]
async fn wrong_password_put_right() {
    let server = RedisServer::start().await;
    let mut connection = server.connection().await;
    let mut set_password = async |password: &str| {
        let mut command = redis::cmd("CONFIG");
        command.arg(&["SET", "requirepass", password]);
        command.exec_async(&mut connection).await.unwrap();
    };
    set_password("other").await;
    let limiter = limiter(&server.url_with_password("ours"));
    assert_all_are_degraded(&limiter).await;
    set_password("ours").await;
    until_degraded(&limiter, false).await;
}
