//! Two replicas on one PostgreSQL, under load.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::candidates::rows;
use super::daemon::{Daemon, moderato};
use super::postgres_server::PostgresServer;
use super::promotion::{LAX, OPEN, Site, check, until_judged_by};

pub type Variables<'a> = [(&'a str, &'a str)];

pub fn run(daemon: &Daemon, variables: &Variables<'_>, arguments: &[&str]) -> serde_json::Value {
    let output = moderato(daemon.folder().path())
        .args(arguments)
        .arg("--json")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {complained}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Calls without a pause until told to stop.
pub async fn load(
    mut site: Site,
    stop: Arc<AtomicBool>,
    calls: Arc<AtomicU64>,
    failed: Arc<AtomicU64>,
) {
    while !stop.load(Ordering::Relaxed) {
        let answer = check(&mut site, "The road past the school was mended last week").await;
        let count = if answer.is_ok() { &calls } else { &failed };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// How long it takes from the promotion's return until both judge by `model`.
async fn seen_by_both(sites: &mut [Site; 2], model: &str) -> Duration {
    let promoted = Instant::now();
    let [one, other] = sites;
    futures::join!(until_judged_by(one, model), until_judged_by(other, model));
    promoted.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_follow_a_promotion_under_load_without_a_failed_call_also_after_a_kill() {
    let server = PostgresServer::start().await;
    let url = server.database("moderato").await;
    let secret = "ab".repeat(32);
    let variables = [
        ("MODERATO_DATABASE_URL", url.as_str()),
        ("MODERATO_HASH_KEY", secret.as_str()),
    ];
    let one = Daemon::start_with(&format!("{OPEN}{LAX}"), &variables).await;
    let mut other = Daemon::start_with(&format!("{OPEN}{LAX}"), &variables).await;
    std::fs::write(one.folder().path().join("rows.jsonl"), rows(0, 40)).unwrap();
    // Labels made beside the one, training beside the other.
    run(&one, &variables, &["labels", "import", "rows.jsonl"]);
    let trained = run(&other, &variables, &["train", "--from-labels"]);
    let model = trained["model"].as_str().unwrap();
    let base = trained["base"].as_str().unwrap();

    let stop = Arc::new(AtomicBool::new(false));
    let (calls, failed) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let mut loads = Vec::new();
    for daemon in [&one, &other] {
        let site = daemon.client().await;
        let stop = Arc::clone(&stop);
        loads.push(tokio::spawn(load(
            site,
            stop,
            Arc::clone(&calls),
            Arc::clone(&failed),
        )));
    }
    let mut sites = [one.client().await, other.client().await];
    for round in 0..3 {
        run(&one, &variables, &["models", "promote", model]);
        let promoted = seen_by_both(&mut sites, model).await;
        run(&other, &variables, &["models", "rollback"]);
        let back = seen_by_both(&mut sites, base).await;
        eprintln!("round {round}: promotion {promoted:?}, rollback {back:?}");
    }
    stop.store(true, Ordering::Relaxed);
    for load in loads {
        load.await.unwrap();
    }
    let (calls, failed) = (
        calls.load(Ordering::Relaxed),
        failed.load(Ordering::Relaxed),
    );
    eprintln!("{calls} calls, {failed} failed");
    assert_eq!(failed, 0, "of {calls}");
    assert!(calls > 100, "{calls} calls are no load");

    // One is killed while it is promoted; started again, it serves what is live.
    let folder = other.folder();
    other.signal("KILL");
    run(&one, &variables, &["models", "promote", model]);
    other.ended().await;
    until_judged_by(&mut sites[0], model).await;
    let again = Daemon::start_in(folder, &variables).await;
    let verdict = check(&mut again.client().await, "The veeam offer")
        .await
        .unwrap();
    assert_eq!(verdict.model, model);
}
