//! Decisions of people.

use moderato::comment::SubmissionId;
use moderato::review::{CommentRef, RejectReason, ReviewError, Verdict};
use moderato::store::{Actor, Complaint, EventKind, Obstacle, Reporter, Status};
use moderato::verdict::Decision;

use super::super::records::{decided, now, site, submitted};
use super::super::stores::on_both;
use super::{fingerprinted, held, keep, moderator, name, resolve, review};

#[tokio::test]
async fn a_decision_leaves_status_record_label_and_event() {
    on_both(|store| async move {
        let one = submitted(held("a@example.org", "Buy this"), "s-1", 1);
        keep(&store, std::slice::from_ref(&one)).await;
        let review = review(&store);
        let before = store.event_range(&site()).await.unwrap().last;
        let mut request = resolve(&[&one], Verdict::Reject(Some(RejectReason::Spam)));
        request.note = Some(" seen before ".to_owned());
        let resolved = review
            .resolve(&request, &moderator("ayesha"), now())
            .await
            .unwrap();
        assert_eq!(resolved.labels, 1);
        let (_, outcome) = &resolved.outcomes[0];
        assert_eq!(outcome.as_ref().unwrap().number, 1);

        let submission = SubmissionId::new("s-1").unwrap();
        let which = CommentRef::Submission(submission);
        let tracked = review.track(&site(), &which).await.unwrap();
        assert_eq!(tracked.comment.status, Status::Rejected);
        assert_eq!(tracked.decision.actor, moderator("ayesha"));
        assert_eq!(tracked.decision.why.as_deref(), Some("spam"));
        assert_eq!(tracked.decision.note.as_deref(), Some("seen before"));
        assert_eq!(tracked.decision.label.spam, Some(true));
        assert_eq!(tracked.decision.label.toxicity, None);

        let events = store.events(&site(), before, 10).await.unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].kind, EventKind::Resolved);
        assert_eq!(events[0].comment, one.id);
        assert_eq!(events[0].payload.status, "rejected");
        assert_eq!(events[0].payload.reject_reason.as_deref(), Some("spam"));
        assert_eq!(events[0].payload.submission_id.as_deref(), Some("s-1"));
    })
    .await;
}

#[tokio::test]
async fn of_two_who_decide_at_once_one_does_and_the_other_is_told() {
    on_both(|store| async move {
        let review = review(&store);
        for round in 0..10 {
            let one = held("a@example.org", &format!("round {round}"));
            keep(&store, std::slice::from_ref(&one)).await;
            let before = store.event_range(&site()).await.unwrap().last;
            let (approve, reject) = (
                resolve(&[&one], Verdict::Approve),
                resolve(&[&one], Verdict::Reject(Some(RejectReason::Toxic))),
            );
            let (ayesha, bilal) = (moderator("ayesha"), moderator("bilal"));
            let (first, second) = futures::join!(
                review.resolve(&approve, &ayesha, now()),
                review.resolve(&reject, &bilal, now()),
            );
            let outcomes = [first, second].map(|done| done.unwrap().outcomes.remove(0).1);
            let won: Vec<_> = outcomes
                .iter()
                .filter_map(|done| done.as_ref().ok())
                .collect();
            assert_eq!(won.len(), 1, "{outcomes:?}");
            let told = outcomes
                .iter()
                .find_map(|done| done.as_ref().err())
                .unwrap();
            let Obstacle::Settled(decision) = told else {
                panic!("{told:?}");
            };
            assert_eq!(decision.actor, won[0].actor);
            assert_eq!(decision.decision, won[0].decision);
            let last = store.event_range(&site()).await.unwrap().last;
            assert_eq!(last, before + 1, "one event");
            assert_eq!(store.decisions(one.id).await.unwrap().len(), 2);
        }
    })
    .await;
}

#[tokio::test]
async fn the_same_again_is_answered_and_adds_nothing() {
    on_both(|store| async move {
        let one = held("a@example.org", "Buy this");
        keep(&store, std::slice::from_ref(&one)).await;
        let review = review(&store);
        let request = resolve(&[&one], Verdict::Approve);
        for labels in [1, 0] {
            let resolved = review
                .resolve(&request, &moderator("ayesha"), now())
                .await
                .unwrap();
            assert_eq!(resolved.labels, labels);
            assert_eq!(resolved.outcomes[0].1.as_ref().unwrap().number, 1);
        }
        assert_eq!(store.decisions(one.id).await.unwrap().len(), 2);
        let other = review
            .resolve(&request, &moderator("bilal"), now())
            .await
            .unwrap();
        assert!(matches!(other.outcomes[0].1, Err(Obstacle::Settled(_))));
    })
    .await;
}

#[tokio::test]
async fn what_the_policy_rejected_can_be_restored() {
    on_both(|store| async move {
        let one = decided(Decision::Reject, "a@example.org", "Rejected by the policy");
        keep(&store, std::slice::from_ref(&one)).await;
        let review = review(&store);
        let restore = resolve(&[&one], Verdict::Approve);
        let resolved = review
            .resolve(&restore, &Actor::Operator, now())
            .await
            .unwrap();
        assert!(resolved.outcomes[0].1.is_ok());
        let tracked = review
            .track(&site(), &CommentRef::Id(one.id))
            .await
            .unwrap();
        assert_eq!(tracked.comment.status, Status::Approved);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_told_apart_from_what_is() {
    on_both(|store| async move {
        let (one, unknown) = (held("a@example.org", "one"), held("a@example.org", "two"));
        keep(&store, std::slice::from_ref(&one)).await;
        let review = review(&store);
        let request = resolve(&[&unknown, &one], Verdict::Approve);
        let resolved = review
            .resolve(&request, &moderator("ayesha"), now())
            .await
            .unwrap();
        assert!(matches!(resolved.outcomes[0].1, Err(Obstacle::NotFound)));
        assert!(resolved.outcomes[1].1.is_ok());
        let mut elsewhere = resolve(&[&one], Verdict::Approve);
        elsewhere.names[0].site = moderato::site::SiteId::default();
        let resolved = review
            .resolve(&elsewhere, &moderator("ayesha"), now())
            .await
            .unwrap();
        assert!(matches!(resolved.outcomes[0].1, Err(Obstacle::NotFound)));
        for names in [
            vec![],
            vec![name(&one), name(&one)],
            vec![name(&one); 1_001],
        ] {
            let mut request = resolve(&[], Verdict::Approve);
            request.names = names;
            let refused = review
                .resolve(&request, &moderator("a"), now())
                .await
                .unwrap_err();
            assert!(
                refused.to_string().starts_with("names: expected"),
                "{refused}"
            );
        }
        let mut request = resolve(&[&one], Verdict::Approve);
        request.note = Some("x".repeat(1 << 20));
        let refused = review
            .resolve(&request, &moderator("a"), now())
            .await
            .unwrap_err();
        assert!(
            refused
                .to_string()
                .starts_with("note: expected at most 2000"),
            "{refused}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_report_puts_a_comment_back_once() {
    on_both(|store| async move {
        let record = decided(Decision::Approve, "a@example.org", "Approved by the policy");
        let one = fingerprinted(record);
        keep(&store, std::slice::from_ref(&one)).await;
        let review = review(&store);
        let reported = name(&one);
        let report =
            |complaint| review.report(&reported, Reporter::Reader, complaint, "my eyes", now());
        let misfit = report(Complaint::WronglyRejected).await.unwrap_err();
        let told = misfit.to_string();
        assert!(told.contains("approved"), "{told}");
        let before = store.event_range(&site()).await.unwrap().last;
        for _ in 0..3 {
            let tracked = report(Complaint::Toxic).await.unwrap();
            assert_eq!(tracked.comment.status, Status::Held);
            assert_eq!(tracked.decision.actor, Actor::Report);
            assert_eq!(tracked.comment.reports, 1);
        }
        let events = store.events(&site(), before, 10).await.unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].kind, EventKind::Reported);
        let filter = moderato::store::QueueFilter {
            search: Some("by the policy".to_owned()),
            ..moderato::store::QueueFilter::default()
        };
        assert_eq!(
            review.count(&filter, now()).await.unwrap(),
            1,
            "it is found again"
        );
        let dossier = review.dossier(&name(&one), now()).await.unwrap();
        assert_eq!(dossier.reports.len(), 1);
        assert_eq!(dossier.reports[0].note.as_deref(), Some("my eyes"));
        let unknown = held("a@example.org", "never kept");
        let refused = review
            .report(&name(&unknown), Reporter::Site, Complaint::Spam, "", now())
            .await
            .unwrap_err();
        assert!(matches!(refused, ReviewError::NotFound));
    })
    .await;
}
