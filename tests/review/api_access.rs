//! Who is let in, to what, and how often who is not may try.

use moderato::grpc::auth::KeyHash;
use moderato::grpc::proto::{
    CheckCommentRequest, Decision, GetHeldCommentRequest, ListHeldCommentsRequest,
    ResolveCommentsRequest,
};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use super::daemon::Daemon;
use super::installation::{HOLDS, comment, hold, run};
use super::moderators::{Moderator, decide, everything, held, moderator, on, reason, token, with};

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
    let request = ListHeldCommentsRequest {
        parent: parent.into(),
        ..everything()
    };
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
