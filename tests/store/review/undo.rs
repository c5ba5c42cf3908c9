//! Decisions taken back.

use moderato::review::{CommentRef, Page, RejectReason, Verdict};
use moderato::store::{EventKind, HistoryFilter, Obstacle, Status};

use super::super::records::{now, site};
use super::super::stores::on_both;
use super::{after, held, keep, moderator, name, resolve, review};

#[tokio::test]
async fn an_undone_decision_leaves_the_comment_as_it_was() {
    on_both(|store| async move {
        let one = held("a@example.org", "Undo me if you can");
        keep(&store, std::slice::from_ref(&one)).await;
        let review = review(&store);
        let reject = resolve(&[&one], Verdict::Reject(Some(RejectReason::Spam)));
        let (ayesha, at) = (moderator("ayesha"), now());
        review.resolve(&reject, &ayesha, at).await.unwrap();
        let undone = review
            .undo(&[name(&one)], &ayesha, false, after(at, 60))
            .await
            .unwrap();
        assert_eq!(undone[0].1.as_ref().unwrap().undoes, Some(1));
        let tracked = review
            .track(&site(), &CommentRef::Id(one.id))
            .await
            .unwrap();
        assert_eq!(tracked.comment.status, Status::Held);
        let filter = moderato::store::QueueFilter {
            search: Some("undo me".to_owned()),
            ..moderato::store::QueueFilter::default()
        };
        assert_eq!(
            review.count(&filter, at).await.unwrap(),
            1,
            "it is found again"
        );
        let last = store.event_range(&site()).await.unwrap().last;
        let told = store.events(&site(), last - 1, 10).await.unwrap();
        assert_eq!(
            (told[0].kind, &*told[0].payload.status),
            (EventKind::Undone, "held")
        );

        let again = review
            .undo(&[name(&one)], &ayesha, false, after(at, 61))
            .await
            .unwrap();
        assert!(
            matches!(again[0].1, Err(Obstacle::NothingToUndo)),
            "{again:?}"
        );
        // And it can be decided anew.
        let approve = resolve(&[&one], Verdict::Approve);
        let resolved = review
            .resolve(&approve, &ayesha, after(at, 62))
            .await
            .unwrap();
        assert_eq!(resolved.outcomes[0].1.as_ref().unwrap().number, 3);
    })
    .await;
}

#[tokio::test]
async fn not_for_ever_and_not_by_anybody() {
    on_both(|store| async move {
        let one = held("a@example.org", "one");
        keep(&store, std::slice::from_ref(&one)).await;
        let review = review(&store);
        let at = now();
        let request = resolve(&[&one], Verdict::Approve);
        review
            .resolve(&request, &moderator("ayesha"), at)
            .await
            .unwrap();
        let bilal = moderator("bilal");
        let names = [name(&one)];
        let undone = review
            .undo(&names, &bilal, false, after(at, 60))
            .await
            .unwrap();
        assert!(
            matches!(undone[0].1, Err(Obstacle::NotTheirs(_))),
            "{undone:?}"
        );
        let undone = review
            .undo(&names, &bilal, true, after(at, 3_601))
            .await
            .unwrap();
        assert!(
            matches!(undone[0].1, Err(Obstacle::TooLate(_))),
            "{undone:?}"
        );
        let undone = review
            .undo(&names, &bilal, true, after(at, 3_599))
            .await
            .unwrap();
        assert!(undone[0].1.is_ok(), "{undone:?}");
    })
    .await;
}

#[tokio::test]
async fn history_says_what_can_be_undone() {
    on_both(|store| async move {
        let records = [held("a@example.org", "one"), held("b@example.org", "two")];
        keep(&store, &records).await;
        let review = review(&store);
        let (ayesha, at) = (moderator("ayesha"), now());
        for (seconds, record) in [(0, &records[0]), (10, &records[1])] {
            let request = resolve(&[record], Verdict::Approve);
            review
                .resolve(&request, &ayesha, after(at, seconds))
                .await
                .unwrap();
        }
        review
            .undo(&[name(&records[0])], &ayesha, false, after(at, 20))
            .await
            .unwrap();
        let filter = HistoryFilter::default();
        let mut page = Page {
            size: 2,
            token: None,
        };
        let first = review.history(&filter, &page, after(at, 30)).await.unwrap();
        page.token.clone_from(&first.next);
        let second = review.history(&filter, &page, after(at, 30)).await.unwrap();
        assert!(second.next.is_none());
        let seen: Vec<_> = first
            .resolutions
            .iter()
            .chain(&second.resolutions)
            .map(|past| (past.decision.comment, past.decision.undoes, past.undoable))
            .collect();
        let [one, two] = [records[0].id, records[1].id];
        assert_eq!(
            seen,
            [(one, Some(1), false), (two, None, true), (one, None, false)]
        );
        let nobody = HistoryFilter {
            moderator: Some("bilal".to_owned()),
            ..HistoryFilter::default()
        };
        let none = review.history(&nobody, &Page::default(), at).await.unwrap();
        assert!(none.resolutions.is_empty());
    })
    .await;
}

#[tokio::test]
async fn all_that_was_decided_in_one_call_is_taken_back_at_once() {
    on_both(|store| async move {
        let all: Vec<_> = (0..6)
            .map(|number| held("a@example.org", &format!("Number {number} of them")))
            .collect();
        keep(&store, &all).await;
        let review = review(&store);
        let (ayesha, bilal, at) = (moderator("ayesha"), moderator("bilal"), now());
        let reject = Verdict::Reject(None);
        let some = resolve(&[&all[0], &all[1], &all[2], &all[3]], reject);
        review.resolve(&some, &ayesha, at).await.unwrap();
        // At the same moment, by another; and by the same, at another.
        let other = resolve(&[&all[4]], reject);
        review.resolve(&other, &bilal, at).await.unwrap();
        let later = resolve(&[&all[5]], reject);
        review.resolve(&later, &ayesha, after(at, 1)).await.unwrap();
        let one = [name(&all[1])];
        let undone = review.undo(&one, &ayesha, false, after(at, 2)).await;
        assert!(undone.unwrap()[0].1.is_ok());
        let sizes = async || {
            let filter = HistoryFilter::default();
            let past = review
                .history(&filter, &Page::default(), after(at, 3))
                .await;
            let past = past.unwrap().resolutions.into_iter();
            let standing = past.filter(|past| past.undoable);
            let mut sizes: Vec<_> = standing.map(|past| past.act).collect();
            sizes.sort_unstable();
            sizes
        };
        assert_eq!(sizes().await, [1, 1, 3, 3, 3]);

        let first = name(&all[0]);
        let theirs = review.undo_act(&first, &bilal, false, after(at, 4));
        let theirs = theirs.await.unwrap();
        assert!(theirs.iter().all(|(_, outcome)| outcome.is_err()));
        let nobodys = review.undo_own_act(after(at, 9), &ayesha, after(at, 9));
        assert!(nobodys.await.unwrap().is_empty());
        let own = review.undo_own_act(after(at, 1), &ayesha, after(at, 5));
        let own = own.await.unwrap();
        assert!(own.len() == 1 && own[0].0 == name(&all[5]) && own[0].1.is_ok());
        let undone = review.undo_act(&first, &ayesha, false, after(at, 5));
        let undone = undone.await.unwrap();
        assert_eq!(undone.len(), 3);
        assert!(undone.iter().all(|(_, outcome)| outcome.is_ok()));
        assert_eq!(
            sizes().await,
            [1],
            "what bilal decided at that moment stands"
        );
        let again = review.undo_act(&first, &ayesha, false, after(at, 6));
        assert!(
            again.await.unwrap().is_empty(),
            "what took it back is no decision"
        );
    })
    .await;
}
