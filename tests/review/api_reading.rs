//! The queue and one comment of it, over gRPC.

use moderato::grpc::proto::{
    AddNoteRequest, CommentState, Complaint, DecidedBy, Decision, Head, HeldCommentFilter,
    HeldCommentOrder, ListHeldCommentsRequest, ReportCommentRequest, Reporter, ReviewDecision,
};

use super::daemon::Daemon;
use super::installation::{HOLDS, hold, resolve};
use super::moderators::{everything, get, held, moderator, only};

const SPAM: &str = "The casino by the river has a free bonus for you today";

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
