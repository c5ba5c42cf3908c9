//! The end of a server: orderly if told once, at once if told twice.

use moderato::grpc::proto::CheckCommentsRequest;
use moderato::grpc::proto::check_comments_response::Outcome;
use tokio_stream::wrappers::ReceiverStream;

use super::civil;
use super::daemon::{Daemon, soon};

#[tokio::test]
async fn told_to_stop_it_finishes_the_calls_it_has() {
    let mut daemon = Daemon::start("").await;
    let mut client = daemon.client().await;
    let (send, requests) = tokio::sync::mpsc::channel(1);
    let item = || CheckCommentsRequest {
        submission: Some(civil()),
        enforce_limits: false,
    };
    send.send(item()).await.unwrap();
    let answers = client.check_comments(ReceiverStream::new(requests)).await;
    let mut answers = answers.unwrap().into_inner();
    soon(answers.message()).await.unwrap().expect("an answer");

    daemon.signal("TERM");
    daemon.logged("draining").await;
    let ready = daemon.get("/readyz").await;
    assert!(ready.starts_with("HTTP/1.1 503"), "{ready}");
    send.send(item()).await.unwrap();
    let answer = soon(answers.message())
        .await
        .unwrap()
        .expect("an answer while draining");
    let Some(Outcome::Verdict(verdict)) = answer.outcome else {
        panic!("expected a verdict, found {:?}", answer.outcome);
    };
    drop(send);
    assert_eq!(soon(answers.message()).await.unwrap(), None);
    assert_eq!(daemon.ended().await.code(), Some(0));
    daemon.submission(&verdict.comment).await;
}

#[tokio::test]
async fn told_twice_it_ends_at_once() {
    let mut daemon = Daemon::start("").await;
    let mut client = daemon.client().await;
    let answers = client.check_comments(tokio_stream::pending()).await;
    let _never_ending = answers.unwrap();
    daemon.signal("INT");
    daemon.logged("draining").await;
    daemon.signal("TERM");
    assert_eq!(daemon.ended().await.code(), Some(128 + 15));
}
