//! What a site learns of its comments.

use moderato::grpc::auth::KeyHash;
use moderato::grpc::proto::{
    CommentState, Complaint, DecidedBy, Decision, DecisionEventKind, GetCommentRequest,
    RejectReason, ReportCommentRequest, Reporter, get_comment_request,
};
use tonic::{Code, Request};
use tonic_types::StatusExt as _;

use super::daemon::{Daemon, soon};
use super::installation::{HOLDS, Site, hold, resolve, run, told, watch};

fn by_submission(id: &str) -> GetCommentRequest {
    GetCommentRequest {
        comment: Some(get_comment_request::Comment::SubmissionId(id.to_owned())),
    }
}

async fn state(site: &mut Site, submission_id: &str) -> CommentState {
    let answer = site
        .get_comment(by_submission(submission_id))
        .await
        .unwrap();
    answer.into_inner().comment.unwrap().state()
}

#[tokio::test]
async fn it_hears_what_a_moderator_decides_and_not_who() {
    let daemon = Daemon::start(HOLDS).await;
    let mut site = daemon.client().await;
    let name = hold(&mut site, "The road was mended", "s-1").await;
    let mut events = watch(&mut site, 0).await;
    assert_eq!(state(&mut site, "s-1").await, CommentState::Held);
    resolve(&daemon, std::slice::from_ref(&name), Decision::Reject);
    let mut event = told(&mut events, &name).await;
    while event.kind() == DecisionEventKind::Held {
        event = told(&mut events, &name).await;
    }
    assert_eq!(event.kind(), DecisionEventKind::Resolved);
    assert_eq!(event.state(), CommentState::Rejected);
    assert_eq!(event.reject_reason(), RejectReason::Spam);
    assert_eq!(event.submission_id, "s-1");
    let comment = site
        .get_comment(by_submission("s-1"))
        .await
        .unwrap()
        .into_inner()
        .comment;
    let last = comment.unwrap().last_decision.unwrap();
    assert_eq!(last.decided_by(), DecidedBy::Moderator);
}

#[tokio::test]
async fn what_it_reports_is_queued_again() {
    let daemon = Daemon::start(HOLDS).await;
    let mut site = daemon.client().await;
    let name = hold(&mut site, "The road was mended", "s-1").await;
    resolve(&daemon, std::slice::from_ref(&name), Decision::Approve);
    let report = |complaint: Complaint| ReportCommentRequest {
        name: name.clone(),
        complaint: complaint.into(),
        reporter: Reporter::Reader.into(),
        note: "It is an insult".to_owned(),
    };
    let misfit = site
        .report_comment(report(Complaint::WronglyRejected))
        .await
        .unwrap_err();
    assert_eq!(misfit.code(), Code::FailedPrecondition);
    assert_eq!(
        misfit.get_details_error_info().unwrap().reason,
        "NOT_REPORTABLE"
    );
    for _ in 0..2 {
        let answer = site.report_comment(report(Complaint::Toxic)).await.unwrap();
        assert_eq!(
            answer.into_inner().comment.unwrap().state(),
            CommentState::Held
        );
    }
    let (_, held, _) = run(&daemon, &["review", "list", "--json"]);
    let held: serde_json::Value = serde_json::from_str(held.trim()).unwrap();
    assert_eq!(
        (&held["name"], &held["reports"]),
        (&name.as_str().into(), &1.into())
    );
}

#[tokio::test]
async fn each_site_sees_its_own_comments_only() {
    let keys = format!(
        "{HOLDS}[sites.times]\nkeys = [\"{}\"]\n[sites.post]\nkeys = [\"{}\"]\n",
        KeyHash::of("times-key"),
        KeyHash::of("post-key"),
    );
    let daemon = Daemon::start(&keys).await;
    let mut client = daemon.client().await;
    let with = |message: GetCommentRequest, key: &str| {
        let mut request = Request::new(message);
        let bearer = format!("Bearer {key}").parse().unwrap();
        request.metadata_mut().insert("authorization", bearer);
        request
    };
    let mut check = Request::new(moderato::grpc::proto::CheckCommentRequest {
        submission: Some(super::installation::comment("The road was mended", "s-1")),
    });
    check
        .metadata_mut()
        .insert("authorization", "Bearer times-key".parse().unwrap());
    let verdict = client
        .check_comment(check)
        .await
        .unwrap()
        .into_inner()
        .verdict
        .unwrap();
    let named = GetCommentRequest {
        comment: Some(get_comment_request::Comment::Name(verdict.comment.clone())),
    };
    assert!(
        client
            .get_comment(with(named.clone(), "times-key"))
            .await
            .is_ok()
    );
    for asked in [named, by_submission("s-1")] {
        let refused = client
            .get_comment(with(asked, "post-key"))
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
    }
}

#[tokio::test]
async fn who_watches_is_sent_elsewhere_when_the_server_stops() {
    let mut daemon = Daemon::start(HOLDS).await;
    let mut events = watch(&mut daemon.client().await, 0).await;
    daemon.signal("TERM");
    let ended = loop {
        match soon(events.message()).await {
            Ok(Some(_)) => {}
            ended => break ended.unwrap_err(),
        }
    };
    assert_eq!(ended.code(), Code::Unavailable);
    assert!(daemon.ended().await.success());
}
