//! Events: gapless, in order, watched.

use std::time::Duration;

use futures::StreamExt as _;
use moderato::review::{Verdict, Watched};
use moderato::store::Event;

use super::super::records::{now, site};
use super::super::stores::on_both;
use super::{held, keep, moderator, resolve, review};

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn of_many_who_decide_at_once_the_events_have_no_gap() {
    on_both(|store| async move {
        let records: Vec<_> = (0..60)
            .map(|number| held("a@example.org", &format!("number {number} of many")))
            .collect();
        keep(&store, &records).await;
        let review = review(&store);
        let first = store.event_range(&site()).await.unwrap().last;
        let decide = |(at, record): (usize, &moderato::store::Record)| {
            let (review, request) = (review.clone(), resolve(&[record], Verdict::Approve));
            async move {
                let who = moderator(&format!("m{}", at % 4));
                review.resolve(&request, &who, now()).await.unwrap();
            }
        };
        // Who reads meanwhile never sees a number before those below it.
        let reading = async {
            let mut last = first;
            while last < first + 60 {
                for event in store.events(&site(), last, 100).await.unwrap() {
                    assert_eq!(event.number, last + 1);
                    last = event.number;
                }
                tokio::task::yield_now().await;
            }
        };
        let deciding = futures::future::join_all(records.iter().enumerate().map(decide));
        futures::join!(deciding, reading);
    })
    .await;
}

#[tokio::test]
async fn who_watches_sees_what_was_and_what_comes() {
    on_both(|store| async move {
        let records: Vec<_> = (0..3)
            .map(|number| held("a@example.org", &format!("number {number}")))
            .collect();
        keep(&store, &records).await;
        let review = review(&store);
        let start = store.event_range(&site()).await.unwrap().last;
        let decide = |at: usize| {
            let (review, request) = (review.clone(), resolve(&[&records[at]], Verdict::Approve));
            async move {
                review
                    .resolve(&request, &moderator("ayesha"), now())
                    .await
                    .unwrap()
            }
        };
        decide(0).await;
        let watched = review.watch(site(), start).await.unwrap();
        let mut watched = Box::pin(watched.filter_map(|watched| async {
            match watched.unwrap() {
                Watched::Event(event) => Some(*event),
                Watched::Silence => None,
            }
        }));
        let mut next = async || -> Event {
            let event = tokio::time::timeout(PATIENCE, watched.next()).await;
            event.expect("an event").unwrap()
        };
        assert_eq!(next().await.comment, records[0].id);
        decide(1).await;
        assert_eq!(next().await.comment, records[1].id);
        // Another replica rings no bell here.
        let other = super::review(&store);
        let request = resolve(&[&records[2]], Verdict::Approve);
        other
            .resolve(&request, &moderator("bilal"), now())
            .await
            .unwrap();
        let last = next().await;
        assert_eq!((last.comment, last.number), (records[2].id, start + 3));
        let refused = review.watch(site(), start + 4).await.err().unwrap();
        assert!(
            refused.to_string().starts_with("cursor: expected at most"),
            "{refused}"
        );
    })
    .await;
}
