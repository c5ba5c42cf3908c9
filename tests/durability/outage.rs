//! A store that goes away under a running server, or is full, and comes back.

use moderato::grpc::proto::{Decision, Verdict};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::daemon::{Daemon, soon};
use super::postgres_server::PostgresServer;
use super::small_disk::SmallDisk;
use super::{Client, HOLDS, check, comment};

/// What a call gets while what must be kept cannot be.
pub fn assert_unavailable(status: &Status) {
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    let info = status.get_details_error_info().expect("an ErrorInfo");
    assert_eq!(info.reason, "STORE_UNAVAILABLE");
    let retry = status.get_details_retry_info().expect("a RetryInfo");
    assert!(retry.retry_delay.is_some());
}

/// Asks until a hold is kept.
async fn until_held(client: &mut Client) -> Verdict {
    soon(async {
        loop {
            if let Ok(verdict) = check(client, comment(true, "")).await {
                return verdict;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

/// Holds fail and say so, approvals pass, and the metrics tell.
async fn nothing_is_acknowledged(daemon: &Daemon, client: &mut Client) {
    nothing_is_kept(client).await;
    let approved = check(client, comment(false, "")).await.unwrap();
    assert_eq!(approved.decision(), Decision::Approve);
    let page = daemon.get("/metrics").await;
    assert!(page.contains("moderato_store_up 0\n"), "{page}");
}

pub async fn all_is_well(daemon: &Daemon, client: &mut Client) {
    let verdict = until_held(client).await;
    assert_eq!(verdict.decision(), Decision::Hold);
    let verdict = check(client, comment(true, "kept")).await.unwrap();
    assert_eq!(verdict.decision(), Decision::Hold);
    let page = daemon.get("/metrics").await;
    assert!(page.contains("moderato_store_up 1\n"), "{page}");
}

#[tokio::test]
async fn a_postgres_that_dies_or_hangs_is_waited_for() {
    let mut postgres = PostgresServer::start().await;
    let url = postgres.database("moderato").await;
    let mut daemon = Daemon::start_with(HOLDS, &[("MODERATO_DATABASE_URL", &url)]).await;
    let mut client = daemon.client().await;
    all_is_well(&daemon, &mut client).await;

    postgres.kill();
    nothing_is_acknowledged(&daemon, &mut client).await;
    daemon.logged("comments cannot be kept").await;
    postgres.restart().await;
    all_is_well(&daemon, &mut client).await;
    daemon.logged("the store takes comments again").await;

    postgres.signal_all("STOP");
    nothing_is_acknowledged(&daemon, &mut client).await;
    postgres.signal_all("CONT");
    all_is_well(&daemon, &mut client).await;
}

#[tokio::test]
async fn a_server_starts_before_its_postgres() {
    let mut postgres = PostgresServer::start().await;
    let url = postgres.database("moderato").await;
    postgres.kill();
    let daemon = Daemon::start_with(HOLDS, &[("MODERATO_DATABASE_URL", &url)]).await;
    let mut client = daemon.client().await;
    nothing_is_acknowledged(&daemon, &mut client).await;
    postgres.restart().await;
    all_is_well(&daemon, &mut client).await;
}

/// A reader whose comment could not be kept is told to try again, and may.
#[tokio::test]
async fn what_could_not_be_kept_is_charged_to_no_quota() {
    let mut postgres = PostgresServer::start().await;
    let url = postgres.database("moderato").await;
    let config = HOLDS.replace("per_email = \"off\"", "per_email = \"2 per 365d\"");
    let daemon = Daemon::start_with(&config, &[("MODERATO_DATABASE_URL", &url)]).await;
    let mut client = daemon.client().await;
    assert!(check(&mut client, comment(true, "")).await.is_ok());
    postgres.kill();
    nothing_is_kept(&mut client).await;
    postgres.restart().await;
    let verdict = until_held(&mut client).await;
    assert_eq!(verdict.decision(), Decision::Hold, "{verdict:?}");
    let verdict = check(&mut client, comment(true, "")).await.unwrap();
    assert!(verdict.retry_after.is_some(), "two were kept: {verdict:?}");
}

pub async fn nothing_is_kept(client: &mut Client) {
    for id in ["", "asked-in-vain"] {
        let refused = check(client, comment(true, id)).await.unwrap_err();
        assert_unavailable(&refused);
    }
}

/// Asks until a hold is not kept.
pub async fn until_refused(client: &mut Client) -> Status {
    soon(async {
        loop {
            if let Err(refused) = check(client, comment(true, "")).await {
                return refused;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_full_disk_acknowledges_nothing_and_recovers_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(8) else {
        eprintln!("skipped: mounting a small disk takes root");
        return;
    };
    let data = disk.path().to_str().unwrap();
    let daemon = Daemon::start_with(HOLDS, &[("MODERATO_DATA_DIR", data)]).await;
    let mut client = daemon.client().await;
    all_is_well(&daemon, &mut client).await;

    let ballast = disk.fill();
    assert_unavailable(&until_refused(&mut client).await);
    nothing_is_acknowledged(&daemon, &mut client).await;

    std::fs::remove_file(&ballast).unwrap();
    all_is_well(&daemon, &mut client).await;
}
