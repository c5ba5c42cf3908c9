//! A PostgreSQL that is there and does not do what it is asked.

use super::daemon::{Daemon, soon};
use super::outage::{all_is_well, assert_unavailable, nothing_is_kept, until_refused};
use super::postgres_server::PostgresServer;
use super::small_disk::SmallDisk;
use super::{HOLDS, check, comment};

/// Calls at once: several times as many as there are connections.
const CALLS: usize = 60;

#[tokio::test]
async fn connections_that_are_all_taken_hold_up_nobody_for_ever() {
    let postgres = PostgresServer::start().await;
    let url = postgres.database("moderato").await;
    let daemon = Daemon::start_with(HOLDS, &[("MODERATO_DATABASE_URL", &url)]).await;
    let mut client = daemon.client().await;
    all_is_well(&daemon, &mut client).await;

    // Whoever reads or writes comments now waits, each with a connection.
    let mut other = postgres.connect("moderato").await.unwrap();
    for statement in [
        "BEGIN",
        "LOCK TABLE comments, submissions IN ACCESS EXCLUSIVE MODE",
    ] {
        sqlx::raw_sql(statement).execute(&mut other).await.unwrap();
    }
    let calls = (0..CALLS).map(|number| {
        let mut client = client.clone();
        // Those with an id read before they write.
        let submission_id = ["", "s-"][number % 2].repeat(number);
        async move { check(&mut client, comment(true, &submission_id)).await }
    });
    for answer in soon(futures::future::join_all(calls)).await {
        assert_unavailable(&answer.unwrap_err());
    }
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    all_is_well(&daemon, &mut client).await;
}

#[tokio::test]
async fn an_outage_shows_and_ends_without_a_comment() {
    let mut postgres = PostgresServer::start().await;
    let url = postgres.database("moderato").await;
    let mut daemon = Daemon::start_with(HOLDS, &[("MODERATO_DATABASE_URL", &url)]).await;
    daemon.measures("moderato_store_up", 1).await;
    postgres.kill();
    daemon.measures("moderato_store_up", 0).await;
    daemon.logged("comments cannot be kept").await;
    // It still takes calls: much can be answered without its store.
    assert!(daemon.get("/readyz").await.starts_with("HTTP/1.1 200"));
    postgres.restart().await;
    daemon.measures("moderato_store_up", 1).await;
    daemon.logged("the store takes comments again").await;
}

/// Room for an empty cluster and the log it writes ahead.
const CLUSTER_MEGABYTES: u32 = 160;

#[tokio::test]
async fn a_full_disk_of_postgres_acknowledges_nothing() {
    let Some(disk) = SmallDisk::mount(CLUSTER_MEGABYTES) else {
        eprintln!("skipped: mounting a small disk takes root");
        return;
    };
    let postgres = PostgresServer::start_in(disk.path()).await;
    let url = postgres.database("moderato").await;
    let daemon = Daemon::start_with(HOLDS, &[("MODERATO_DATABASE_URL", &url)]).await;
    let mut client = daemon.client().await;
    all_is_well(&daemon, &mut client).await;

    let ballast = disk.fill();
    assert_unavailable(&until_refused(&mut client).await);
    nothing_is_kept(&mut client).await;
    std::fs::remove_file(&ballast).unwrap();
    all_is_well(&daemon, &mut client).await;
}
