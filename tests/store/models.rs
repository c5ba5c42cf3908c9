//! The registry of models and the log of promotions.

use std::sync::Arc;

use moderato::classifier::Artefact;
use moderato::lifecycle::{Lifecycle, LifecycleError, ModelRef, Promoting, Training};
use moderato::store::{ModelOrigin, Store};
use moderato::training::AdaptOptions;
use uuid::Uuid;

use super::labels::{import, lifecycle, sample};
use super::records::now;
use super::review::moderator;
use super::stores::on_both;

fn base() -> Arc<Artefact> {
    Arc::new(Artefact::base().unwrap())
}

async fn candidate(store: &Store, labels: usize) -> String {
    let text = |number: usize| format!("a veeam story {number} of {}", number % 2);
    let samples = (0..labels).map(|number| sample(&text(number), number % 2 == 0));
    import(store, samples.collect()).await;
    let training = Training {
        options: AdaptOptions::default(),
        actor: moderator("ayesha"),
        now: now(),
    };
    let candidate = lifecycle(store).train(&base(), training, |_| {}).await;
    candidate.unwrap().model.id
}

fn by(name: &str) -> Promoting {
    Promoting {
        actor: moderator(name),
        now: now(),
        why: None,
        checks: None,
    }
}

fn named(id: &str) -> ModelRef {
    ModelRef::Named(id.to_owned())
}

#[tokio::test]
async fn models_travel_through_the_store_and_of_two_who_promote_one_does() {
    on_both(|store| async move {
        let one = candidate(&store, 20).await;
        let two = candidate(&store, 24).await;
        assert_ne!(one, two);
        let models = store.models().await.unwrap();
        assert_eq!(models.len(), 2);
        let kept = store.model(&one).await.unwrap().unwrap();
        assert_eq!(
            (kept.origin, &kept.actor),
            (ModelOrigin::Labels, &moderator("ayesha"))
        );
        assert_eq!(kept.base.as_deref(), Some(base().id().as_str()));
        let lifecycle: Lifecycle = lifecycle(&store);
        let artefact = lifecycle.load(&one).await.unwrap();
        assert_eq!(artefact.id().as_str(), one);
        assert_eq!(kept.bytes, artefact.to_bytes().unwrap().len() as u64);

        let base = base();
        let seen = lifecycle.live().await.unwrap();
        assert_eq!((seen.model(), seen.number()), (None, 0));
        let (first, second) = (named(&one), named(&two));
        let (first, second) = futures::join!(
            lifecycle.promote(&first, &seen, &base, by("ayesha")),
            lifecycle.promote(&second, &seen, &base, by("bilal")),
        );
        let (won, lost) = match (first, second) {
            (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
            both => panic!("{both:?}"),
        };
        let LifecycleError::Overtaken(theirs) = &lost else {
            panic!("{lost}");
        };
        assert_eq!(**theirs, won);
        assert!(lost.to_string().contains("nothing was done"), "{lost}");
        let live = lifecycle.live().await.unwrap();
        assert_eq!((live.model(), live.number()), (won.model.as_deref(), 1));

        let again = lifecycle
            .promote(&ModelRef::Live, &live, &base, by("bilal"))
            .await;
        assert!(matches!(again, Err(LifecycleError::AlreadyLive(_))));
        let back = lifecycle.roll_back(by("bilal")).await.unwrap();
        assert_eq!((back.model, back.number), (None, 2));
        let nothing = lifecycle.roll_back(by("bilal")).await;
        assert!(matches!(nothing, Err(LifecycleError::NothingToRollBack)));
        assert_eq!(lifecycle.promotions().await.unwrap().len(), 2);
        let unknown = named(&Uuid::nil().to_string());
        let live = lifecycle.live().await.unwrap();
        let unknown = lifecycle
            .promote(&unknown, &live, &base, by("ayesha"))
            .await;
        assert!(matches!(unknown, Err(LifecycleError::NoSuchModel(_))));
    })
    .await;
}
