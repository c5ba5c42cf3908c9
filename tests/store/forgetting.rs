//! Retention and erasure.

use jiff::{SignedDuration, Timestamp};
use moderato::store::{
    Actor, AuthorKey, AuthorRecord, CommentId, DeliveryState, Erased, EventKind, HistoryFilter,
    PersonHasher, Retention, Status, Store, StoredComment, Swept,
};
use moderato::verdict::Decision;
use uuid::Uuid;

use super::records::{decided, held, now, site, submitted};
use super::review::{name, review};
use super::stores::on_both;

fn in_days(days: i64) -> Timestamp {
    now() + SignedDuration::from_hours(24 * days)
}

async fn comment(store: &Store, id: CommentId) -> StoredComment {
    store.comment(&site(), id).await.unwrap().unwrap()
}

#[tokio::test]
async fn each_status_is_kept_for_its_time() {
    on_both(|store| async move {
        let approved = decided(Decision::Approve, "a@example.org", "approved");
        let rejected = submitted(
            decided(Decision::Reject, "a@example.org", "rejected"),
            "r",
            1,
        );
        let held = held("a@example.org", "held");
        for record in [&approved, &rejected, &held] {
            store.record(record.clone()).await.unwrap();
        }
        let retention = Retention::default();
        let swept = store.sweep(&retention, in_days(6)).await.unwrap();
        assert_eq!(swept, Swept::default());

        let swept = store.sweep(&retention, in_days(31)).await.unwrap();
        assert_eq!((swept.texts, swept.submissions), (1, 1));
        let gone = comment(&store, approved.id).await;
        assert_eq!((gone.texts, gone.status), (None, Status::Approved));
        assert!(comment(&store, rejected.id).await.texts.is_some());

        let swept = store.sweep(&retention, in_days(91)).await.unwrap();
        assert_eq!(swept.texts, 1);
        let decisions = store.decisions(rejected.id).await.unwrap();
        assert!(decisions[0].evidence.is_empty() && decisions[0].reasons.is_empty());
        assert!(decisions[0].model.is_some(), "the decision itself stays");

        let swept = store.sweep(&retention, in_days(401)).await.unwrap();
        assert_eq!((swept.texts, swept.records), (0, 2));
        assert!(store.comment(&site(), rejected.id).await.unwrap().is_none());
        assert!(store.decisions(rejected.id).await.unwrap().is_empty());
        assert!(comment(&store, held.id).await.texts.is_some(), "held stays");
    })
    .await;
}

#[tokio::test]
async fn a_held_comment_that_may_not_wait_longer_is_rejected() {
    on_both(|store| async move {
        let records: Vec<_> = (0..230).map(|_| held("a@example.org", "held")).collect();
        for record in &records {
            store.record(record.clone()).await.unwrap();
        }
        let retention = Retention {
            held: "1d".parse().unwrap(),
            ..Retention::default()
        };
        let swept = store.sweep(&retention, in_days(2)).await.unwrap();
        assert_eq!(swept.texts, 230, "more than one transaction takes");
        let expired = comment(&store, records[0].id).await;
        assert_eq!((expired.texts, expired.status), (None, Status::Rejected));
        let decisions = store.decisions(records[0].id).await.unwrap();
        assert_eq!(decisions[1].why.as_deref(), Some("expired"));
        assert_eq!(decisions[1].actor, Actor::Upkeep);
        let people = store.history(&HistoryFilter::default(), None, 10).await;
        assert!(people.unwrap().is_empty(), "no person decided");
        let last = store.events(&site(), 459, 10).await.unwrap();
        assert_eq!(last.len(), 1, "each is told to be held, then rejected");
        assert_eq!(last[0].kind, EventKind::Resolved);
        assert_eq!(last[0].payload.reject_reason.as_deref(), Some("expired"));
        assert_eq!(last[0].payload.page_id.as_deref(), Some("7"));
    })
    .await;
}

#[tokio::test]
async fn events_go_from_the_oldest_on_and_their_deliveries_go_along() {
    on_both(|store| async move {
        store.make_out_deliveries(&site(), now()).await.unwrap();
        // The clock of a replica is late: the fifth seems to be older than the fourth.
        for days in [0, 0, 0, 20, 0, 20] {
            let mut record = held("a@example.org", "held");
            record.received_at = in_days(days);
            store.record(record).await.unwrap();
        }
        while store.make_out_deliveries(&site(), now()).await.unwrap() {}
        let swept = store.sweep(&Retention::default(), in_days(91)).await;
        assert_eq!(swept.unwrap().events, 3);
        let left = store.events(&site(), 0, 10).await.unwrap();
        let numbers: Vec<_> = left.iter().map(|event| event.number).collect();
        assert_eq!(numbers, [4, 5, 6], "no gap");
        let waiting = store.deliveries(None, DeliveryState::Waiting, 10).await;
        let mut told: Vec<_> = waiting.unwrap().iter().map(|told| told.event).collect();
        told.sort_unstable();
        assert_eq!(told, numbers);

        let swept = store.sweep(&Retention::default(), in_days(120)).await;
        assert_eq!(swept.unwrap().events, 3);
        assert_eq!(store.event_range(&site()).await.unwrap().oldest, 7);
        let dead = store.delivery_counts().await.unwrap();
        assert!(dead.is_empty(), "{dead:?}");
    })
    .await;
}

#[tokio::test]
async fn events_that_went_before_they_were_told_hold_up_none_after_them() {
    on_both(|store| async move {
        store.make_out_deliveries(&site(), now()).await.unwrap();
        let record = async |day| {
            let mut record = held("a@example.org", "held");
            record.received_at = in_days(day);
            store.record(record).await.unwrap();
        };
        let told = async || {
            let waiting = store.deliveries(None, DeliveryState::Waiting, 10).await;
            let told = waiting.unwrap();
            told.iter().map(|told| told.event).collect::<Vec<_>>()
        };
        for _ in 0..3 {
            record(0).await;
        }
        let swept = store.sweep(&Retention::default(), in_days(91)).await;
        assert_eq!(swept.unwrap().events, 3);
        assert!(store.has_undelivered(&site()).await.unwrap());
        assert!(!store.make_out_deliveries(&site(), now()).await.unwrap());
        assert!(!store.has_undelivered(&site()).await.unwrap(), "for good");
        assert!(told().await.is_empty());

        for day in [0, 91] {
            record(day).await;
        }
        let swept = store.sweep(&Retention::default(), in_days(92)).await;
        assert_eq!(swept.unwrap().events, 1);
        store.make_out_deliveries(&site(), now()).await.unwrap();
        assert_eq!(told().await, [5]);
        assert!(!store.has_undelivered(&site()).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_site_hears_of_what_is_held_erased_and_expired() {
    on_both(|store| async move {
        let mut bell = store.events_bell();
        bell.mark_unchanged();
        let record = held("erase@example.org", "one");
        store.record(record.clone()).await.unwrap();
        assert!(bell.has_changed().unwrap(), "held");
        bell.mark_unchanged();
        let people = PersonHasher::new([7; 32]);
        let author = AuthorKey::Email(people.email(&site(), "erase@example.org"));
        let before = store.probe(false, now()).await.unwrap();
        let erased = store.erase(&site(), author, now(), Uuid::now_v7).await;
        assert_eq!(erased.unwrap().held, 1);
        assert!(bell.has_changed().unwrap(), "erased");
        let told = store.events(&site(), 0, 10).await.unwrap();
        let kinds: Vec<_> = told
            .iter()
            .map(|event| (event.number, event.kind))
            .collect();
        assert_eq!(kinds, [(1, EventKind::Held), (2, EventKind::Resolved)]);
        assert!(told.iter().all(|event| event.comment == record.id));
        let after = store.probe(true, now()).await.unwrap();
        assert_eq!(after.erasures, before.erasures + 1);
    })
    .await;
}

#[tokio::test]
async fn an_author_is_erased_everywhere_and_others_are_not() {
    on_both(|store| async move {
        let theirs = [
            held("erase@example.org", "one"),
            submitted(
                decided(Decision::Reject, "erase@example.org", "two"),
                "s-2",
                1,
            ),
        ];
        let other = held("stays@example.org", "three");
        for record in theirs.iter().chain([&other]) {
            store.record(record.clone()).await.unwrap();
        }
        let people = PersonHasher::new([7; 32]);
        let author = AuthorKey::Email(people.email(&site(), "erase@example.org"));
        let site = site();
        let erase = || store.erase(&site, author, now(), Uuid::now_v7);
        let expected = Erased {
            comments: 2,
            held: 1,
            labels: 0,
        };
        assert_eq!(erase().await.unwrap(), expected);
        for record in &theirs {
            let erased = comment(&store, record.id).await;
            assert_eq!((erased.texts, erased.status), (None, Status::Rejected));
            assert_ne!(
                erased.author.email,
                record.content.as_ref().unwrap().author.email
            );
            assert_eq!(erased.author.author, None);
            assert!(
                store.decisions(record.id).await.unwrap()[0]
                    .evidence
                    .is_empty()
            );
        }
        let id = moderato::comment::SubmissionId::new("s-2").unwrap();
        assert!(store.receipt(&site, &id).await.unwrap().is_none());
        assert!(comment(&store, other.id).await.texts.is_some());
        assert_eq!(erase().await.unwrap(), Erased::default(), "nothing is left");

        let author = AuthorKey::Author(people.author(&site, "u-1"));
        let erased = store.erase(&site, author, now(), Uuid::now_v7).await;
        assert_eq!(erased.unwrap().comments, 1, "by the site's id as well");
    })
    .await;
}

#[tokio::test]
async fn people_who_were_erased_are_no_one_author() {
    on_both(|store| async move {
        let records = ["a@example.org", "b@example.org"].map(|email| held(email, "held"));
        let people = PersonHasher::new([7; 32]);
        for (record, email) in records.iter().zip(["a@example.org", "b@example.org"]) {
            store.record(record.clone()).await.unwrap();
            let author = AuthorKey::Email(people.email(&site(), email));
            let erased = store.erase(&site(), author, now(), Uuid::now_v7).await;
            assert_eq!(erased.unwrap().held, 1);
        }
        let author = comment(&store, records[0].id).await.author.email;
        assert!(author.is_erased());
        assert_eq!(author, comment(&store, records[1].id).await.author.email);
        let of_both = store.comments_of(&site(), author, None, 10, now()).await;
        assert!(of_both.unwrap().is_empty());
        let record = store.author_record(&site(), author).await.unwrap();
        assert_eq!(record, AuthorRecord::default());
        let dossier = review(&store).dossier(&name(&records[0]), now()).await;
        let dossier = dossier.unwrap();
        assert!(dossier.author_comments.is_empty());
        assert_eq!(dossier.author, AuthorRecord::default());
    })
    .await;
}
