//! What moderators cannot ask: clear errors that name the field or the comment.

use moderato::grpc::proto::{
    AddNoteRequest, ClaimCommentsRequest, Decision, GetHeldCommentRequest, HeldCommentFilter,
    HeldCommentOrder, ListDecisionsRequest, ListHeldCommentsRequest, ListWavesRequest,
    RejectReason, ResolveCommentsRequest,
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::daemon::Daemon;
use super::installation::{HOLDS, hold};
use super::moderators::{decide, everything, held, moderator, on, reason};

const UNKNOWN: &str = "sites/default/comments/0192f0c10000700080000000000000ff";

/// The field a refusal names; it is short whatever was sent.
fn field(refused: &Status) -> String {
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
    assert!(refused.message().len() < 300, "{}", refused.message().len());
    let bad = refused.get_details_bad_request().expect("a BadRequest");
    bad.field_violations[0].field.clone()
}

fn long() -> String {
    "x".repeat(1 << 20)
}

/// A list of all that waits, with one thing changed.
fn list(change: impl FnOnce(&mut ListHeldCommentsRequest)) -> ListHeldCommentsRequest {
    let mut request = everything();
    change(&mut request);
    request
}

/// A list with one thing in its filter.
fn filtered(change: impl FnOnce(&mut HeldCommentFilter)) -> ListHeldCommentsRequest {
    list(|request| change(request.filter.get_or_insert_default()))
}

#[tokio::test]
async fn a_list_that_cannot_be_meant_names_the_field() {
    let daemon = Daemon::start(HOLDS).await;
    let mut ayesha = moderator(&daemon, "ayesha").await;
    let after_all = prost_types::Timestamp {
        seconds: i64::MAX,
        nanos: 0,
    };
    for (expected, request) in [
        ("parent", ListHeldCommentsRequest::default()),
        ("parent", list(|list| list.parent = long())),
        (
            "parent",
            list(|list| list.order = HeldCommentOrder::Wave.into()),
        ),
        ("order", list(|list| list.order = 99)),
        ("page_size", list(|list| list.page_size = -1)),
        (
            "page_token",
            list(|list| list.page_token = "nonsense".into()),
        ),
        ("page_token", list(|list| list.page_token = long())),
        (
            "filter.min_score",
            filtered(|filter| filter.min_score = Some(1.5)),
        ),
        (
            "filter.max_score",
            filtered(|filter| filter.max_score = Some(f64::NAN)),
        ),
        ("filter.head", filtered(|filter| filter.head = 7)),
        ("filter.author", filtered(|filter| filter.author = long())),
        (
            "filter.search",
            filtered(|filter| filter.search = "a".into()),
        ),
        ("filter.search", filtered(|filter| filter.search = long())),
        ("filter.page_id", filtered(|filter| filter.page_id = long())),
        ("filter.near", filtered(|filter| filter.near = long())),
        (
            "filter.reason_codes",
            filtered(|filter| filter.reason_codes.push(long())),
        ),
        (
            "filter.create_time_from",
            filtered(|filter| filter.create_time_from = Some(after_all)),
        ),
    ] {
        let refused = ayesha.list_held_comments(request).await.unwrap_err();
        assert_eq!(field(&refused), expected, "{refused}");
    }
    let waves = ListWavesRequest {
        parent: "sites/-".into(),
        ..ListWavesRequest::default()
    };
    assert_eq!(
        field(&ayesha.list_waves(waves).await.unwrap_err()),
        "parent"
    );
    let waves = ListWavesRequest {
        parent: "sites/default".into(),
        page_token: "nonsense".into(),
        ..ListWavesRequest::default()
    };
    let refused = ayesha.list_waves(waves).await.unwrap_err();
    assert_eq!(field(&refused), "page_token");
    let history = ListDecisionsRequest {
        parent: "sites/-".into(),
        moderator: long(),
        ..ListDecisionsRequest::default()
    };
    let refused = ayesha.list_decisions(history).await.unwrap_err();
    assert_eq!(field(&refused), "moderator");
}

#[tokio::test]
async fn a_decision_that_cannot_be_meant_names_the_field_and_changes_nothing() {
    let daemon = Daemon::start(HOLDS).await;
    let mut site = daemon.client().await;
    let name = &*hold(&mut site, "The road was mended", "s-1").await;
    let mut ayesha = moderator(&daemon, "ayesha").await;
    let reject = |change: &dyn Fn(&mut ResolveCommentsRequest)| {
        let mut request = on(&[name], Decision::Reject);
        change(&mut request);
        request
    };
    for (expected, request) in [
        ("names", on(&[], Decision::Approve)),
        ("names", on(&[name, name], Decision::Approve)),
        ("names", on(&[name; 1_001], Decision::Approve)),
        ("names[1]", on(&[name, &long()], Decision::Approve)),
        ("decision", on(&[name], Decision::Hold)),
        ("decision", on(&[name], Decision::Unspecified)),
        ("reject_reason", reject(&|asked| asked.reject_reason = 99)),
        (
            "reject_reason",
            reject(&|asked| {
                asked.decision = Decision::Approve.into();
                asked.reject_reason = RejectReason::Spam.into();
            }),
        ),
        ("note", reject(&|asked| asked.note = long())),
    ] {
        let refused = ayesha.resolve_comments(request).await.unwrap_err();
        assert_eq!(field(&refused), expected, "{refused}");
    }
    for (expected, name, text) in [
        ("name", &*long(), "a"),
        ("text", name, " "),
        ("text", name, &*long()),
    ] {
        let (name, text) = (name.to_owned(), text.to_owned());
        let refused = ayesha.add_note(AddNoteRequest { name, text }).await;
        let refused = refused.unwrap_err();
        assert_eq!(field(&refused), expected, "{refused}");
    }
    assert_eq!(held(&mut ayesha, everything()).await, [name]);
}

#[tokio::test]
async fn a_page_token_goes_with_its_own_query() {
    let daemon = Daemon::start(HOLDS).await;
    let mut site = daemon.client().await;
    for number in 0..3 {
        let text = format!("Number {number}: the road past school {number} was mended");
        hold(&mut site, &text, &format!("s-{number}")).await;
    }
    let mut ayesha = moderator(&daemon, "ayesha").await;
    let first = ListHeldCommentsRequest {
        page_size: 1,
        ..everything()
    };
    let page = ayesha.list_held_comments(first).await.unwrap().into_inner();
    let page_token = page.next_page_token;
    for other in [
        ListHeldCommentsRequest {
            order: HeldCommentOrder::Newest.into(),
            ..everything()
        },
        ListHeldCommentsRequest {
            parent: "sites/default".into(),
            ..everything()
        },
        ListHeldCommentsRequest {
            filter: Some(HeldCommentFilter {
                search: "road".into(),
                ..HeldCommentFilter::default()
            }),
            ..everything()
        },
    ] {
        let request = ListHeldCommentsRequest {
            page_token: page_token.clone(),
            ..other
        };
        let refused = ayesha.list_held_comments(request).await.unwrap_err();
        assert_eq!(field(&refused), "page_token");
        assert!(
            refused
                .message()
                .contains("another parent, filter or order"),
            "{refused}"
        );
    }
    let history = ListDecisionsRequest {
        parent: "sites/-".into(),
        page_token: page_token.clone(),
        ..ListDecisionsRequest::default()
    };
    assert_eq!(
        field(&ayesha.list_decisions(history).await.unwrap_err()),
        "page_token"
    );
    // Another size is no other query.
    let rest = ListHeldCommentsRequest {
        page_size: 10,
        page_token,
        ..everything()
    };
    assert_eq!(held(&mut ayesha, rest).await.len(), 2);
}

#[tokio::test]
async fn a_comment_that_is_not_there_is_named() {
    let daemon = Daemon::start(HOLDS).await;
    let mut site = daemon.client().await;
    let name = hold(&mut site, "The road was mended", "s-1").await;
    let elsewhere = name.replace("default", "other");
    let mut ayesha = moderator(&daemon, "ayesha").await;
    for unknown in [UNKNOWN, &elsewhere] {
        let get = GetHeldCommentRequest {
            name: unknown.into(),
        };
        let note = AddNoteRequest {
            name: unknown.into(),
            text: "a note".into(),
        };
        for refused in [
            ayesha.get_held_comment(get).await.unwrap_err(),
            ayesha.add_note(note).await.unwrap_err(),
        ] {
            assert_eq!(refused.code(), Code::NotFound);
            assert_eq!(reason(&refused), "COMMENT_NOT_FOUND");
            let resource = refused.get_details_resource_info().expect("a ResourceInfo");
            assert_eq!(resource.resource_name, unknown);
        }
        // Of many, it alone is not decided on.
        let outcomes = decide(
            &mut ayesha,
            on(
                &[unknown, UNKNOWN.replace("ff", "fe").as_str()],
                Decision::Approve,
            ),
        )
        .await;
        let refused = outcomes[0].as_ref().unwrap_err();
        assert_eq!(refused.reason, "COMMENT_NOT_FOUND");
        assert_eq!(refused.resource.as_deref(), Some(unknown));
        let names = vec![unknown.to_owned()];
        let claimed = ayesha
            .claim_comments(ClaimCommentsRequest { names })
            .await
            .unwrap();
        assert_eq!(claimed.into_inner().outcomes[0].name, unknown);
    }
    assert_eq!(
        decide(&mut ayesha, on(&[&name], Decision::Approve))
            .await
            .len(),
        1
    );
}
