//! What cannot be meant: a clear error that names the field, and nothing changed.

use moderato::grpc::proto::{
    CheckCommentRequest, Complaint, Decision, GetCommentRequest, Page, ReportCommentRequest,
    Reporter, Submission, Verdict, WatchDecisionsRequest, get_comment_request,
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::daemon::Daemon;
use super::installation::{HOLDS, Site, comment, hold, run};

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

async fn check(site: &mut Site, submission: Submission) -> Verdict {
    let submission = Some(submission);
    let answer = site.check_comment(CheckCommentRequest { submission }).await;
    answer.unwrap().into_inner().verdict.unwrap()
}

#[tokio::test]
async fn a_megabyte_is_kept_in_no_field() {
    let daemon = Daemon::start(HOLDS).await;
    let mut site = daemon.client().await;
    // As much as a message takes beside the rest.
    let long = || "x".repeat(1_000_000);
    // What a reader typed is refused.
    let typed = comment("The road was mended", "");
    for (field, submission) in [
        (
            "name",
            Submission {
                name: long(),
                ..typed.clone()
            },
        ),
        (
            "email",
            Submission {
                email: format!("a@{}.org", long()),
                ..typed.clone()
            },
        ),
        (
            "text",
            Submission {
                text: format!("{} holdme", long()),
                ..typed.clone()
            },
        ),
        (
            "url",
            Submission {
                url: format!("https://{}.org", long()),
                ..typed.clone()
            },
        ),
    ] {
        let verdict = check(&mut site, submission).await;
        assert_eq!(verdict.decision(), Decision::Reject, "{field}");
        assert!(
            verdict.reasons.iter().any(|reason| reason.field == field),
            "{field}"
        );
    }
    // What the site adds is cut off or left out.
    let page = Page {
        id: long(),
        ..Page::default()
    };
    let address = Page {
        url: long(),
        ..Page::default()
    };
    let title = Page {
        title: long(),
        ..Page::default()
    };
    let supplied = [
        Submission {
            page: Some(page),
            ..typed.clone()
        },
        Submission {
            page: Some(address),
            ..typed.clone()
        },
        Submission {
            page: Some(title),
            ..typed.clone()
        },
        Submission {
            user_agent: long(),
            ..typed.clone()
        },
        Submission {
            locale: long(),
            ..typed.clone()
        },
        Submission {
            ip_address: long(),
            ..typed
        },
    ];
    let count = supplied.len();
    for submission in supplied {
        let verdict = check(&mut site, submission).await;
        assert_eq!(verdict.decision(), Decision::Hold);
        assert!(
            verdict
                .reasons
                .iter()
                .any(|reason| reason.code == "FIELD_IGNORED")
        );
    }
    let (_, held, _) = run(&daemon, &["review", "list", "--json"]);
    assert_eq!(held.lines().count(), count);
    let names = held.lines().map(|line| {
        let held: serde_json::Value = serde_json::from_str(line).unwrap();
        held["name"].as_str().unwrap().to_owned()
    });
    for name in names {
        let (_, shown, _) = run(&daemon, &["review", "show", &name, "--json"]);
        assert!(shown.len() < 10_000, "{} bytes are kept", shown.len());
    }
}
