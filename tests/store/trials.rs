//! Models on trial beside the live one, what came of them, and the removal of old ones.

use moderato::lifecycle::{
    KeptBecause, Lifecycle, LifecycleError, ModelRef, Removal, ShadowReport, Shadowing,
};
use moderato::review::{RejectReason, Verdict};
use moderato::site::SiteAccess;
use moderato::store::{Actor, Added, PromotionKind, Record, Retention, ShadowVerdict, Store};
use moderato::verdict::{Decision, Probability, Scores};

use super::labels::lifecycle;
use super::models::{base, by, candidate, check, named};
use super::records::{decided, now, site};
use super::review::{after, resolve, review};
use super::stores::on_both;

async fn shadow(lifecycle: &Lifecycle, model: &str, who: &str) -> Result<i64, LifecycleError> {
    let shadowing = Shadowing {
        model: named(model),
        share: "50%".parse().unwrap(),
        sites: SiteAccess::only([site()]),
    };
    let begun = lifecycle
        .start_shadow(shadowing, base().id(), by(who))
        .await;
    begun.map(|promotion| promotion.number)
}

#[tokio::test]
async fn a_canary_goes_as_it_came_and_with_a_promotion() {
    on_both(|store| async move {
        let (one, two) = (candidate(&store, 20).await, candidate(&store, 24).await);
        let lifecycle = lifecycle(&store);
        let share = |text: &str| text.parse().unwrap();
        let of = |model: &str| named(model);
        let ask = async |model: &ModelRef| check(&lifecycle, model).await.unwrap();

        let none = lifecycle.set_canary_share(share("5%"), by("ayesha")).await;
        assert!(matches!(none, Err(LifecycleError::NoCanary)));
        let whole = lifecycle.start_canary(ask(&of(&one)).await, share("1"), by("ayesha"));
        assert!(matches!(whole.await, Err(LifecycleError::WholeCanary)));
        let begun = lifecycle.start_canary(ask(&of(&one)).await, share("5%"), by("ayesha"));
        let begun = begun.await.unwrap();
        assert_eq!((begun.number, begun.kind), (1, PromotionKind::Canary));
        assert_eq!(
            (begun.model.as_deref(), begun.subject()),
            (None, Some(&*one))
        );
        let live = lifecycle.live().await.unwrap();
        assert_eq!(live.model(), None, "the base is live");
        assert_eq!(live.canary().unwrap().model.as_ref(), Some(&one));

        let other = lifecycle.start_canary(ask(&of(&two)).await, share("5%"), by("bilal"));
        let other = other.await.unwrap_err();
        assert!(
            matches!(&other, LifecycleError::CanaryRuns(runs) if *runs == one),
            "{other}"
        );
        let grown = lifecycle
            .set_canary_share(share("20%"), by("bilal"))
            .await
            .unwrap();
        assert_eq!(grown.canary.unwrap().since, begun.canary.unwrap().since);

        // A rollback takes back the canary and leaves what is live.
        let back = lifecycle.roll_back(by("bilal")).await.unwrap();
        assert_eq!((back.kind, back.canary), (PromotionKind::EndCanary, None));
        let nothing = lifecycle.roll_back(by("bilal")).await;
        assert!(matches!(nothing, Err(LifecycleError::NothingToRollBack)));

        // A promotion ends it, and a shadow of the same model; another's goes on.
        shadow(&lifecycle, &one, "ayesha").await.unwrap();
        let begun = lifecycle.start_canary(ask(&of(&one)).await, share("5%"), by("ayesha"));
        assert!(begun.await.unwrap().shadow.is_some());
        let promoted = lifecycle
            .promote(ask(&of(&two)).await, by("ayesha"))
            .await
            .unwrap();
        assert_eq!(promoted.canary, None);
        assert_eq!(promoted.shadow.unwrap().model.as_ref(), Some(&one));
        let promoted = lifecycle
            .promote(ask(&of(&one)).await, by("ayesha"))
            .await
            .unwrap();
        assert_eq!(promoted.shadow, None);
        let live = shadow(&lifecycle, &one, "ayesha").await;
        assert!(matches!(live, Err(LifecycleError::AlreadyLive(_))));
        let kept = store.promotions().await.unwrap();
        assert_eq!(kept.last(), Some(&promoted), "as it was kept");
    })
    .await;
}

#[tokio::test]
async fn of_two_who_change_what_is_on_trial_one_does() {
    on_both(|store| async move {
        let (one, two) = (candidate(&store, 20).await, candidate(&store, 24).await);
        let lifecycle = lifecycle(&store);
        let checked = check(&lifecycle, &named(&one)).await.unwrap();
        let again = check(&lifecycle, &named(&two)).await.unwrap();
        let (canary, promoted) = futures::join!(
            lifecycle.start_canary(checked, "5%".parse().unwrap(), by("ayesha")),
            lifecycle.promote(again, by("bilal")),
        );
        let (won, lost) = match (canary, promoted) {
            (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
            both => panic!("{both:?}"),
        };
        let LifecycleError::Overtaken(theirs) = &lost else {
            panic!("{lost}");
        };
        assert_eq!(**theirs, won);
        let checked = check(&lifecycle, &named(&one)).await;
        shadow(
            &lifecycle,
            if won.subject() == Some(&*one) {
                &two
            } else {
                &one
            },
            "chand",
        )
        .await
        .unwrap();
        if let Ok(checked) = checked {
            let late = lifecycle.promote(checked, by("ayesha")).await.unwrap_err();
            assert!(late.to_string().contains("in shadow at"), "{late}");
        }
    })
    .await;
}

fn shadowed(live: Decision, model: &str, shadow: Decision, score: f64) -> Record {
    let mut record = decided(live, "a@example.org", "a comment");
    let probability = |share| Probability::new(share).unwrap();
    record.content.as_mut().unwrap().shadow = Some(ShadowVerdict {
        model: model.to_owned(),
        scores: Scores {
            spam: probability(score),
            toxicity: probability(0.3),
        },
        decision: shadow,
    });
    record
}

async fn report(store: &Store) -> ShadowReport {
    let report = lifecycle(store).shadow_report(base().id()).await;
    report.unwrap().unwrap()
}

#[tokio::test]
async fn what_a_shadow_would_have_decided_is_held_against_what_people_did() {
    use Decision::{Approve, Hold, Reject};
    on_both(|store| async move {
        let lifecycle = lifecycle(&store);
        assert_eq!(lifecycle.shadow_report(base().id()).await.unwrap(), None);
        let model = candidate(&store, 20).await;
        shadow(&lifecycle, &model, "ayesha").await.unwrap();
        let records = [
            shadowed(Approve, &model, Approve, 0.9),
            shadowed(Hold, &model, Approve, 0.5),
            shadowed(Hold, &model, Reject, 0.7),
            shadowed(Hold, &model, Reject, 0.7),
            shadowed(Approve, "m-another", Reject, 0.7),
            decided(Reject, "a@example.org", "not looked at"),
        ];
        for record in &records {
            store.record(record.clone()).await.unwrap();
        }
        let found = report(&store).await;
        assert_eq!((found.comments, found.otherwise, found.ruled), (4, 3, 0));
        assert_eq!(
            (&found.model, &*found.sites),
            (&model, &["daily-times".to_owned()][..])
        );
        let spam = found.scores.spam;
        assert!(
            (spam.live - 0.9).abs() < 1e-9 && (spam.shadow - 0.7).abs() < 1e-9,
            "{spam:?}"
        );
        assert!((spam.apart - 0.2).abs() < 1e-9, "{spam:?}");
        assert_eq!(found.scores.toxicity.correlation, None);

        // The first is fine and would be let through; of the two that it would reject one is
        // spam and one is fine.
        let review = review(&store);
        let moderator = Actor::Moderator("ayesha".to_owned());
        let (fine, spam) = ([&records[1], &records[2]], [&records[3]]);
        let reject = Verdict::Reject(Some(RejectReason::Spam));
        for request in [resolve(&fine, Verdict::Approve), resolve(&spam, reject)] {
            let resolved = review.resolve(&request, &moderator, now()).await.unwrap();
            assert!(resolved.outcomes.iter().all(|(_, outcome)| outcome.is_ok()));
        }
        let found = report(&store).await;
        assert_eq!(
            (found.ruled, found.live_mistakes, found.shadow_mistakes),
            (3, 0, 1)
        );
        let cell = found
            .matrix
            .iter()
            .find(|cell| cell.shadow == Reject)
            .unwrap();
        assert_eq!(
            (
                cell.live,
                cell.comments,
                cell.approved_later,
                cell.rejected_later
            ),
            (Hold, 2, 1, 1)
        );

        // Ended, it is still told; what it made of comments goes with them.
        lifecycle.end_shadow(by("ayesha")).await.unwrap();
        let found = report(&store).await;
        assert!(found.until.is_some() && found.comments == 4, "{found:?}");
        let none = lifecycle.end_shadow(by("ayesha")).await;
        assert!(matches!(none, Err(LifecycleError::NoShadow)));
        let retention = Retention::default();
        for days in [100, 600] {
            store
                .sweep(&retention, after(now(), 86_400 * days))
                .await
                .unwrap();
        }
        assert_eq!(report(&store).await.comments, 0);
    })
    .await;
}

#[tokio::test]
async fn what_a_canary_decided_is_told_beside_what_the_live_model_did() {
    on_both(|store| async move {
        let lifecycle = lifecycle(&store);
        assert_eq!(lifecycle.canary_report(base().id()).await.unwrap(), None);
        let model = candidate(&store, 20).await;
        let judged = |by: &str, decision| {
            let mut record = decided(decision, "a@example.org", "a comment");
            let mut verdict = (*record.verdict).clone();
            verdict.model = by.to_owned();
            record.verdict = verdict.into();
            record
        };
        // Before it ran nothing counts.
        let base = base();
        let live = base.id().as_str();
        store.record(judged(live, Decision::Hold)).await.unwrap();
        let checked = check(&lifecycle, &named(&model)).await.unwrap();
        let begun = lifecycle.start_canary(checked, "5%".parse().unwrap(), by("ayesha"));
        begun.await.unwrap();
        let records = [
            judged(live, Decision::Approve),
            judged(live, Decision::Hold),
            judged(&model, Decision::Hold),
            judged(&model, Decision::Reject),
            judged(&model, Decision::Reject),
        ];
        for record in &records {
            store.record(record.clone()).await.unwrap();
        }
        let fine = resolve(&[&records[3]], Verdict::Approve);
        let moderator = Actor::Moderator("ayesha".to_owned());
        review(&store)
            .resolve(&fine, &moderator, now())
            .await
            .unwrap();
        let report = lifecycle.canary_report(base.id()).await.unwrap().unwrap();
        assert_eq!(
            (&report.model, report.share),
            (&model, "5%".parse().unwrap())
        );
        let counts: Vec<_> = report
            .sides
            .iter()
            .map(|side| (side.side, side.comments, side.held, side.rejected))
            .collect();
        assert_eq!(counts, [("live", 2, 1, 0), ("canary", 3, 1, 2)]);
        let [live, canary] = &report.sides[..] else {
            panic!()
        };
        assert_eq!((live.ruled, live.mistakes), (0, 0));
        assert_eq!((canary.ruled, canary.mistakes), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn what_is_needed_is_not_removed_and_the_rest_is() {
    on_both(|store| async move {
        let mut models = Vec::new();
        for labels in [16, 18, 20, 22, 24] {
            models.push(candidate(&store, labels).await);
        }
        let [old, before, live, canary, in_shadow] = &models[..] else {
            panic!()
        };
        let lifecycle = lifecycle(&store);
        for model in [before, live] {
            let checked = check(&lifecycle, &named(model)).await.unwrap();
            lifecycle.promote(checked, by("ayesha")).await.unwrap();
        }
        let checked = check(&lifecycle, &named(canary)).await.unwrap();
        let begun = lifecycle.start_canary(checked, "5%".parse().unwrap(), by("ayesha"));
        begun.await.unwrap();
        shadow(&lifecycle, in_shadow, "ayesha").await.unwrap();
        let mut record = decided(Decision::Approve, "a@example.org", "a comment");
        let mut verdict = (*record.verdict).clone();
        verdict.model.clone_from(old);
        record.verdict = verdict.into();
        store.record(record).await.unwrap();

        let removal = |models: &[ModelRef], force| Removal {
            models: models.to_vec(),
            before: None,
            force,
            actor: Actor::Operator,
            now: now(),
        };
        let remove = async |removal: Removal| {
            let outcomes = lifecycle
                .remove_models(&removal, base().id())
                .await
                .unwrap();
            let mut kept: Vec<_> = outcomes
                .into_iter()
                .map(|one| (one.model, one.kept))
                .collect();
            kept.sort_unstable_by_key(|(model, _)| models.iter().position(|one| one == model));
            kept.into_iter().map(|(_, kept)| kept).collect::<Vec<_>>()
        };
        let needed = [
            KeptBecause::RollbackTarget,
            KeptBecause::Live,
            KeptBecause::Canary,
            KeptBecause::Shadow,
        ]
        .map(Some);
        let all = remove(removal(&[], false)).await;
        assert_eq!(
            (all[0], &all[1..]),
            (Some(KeptBecause::Decisions), &needed[..])
        );
        let young = Removal {
            before: Some(after(now(), -86_400)),
            ..removal(&[named(old)], true)
        };
        assert_eq!(remove(young).await, [Some(KeptBecause::Younger)]);
        assert_eq!(remove(removal(&[], true)).await[0], None);
        let known = store.model(old).await.unwrap().unwrap();
        assert!(known.removed_at.is_some(), "what is known of it stays");
        assert_eq!(store.artefact(old).await.unwrap(), None);
        assert_eq!(
            remove(removal(&[named(old)], true)).await,
            [Some(KeptBecause::Gone)]
        );
        for model in &models[1..] {
            assert!(lifecycle.load(model).await.is_ok());
        }

        // What names it is told so, and trained again it is there again.
        let gone = check(&lifecycle, &named(old)).await.unwrap_err();
        assert!(
            matches!(gone, LifecycleError::Removed(..)) && gone.is_wrong_input(),
            "{gone}"
        );
        let gone = shadow(&lifecycle, old, "ayesha").await.unwrap_err();
        assert!(gone.to_string().contains("train it again"), "{gone}");
        let last = lifecycle.live().await.unwrap();
        assert_eq!(last.number(), 4, "nothing was done");
    })
    .await;
}

#[tokio::test]
async fn what_is_put_in_force_and_removed_at_once_is_one_or_the_other() {
    on_both(|store| async move {
        let lifecycle = lifecycle(&store);
        let mut model = candidate(&store, 20).await;
        for labels in [22, 24] {
            let removal = Removal {
                models: vec![named(&model)],
                before: None,
                force: true,
                actor: Actor::Operator,
                now: now(),
            };
            let base = base();
            let (removed, begun) = futures::join!(
                lifecycle.remove_models(&removal, base.id()),
                shadow(&lifecycle, &model, "ayesha"),
            );
            let kept = removed.unwrap()[0].kept;
            assert_eq!(kept.is_some(), begun.is_ok(), "{kept:?} {begun:?}");
            assert_eq!(lifecycle.load(&model).await.is_ok(), begun.is_ok());
            model = candidate(&store, labels).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_removed_model_that_is_registered_again_is_there_again() {
    on_both(|store| async move {
        let lifecycle = lifecycle(&store);
        let model = candidate(&store, 20).await;
        let artefact = lifecycle.load(&model).await.unwrap();
        let removal = Removal {
            models: vec![named(&model)],
            before: None,
            force: false,
            actor: Actor::Operator,
            now: now(),
        };
        lifecycle
            .remove_models(&removal, base().id())
            .await
            .unwrap();
        assert!(lifecycle.load(&model).await.is_err());
        for added in [Added::Restored, Added::Known] {
            let imported = lifecycle.import_model(&artefact, &Actor::Operator, now());
            assert_eq!(imported.await.unwrap(), added);
        }
        assert!(lifecycle.load(&model).await.is_ok());
        assert_eq!(store.models().await.unwrap().len(), 1);
    })
    .await;
}
