//! Claims, decisions, waves, undo and history, over gRPC.

use moderato::grpc::proto::{
    ClaimCommentsRequest, CommentLabel, Decision, HeldCommentFilter, HeldCommentOrder,
    ListDecisionsRequest, ListHeldCommentsRequest, ListWavesRequest, RejectReason,
    ReleaseCommentsRequest, ResolveCommentsRequest, claim_outcome, resolution_outcome,
};
use tonic::Code;

use super::daemon::Daemon;
use super::installation::{HOLDS, hold, run};
use super::moderators::{
    ALL, Moderator, decide, everything, get, held, moderator, on, only, refused, token, undo, with,
};

const SPAM: &str = "The casino by the river has a free bonus for you today";

async fn claim(who: &mut Moderator, name: &str) -> Result<String, (String, Option<String>)> {
    let names = vec![name.to_owned()];
    let answer = who.claim_comments(ClaimCommentsRequest { names }).await;
    let outcome = answer.unwrap().into_inner().outcomes.remove(0).outcome;
    match outcome.unwrap() {
        claim_outcome::Outcome::Claim(claim) => Ok(claim.moderator),
        claim_outcome::Outcome::Error(error) => {
            let refused = refused(&error);
            Err((refused.reason, refused.by))
        }
    }
}

#[tokio::test]
async fn of_two_at_once_one_decides_and_the_other_is_told_who_and_how() {
    let daemon = Daemon::start(HOLDS).await;
    let mut site = daemon.client().await;
    let mut ayesha = moderator(&daemon, "ayesha").await;
    let mut bilal = moderator(&daemon, "bilal").await;
    let mut wins = 0;
    for round in 0..8 {
        let text = format!("Number {round}: the road past the school was mended");
        let name = hold(&mut site, &text, &format!("s-{round}")).await;
        let (one, other) = tokio::join!(
            decide(&mut ayesha, on(&[&name], Decision::Approve)),
            decide(&mut bilal, on(&[&name], Decision::Reject)),
        );
        let (won, lost) = match (&one[0], &other[0]) {
            (Ok(Decision::Approve), Err(lost)) => (("ayesha", "approve"), lost),
            (Err(lost), Ok(Decision::Reject)) => (("bilal", "reject"), lost),
            both => panic!("{both:?}"),
        };
        wins += 1;
        assert_eq!(lost.reason, "ALREADY_RESOLVED");
        assert_eq!(lost.code, i32::from(Code::FailedPrecondition));
        assert_eq!(lost.by.as_deref(), Some(won.0));
        assert_eq!(lost.decision.as_deref(), Some(won.1));
    }
    assert_eq!(wins, 8);
    assert!(held(&mut ayesha, everything()).await.is_empty());
}

#[tokio::test]
async fn what_is_claimed_is_anothers_until_it_is_released_or_decided() {
    let daemon = Daemon::start(HOLDS).await;
    let mut site = daemon.client().await;
    let name = hold(&mut site, "The road was mended", "s-1").await;
    let mut ayesha = moderator(&daemon, "ayesha").await;
    let mut bilal = moderator(&daemon, "bilal").await;
    assert_eq!(claim(&mut ayesha, &name).await, Ok("ayesha".into()));
    assert_eq!(claim(&mut ayesha, &name).await, Ok("ayesha".into()));
    let anothers = Err(("CLAIMED".to_owned(), Some("ayesha".to_owned())));
    assert_eq!(claim(&mut bilal, &name).await, anothers);
    let outcome = decide(&mut bilal, on(&[&name], Decision::Approve)).await;
    assert_eq!(outcome[0].as_ref().unwrap_err().reason, "CLAIMED");
    let free = HeldCommentFilter {
        unclaimed: true,
        ..HeldCommentFilter::default()
    };
    assert!(held(&mut bilal, only(free.clone())).await.is_empty());
    assert_eq!(held(&mut ayesha, only(free.clone())).await.len(), 1);
    let names = || vec![name.clone()];
    let release = || ReleaseCommentsRequest { names: names() };
    bilal.release_comments(release()).await.unwrap();
    assert!(held(&mut bilal, only(free.clone())).await.is_empty());
    ayesha.release_comments(release()).await.unwrap();
    assert_eq!(held(&mut bilal, only(free)).await.len(), 1);
    claim(&mut ayesha, &name).await.unwrap();
    let too = ResolveCommentsRequest {
        override_claims: true,
        ..on(&[&name], Decision::Approve)
    };
    assert_eq!(
        decide(&mut bilal, too).await[0].as_ref().ok(),
        Some(&Decision::Approve)
    );
    let settled = claim(&mut ayesha, &name).await.unwrap_err();
    assert_eq!(settled, ("ALREADY_RESOLVED".into(), Some("bilal".into())));
}

#[tokio::test]
async fn a_decision_is_taken_back_by_who_made_it_or_an_operator() {
    let daemon = Daemon::start(HOLDS).await;
    let mut site = daemon.client().await;
    let name = hold(&mut site, "The road was mended", "s-1").await;
    let mut ayesha = moderator(&daemon, "ayesha").await;
    let mut bilal = moderator(&daemon, "bilal").await;
    let mut olga = with(&daemon, &token(&daemon, "olga", "operator", &[])).await;
    assert_eq!(
        undo(&mut ayesha, &name).await.unwrap_err().reason,
        "NOTHING_TO_UNDO"
    );
    decide(&mut ayesha, on(&[&name], Decision::Reject)).await[0]
        .as_ref()
        .unwrap();
    let refused = undo(&mut bilal, &name).await.unwrap_err();
    assert_eq!(
        (&*refused.reason, refused.by.as_deref()),
        ("ANOTHERS_DECISION", Some("ayesha"))
    );
    assert_eq!(undo(&mut ayesha, &name).await.unwrap(), Decision::Hold);
    decide(&mut ayesha, on(&[&name], Decision::Reject)).await[0]
        .as_ref()
        .unwrap();
    assert_eq!(undo(&mut olga, &name).await.unwrap(), Decision::Hold);
    let history = ListDecisionsRequest {
        parent: "sites/default".into(),
        ..ListDecisionsRequest::default()
    };
    let past = olga
        .list_decisions(history.clone())
        .await
        .unwrap()
        .into_inner();
    let who: Vec<_> = past
        .decisions
        .iter()
        .map(|past| {
            let made = past.decision.as_ref().unwrap();
            (made.moderator.as_str(), made.undoes, past.undoable)
        })
        .collect();
    assert_eq!(
        who,
        [
            ("olga", Some(3), false),
            ("ayesha", None, false),
            ("ayesha", Some(1), false),
            ("ayesha", None, false)
        ]
    );
    // Page by page it is the same.
    let mut pages = Vec::new();
    let mut page = ListDecisionsRequest {
        page_size: 1,
        ..history
    };
    loop {
        let found = olga
            .list_decisions(page.clone())
            .await
            .unwrap()
            .into_inner();
        pages.extend(found.decisions);
        page.page_token = found.next_page_token;
        if page.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(pages, past.decisions);
}

#[tokio::test]
async fn after_the_window_a_decision_stands() {
    let config = format!("{HOLDS}[review]\nundo_window = \"0s\"\n");
    let daemon = Daemon::start(&config).await;
    let mut site = daemon.client().await;
    let name = hold(&mut site, "The road was mended", "s-1").await;
    let mut ayesha = moderator(&daemon, "ayesha").await;
    decide(&mut ayesha, on(&[&name], Decision::Approve)).await[0]
        .as_ref()
        .unwrap();
    let refused = undo(&mut ayesha, &name).await.unwrap_err();
    assert_eq!(
        (&*refused.reason, refused.by.as_deref()),
        ("TOO_LATE_TO_UNDO", Some("ayesha"))
    );
}

#[tokio::test]
async fn a_wave_is_decided_on_at_once_and_teaches_once() {
    let daemon = Daemon::start(HOLDS).await;
    let mut site = daemon.client().await;
    let mut names = Vec::new();
    for number in 0..5 {
        names.push(hold(&mut site, SPAM, &format!("s-{number}")).await);
    }
    let other = hold(&mut site, "The road past the school was mended", "s-9").await;
    let mut ayesha = moderator(&daemon, "ayesha").await;
    let request = ListWavesRequest {
        parent: "sites/default".into(),
        ..ListWavesRequest::default()
    };
    let waves = ayesha
        .list_waves(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!((waves.total_size, waves.waves.len()), (1, 1));
    assert_eq!(waves.next_page_token, "");
    let wave = &waves.waves[0];
    assert_eq!((wave.size, wave.author_count), (5, 1));
    let first = wave.first.as_ref().unwrap();
    assert_eq!(first.name, names[0]);
    let by_wave = ListHeldCommentsRequest {
        parent: "sites/default".into(),
        order: HeldCommentOrder::Wave.into(),
        ..ListHeldCommentsRequest::default()
    };
    let mut expected = names.clone();
    expected.push(other.clone());
    assert_eq!(held(&mut ayesha, by_wave).await, expected);
    let whole = ResolveCommentsRequest {
        reject_reason: RejectReason::OffTopic.into(),
        label: Some(CommentLabel {
            spam: Some(true),
            toxicity: None,
        }),
        note: "the same again".into(),
        whole_waves: true,
        ..on(&[&first.name], Decision::Reject)
    };
    let answer = ayesha.resolve_comments(whole).await.unwrap().into_inner();
    assert_eq!((answer.outcomes.len(), answer.label_count), (5, 1));
    for told in answer.outcomes {
        let Some(resolution_outcome::Outcome::Decision(made)) = told.outcome else {
            panic!("{told:?}");
        };
        assert_eq!(made.reject_reason(), RejectReason::OffTopic);
        assert_eq!(made.note, "", "it would be repeated for each");
    }
    assert_eq!(held(&mut ayesha, everything()).await, [&*other]);
    let waves = ayesha.list_waves(request).await.unwrap().into_inner();
    assert!(waves.waves.is_empty());
    let known = ayesha
        .get_held_comment(get(&names[4]))
        .await
        .unwrap()
        .into_inner();
    let last = known.decisions.last().unwrap();
    assert_eq!(last.reject_reason(), RejectReason::OffTopic);
    assert_eq!(last.note, "the same again");
    assert_eq!(last.label.unwrap().spam, Some(true));
    // The terminal shows the same record.
    let (_, shown, _) = run(&daemon, &["review", "history", "--by", "ayesha", "--json"]);
    assert_eq!(shown.lines().count(), 5, "{shown}");
}

#[tokio::test]
async fn pages_neither_repeat_nor_hide_while_others_decide() {
    let daemon = Daemon::start(HOLDS).await;
    let mut site = daemon.client().await;
    let mut names = Vec::new();
    for number in 0..12 {
        let text = format!("Number {number}: the road past school {number} was mended");
        names.push(hold(&mut site, &text, &format!("s-{number}")).await);
    }
    let mut ayesha = moderator(&daemon, "ayesha").await;
    let mut bilal = moderator(&daemon, "bilal").await;
    let mut request = ListHeldCommentsRequest {
        parent: ALL.into(),
        page_size: 4,
        ..ListHeldCommentsRequest::default()
    };
    let mut seen = Vec::new();
    for page in 0.. {
        let found = ayesha.list_held_comments(request.clone()).await.unwrap();
        let found = found.into_inner();
        seen.extend(found.comments.into_iter().map(|comment| comment.name));
        request.page_token = found.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
        if page == 0 {
            // One that was seen goes, the last that was seen goes, one to come goes.
            let gone = [&*names[0], &*names[3], &*names[6]];
            decide(&mut bilal, on(&gone, Decision::Approve)).await;
        }
    }
    let expected: Vec<_> = names.iter().filter(|name| **name != names[6]).collect();
    assert_eq!(seen.iter().collect::<Vec<_>>(), expected);
}
