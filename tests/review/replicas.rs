//! Two replicas on one PostgreSQL.

use std::collections::BTreeSet;

use moderato::grpc::proto::{
    CommentState, Decision, DecisionEventKind, ListHeldCommentsRequest, ResolveCommentsRequest,
};

use tonic::Code;
use tonic_types::StatusExt as _;

use super::daemon::{Daemon, soon};
use super::installation::{HOLDS, Site, hold, resolve_with, watch};
use super::moderators::{decide, everything, held, on, token, undo, with};
use super::postgres_server::PostgresServer;

/// Reads events from after `cursor` until every one of `names` is resolved. The last
/// cursor; they come without gaps.
async fn until_resolved(site: &mut Site, mut cursor: u64, names: &[String]) -> u64 {
    let mut open: BTreeSet<_> = names.iter().cloned().collect();
    let mut events = watch(site, cursor).await;
    while !open.is_empty() {
        let next = soon(events.message())
            .await
            .unwrap()
            .expect("the stream goes on");
        let Some(event) = next.event else { continue };
        assert_eq!(event.cursor, cursor + 1, "no gap, none twice");
        cursor = event.cursor;
        if event.kind() == DecisionEventKind::Resolved {
            assert_eq!(event.state(), CommentState::Approved);
            open.remove(&event.comment);
        }
    }
    cursor
}

#[tokio::test]
async fn what_one_decides_the_other_tells_also_after_a_kill() {
    let server = PostgresServer::start().await;
    let url = server.database("moderato").await;
    let variables = [
        ("MODERATO_DATABASE_URL", url.as_str()),
        ("MODERATO_HASH_KEY", &"ab".repeat(32)),
    ];
    let one = Daemon::start_with(HOLDS, &variables).await;
    let mut other = Daemon::start_with(HOLDS, &variables).await;
    let mut names = Vec::new();
    for number in 0..6 {
        let text = format!("The road past school number {number} was mended");
        names.push(hold(&mut one.client().await, &text, &format!("s-{number}")).await);
    }
    // One decides, the other tells.
    let (first, rest) = names.split_at(3);
    let mut watching = other.client().await;
    resolve_with(&one, &first[..1], Decision::Approve, &variables);
    let cursor = until_resolved(&mut watching, 0, &first[..1]).await;
    resolve_with(&one, &first[1..], Decision::Approve, &variables);
    let cursor = until_resolved(&mut watching, cursor, &first[1..]).await;
    // Whoever watched goes on by the one that is left.
    other.signal("KILL");
    other.ended().await;
    resolve_with(&one, rest, Decision::Approve, &variables);
    until_resolved(&mut one.client().await, cursor, rest).await;
}

#[tokio::test]
async fn moderators_on_two_replicas_work_on_one_queue() {
    let server = PostgresServer::start().await;
    let url = server.database("moderato").await;
    let variables = [
        ("MODERATO_DATABASE_URL", url.as_str()),
        ("MODERATO_HASH_KEY", &"ab".repeat(32)),
    ];
    let one = Daemon::start_with(HOLDS, &variables).await;
    let other = Daemon::start_with(HOLDS, &variables).await;
    let mut site = one.client().await;
    let mut names = Vec::new();
    for number in 0..6 {
        let text = format!("Number {number}: the road past school {number} was mended");
        names.push(hold(&mut site, &text, &format!("s-{number}")).await);
    }
    let ayeshas = token(&one, "ayesha", "moderator", &variables);
    let mut ayesha = with(&one, &ayeshas).await;
    let mut ayesha_elsewhere = with(&other, &ayeshas).await;
    let mut bilal = with(&other, &token(&other, "bilal", "moderator", &variables)).await;
    // A page that one began the other ends.
    let first = ListHeldCommentsRequest {
        page_size: 2,
        ..everything()
    };
    let page = ayesha.list_held_comments(first).await.unwrap().into_inner();
    let rest = ListHeldCommentsRequest {
        page_token: page.next_page_token,
        ..everything()
    };
    assert_eq!(held(&mut ayesha_elsewhere, rest).await, names[2..]);
    // Of two at once one decides.
    for name in &names[..4] {
        let (here, there) = tokio::join!(
            decide(&mut ayesha, on(&[name], Decision::Approve)),
            decide(&mut bilal, on(&[name], Decision::Reject)),
        );
        let (won, lost) = match (&here[0], &there[0]) {
            (Ok(_), Err(lost)) => ("ayesha", lost),
            (Err(lost), Ok(_)) => ("bilal", lost),
            both => panic!("{both:?}"),
        };
        assert_eq!(lost.reason, "ALREADY_RESOLVED");
        assert_eq!(lost.by.as_deref(), Some(won));
    }
    // What one decides here they take back there; many are decided on both ways round.
    decide(&mut ayesha, on(&[&names[4]], Decision::Reject)).await[0]
        .as_ref()
        .unwrap();
    assert_eq!(
        undo(&mut ayesha_elsewhere, &names[4]).await.unwrap(),
        Decision::Hold
    );
    let (forth, back) = tokio::join!(
        decide(&mut ayesha, on(&[&names[4], &names[5]], Decision::Approve)),
        decide(
            &mut bilal,
            ResolveCommentsRequest {
                note: "no".into(),
                ..on(&[&names[5], &names[4]], Decision::Reject)
            }
        ),
    );
    let decided = forth.iter().chain(&back).filter(|outcome| outcome.is_ok());
    assert_eq!(decided.count(), 2);
    assert!(held(&mut bilal, everything()).await.is_empty());
}

#[tokio::test]
async fn without_the_database_moderators_are_told_when_to_come_back() {
    let mut server = PostgresServer::start().await;
    let url = server.database("moderato").await;
    let variables = [
        ("MODERATO_DATABASE_URL", url.as_str()),
        ("MODERATO_HASH_KEY", &"ab".repeat(32)),
    ];
    let daemon = Daemon::start_with(HOLDS, &variables).await;
    let mut ayesha = with(&daemon, &token(&daemon, "ayesha", "moderator", &variables)).await;
    assert!(held(&mut ayesha, everything()).await.is_empty());
    server.kill();
    let refused = ayesha.list_held_comments(everything()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable, "{refused}");
    let retry = refused.get_details_retry_info().expect("a RetryInfo");
    assert!(retry.retry_delay.is_some());
    server.restart().await;
    // It comes back by itself.
    soon(async {
        while ayesha.list_held_comments(everything()).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
