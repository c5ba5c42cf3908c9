//! Blind re-review: what is drawn, who may look at it, and what the answers say.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use moderato::review::{Looked, RejectReason, Review, ReviewError, ReviewSettings, Verdict};
use moderato::site::{SiteAccess, SiteId};
use moderato::store::{
    Actor, AuthorKey, BlindHasher, BlindObstacle, BlindShares, LabelFilter, LabelOrder,
    LabelSource, Period, Record, Retention, Store,
};
use moderato::verdict::Decision;
use uuid::Uuid;

use super::super::records::{decided, now, site};
use super::super::stores::on_both;
use super::{keep, moderator, name, resolve};

const SPAM: Verdict = Verdict::Reject(Some(RejectReason::Spam));

/// A review that draws so much.
fn drawing(store: &Store, approved: f64, rejected: f64, per_day: u32) -> Review {
    let blind = BlindShares {
        approved,
        rejected,
        per_day,
    };
    let settings = ReviewSettings {
        blind,
        ..ReviewSettings::default()
    };
    Review::new(store.clone(), settings, Uuid::now_v7)
}

fn hasher() -> BlindHasher {
    BlindHasher::new([3; 32])
}

/// Noon of the day before.
fn yesterday() -> Timestamp {
    let day = 86_400;
    Timestamp::from_second((now().as_second() / day - 1) * day + day / 2).unwrap()
}

/// Noon of the day after it.
fn today() -> Timestamp {
    yesterday() + SignedDuration::from_hours(24)
}

fn of_yesterday(decision: Decision, number: usize) -> Record {
    let email = format!("{number}@example.org");
    let text = format!("words of comment {number} and no other");
    Record {
        received_at: yesterday(),
        ..decided(decision, &email, &text)
    }
}

async fn kept(store: &Store, decision: Decision, count: usize) -> Vec<Record> {
    let records: Vec<_> = (0..count).map(|n| of_yesterday(decision, n)).collect();
    keep(store, &records).await;
    records
}

#[tokio::test]
async fn each_day_is_drawn_from_once_when_it_is_over() {
    on_both(|store| async move {
        kept(&store, Decision::Approve, 12).await;
        kept(&store, Decision::Reject, 12).await;
        kept(&store, Decision::Hold, 3).await;
        let review = drawing(&store, 1.0, 1.0, 5);
        let same_day = yesterday() + SignedDuration::from_hours(6);
        let drawn = async |at| review.draw_blind(&hasher(), at).await.unwrap();
        assert_eq!(drawn(same_day).await, 0, "the day is not over");
        let at_once = futures::future::join_all((0..8).map(|_| drawn(today()))).await;
        assert_eq!(at_once.into_iter().sum::<u64>(), 10, "five of either, once");
        assert_eq!(drawn(today()).await, 0);
        assert_eq!(review.blind_open(&moderator("ayesha")).await.unwrap(), 10);
        let others = review.within(SiteAccess::only([SiteId::new("other").unwrap()]));
        assert_eq!(others.blind_open(&moderator("bilal")).await.unwrap(), 0);
        let none = others.next_blind(&moderator("bilal"), None, today()).await;
        assert!(none.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_share_of_none_draws_nothing_and_all_of_one_kind_that_alone() {
    on_both(|store| async move {
        kept(&store, Decision::Approve, 4).await;
        kept(&store, Decision::Reject, 4).await;
        let none = drawing(&store, 0.0, 0.0, 5);
        assert_eq!(none.draw_blind(&hasher(), today()).await.unwrap(), 0);
        let rejected = drawing(&store, 0.0, 1.0, 5);
        assert_eq!(rejected.draw_blind(&hasher(), today()).await.unwrap(), 4);
    })
    .await;
}

#[tokio::test]
async fn who_decided_never_looks_again_and_two_have_not_the_same() {
    on_both(|store| async move {
        let records = kept(&store, Decision::Hold, 2).await;
        let review = drawing(&store, 1.0, 1.0, 5);
        let request = resolve(&[&records[0], &records[1]], Verdict::Approve);
        let ruled = review
            .resolve(&request, &moderator("ayesha"), yesterday())
            .await;
        ruled.unwrap();
        assert_eq!(review.draw_blind(&hasher(), today()).await.unwrap(), 2);
        let next = async |who: &str| {
            let who = moderator(who);
            let view = review.next_blind(&who, None, today()).await.unwrap();
            view.map(|view| view.id)
        };
        assert_eq!(next("ayesha").await, None, "she decided both");
        let (bilal, chand) = (next("bilal").await.unwrap(), next("chand").await.unwrap());
        assert_ne!(bilal, chand);
        assert_eq!(next("bilal").await, Some(bilal), "he has it still");
        assert_eq!(next("dua").await, None, "others have both");
        let answered = async |sample, who: &str| {
            let who = moderator(who);
            review
                .answer_blind(sample, SPAM, &who, today())
                .await
                .unwrap()
        };
        let refused = |answer: Result<_, BlindObstacle>| answer.map(drop).unwrap_err();
        assert_eq!(
            refused(answered(bilal, "chand").await),
            BlindObstacle::Claimed
        );
        assert!(answered(bilal, "bilal").await.is_ok());
        assert_eq!(refused(answered(bilal, "bilal").await), BlindObstacle::Gone);
        let later = today() + SignedDuration::from_hours(1);
        let own = review
            .answer_blind(chand, SPAM, &moderator("ayesha"), later)
            .await;
        assert_eq!(refused(own.unwrap()), BlindObstacle::Own);
        let passed_on = review.next_blind(&moderator("dua"), None, later).await;
        assert_eq!(passed_on.unwrap().unwrap().id, chand, "the claim ended");
    })
    .await;
}

#[tokio::test]
async fn an_answer_changes_nothing_until_it_is_applied() {
    on_both(|store| async move {
        let records = kept(&store, Decision::Approve, 1).await;
        let (review, bilal) = (drawing(&store, 1.0, 1.0, 5), moderator("bilal"));
        review.draw_blind(&hasher(), today()).await.unwrap();
        let view = review.next_blind(&bilal, None, today()).await.unwrap();
        let view = view.unwrap();
        assert_eq!(view.texts, records[0].content.as_ref().unwrap().texts);
        let answered = review.answer_blind(view.id, SPAM, &bilal, today()).await;
        let answered = answered.unwrap().unwrap();
        assert!(!answered.agrees() && answered.teaches);
        let dossier = async || review.dossier(&name(&records[0]), today()).await.unwrap();
        assert_eq!(dossier().await.decisions.len(), 1);
        let differences = review.blind_differences().await.unwrap();
        assert_eq!(differences.len(), 1);
        assert_eq!(differences[0].answered, bilal);
        // Not by somebody else, who may know the sample's name from a page before.
        let ayesha = moderator("ayesha");
        let others = review.apply_blind(view.id, &ayesha, false, today()).await;
        assert!(matches!(others, Err(ReviewError::NotTheirs)));
        assert_eq!(dossier().await.decisions.len(), 1);
        let (_, outcome) = review
            .apply_blind(view.id, &bilal, false, today())
            .await
            .unwrap();
        assert_eq!(outcome.unwrap().decision, Decision::Reject);
        assert_eq!(dossier().await.decisions.len(), 2);
        assert!(review.blind_differences().await.unwrap().is_empty());
        let again = review.apply_blind(view.id, &bilal, false, today()).await;
        assert!(matches!(again, Err(ReviewError::NotFound)), "{again:?}");
    })
    .await;
}

#[tokio::test]
async fn a_persons_decision_is_overruled_by_an_operator_alone() {
    on_both(|store| async move {
        let records = kept(&store, Decision::Hold, 1).await;
        let (review, bilal) = (drawing(&store, 1.0, 1.0, 5), moderator("bilal"));
        let request = resolve(&[&records[0]], SPAM);
        let ruled = review
            .resolve(&request, &moderator("ayesha"), yesterday())
            .await;
        ruled.unwrap();
        review.draw_blind(&hasher(), today()).await.unwrap();
        let view = review.next_blind(&bilal, None, today()).await.unwrap();
        let sample = view.unwrap().id;
        let answer = review.answer_blind(sample, Verdict::Approve, &bilal, today());
        let answered = answer.await.unwrap().unwrap();
        assert!(!answered.teaches, "two who differ teach nothing");
        let refused = review.apply_blind(sample, &bilal, false, today()).await;
        assert!(matches!(refused, Err(ReviewError::NotTheirs)));
        let applied = review.apply_blind(sample, &Actor::Operator, true, today());
        let decision = applied.await.unwrap().1.unwrap();
        assert_eq!((decision.decision, decision.number), (Decision::Approve, 2));
        let figures = review.blind_figures(Some(&site()), 2, today()).await;
        let one = Looked {
            answers: 1,
            otherwise: 1,
        };
        let figures = figures.unwrap();
        assert_eq!((figures.rejected, figures.by_people), (one, one));
        assert_eq!(figures.rejected_by_policy, Looked::default());
        let pairs = store.blind_pairs().await.unwrap();
        assert_eq!(
            (&*pairs[0].decided, &*pairs[0].answered),
            ("ayesha", "bilal")
        );
        assert_eq!((pairs[0].agreed, pairs[0].answers), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn agreeing_teaches_and_the_figures_count_what_was_decided_by_whom() {
    on_both(|store| async move {
        kept(&store, Decision::Approve, 3).await;
        kept(&store, Decision::Reject, 2).await;
        let (review, bilal) = (drawing(&store, 1.0, 1.0, 5), moderator("bilal"));
        review.draw_blind(&hasher(), today()).await.unwrap();
        let mut seen = HashSet::new();
        while let Some(view) = review.next_blind(&bilal, None, today()).await.unwrap() {
            assert!(seen.insert(view.id));
            let answer = review.answer_blind(view.id, Verdict::Approve, &bilal, today());
            answer.await.unwrap().unwrap();
        }
        let figures = review.blind_figures(None, 2, today()).await.unwrap();
        let looked = |answers, otherwise| Looked { answers, otherwise };
        assert_eq!(figures.approved, looked(3, 0));
        assert_eq!(figures.rejected_by_policy, looked(2, 2));
        assert_eq!(figures.by_people, looked(0, 0));
        assert!(figures.approved.share().high > 0.5, "three say little");
        let filter = LabelFilter {
            source: Some(LabelSource::Blind),
            ..LabelFilter::default()
        };
        let order = LabelOrder::OldestFirst;
        let labels = store.labels(&filter, order, None, 9).await.unwrap();
        assert_eq!(labels.len(), 5);
        assert!(labels.iter().all(|label| label.label.spam == Some(false)));
        let before = review.blind_figures(None, 1, today() + SignedDuration::from_hours(48));
        assert_eq!(before.await.unwrap().approved, looked(0, 0));
    })
    .await;
}

#[tokio::test]
async fn what_is_decided_anew_or_forgotten_is_not_open_and_answers_stay_counted() {
    on_both(|store| async move {
        let records = kept(&store, Decision::Reject, 3).await;
        let (review, bilal) = (drawing(&store, 1.0, 1.0, 5), moderator("bilal"));
        review.draw_blind(&hasher(), today()).await.unwrap();
        let view = review.next_blind(&bilal, None, today()).await.unwrap();
        let answer = review.answer_blind(view.unwrap().id, SPAM, &bilal, today());
        let answered = answer.await.unwrap().unwrap().comment.id;
        let mut left = records.iter().filter(|record| record.id != answered);
        let (anew, erased) = (left.next().unwrap(), left.next().unwrap());
        let request = resolve(&[anew], Verdict::Approve);
        let ruled = review
            .resolve(&request, &moderator("ayesha"), today())
            .await;
        ruled.unwrap();
        assert_eq!(review.blind_open(&bilal).await.unwrap(), 1);
        let email = erased.content.as_ref().unwrap().author.email;
        let author = AuthorKey::Email(email);
        let erasing = store.erase(&site(), author, today(), Uuid::now_v7).await;
        erasing.unwrap();
        assert_eq!(review.blind_open(&bilal).await.unwrap(), 0);
        let looked = async |at| review.blind_figures(None, 30, at).await.unwrap().rejected;
        let retention = Retention {
            rejected: Period::days(1),
            records: Period::days(10),
            ..Retention::default()
        };
        let later = |days: i64| today() + SignedDuration::from_hours(24 * days);
        store.sweep(&retention, later(3)).await.unwrap();
        assert_eq!(looked(later(3)).await.answers, 1, "it holds no text");
        store.sweep(&retention, later(20)).await.unwrap();
        assert_eq!(looked(later(20)).await.answers, 0, "nothing is left of it");
    })
    .await;
}
