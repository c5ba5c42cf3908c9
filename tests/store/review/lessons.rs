//! What decisions on near-identical comments teach, and for how long.

use moderato::review::{RejectReason, Verdict};
use moderato::store::{
    AuthorKey, CommentId, Complaint, LabelFilter, LabelOrder, Reporter, Store, StoredLabel,
};
use uuid::Uuid;

use super::super::records::{now, site};
use super::super::stores::on_both;
use super::waves::campaign;
use super::{after, held, keep, moderator, name, resolve, review};

/// The labels that nobody retracted: of which comment, and who said it.
async fn labels(store: &Store) -> Vec<(CommentId, String)> {
    let filter = LabelFilter {
        retracted: Some(false),
        ..LabelFilter::default()
    };
    let labels = store
        .labels(&filter, LabelOrder::OldestFirst, None, 100)
        .await
        .unwrap();
    let label = |label: StoredLabel| {
        assert_eq!(label.label.spam, Some(true));
        (label.comment.unwrap(), label.actor.unwrap())
    };
    labels.into_iter().map(label).collect()
}

#[tokio::test]
async fn a_wave_teaches_for_as_long_as_any_of_its_decisions_stands() {
    on_both(|store| async move {
        let (copies, _) = campaign();
        keep(&store, &copies[..4]).await;
        let review = review(&store);
        let (ayesha, bilal, at) = (moderator("ayesha"), moderator("bilal"), now());
        let spam = Verdict::Reject(Some(RejectReason::Spam));
        let mut request = resolve(&[&copies[1]], spam);
        request.whole_waves = true;
        review.resolve(&request, &ayesha, at).await.unwrap();
        let of = |index: usize| vec![(copies[index].id, "ayesha".to_owned())];
        assert_eq!(labels(&store).await, of(1));
        // The one that has the label is given back, by somebody else.
        let undo = async |index: usize, seconds| {
            let names = [name(&copies[index])];
            let undone = review.undo(&names, &bilal, true, after(at, seconds)).await;
            assert!(undone.unwrap()[0].1.is_ok());
        };
        undo(1, 1).await;
        assert_eq!(labels(&store).await, of(0));
        // One that has it not.
        undo(2, 2).await;
        assert_eq!(labels(&store).await, of(0));
        // Decided anew, it teaches by itself, and takes nothing from the others.
        let anew = resolve(&[&copies[1]], spam);
        review.resolve(&anew, &bilal, after(at, 3)).await.unwrap();
        undo(0, 4).await;
        let both = labels(&store).await;
        assert_eq!(both.len(), 2, "{both:?}");
        assert!(both.contains(&(copies[3].id, "ayesha".to_owned())));
        undo(3, 5).await;
        undo(1, 6).await;
        assert!(labels(&store).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_whole_wave_given_back_at_once_teaches_nothing() {
    on_both(|store| async move {
        let (copies, _) = campaign();
        keep(&store, &copies[..10]).await;
        let review = review(&store);
        let (ayesha, at) = (moderator("ayesha"), now());
        let mut request = resolve(&[&copies[0]], Verdict::Reject(Some(RejectReason::Spam)));
        request.whole_waves = true;
        review.resolve(&request, &ayesha, at).await.unwrap();
        // By two at once, on a database that lets them.
        let (one, other): (Vec<_>, Vec<_>) = copies[..10].iter().map(name).partition(|name| {
            name.id == copies[0].id || name.id.as_bytes() > copies[5].id.as_bytes()
        });
        let (one, other) = tokio::join!(
            review.undo(&one, &ayesha, false, after(at, 1)),
            review.undo(&other, &ayesha, false, after(at, 1)),
        );
        let undone = [one.unwrap(), other.unwrap()].concat();
        assert!(undone.iter().all(|(_, outcome)| outcome.is_ok()));
        assert!(labels(&store).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_an_earlier_decision_taught_stays_when_the_last_is_taken_back() {
    on_both(|store| async move {
        let one = held("a@example.org", "Buy this watch now");
        keep(&store, std::slice::from_ref(&one)).await;
        let review = review(&store);
        let (ayesha, at) = (moderator("ayesha"), now());
        let spam = resolve(&[&one], Verdict::Reject(Some(RejectReason::Spam)));
        review.resolve(&spam, &ayesha, at).await.unwrap();
        let (reporter, complaint) = (Reporter::Site, Complaint::WronglyRejected);
        let names = [name(&one)];
        review
            .report(&names[0], reporter, complaint, "", after(at, 1))
            .await
            .unwrap();
        review.resolve(&spam, &ayesha, after(at, 2)).await.unwrap();
        let undone = review.undo(&names, &ayesha, false, after(at, 3)).await;
        assert!(undone.unwrap()[0].1.is_ok());
        let by_people: Vec<_> = labels_by_people(&store).await;
        assert_eq!(by_people, [(one.id, at)], "that of the first decision");
    })
    .await;
}

/// Labels of moderators that nobody retracted: of which comment, and when.
async fn labels_by_people(store: &Store) -> Vec<(CommentId, jiff::Timestamp)> {
    let filter = LabelFilter {
        retracted: Some(false),
        source: Some(moderato::store::LabelSource::Moderator),
        ..LabelFilter::default()
    };
    let labels = store
        .labels(&filter, LabelOrder::OldestFirst, None, 100)
        .await
        .unwrap();
    let label = |label: StoredLabel| (label.comment.unwrap(), label.labelled_at);
    labels.into_iter().map(label).collect()
}

#[tokio::test]
async fn erasing_who_carries_the_lesson_of_a_wave_hands_it_on() {
    on_both(|store| async move {
        let (copies, _) = campaign();
        keep(&store, &copies[..3]).await;
        let review = review(&store);
        let mut request = resolve(&[&copies[1]], Verdict::Reject(Some(RejectReason::Spam)));
        request.whole_waves = true;
        let ruled = review.resolve(&request, &moderator("ayesha"), now()).await;
        assert_eq!(ruled.unwrap().labels, 1);
        let texts = async || {
            let filter = LabelFilter {
                retracted: Some(false),
                ..LabelFilter::default()
            };
            let labels = store.labels(&filter, LabelOrder::OldestFirst, None, 9);
            let labels = labels.await.unwrap().into_iter();
            let of = |label: StoredLabel| (label.comment.unwrap(), label.texts.is_some());
            labels.map(of).collect::<Vec<_>>()
        };
        assert_eq!(texts().await, [(copies[1].id, true)]);
        let erase = async |number: usize| {
            let author = copies[number].content.as_ref().unwrap().author.email;
            let site = site();
            let erased = store.erase(&site, AuthorKey::Email(author), now(), Uuid::now_v7);
            assert_eq!(erased.await.unwrap().comments, 1);
        };
        erase(1).await;
        assert_eq!(texts().await, [(copies[0].id, true)], "the wave teaches on");
        erase(0).await;
        assert_eq!(texts().await, [(copies[2].id, true)]);
        erase(2).await;
        assert_eq!(
            texts().await,
            [(copies[2].id, false)],
            "nothing is left to read"
        );
    })
    .await;
}
