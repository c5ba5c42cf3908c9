//! The registry of models and the log of promotions.

use std::sync::Arc;

use moderato::classifier::Artefact;
use moderato::lifecycle::{
    Checked, Ground, Lifecycle, LifecycleError, ModelRef, Promoting, PromotionBounds, Training,
};
use moderato::store::{ModelOrigin, Store};
use moderato::training::AdaptOptions;

use super::labels::{import, lifecycle, sample};
use super::records::now;
use super::review::moderator;
use super::stores::on_both;

pub fn base() -> Arc<Artefact> {
    Arc::new(Artefact::base().unwrap())
}

/// Labels from which a candidate can be trained.
pub async fn label(store: &Store, labels: usize) {
    // Words of their own: what differs in numbers alone would contradict itself.
    let word = |number: usize| ["one", "two", "three", "four", "five"][number];
    let text = |number: usize| {
        let (tens, ones) = (word(number / 5), word(number % 5));
        format!("a veeam story {tens} and {ones}")
    };
    let samples = (0..labels).map(|number| sample(&text(number), number % 2 == 0));
    import(store, samples.collect()).await;
}

pub async fn candidate(store: &Store, labels: usize) -> String {
    label(store, labels).await;
    let training = Training {
        options: AdaptOptions::default(),
        actor: moderator("ayesha"),
        now: now(),
    };
    let candidate = lifecycle(store).train(&base(), training, |_| Ok(())).await;
    candidate.unwrap().model.id
}

pub fn by(name: &str) -> Promoting {
    Promoting {
        actor: moderator(name),
        now: now(),
        // Which of them is better is not the question here.
        why: Some("to see who is first".to_owned()),
        override_bounds: true,
    }
}

fn ground() -> Ground {
    let sites =
        moderato::server::assembly::sites(&moderato::config::Config::default(), &mut |_| {
            unreachable!("it names no files")
        });
    Ground {
        base: Artefact::clone(&base()),
        sites: Arc::new(sites.unwrap()),
        bounds: PromotionBounds::default(),
        one_thread: true,
    }
}

pub async fn check(lifecycle: &Lifecycle, model: &ModelRef) -> Result<Checked, LifecycleError> {
    lifecycle.check(model, &ground(), now(), |_| {}).await
}

pub fn named(id: &str) -> ModelRef {
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

        let seen = lifecycle.live().await.unwrap();
        assert_eq!((seen.model(), seen.number()), (None, 0));
        let first = check(&lifecycle, &named(&one)).await.unwrap();
        let second = check(&lifecycle, &named(&two)).await.unwrap();
        let (first, second) = futures::join!(
            lifecycle.promote(first, by("ayesha")),
            lifecycle.promote(second, by("bilal")),
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

        let again = check(&lifecycle, &ModelRef::Live).await;
        assert!(matches!(again, Err(LifecycleError::AlreadyLive(_))));
        let back = lifecycle.roll_back(by("bilal")).await.unwrap();
        assert_eq!((back.model, back.number), (None, 2));
        let nothing = lifecycle.roll_back(by("bilal")).await;
        assert!(matches!(nothing, Err(LifecycleError::NothingToRollBack)));
        assert_eq!(lifecycle.promotions().await.unwrap().len(), 2);
        let unknown = check(&lifecycle, &named("m-00")).await;
        assert!(matches!(unknown, Err(LifecycleError::NoSuchModel(_))));
    })
    .await;
}
