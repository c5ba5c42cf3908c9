//! Claims.

use moderato::review::{HeldQuery, Page, Verdict};
use moderato::store::{Obstacle, QueueFilter};

use super::super::records::now;
use super::super::stores::on_both;
use super::{after, held, keep, moderator, name, resolve, review};

#[tokio::test]
async fn one_has_it_until_it_ends() {
    on_both(|store| async move {
        let one = held("a@example.org", "one");
        keep(&store, std::slice::from_ref(&one)).await;
        let review = review(&store);
        let (names, at) = ([name(&one)], now());
        let mine = review.claim(&names, "ayesha", at).await.unwrap();
        assert_eq!(mine[0].as_ref().unwrap().expires_at, after(at, 60));
        let theirs = review.claim(&names, "bilal", after(at, 59)).await.unwrap();
        let Err(Obstacle::Claimed(claim)) = &theirs[0] else {
            panic!("{theirs:?}");
        };
        assert_eq!(claim.moderator, "ayesha");
        let longer = review.claim(&names, "ayesha", after(at, 30)).await.unwrap();
        assert_eq!(longer[0].as_ref().unwrap().expires_at, after(at, 90));
        let over = review.claim(&names, "bilal", after(at, 90)).await.unwrap();
        assert!(over[0].is_ok(), "{over:?}");
        review.release(&names, "ayesha").await.unwrap();
        let kept = review.claim(&names, "ayesha", after(at, 91)).await.unwrap();
        assert!(kept[0].is_err(), "only who has it gives it back");
        review.release(&names, "bilal").await.unwrap();
        let free = review.claim(&names, "ayesha", after(at, 91)).await.unwrap();
        assert!(free[0].is_ok());
    })
    .await;
}

#[tokio::test]
async fn what_is_claimed_is_left_to_who_has_it() {
    on_both(|store| async move {
        let records = [held("a@example.org", "one"), held("b@example.org", "two")];
        keep(&store, &records).await;
        let review = review(&store);
        let at = now();
        review
            .claim(&[name(&records[0])], "ayesha", at)
            .await
            .unwrap();
        for (who, free) in [("ayesha", 2), ("bilal", 1)] {
            let query = HeldQuery {
                filter: QueueFilter {
                    free_for: Some(who.to_owned()),
                    ..QueueFilter::default()
                },
                ..HeldQuery::default()
            };
            let page = review.held(&query, &Page::default(), at).await.unwrap();
            assert_eq!(
                (page.comments.len(), page.total),
                (free, u32::try_from(free).unwrap()),
                "{who}"
            );
        }
        let mut request = resolve(&[&records[0], &records[1]], Verdict::Approve);
        let resolved = review
            .resolve(&request, &moderator("bilal"), at)
            .await
            .unwrap();
        assert!(matches!(resolved.outcomes[0].1, Err(Obstacle::Claimed(_))));
        assert!(resolved.outcomes[1].1.is_ok());
        request = resolve(&[&records[0]], Verdict::Approve);
        request.override_claims = true;
        let resolved = review
            .resolve(&request, &moderator("bilal"), at)
            .await
            .unwrap();
        assert!(resolved.outcomes[0].1.is_ok());
        let late = review
            .claim(&[name(&records[0])], "ayesha", at)
            .await
            .unwrap();
        assert!(matches!(late[0], Err(Obstacle::Settled(_))), "{late:?}");
    })
    .await;
}

#[tokio::test]
async fn of_many_who_claim_at_once_one_has_it() {
    on_both(|store| async move {
        let one = held("a@example.org", "one");
        keep(&store, std::slice::from_ref(&one)).await;
        let review = review(&store);
        let (names, at) = ([name(&one)], now());
        let claim = |number: usize| {
            let (review, names) = (review.clone(), &names);
            async move {
                review
                    .claim(names, &format!("m{number}"), at)
                    .await
                    .unwrap()
                    .remove(0)
            }
        };
        let claims = futures::future::join_all((0..20).map(claim)).await;
        assert_eq!(claims.iter().filter(|claim| claim.is_ok()).count(), 1);
    })
    .await;
}
