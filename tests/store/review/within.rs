//! Somebody who may see some sites only.

use moderato::review::{CommentName, HeldComment, HeldQuery, Page, Review, ReviewError, Verdict};
use moderato::site::{SiteAccess, SiteId};
use moderato::store::{HistoryFilter, Obstacle, QueueFilter, Record};

use super::super::records::{now, site};
use super::super::stores::on_both;
use super::{after, held, keep, moderator, name, resolve, review};

fn elsewhere() -> SiteId {
    SiteId::new("weekly").unwrap()
}

/// A held comment of another site.
fn foreign(email: &str, text: &str) -> Record {
    let mut record = held(email, text);
    record.site = elsewhere();
    record
}

async fn shown(review: &Review, filter: QueueFilter) -> Vec<CommentName> {
    let query = HeldQuery {
        filter,
        ..HeldQuery::default()
    };
    let page = review.held(&query, &Page::default(), now()).await.unwrap();
    assert_eq!(page.total as usize, page.comments.len());
    page.comments.iter().map(HeldComment::name).collect()
}

fn of(site: SiteId) -> QueueFilter {
    QueueFilter {
        site: Some(site),
        ..QueueFilter::default()
    }
}

#[tokio::test]
async fn what_is_asked_is_narrowed_to_ones_own_sites() {
    on_both(|store| async move {
        let own = [
            held("a@example.org", "One of ours"),
            held("b@example.org", "Two of ours"),
        ];
        let others = [foreign("a@example.org", "One of theirs")];
        keep(&store, &own[..1]).await;
        keep(&store, &others).await;
        keep(&store, &own[1..]).await;
        let whole = review(&store);
        let review = whole.within(SiteAccess::only([site()]));
        let ours: Vec<_> = own.iter().map(name).collect();
        assert_eq!(shown(&whole, QueueFilter::default()).await.len(), 3);
        assert_eq!(shown(&review, QueueFilter::default()).await, ours);
        assert_eq!(shown(&review, of(site())).await, ours);
        assert_eq!(
            review.count(&QueueFilter::default(), now()).await.unwrap(),
            2
        );
        assert_eq!(review.authors(None, 10).await.unwrap().len(), 2);
        let both = whole.within(SiteAccess::only([site(), elsewhere()]));
        assert_eq!(both.authors(None, 2).await.unwrap().len(), 2);
        // A page ends where the next begins, whatever stands between.
        let query = HeldQuery::default();
        let first = Page {
            size: 1,
            token: None,
        };
        let first = review.held(&query, &first, now()).await.unwrap();
        let second = Page {
            size: 1,
            token: first.next,
        };
        let second = review.held(&query, &second, now()).await.unwrap();
        assert_eq!(second.comments[0].name(), ours[1]);
        assert!(second.next.is_none());

        let refused = |outcome: Result<(), ReviewError>| {
            assert!(
                matches!(outcome, Err(ReviewError::SiteNotAllowed(site)) if site == elsewhere())
            );
        };
        let query = HeldQuery {
            filter: of(elsewhere()),
            ..HeldQuery::default()
        };
        refused(review.held(&query, &Page::default(), now()).await.map(drop));
        refused(review.count(&of(elsewhere()), now()).await.map(drop));
        refused(
            review
                .waves(&elsewhere(), 0, &Page::default(), now())
                .await
                .map(drop),
        );
        refused(review.authors(Some(&elsewhere()), 10).await.map(drop));
        refused(review.numbers(Some(&elsewhere()), 7, now()).await.map(drop));
        let author = others[0].content.as_ref().unwrap().author.email;
        refused(
            review
                .author(&elsewhere(), author, 10, now())
                .await
                .map(drop),
        );
        let near = HeldQuery {
            near: Some(name(&others[0])),
            ..HeldQuery::default()
        };
        refused(review.held(&near, &Page::default(), now()).await.map(drop));
        let filter = HistoryFilter {
            site: Some(elsewhere()),
            ..HistoryFilter::default()
        };
        refused(
            review
                .history(&filter, &Page::default(), now())
                .await
                .map(drop),
        );
    })
    .await;
}

#[tokio::test]
async fn a_comment_of_another_site_is_not_there() {
    on_both(|store| async move {
        let own = [
            held("a@example.org", "One of ours"),
            held("b@example.org", "Two of ours"),
        ];
        let theirs = foreign("a@example.org", "One of theirs");
        keep(&store, &own).await;
        keep(&store, std::slice::from_ref(&theirs)).await;
        let whole = review(&store);
        let review = whole.within(SiteAccess::only([site()]));
        let (ayesha, at) = (moderator("ayesha"), now());
        let missing = review.dossier(&name(&theirs), at).await;
        assert!(matches!(missing, Err(ReviewError::NotFound)));
        let missing = review.note(&name(&theirs), "ayesha", "a note", at).await;
        assert!(matches!(missing, Err(ReviewError::NotFound)));
        let names = [name(&theirs), name(&own[0])];
        let claimed = review.claim(&names, "ayesha", at).await.unwrap();
        assert!(matches!(claimed[0], Err(Obstacle::NotFound)));
        assert!(claimed[1].is_ok());
        // Of many, in their order, and the rest of a wave after them.
        let request = resolve(&[&own[0], &theirs, &own[1]], Verdict::Approve);
        let resolved = review.resolve(&request, &ayesha, at).await.unwrap();
        let told: Vec<_> = resolved
            .outcomes
            .iter()
            .map(|(name, outcome)| (name.id, outcome.is_ok()))
            .collect();
        assert_eq!(
            told,
            [(own[0].id, true), (theirs.id, false), (own[1].id, true)]
        );
        assert!(matches!(resolved.outcomes[1].1, Err(Obstacle::NotFound)));
        let theirs_alone = resolve(&[&theirs], Verdict::Approve);
        let resolved = review.resolve(&theirs_alone, &ayesha, at).await.unwrap();
        assert!(matches!(resolved.outcomes[0].1, Err(Obstacle::NotFound)));
        // Decided on by who may, it is taken back by who may, and in whose history it is.
        whole
            .resolve(&theirs_alone, &ayesha, after(at, 1))
            .await
            .unwrap();
        let names = [name(&theirs), name(&own[1])];
        let undone = review
            .undo(&names, &ayesha, false, after(at, 2))
            .await
            .unwrap();
        assert!(matches!(undone[0].1, Err(Obstacle::NotFound)));
        assert!(undone[1].1.is_ok());
        let filter = HistoryFilter::default();
        let all = whole.history(&filter, &Page::default(), at).await.unwrap();
        let ours = review.history(&filter, &Page::default(), at).await.unwrap();
        assert_eq!((all.resolutions.len(), ours.resolutions.len()), (4, 3));
        let numbers = review.numbers(None, 2, after(at, 3)).await.unwrap();
        let all = whole.numbers(None, 2, after(at, 3)).await.unwrap();
        assert_eq!((numbers.decided, all.decided), (1, 2));
        let held = |numbers: &moderato::review::Numbers| -> u64 {
            numbers.days.iter().map(|day| day.held).sum()
        };
        assert_eq!((held(&numbers), held(&all)), (2, 3));
    })
    .await;
}
