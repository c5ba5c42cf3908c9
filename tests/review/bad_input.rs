//! What cannot be meant: a clear error that names the field, and nothing changed.

use moderato::grpc::proto::{
    Complaint, GetCommentRequest, ReportCommentRequest, Reporter, WatchDecisionsRequest,
    get_comment_request,
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::daemon::Daemon;
use super::installation::{HOLDS, hold};

const UNKNOWN: &str = "sites/default/comments/0192f0c10000700080000000000000ff";

/// The field a refusal names; it is short whatever was sent.
fn field(refused: &Status) -> String {
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
    assert!(refused.message().len() < 300, "{}", refused.message().len());
    let bad = refused.get_details_bad_request().expect("a BadRequest");
    bad.field_violations[0].field.clone()
}

#[tokio::test]
async fn a_site_is_told_what_it_got_wrong() {
    let daemon = Daemon::start(HOLDS).await;
    let mut site = daemon.client().await;
    let name = hold(&mut site, "The road was mended", "s-1").await;
    let get = |comment| GetCommentRequest { comment };
    let long = "x".repeat(1 << 20);
    let named = get_comment_request::Comment::Name;
    for (expected, comment) in [
        ("name", None),
        ("name", Some(named(long.clone()))),
        (
            "submission_id",
            Some(get_comment_request::Comment::SubmissionId(long.clone())),
        ),
    ] {
        let refused = site.get_comment(get(comment)).await.unwrap_err();
        assert_eq!(field(&refused), expected, "{refused}");
    }
    let elsewhere = name.replace("default", "other");
    for unknown in [UNKNOWN, &elsewhere] {
        let refused = site
            .get_comment(get(Some(named(unknown.into()))))
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
    }
    let report = ReportCommentRequest {
        name: name.clone(),
        complaint: Complaint::Spam.into(),
        reporter: Reporter::Reader.into(),
        note: String::new(),
    };
    for (expected, request) in [
        (
            "complaint",
            ReportCommentRequest {
                complaint: 0,
                ..report.clone()
            },
        ),
        (
            "reporter",
            ReportCommentRequest {
                reporter: 99,
                ..report.clone()
            },
        ),
        (
            "note",
            ReportCommentRequest {
                note: long.clone(),
                ..report.clone()
            },
        ),
        (
            "name",
            ReportCommentRequest {
                name: long.clone(),
                ..report.clone()
            },
        ),
    ] {
        let refused = site.report_comment(request).await.unwrap_err();
        assert_eq!(field(&refused), expected, "{refused}");
    }
    let ahead = WatchDecisionsRequest { cursor: 1_000 };
    let refused = site.watch_decisions(ahead).await.unwrap_err();
    assert_eq!(refused.code(), Code::OutOfRange);
    let bad = refused.get_details_bad_request().unwrap();
    assert_eq!(bad.field_violations[0].field, "cursor");
}
