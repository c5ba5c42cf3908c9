//! A server that stops and starts again.

use tonic::Code;

use super::daemon::Daemon;
use super::tables::Tables;
use super::{HOLDS, check, comment};

#[tokio::test]
async fn a_submission_id_outlives_the_process() {
    let mut daemon = Daemon::start(HOLDS).await;
    let mut client = daemon.client().await;
    let mut before = Vec::new();
    for (id, held) in [("held", true), ("approved", false)] {
        before.push(check(&mut client, comment(held, id)).await.unwrap());
    }
    let mut fault = comment(true, "fault");
    fault.name.clear();
    before.push(check(&mut client, fault.clone()).await.unwrap());
    daemon.signal("KILL");
    daemon.ended().await;

    let daemon = Daemon::start_in(daemon.folder(), &[]).await;
    let mut client = daemon.client().await;
    let mut after = Vec::new();
    for (id, held) in [("held", true), ("approved", false)] {
        after.push(check(&mut client, comment(held, id)).await.unwrap());
    }
    after.push(check(&mut client, fault).await.unwrap());
    assert_eq!(after, before);

    let refused = check(&mut client, comment(false, "held"))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::AlreadyExists);
}

#[tokio::test]
async fn an_orderly_end_writes_what_nobody_waited_for() {
    let mut daemon = Daemon::start(HOLDS).await;
    let mut client = daemon.client().await;
    for _ in 0..50 {
        check(&mut client, comment(false, "")).await.unwrap();
    }
    daemon.signal("TERM");
    drop(client);
    assert!(daemon.ended().await.success());

    let file = daemon.folder().path().join("moderato-data/moderato.sqlite");
    let mut tables = Tables::open(&format!("sqlite://{}", file.display())).await;
    let kept = tables
        .count("SELECT COUNT(*) FROM comments WHERE status = 'approved'")
        .await;
    assert_eq!(kept, 50);
}
