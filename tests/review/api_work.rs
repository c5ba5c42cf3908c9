//! A day at the queue, over gRPC: list, look, claim, decide, undo, note, waves, history.

use moderato::grpc::proto::{
    AddNoteRequest, ClaimCommentsRequest, CommentLabel, CommentState, Complaint, DecidedBy,
    Decision, GetHeldCommentRequest, Head, HeldCommentFilter, HeldCommentOrder,
    ListDecisionsRequest, ListHeldCommentsRequest, ListWavesRequest, RejectReason,
    ReleaseCommentsRequest, ReportCommentRequest, Reporter, ResolveCommentsRequest, ReviewDecision,
    claim_outcome,
};
use tonic::Code;

use super::daemon::Daemon;
use super::installation::{HOLDS, hold, resolve, run};
use super::moderators::{
    ALL, Moderator, decide, everything, held, moderator, on, refused, token, undo, with,
};

const SPAM: &str = "The casino by the river has a free bonus for you today";

fn only(filter: HeldCommentFilter) -> ListHeldCommentsRequest {
    ListHeldCommentsRequest {
        filter: Some(filter),
        ..everything()
    }
}

fn get(name: &str) -> GetHeldCommentRequest {
    GetHeldCommentRequest {
        name: name.to_owned(),
    }
}

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
async fn what_waits_is_found_by_filter_and_in_order() {
    let daemon = Daemon::start(HOLDS).await;
    let mut site = daemon.client().await;
    let one = hold(&mut site, "The road past the school was mended", "s-1").await;
    let two = hold(&mut site, SPAM, "s-2").await;
    let mut ayesha = moderator(&daemon, "ayesha").await;
    assert_eq!(held(&mut ayesha, everything()).await, [&*one, &*two]);
    let newest = ListHeldCommentsRequest {
        order: HeldCommentOrder::Newest.into(),
        ..everything()
    };
    assert_eq!(held(&mut ayesha, newest).await, [&*two, &*one]);
    let by_score = ListHeldCommentsRequest {
        order: HeldCommentOrder::Score.into(),
        ..only(HeldCommentFilter {
            head: Head::Spam.into(),
            ..HeldCommentFilter::default()
        })
    };
    assert_eq!(held(&mut ayesha, by_score).await, [&*two, &*one]);
    for (filter, expected) in [
        (
            HeldCommentFilter {
                search: "CASINO".into(),
                ..HeldCommentFilter::default()
            },
            vec![&*two],
        ),
        (
            HeldCommentFilter {
                reason_codes: vec!["WORD_SUSPECT".into()],
                ..HeldCommentFilter::default()
            },
            vec![&*one, &*two],
        ),
        (
            HeldCommentFilter {
                reason_codes: vec!["FIRST_TIME_AUTHOR".into()],
                ..HeldCommentFilter::default()
            },
            vec![],
        ),
        (
            HeldCommentFilter {
                create_time_before: Some(prost_types::Timestamp::default()),
                ..HeldCommentFilter::default()
            },
            vec![],
        ),
        (
            HeldCommentFilter {
                near: one.clone(),
                ..HeldCommentFilter::default()
            },
            vec![&*one],
        ),
    ] {
        let found = held(&mut ayesha, only(filter.clone())).await;
        assert_eq!(found, expected, "{}", filter.search);
    }
    let page = ayesha.list_held_comments(everything()).await.unwrap();
    let page = page.into_inner();
    assert_eq!(page.total_size, 2);
    let comment = &page.comments[1];
    assert_eq!(comment.state(), CommentState::Held);
    assert_eq!(comment.submission_id, "s-2");
    assert!(comment.text.starts_with(SPAM) && !comment.text_cut);
    let author = comment.author.as_ref().unwrap();
    assert_eq!(author.display_name, "Bilal Khan");
    // Scores and evidence are those of the verdict: they add up.
    let spam = comment.scores.unwrap().spam;
    let sum: f64 = comment
        .evidence
        .iter()
        .filter(|piece| piece.head() == Head::Spam)
        .map(|piece| piece.log_odds)
        .sum();
    assert!((sum - (spam / (1.0 - spam)).ln()).abs() < 1e-6, "{sum}");
    let theirs = HeldCommentFilter {
        author: author.id.clone(),
        min_score: Some(0.0),
        max_score: Some(1.0),
        ..HeldCommentFilter::default()
    };
    assert_eq!(held(&mut ayesha, only(theirs)).await.len(), 2);
}

#[tokio::test]
async fn one_comment_comes_with_all_that_is_known_of_it() {
    let daemon = Daemon::start(HOLDS).await;
    let mut site = daemon.client().await;
    let long = format!("{} a road ہے", "The road was mended. ".repeat(200));
    let one = hold(&mut site, &long, "s-1").await;
    let copy = hold(&mut site, &long, "s-2").await;
    let past = hold(&mut site, "Why is the bridge closed again", "s-3").await;
    resolve(&daemon, std::slice::from_ref(&past), Decision::Approve);
    let report = ReportCommentRequest {
        name: past.clone(),
        complaint: Complaint::Toxic.into(),
        reporter: Reporter::Reader.into(),
        note: "It is an insult".into(),
    };
    site.report_comment(report).await.unwrap();
    let mut ayesha = moderator(&daemon, "ayesha").await;
    let note = AddNoteRequest {
        name: one.clone(),
        text: " seen before ".into(),
    };
    let note = ayesha.add_note(note).await.unwrap().into_inner().note;
    assert_eq!(note.unwrap().text, "seen before");

    let known = ayesha
        .get_held_comment(get(&one))
        .await
        .unwrap()
        .into_inner();
    let comment = known.comment.unwrap();
    assert!(comment.text.starts_with(&long) && !comment.text_cut);
    assert_eq!((comment.wave_size, known.near_comments.len()), (2, 1));
    assert_eq!(known.near_comments[0].name, copy);
    assert!(known.near_comments[0].text_cut);
    assert_eq!(known.near_comments[0].text.chars().count(), 2_000);
    let record = known.author_record.unwrap();
    assert_eq!((record.held_count, record.approved_count), (3, 0));
    assert_eq!(known.author_comments.len(), 2);
    assert_eq!(known.notes[0].moderator, "ayesha");
    let verdict = &known.decisions[0];
    assert_eq!(verdict.decided_by(), DecidedBy::Policy);
    assert!(verdict.model.starts_with("m-"), "{}", verdict.model);

    let known = ayesha
        .get_held_comment(get(&past))
        .await
        .unwrap()
        .into_inner();
    let by: Vec<_> = known
        .decisions
        .iter()
        .map(ReviewDecision::decided_by)
        .collect();
    assert_eq!(
        by,
        [DecidedBy::Policy, DecidedBy::Operator, DecidedBy::Report]
    );
    assert_eq!(known.decisions[2].complaint(), Complaint::Toxic);
    assert_eq!(known.reports[0].note, "It is an insult");
    assert_eq!(known.reports[0].reporter(), Reporter::Reader);
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
