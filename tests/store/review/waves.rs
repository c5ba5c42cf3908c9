//! Waves: near-identical comments.

use moderato::review::{
    HeldComment, HeldOrder, HeldQuery, Page, RejectReason, Review, ReviewSettings, Verdict,
};
use moderato::store::{Complaint, QueueFilter, Record, Reporter};
use moderato::verdict::Decision;
use uuid::Uuid;

use super::super::records::{decided, now, site};
use super::super::stores::on_both;
use super::{after, held, keep, moderator, name, resolve, review};

/// Fifty copies, each with a link and a number of its own, by ten authors, among
/// others.
pub fn campaign() -> (Vec<Record>, Vec<Record>) {
    let copy = |number: usize| {
        let text = format!(
            "My neighbour makes {number} dollars every single week by working from the home \
             office, read how at https://site{number}.com/start"
        );
        held(&format!("s{}@example.org", number % 10), &text)
    };
    let other = |text: &&str| held("reader@example.org", text);
    let others = [
        "Thank you for this careful report from the district court",
        "The minister said the opposite a year ago, as your own paper wrote",
        "Why is the bridge still closed after two years of work",
    ];
    (
        (100..150).map(copy).collect(),
        others.iter().map(other).collect(),
    )
}

#[tokio::test]
async fn one_decision_clears_fifty_and_teaches_once() {
    on_both(|store| async move {
        let (copies, others) = campaign();
        keep(&store, &others[..2]).await;
        keep(&store, &copies).await;
        keep(&store, &others[2..]).await;
        let review = review(&store);
        let waves = review
            .waves(&site(), 0, &Page::default(), now())
            .await
            .unwrap();
        assert_eq!((waves.total, waves.waves.len()), (1, 1));
        let wave = &waves.waves[0];
        assert_eq!(wave.first.queued.comment.id, copies[0].id);
        assert_eq!((wave.first.wave_size, wave.authors), (50, 10));
        assert_eq!(wave.latest_at, copies[49].received_at);

        let before = store.event_range(&site()).await.unwrap().last;
        let mut request = resolve(&[&copies[7]], Verdict::Reject(Some(RejectReason::Spam)));
        request.whole_waves = true;
        let resolved = review
            .resolve(&request, &moderator("ayesha"), now())
            .await
            .unwrap();
        assert_eq!(resolved.outcomes.len(), 50);
        assert_eq!(resolved.outcomes[0].0, name(&copies[7]));
        assert!(resolved.outcomes.iter().all(|(_, outcome)| outcome.is_ok()));
        assert_eq!(resolved.labels, 1);
        assert_eq!(
            review.count(&QueueFilter::default(), now()).await.unwrap(),
            3
        );
        assert_eq!(
            review
                .waves(&site(), 0, &Page::default(), now())
                .await
                .unwrap()
                .total,
            0
        );
        let told = store.events(&site(), before, 100).await.unwrap();
        assert_eq!(told.len(), 50);
    })
    .await;
}

#[tokio::test]
async fn what_is_reported_joins_the_wave_of_its_copies() {
    on_both(|store| async move {
        let (copies, _) = campaign();
        keep(&store, &copies[..3]).await;
        let text = &copies[3].content.as_ref().unwrap().texts.text;
        let mut published = decided(Decision::Approve, "reader@example.org", text);
        // As it is for what was not held.
        published.content.as_mut().unwrap().simhash = None;
        keep(&store, std::slice::from_ref(&published)).await;
        let review = review(&store);
        let at = now();
        let (reporter, complaint) = (Reporter::Reader, Complaint::Spam);
        review
            .report(&name(&published), reporter, complaint, "", at)
            .await
            .unwrap();
        let waves = review
            .waves(&site(), 0, &Page::default(), at)
            .await
            .unwrap();
        assert_eq!((waves.total, waves.waves[0].first.wave_size), (1, 4));
        let mut request = resolve(&[&copies[0]], Verdict::Reject(Some(RejectReason::Spam)));
        request.whole_waves = true;
        let resolved = review.resolve(&request, &moderator("ayesha"), at).await;
        let resolved = resolved.unwrap();
        assert_eq!((resolved.outcomes.len(), resolved.labels), (4, 1));
    })
    .await;
}

#[tokio::test]
async fn a_wave_is_taken_by_one_that_waits_no_longer() {
    on_both(|store| async move {
        let (copies, _) = campaign();
        let text = &copies[9].content.as_ref().unwrap().texts.text;
        let mut refused = decided(Decision::Reject, "reader@example.org", text);
        // As it is for what was not held.
        refused.content.as_mut().unwrap().simhash = None;
        keep(&store, &copies[..6]).await;
        keep(&store, std::slice::from_ref(&refused)).await;
        let review = review(&store);
        let near = async |record: &Record| {
            let query = HeldQuery {
                near: Some(name(record)),
                ..HeldQuery::default()
            };
            let found = review.held(&query, &Page::default(), now()).await.unwrap();
            let dossier = review.dossier(&name(record), now()).await.unwrap();
            let ids = |held: &[HeldComment]| -> Vec<_> {
                held.iter().map(|held| held.queued.comment.id).collect()
            };
            assert_eq!(ids(&found.comments), ids(&dossier.near));
            found.total
        };
        assert_eq!(near(&refused).await, 6);
        // As a call leaves it that failed after its first comments, and is made again.
        let verdict = Verdict::Reject(Some(RejectReason::Spam));
        let mut request = resolve(&[&copies[2]], verdict);
        let who = moderator("ayesha");
        review.resolve(&request, &who, now()).await.unwrap();
        assert_eq!(near(&copies[2]).await, 5);
        request.whole_waves = true;
        let resolved = review.resolve(&request, &who, now()).await.unwrap();
        assert_eq!(resolved.outcomes.len(), 6);
        assert!(resolved.outcomes.iter().all(|(_, outcome)| outcome.is_ok()));
        assert_eq!(near(&copies[2]).await, 0);
        // And by one that the policy rejected.
        keep(&store, &copies[6..9]).await;
        let mut restore = resolve(&[&refused], Verdict::Approve);
        restore.whole_waves = true;
        let later = after(now(), 2);
        let restored = review.resolve(&restore, &who, later).await.unwrap();
        assert_eq!(restored.outcomes.len(), 4);
        assert!(restored.outcomes.iter().all(|(_, outcome)| outcome.is_ok()));
        assert_eq!(restored.labels, 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_selected_by_hand_teaches_once_a_group() {
    on_both(|store| async move {
        let (copies, others) = campaign();
        keep(&store, &copies).await;
        keep(&store, &others).await;
        let all: Vec<_> = copies.iter().chain(&others).collect();
        let review = review(&store);
        let request = resolve(&all, Verdict::Approve);
        let resolved = review
            .resolve(&request, &moderator("ayesha"), now())
            .await
            .unwrap();
        assert_eq!(resolved.labels, 1 + 3);
    })
    .await;
}

#[tokio::test]
async fn by_wave_the_largest_comes_first_and_copies_side_by_side() {
    on_both(|store| async move {
        let (copies, others) = campaign();
        // Mixed: two others first, a copy now and then.
        keep(&store, &others).await;
        keep(&store, &copies[..20]).await;
        let review = review(&store);
        let query = HeldQuery {
            filter: QueueFilter {
                site: Some(site()),
                ..QueueFilter::default()
            },
            order: HeldOrder::Wave,
            near: None,
        };
        let mut page = Page {
            size: 7,
            token: None,
        };
        let mut seen = Vec::new();
        loop {
            let found = review.held(&query, &page, now()).await.unwrap();
            assert_eq!(found.total, 23);
            seen.extend(
                found
                    .comments
                    .iter()
                    .map(|comment| comment.queued.comment.id),
            );
            match found.next {
                Some(token) => page.token = Some(token),
                None => break,
            }
        }
        let expected = copies[..20].iter().chain(&others).map(|record| record.id);
        assert_eq!(seen, expected.collect::<Vec<_>>());
        let near = HeldQuery {
            near: Some(name(&copies[3])),
            ..HeldQuery::default()
        };
        assert_eq!(
            review
                .held(&near, &Page::default(), now())
                .await
                .unwrap()
                .total,
            20
        );
        let everywhere = HeldQuery {
            order: HeldOrder::Wave,
            ..HeldQuery::default()
        };
        let refused = review
            .held(&everywhere, &Page::default(), now())
            .await
            .unwrap_err();
        assert!(
            refused.to_string().starts_with("parent: expected one site"),
            "{refused}"
        );
    })
    .await;
}

#[tokio::test]
async fn waves_come_in_pages_and_a_great_one_is_decided_on_in_parts() {
    on_both(|store| async move {
        let (copies, _) = campaign();
        let other = |number: u32| {
            let text = format!("Vote for the longer opening hours of the library, reader {number}");
            held("reader@example.org", &text)
        };
        let third = |number: u32| {
            let text = format!("The bus at the corner of the market is late again, line {number}");
            held("reader@example.org", &text)
        };
        keep(&store, &copies[..7]).await;
        keep(&store, &[other(1), other(2), third(3), third(4)]).await;
        let settings = ReviewSettings {
            most_at_once: 3,
            ..ReviewSettings::default()
        };
        let review = Review::new(store.clone(), settings, Uuid::now_v7);
        let (site, mut sizes, mut token) = (site(), Vec::new(), None);
        loop {
            let page = Page { size: 1, token };
            let waves = review.waves(&site, 0, &page, now()).await.unwrap();
            assert_eq!((waves.total, waves.waves.len()), (3, 1));
            sizes.push(waves.waves[0].first.wave_size);
            token = waves.next;
            if token.is_none() {
                break;
            }
            let page = Page {
                size: 1,
                token: token.clone(),
            };
            let wider = review.waves(&site, 5, &page, now());
            assert!(wider.await.is_err(), "a token is of one question");
        }
        assert_eq!(sizes, [7, 2, 2]);

        let mut request = resolve(&[&copies[0]], Verdict::Reject(Some(RejectReason::Spam)));
        request.whole_waves = true;
        let mut parts = Vec::new();
        loop {
            let resolved = review.resolve(&request, &moderator("ayesha"), now()).await;
            let resolved = resolved.unwrap();
            let made = resolved.outcomes.iter().filter(|(_, made)| made.is_ok());
            parts.push((made.count(), resolved.left));
            if resolved.left == 0 {
                break;
            }
        }
        // The one that is named is told of each time.
        assert_eq!(parts, [(3, 4), (3, 2), (3, 0)]);
        let held = review.count(&QueueFilter::default(), now()).await.unwrap();
        assert_eq!(held, 4);
    })
    .await;
}
