//! `moderato review`, beside a running server.

use moderato::grpc::proto::{CommentState, GetCommentRequest, get_comment_request};

use super::daemon::Daemon;
use super::installation::{HOLDS, hold, run, told, watch};

#[tokio::test]
async fn the_queue_is_worked_through_and_the_site_is_told() {
    let daemon = Daemon::start(HOLDS).await;
    let mut site = daemon.client().await;
    let one = hold(&mut site, "The road \u{1b}[31mwas mended", "s-1").await;
    let two = hold(&mut site, "Why is the bridge closed", "s-2").await;
    let (code, listed, _) = run(&daemon, &["review", "list", "--json"]);
    assert_eq!(code, Some(0));
    let lines: Vec<serde_json::Value> = listed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        (&lines[0]["name"], &lines[1]["name"]),
        (&one.as_str().into(), &two.as_str().into())
    );
    assert_eq!(lines[0]["reasons"][0]["code"], "WORD_SUSPECT");
    let (_, shown, _) = run(&daemon, &["review", "show", &one]);
    assert!(
        shown.contains("WORD_SUSPECT") && !shown.contains('\u{1b}'),
        "{shown}"
    );

    let mut events = watch(&mut site, 0).await;
    let reject = [
        "review",
        "reject",
        &one,
        "--reason",
        "off_topic",
        "--note",
        "not here",
    ];
    let (code, said, complained) = run(&daemon, &reject);
    assert_eq!(code, Some(0), "{complained}");
    assert!(said.contains("reject"), "{said}");
    let mut event = told(&mut events, &one).await;
    while event.state() == CommentState::Held {
        event = told(&mut events, &one).await;
    }
    assert_eq!(event.state(), CommentState::Rejected);

    let (code, _, complained) = run(&daemon, &["review", "undo", &one]);
    assert_eq!(code, Some(0), "{complained}");
    let which = GetCommentRequest {
        comment: Some(get_comment_request::Comment::Name(one.clone())),
    };
    let comment = site
        .get_comment(which)
        .await
        .unwrap()
        .into_inner()
        .comment
        .unwrap();
    assert_eq!(comment.state(), CommentState::Held);
    let (code, _, complained) = run(&daemon, &["review", "undo", &one]);
    assert_eq!(code, Some(1));
    assert!(
        complained.contains("no person's decision to take back"),
        "{complained}"
    );
    let (code, _, complained) = run(&daemon, &["review", "approve", &one, &two]);
    assert_eq!(code, Some(0), "{complained}");
    let (_, history, _) = run(&daemon, &["review", "history", "--json"]);
    assert_eq!(history.lines().count(), 4);
    let (_, listed, _) = run(&daemon, &["review", "list"]);
    assert!(listed.is_empty(), "{listed}");
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_with_2() {
    let daemon = Daemon::start(HOLDS).await;
    let unknown = "sites/default/comments/0192f0c10000700080000000000000ff";
    for (arguments, told) in [
        (
            &["review", "show", "nonsense"][..],
            "expected the name of a comment",
        ),
        (&["review", "show", unknown], "no such comment"),
        (&["review", "approve", unknown], "no such comment"),
        (
            &["review", "reject", unknown, "--reason", "rude"],
            "expected spam, toxic",
        ),
        (
            &["review", "list", "--min-score", "2"],
            "filter.min_score: expected a score",
        ),
        (
            &["review", "list", "--sort", "best"],
            "expected oldest, newest, score or wave",
        ),
    ] {
        let (code, _, complained) = run(&daemon, arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {complained}");
        assert!(complained.contains(told), "{arguments:?}: {complained}");
    }
}
