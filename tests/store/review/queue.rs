//! The queue: filters, orders, pages.

use std::sync::Arc;

use moderato::review::{HeldOrder, HeldQuery, Page, Review, ReviewError, Verdict};
use moderato::store::{CommentId, QueueFilter, Record};
use moderato::verdict::{Head, Probability, Reason, ReasonCode, Scores};

use super::super::records::{decided, now, site};
use super::super::stores::on_both;
use super::{after, held, keep, moderator, name, resolve, review};

fn scored(number: u32, spam: f64, toxicity: f64) -> Record {
    let mut record = held(
        &format!("a{number}@example.org"),
        &format!("comment {number} words"),
    );
    let mut verdict = (*record.verdict).clone();
    let probability = |p| Probability::new(p).unwrap();
    verdict.scores = Some(Scores {
        spam: probability(spam),
        toxicity: probability(toxicity),
    });
    if toxicity > spam {
        verdict.reasons = vec![Reason::new(
            ReasonCode::ToxicityScore,
            None,
            "It reads like abuse.",
        )];
    }
    record.verdict = Arc::new(verdict);
    record
}

/// The positions in `records` of what a query lists, page by page.
async fn listed(review: &Review, query: &HeldQuery, size: u32, records: &[Record]) -> Vec<usize> {
    let mut listed = Vec::new();
    let mut page = Page { size, token: None };
    loop {
        let found = review.held(query, &page, now()).await.unwrap();
        assert!(found.comments.len() <= size as usize);
        for comment in &found.comments {
            let is = |record: &Record| record.id == comment.queued.comment.id;
            listed.push(records.iter().position(is).unwrap());
        }
        match found.next {
            Some(token) => page.token = Some(token),
            None => return listed,
        }
    }
}

fn query(filter: QueueFilter) -> HeldQuery {
    HeldQuery {
        filter,
        ..HeldQuery::default()
    }
}

fn ordered(order: HeldOrder, head: Option<Head>) -> HeldQuery {
    let filter = QueueFilter {
        site: Some(site()),
        head,
        ..QueueFilter::default()
    };
    HeldQuery {
        filter,
        order,
        near: None,
    }
}

#[tokio::test]
async fn every_order_lists_all_once_whatever_the_page() {
    on_both(|store| async move {
        let scores = [(0.5, 0.1), (0.9, 0.2), (0.2, 0.95), (0.9, 0.2), (0.1, 0.1)];
        let records: Vec<_> = (0..)
            .zip(scores)
            .map(|(at, (s, t))| scored(at, s, t))
            .collect();
        keep(&store, &records).await;
        keep(
            &store,
            &[decided(
                moderato::verdict::Decision::Approve,
                "b@example.org",
                "fine",
            )],
        )
        .await;
        let review = review(&store);
        for size in [1, 2, 5, 50] {
            for (order, head, expected) in [
                (HeldOrder::Oldest, None, [0, 1, 2, 3, 4]),
                (HeldOrder::Newest, None, [4, 3, 2, 1, 0]),
                (HeldOrder::Score, None, [2, 1, 3, 0, 4]),
                (HeldOrder::Score, Some(Head::Spam), [1, 3, 0, 2, 4]),
            ] {
                let found = listed(&review, &ordered(order, head), size, &records).await;
                assert_eq!(found, expected, "{order:?} {head:?} by {size}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_list_goes_on_while_others_decide() {
    on_both(|store| async move {
        let records: Vec<_> = (0..60).map(|at| scored(at, 0.5, 0.1)).collect();
        keep(&store, &records).await;
        let review = review(&store);
        let (decided, waits) = records.split_at(45);
        let bilal = async {
            // From all over, so that each page loses some while it is read.
            for at in 0..decided.len() {
                let record = &decided[at * 37 % decided.len()];
                let request = resolve(&[record], Verdict::Approve);
                let who = moderator("bilal");
                review.resolve(&request, &who, now()).await.unwrap();
            }
        };
        let ended = std::cell::Cell::new(false);
        let ayesha = async {
            while !ended.get() {
                for order in [HeldOrder::Oldest, HeldOrder::Newest, HeldOrder::Score] {
                    let found = listed(&review, &ordered(order, None), 15, &records).await;
                    let waiting = found.iter().filter(|at| **at >= decided.len());
                    assert_eq!(waiting.count(), waits.len(), "{order:?}");
                }
            }
        };
        tokio::join!(
            async {
                bilal.await;
                ended.set(true);
            },
            ayesha
        );
    })
    .await;
}

/// Which of three comments a filter leaves.
type Restriction = (fn(&mut QueueFilter), &'static [usize]);

const RESTRICTIONS: [Restriction; 12] = [
    (|_| (), &[0, 1, 2]),
    (
        |filter| filter.site = moderato::site::SiteId::new("other").ok(),
        &[],
    ),
    (
        |filter| filter.reason_codes = vec!["TOXICITY_SCORE".into()],
        &[1],
    ),
    (
        |filter| filter.reason_codes = vec!["SPAM_SCORE".into(), "X".into()],
        &[0, 2],
    ),
    (|filter| filter.reason_codes = vec!["SPAM".into()], &[]),
    (|filter| filter.min_score = Some(0.6), &[0, 1]),
    (
        |filter| (filter.head, filter.min_score) = (Some(Head::Spam), Some(0.6)),
        &[0],
    ),
    (|filter| filter.max_score = Some(0.5), &[2]),
    (|filter| filter.search = Some("100% SICHER_".into()), &[1]),
    (|filter| filter.search = Some("1%0".into()), &[]),
    (|filter| filter.search = Some("ayesha".into()), &[0, 1, 2]),
    (|filter| filter.page_id = Some("other".into()), &[1]),
];

#[tokio::test]
async fn filters_restrict() {
    on_both(|store| async move {
        let mut records = vec![
            scored(0, 0.9, 0.1),
            scored(1, 0.3, 0.8),
            scored(2, 0.5, 0.2),
        ];
        let texts = &mut records[1].content.as_mut().unwrap().texts;
        texts.text = "Ganz 100% sicher_lich, UMSONST!".to_owned();
        texts.page_id = Some("other".to_owned());
        keep(&store, &records).await;
        let review = review(&store);
        let whole = QueueFilter {
            site: Some(site()),
            ..QueueFilter::default()
        };
        let mut filters = Vec::new();
        for (restrict, expected) in RESTRICTIONS {
            let mut filter = whole.clone();
            restrict(&mut filter);
            filters.push((filter, expected));
        }
        let [mut author, mut from, mut before] = [(); 3].map(|()| whole.clone());
        author.author = Some(records[2].content.as_ref().unwrap().author.email);
        from.from = Some(records[1].received_at);
        before.before = Some(records[1].received_at);
        filters.extend([(author, &[2][..]), (from, &[1, 2]), (before, &[0])]);
        let [mut among, mut none] = [(); 2].map(|()| whole.clone());
        // More than a statement takes parameters, with those that are held at the end.
        let unknown = (0..70_000_u128).map(|id| CommentId::from_array(id.to_be_bytes()));
        among.among = Some(unknown.chain([records[2].id, records[0].id]).collect());
        none.among = Some(Vec::new());
        filters.extend([(among, &[0, 2][..]), (none, &[])]);
        for (filter, expected) in filters {
            let shown = format!("{filter:?}");
            let total = review.count(&filter, now()).await.unwrap();
            let found = listed(&review, &query(filter), 50, &records).await;
            assert_eq!(found, expected, "{shown}");
            assert_eq!(total as usize, expected.len(), "{shown}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_comes_or_goes_between_pages_neither_repeats_nor_hides() {
    on_both(|store| async move {
        let mut records: Vec<_> = (0..6).map(|at| scored(at, 0.5, 0.1)).collect();
        keep(&store, &records[..5]).await;
        let review = review(&store);
        let query = ordered(HeldOrder::Oldest, None);
        let page = |token| Page { size: 2, token };
        let first = review.held(&query, &page(None), now()).await.unwrap();
        assert_eq!((first.comments.len(), first.total), (2, 5));
        // The last of the page goes, one further on goes, a new one comes.
        let gone = resolve(&[&records[1], &records[2]], Verdict::Approve);
        review
            .resolve(&gone, &moderator("ayesha"), now())
            .await
            .unwrap();
        keep(&store, &records[5..]).await;
        let second = review.held(&query, &page(first.next), now()).await.unwrap();
        let third = review
            .held(&query, &page(second.next.clone()), now())
            .await
            .unwrap();
        let ids: Vec<_> = [second, third]
            .iter()
            .flat_map(|page| {
                page.comments
                    .iter()
                    .map(|comment| comment.queued.comment.id)
            })
            .collect();
        let expected: Vec<_> = records.drain(3..).map(|record| record.id).collect();
        assert_eq!(ids, expected);
    })
    .await;
}

#[tokio::test]
async fn a_foreign_or_old_token_is_refused() {
    on_both(|store| async move {
        keep(&store, &[scored(0, 0.5, 0.1), scored(1, 0.5, 0.1)]).await;
        let review = review(&store);
        let one = ordered(HeldOrder::Oldest, None);
        let page = Page {
            size: 1,
            token: None,
        };
        let token = review.held(&one, &page, now()).await.unwrap().next;
        let page = Page { size: 1, token };
        let other = ordered(HeldOrder::Newest, None);
        for (query, when, told) in [
            (&other, now(), "another parent, filter or order"),
            (&one, after(now(), 25 * 3600), "stale"),
        ] {
            let refused = review.held(query, &page, when).await.unwrap_err();
            assert!(matches!(refused, ReviewError::PageToken(_)));
            assert!(refused.to_string().contains(told), "{refused}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_dossier_holds_evidence_history_and_the_author() {
    on_both(|store| async move {
        let text = "Buy our cheap watches today from the official shop of watches";
        let [mut earlier, one, copy] =
            ["a@example.org", "a@example.org", "b@example.org"].map(|email| held(email, text));
        earlier.received_at = after(earlier.received_at, -60);
        keep(&store, &[earlier.clone(), one.clone(), copy.clone()]).await;
        let review = review(&store);
        let rejected = resolve(&[&earlier], Verdict::Reject(None));
        review
            .resolve(&rejected, &moderator("ayesha"), now())
            .await
            .unwrap();
        review
            .note(&name(&one), "ayesha", " look at the link ", now())
            .await
            .unwrap();
        let dossier = review.dossier(&name(&one), now()).await.unwrap();
        let shown = &dossier.comment.queued;
        assert_eq!(shown.comment.id, one.id);
        assert_eq!(shown.evidence, one.verdict.evidence);
        assert_eq!(shown.reasons, one.verdict.reasons);
        assert_eq!(dossier.comment.wave_size, 2);
        assert_eq!(dossier.decisions.len(), 1);
        assert_eq!(dossier.notes[0].text, "look at the link");
        let ids = |comments: &[moderato::review::HeldComment]| -> Vec<_> {
            comments
                .iter()
                .map(|comment| comment.queued.comment.id)
                .collect()
        };
        assert_eq!(ids(&dossier.author_comments), [earlier.id]);
        assert_eq!((dossier.author.rejected, dossier.author.held), (1, 1));
        assert_eq!(dossier.author.first_at, Some(earlier.received_at));
        assert_eq!(ids(&dossier.near), [copy.id]);
        let settled = review.dossier(&name(&earlier), now()).await.unwrap();
        assert_eq!(settled.decisions.len(), 2);
        let mut elsewhere = name(&one);
        elsewhere.site = moderato::site::SiteId::default();
        let refused = review.dossier(&elsewhere, now()).await.unwrap_err();
        assert!(matches!(refused, ReviewError::NotFound));
    })
    .await;
}
