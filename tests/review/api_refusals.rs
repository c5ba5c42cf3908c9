//! What moderators cannot ask: clear errors that name the field, the comment or the role.

use moderato::grpc::auth::KeyHash;
use moderato::grpc::proto::{
    AddNoteRequest, CheckCommentRequest, ClaimCommentsRequest, Decision, GetHeldCommentRequest,
    HeldCommentFilter, HeldCommentOrder, ListDecisionsRequest, ListHeldCommentsRequest,
    ListWavesRequest, RejectReason, ResolveCommentsRequest,
};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use super::daemon::Daemon;
use super::installation::{HOLDS, comment, hold, run};
use super::moderators::{Moderator, decide, everything, held, moderator, on, reason, token, with};

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

#[tokio::test]
async fn who_is_limited_to_a_site_sees_no_other() {
    let site = |name| format!("[sites.{name}]\nkeys = [\"{}\"]\n", KeyHash::of(name));
    let config = format!("{HOLDS}{}{}", site("daily"), site("weekly"));
    let daemon = Daemon::start(&config).await;
    let mut names = Vec::new();
    for site in ["daily", "weekly"] {
        let mut check = Request::new(CheckCommentRequest {
            submission: Some(comment("The road was mended", "s-1")),
        });
        let bearer = format!("Bearer {site}").parse().unwrap();
        check.metadata_mut().insert("authorization", bearer);
        let answer = daemon.client().await.check_comment(check).await.unwrap();
        names.push(answer.into_inner().verdict.unwrap().comment);
    }
    let [daily, weekly] = &names[..] else {
        unreachable!()
    };
    let mut ayesha = moderator(&daemon, "ayesha").await;
    assert_eq!(held(&mut ayesha, everything()).await.len(), 2);
    let (code, _, complained) = run(&daemon, &["moderators", "sites", "ayesha", "daily"]);
    assert_eq!((code, &*complained), (Some(0), ""));
    let (_, list, _) = run(&daemon, &["moderators", "list", "--json"]);
    assert!(list.contains("\"sites\":[\"daily\"]"), "{list}");

    assert_eq!(held(&mut ayesha, everything()).await, [&**daily]);
    let other = list_of(&mut ayesha, "sites/weekly").await.unwrap_err();
    assert_eq!(other.code(), Code::PermissionDenied);
    assert_eq!(reason(&other), "SITE_NOT_ALLOWED");
    let get = GetHeldCommentRequest {
        name: weekly.clone(),
    };
    let missing = ayesha.get_held_comment(get).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    let outcomes = decide(&mut ayesha, on(&[weekly, daily], Decision::Approve)).await;
    assert_eq!(
        outcomes[0].as_ref().unwrap_err().reason,
        "COMMENT_NOT_FOUND"
    );
    assert_eq!(outcomes[1].as_ref().unwrap(), &Decision::Approve);

    let (code, _, _) = run(&daemon, &["moderators", "sites", "ayesha", "--all"]);
    assert_eq!(code, Some(0));
    assert_eq!(held(&mut ayesha, everything()).await, [&**weekly]);
    let (code, _, complained) = run(&daemon, &["moderators", "sites", "ayesha", "wekly"]);
    assert_eq!(code, Some(0));
    assert!(complained.contains("no site wekly"), "{complained}");
}

async fn list_of(who: &mut Moderator, parent: &str) -> Result<(), Status> {
    let request = list(|list| list.parent = parent.into());
    who.list_held_comments(request).await.map(drop)
}

/// How a call with this token is refused.
async fn listing(daemon: &Daemon, token: &str) -> Status {
    let mut caller: Moderator = with(daemon, token).await;
    caller.list_held_comments(everything()).await.unwrap_err()
}

#[tokio::test]
async fn a_token_opens_the_review_and_a_key_the_sites_service() {
    let keys = format!(
        "{HOLDS}[sites.times]\nkeys = [\"{}\"]\n",
        KeyHash::of("times-key")
    );
    let daemon = Daemon::start(&keys).await;
    let token = token(&daemon, "ayesha", "moderator", &[]);
    let refused = listing(&daemon, "times-key").await;
    assert_eq!(
        (refused.code(), &*reason(&refused)),
        (Code::PermissionDenied, "SITE_KEY")
    );
    assert!(
        refused.message().contains("moderato moderators token"),
        "{refused}"
    );
    let refused = listing(&daemon, "nobody's").await;
    assert_eq!(
        (refused.code(), &*reason(&refused)),
        (Code::Unauthenticated, "TOKEN_UNKNOWN")
    );
    let mut anonymous = moderato::grpc::proto::review_service_client::ReviewServiceClient::new(
        daemon.channel().await,
    );
    let refused = anonymous
        .list_held_comments(everything())
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code(), &*reason(&refused)),
        (Code::Unauthenticated, "TOKEN_MISSING")
    );

    let mut check = Request::new(CheckCommentRequest {
        submission: Some(comment("The road was mended", "s-1")),
    });
    let bearer = format!("Bearer {token}").parse().unwrap();
    check.metadata_mut().insert("authorization", bearer);
    let refused = daemon
        .client()
        .await
        .check_comment(check)
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code(), &*reason(&refused)),
        (Code::PermissionDenied, "MODERATOR_TOKEN")
    );

    // Whoever is let in no more is let in no more at once.
    let mut ayesha = with(&daemon, &token).await;
    ayesha.list_held_comments(everything()).await.unwrap();
    let (code, _, complained) = run(&daemon, &["moderators", "disable", "ayesha"]);
    assert_eq!(code, Some(0), "{complained}");
    let refused = ayesha.list_held_comments(everything()).await.unwrap_err();
    assert_eq!(reason(&refused), "TOKEN_UNKNOWN");
}

#[tokio::test]
async fn guessing_tokens_ends_soon_and_locks_nobody_out_who_works() {
    let daemon = Daemon::start(HOLDS).await;
    let mut ayesha = moderator(&daemon, "ayesha").await;
    ayesha.list_held_comments(everything()).await.unwrap();
    let mut guesses = 0;
    let refused = loop {
        let refused = listing(&daemon, &format!("guess-{guesses}")).await;
        guesses += 1;
        if refused.code() != Code::Unauthenticated || guesses > 100 {
            break refused;
        }
    };
    assert!(guesses <= 30, "{guesses}");
    assert_eq!(
        (refused.code(), &*reason(&refused)),
        (Code::ResourceExhausted, "TOO_MANY_ATTEMPTS")
    );
    let wait = refused
        .get_details_retry_info()
        .unwrap()
        .retry_delay
        .unwrap();
    assert!(wait.as_secs() <= 10 && !wait.is_zero(), "{wait:?}");
    ayesha.list_held_comments(everything()).await.unwrap();
}

#[tokio::test]
async fn nothing_that_is_reviewed_reaches_the_log() {
    let daemon = Daemon::start_with(HOLDS, &[("MODERATO_LOG", "debug")]).await;
    let mut site = daemon.client().await;
    let name = hold(&mut site, "A sentence that is nobody's business", "s-1").await;
    let token = token(&daemon, "ayesha", "moderator", &[]);
    let mut ayesha = with(&daemon, &token).await;
    let noted = ResolveCommentsRequest {
        note: "a note that is nobody's business".into(),
        ..on(&[&name], Decision::Reject)
    };
    decide(&mut ayesha, noted).await[0].as_ref().unwrap();
    let written = daemon.written();
    for private in ["nobody's business", "bilal@example.org", &token] {
        assert!(!written.contains(private), "{private}");
    }
}
