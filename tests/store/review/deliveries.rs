//! What webhooks have to deliver.

use moderato::review::Verdict;
use moderato::store::{Attempt, DeliveryState, Store};

use super::super::records::{now, site};
use super::super::stores::on_both;
use super::{after, held, keep, moderator, resolve, review};

/// Decides on `count` comments, so that there are twice as many events: each is told to
/// be held, then to be decided on.
async fn decide(store: &Store, count: usize) {
    let records: Vec<_> = (0..count)
        .map(|number| held("a@example.org", &format!("number {number}")))
        .collect();
    keep(store, &records).await;
    let names: Vec<_> = records.iter().collect();
    let request = resolve(&names, Verdict::Approve);
    review(store)
        .resolve(&request, &moderator("ayesha"), now())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_new_receiver_gets_what_comes_not_what_was() {
    on_both(|store| async move {
        decide(&store, 2).await;
        let at = now();
        store.make_out_deliveries(&site(), at).await.unwrap();
        let none = store
            .take_deliveries(&site(), 10, after(at, 60), at)
            .await
            .unwrap();
        assert!(none.is_empty());
        let before = store.event_range(&site()).await.unwrap().last;
        decide(&store, 3).await;
        for _ in 0..2 {
            store.make_out_deliveries(&site(), at).await.unwrap();
        }
        let due = store
            .take_deliveries(&site(), 10, after(at, 60), at)
            .await
            .unwrap();
        let numbers: Vec<_> = due.iter().map(|delivery| delivery.event.number).collect();
        assert!(numbers.into_iter().eq(before + 1..=before + 6));
        assert!(due.iter().all(|delivery| delivery.attempts == 0));
    })
    .await;
}

#[tokio::test]
async fn one_takes_it_and_another_once_the_lease_is_over() {
    on_both(|store| async move {
        let at = now();
        store.make_out_deliveries(&site(), at).await.unwrap();
        decide(&store, 10).await;
        store.make_out_deliveries(&site(), at).await.unwrap();
        let here = site();
        let take = || store.take_deliveries(&here, 20, after(at, 60), at);
        let (one, other) = futures::join!(take(), take());
        let [one, other] = [one, other].map(|taken| taken.unwrap().len());
        assert!(one + other <= 20, "{one} {other}");
        let rest = take().await.unwrap().len();
        assert_eq!(one + other + rest, 20);
        assert!(take().await.unwrap().is_empty());
        let due = async |at| store.has_due_delivery(&site(), at).await.unwrap();
        assert!(!due(after(at, 59)).await, "leased");
        assert!(due(after(at, 60)).await);
        let again = store
            .take_deliveries(&site(), 50, after(at, 120), after(at, 60))
            .await;
        assert_eq!(again.unwrap().len(), 20);
    })
    .await;
}

#[tokio::test]
async fn what_is_given_up_waits_on_a_list() {
    on_both(|store| async move {
        let at = now();
        store.make_out_deliveries(&site(), at).await.unwrap();
        decide(&store, 3).await;
        store.make_out_deliveries(&site(), at).await.unwrap();
        let due = store
            .take_deliveries(&site(), 10, after(at, 60), at)
            .await
            .unwrap();
        let error = "no connection: refused".to_owned();
        let attempts = [
            Attempt::Delivered(204),
            Attempt::Retry {
                status: Some(503),
                error: error.clone(),
                at: after(at, 5),
            },
            Attempt::Dead {
                status: None,
                error,
            },
        ];
        for (delivery, attempt) in due.iter().zip(&attempts) {
            let number = delivery.event.number;
            store
                .delivery_attempted(&site(), number, attempt, at)
                .await
                .unwrap();
        }
        let soon = store
            .take_deliveries(&site(), 10, after(at, 60), after(at, 4))
            .await;
        assert!(soon.unwrap().is_empty());
        let has_due = async |at| store.has_due_delivery(&site(), at).await.unwrap();
        assert!(!has_due(after(at, 4)).await && has_due(after(at, 5)).await);
        let then = store
            .take_deliveries(&site(), 10, after(at, 65), after(at, 5))
            .await
            .unwrap();
        assert_eq!((then.len(), then[0].attempts), (1, 1));
        let dead = store
            .deliveries(None, DeliveryState::Dead, 10)
            .await
            .unwrap();
        assert_eq!(dead.len(), 1);
        assert_eq!((dead[0].event, dead[0].attempts), (due[2].event.number, 1));
        assert_eq!(
            dead[0].last_error.as_deref(),
            Some("no connection: refused")
        );
        let counts = store.delivery_counts().await.unwrap();
        assert_eq!((counts[0].1.waiting, counts[0].1.dead), (4, 1));
        assert_eq!(
            store
                .redeliver(&site(), Some(u64::MAX >> 1), at)
                .await
                .unwrap(),
            0
        );
        assert_eq!(store.redeliver(&site(), None, at).await.unwrap(), 1);
        let again = store
            .take_deliveries(&site(), 10, after(at, 60), at)
            .await
            .unwrap();
        assert_eq!(
            (again[0].event.number, again[0].attempts),
            (due[2].event.number, 0)
        );
        assert_eq!(store.forget_delivered(after(at, 1)).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn more_is_forgotten_than_one_transaction_takes() {
    on_both(|store| async move {
        let (here, at) = (site(), now());
        store.make_out_deliveries(&here, at).await.unwrap();
        decide(&store, 110).await;
        while store.make_out_deliveries(&here, at).await.unwrap() {}
        let due = store.take_deliveries(&here, 300, after(at, 60), at).await;
        for delivery in due.unwrap().iter().skip(1) {
            let (number, delivered) = (delivery.event.number, Attempt::Delivered(204));
            let told = store.delivery_attempted(&here, number, &delivered, at);
            told.await.unwrap();
        }
        assert_eq!(store.forget_delivered(at).await.unwrap(), 0);
        assert_eq!(store.forget_delivered(after(at, 1)).await.unwrap(), 219);
        let left = store.delivery_counts().await.unwrap();
        assert_eq!(left[0].1.waiting, 1);
    })
    .await;
}
