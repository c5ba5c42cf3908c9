//! Two replicas on one PostgreSQL.

use std::collections::BTreeSet;

use moderato::grpc::proto::{CommentState, Decision, DecisionEventKind};

use super::daemon::{Daemon, soon};
use super::installation::{HOLDS, Site, hold, resolve_with, watch};
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
