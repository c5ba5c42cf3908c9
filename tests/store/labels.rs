//! The log of labels: what comes in, from whom, and how it is taken back.

use moderato::label::{Label, LabelledSample};
use moderato::lifecycle::{LabelQuery, Lifecycle, LifecycleError, NewImport};
use moderato::review::{RejectReason, Verdict};
use moderato::store::{
    Actor, AuthorKey, Complaint, LabelFilter, LabelId, LabelOrder, LabelSource, PersonHasher,
    Reporter, Store, StoredLabel,
};
use uuid::Uuid;

use super::records::{decided, now, site};
use super::review::{after, held, keep, moderator, name, resolve, review};
use super::stores::on_both;

pub fn lifecycle(store: &Store) -> Lifecycle {
    Lifecycle::new(store.clone(), Uuid::now_v7)
}

fn query(filter: LabelFilter) -> LabelQuery {
    LabelQuery {
        filter,
        domain: None,
    }
}

async fn log(store: &Store, filter: LabelFilter) -> Vec<StoredLabel> {
    let mut labels = Vec::new();
    lifecycle(store)
        .each_label(
            &query(filter),
            LabelOrder::OldestFirst,
            usize::MAX,
            |label| {
                labels.push(label);
                Ok(())
            },
        )
        .await
        .unwrap();
    labels
}

pub fn sample(text: &str, spam: bool) -> LabelledSample {
    LabelledSample {
        text: text.to_owned(),
        name: String::new(),
        url: String::new(),
        label: Label {
            spam: Some(spam),
            toxicity: None,
        },
        language: "en".to_owned(),
        group: String::new(),
        source: "january".to_owned(),
    }
}

pub async fn import(store: &Store, samples: Vec<LabelledSample>) -> String {
    let lifecycle = lifecycle(store);
    let mut importing = lifecycle.import(NewImport {
        site: site(),
        actor: Actor::Operator,
        now: now(),
    });
    let batch = importing.batch().to_owned();
    let count = samples.len() as u64;
    for sample in samples {
        importing.add(sample).await.unwrap();
    }
    assert_eq!(importing.finish().await.unwrap(), count);
    batch
}

#[tokio::test]
async fn every_label_says_who_when_and_from_where() {
    on_both(|store| async move {
        let (spam, fine) = (
            held("a@example.org", "Buy this"),
            decided(
                moderato::verdict::Decision::Approve,
                "b@example.org",
                "Hello",
            ),
        );
        keep(&store, &[spam.clone(), fine.clone()]).await;
        let review = review(&store);
        let at = now();
        let reject = resolve(&[&spam], Verdict::Reject(Some(RejectReason::Spam)));
        review
            .resolve(&reject, &moderator("ayesha"), at)
            .await
            .unwrap();
        let report = moderato::store::NewReport {
            id: Uuid::now_v7(),
            site: site(),
            comment: fine.id,
            reporter: Reporter::Reader,
            complaint: Complaint::Toxic,
            note: None,
            simhash: None,
            now: after(at, 1),
        };
        store.report(&report).await.unwrap().unwrap();
        let batch = import(&store, vec![sample("Cheap pills", true); 3]).await;

        let labels = log(&store, LabelFilter::default()).await;
        let sources: Vec<_> = labels.iter().map(|label| label.source).collect();
        assert_eq!(labels.len(), 5);
        assert!(sources.contains(&LabelSource::Report));
        let by_ayesha = LabelFilter {
            actor: Some("ayesha".to_owned()),
            from: Some(at),
            until: Some(after(at, 1)),
            ..LabelFilter::default()
        };
        let found = log(&store, by_ayesha).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].comment, Some(spam.id));
        assert_eq!(found[0].labelled_at, at);
        assert_eq!(found[0].label.spam, Some(true));
        assert_eq!(found[0].texts.as_ref().unwrap().text, "Buy this");
        let imported = LabelFilter {
            batch: Some(batch),
            source: Some(LabelSource::Import),
            site: Some(site()),
            ..LabelFilter::default()
        };
        let imported = log(&store, imported).await;
        assert_eq!(imported.len(), 3);
        assert_eq!(imported[0].origin.as_deref(), Some("january"));
        assert_eq!(imported[0].language.as_deref(), Some("en"));
    })
    .await;
}

#[tokio::test]
async fn a_retracted_label_stays_in_the_log_and_teaches_nothing() {
    on_both(|store| async move {
        let texts = ["see https://www.veeam.example.com now", "hello", "again"];
        let batch = import(&store, texts.map(|text| sample(text, true)).to_vec()).await;
        import(&store, vec![sample("of another batch", false)]).await;
        let lifecycle = lifecycle(&store);
        let linked = LabelQuery {
            domain: Some("example.com".parse().unwrap()),
            ..LabelQuery::default()
        };
        let (actor, why) = (moderator("bilal"), Some("poisoned".to_owned()));
        for (dry_run, labels) in [(true, 1), (false, 1), (false, 0)] {
            let retracted = lifecycle
                .retract(&linked, &actor, why.clone(), now(), dry_run)
                .await
                .unwrap();
            assert_eq!(retracted.labels, labels, "dry run: {dry_run}");
        }
        let retracted = log(
            &store,
            LabelFilter {
                retracted: Some(true),
                ..LabelFilter::default()
            },
        )
        .await;
        assert_eq!(retracted.len(), 1);
        let by = retracted[0].retracted.as_ref().unwrap();
        assert_eq!((&by.by, by.why.as_deref()), (&actor, Some("poisoned")));
        assert_eq!(log(&store, LabelFilter::default()).await.len(), 4);

        let batch = LabelFilter {
            batch: Some(batch),
            ..LabelFilter::default()
        };
        let rest = lifecycle
            .retract(&query(batch), &actor, None, now(), false)
            .await
            .unwrap();
        assert_eq!(rest.labels, 2);
        assert_eq!(rest.by_origin["import"], 2);
        let set = lifecycle.label_set().await.unwrap();
        assert_eq!(set.span.labels, 1);
        assert_eq!(set.corpus.samples()[0].text, "of another batch");
    })
    .await;
}

#[tokio::test]
async fn retracting_needs_a_word_on_what_and_names_what_is_not_there() {
    on_both(|store| async move {
        import(&store, vec![sample("stays", true)]).await;
        let lifecycle = lifecycle(&store);
        let all = LabelQuery::default();
        let outcome = lifecycle
            .retract(&all, &Actor::Operator, None, now(), false)
            .await;
        assert!(matches!(outcome, Err(LifecycleError::AllLabels)));
        let missing = LabelId::new(Uuid::now_v7());
        let unknown = LabelFilter {
            ids: vec![missing],
            ..LabelFilter::default()
        };
        let outcome = lifecycle
            .retract(&query(unknown), &Actor::Operator, None, now(), false)
            .await;
        assert!(matches!(outcome, Err(LifecycleError::NoSuchLabel(id)) if id == missing));
        assert_eq!(lifecycle.label_set().await.unwrap().span.labels, 1);
    })
    .await;
}

#[tokio::test]
async fn what_the_guard_holds_back_is_learned_from_once_it_is_released() {
    on_both(|store| async move {
        let civil = "The road past the school was mended last week";
        let linked = format!("{civil} https://pills.example.com");
        import(&store, vec![sample(civil, false), sample(&linked, true)]).await;
        let lifecycle = lifecycle(&store);
        let set = lifecycle.label_set().await.unwrap();
        assert_eq!((set.span.labels, set.held_back), (1, 1));
        let held_back = lifecycle.held_back().await.unwrap();
        let ids = LabelFilter {
            ids: vec![held_back[0].0.id],
            ..LabelFilter::default()
        };
        let bilal = moderator("bilal");
        for released in [1, 0] {
            let releasing = query(ids.clone());
            let done = lifecycle.release(&releasing, &bilal, None, now());
            assert_eq!(done.await.unwrap(), released);
        }
        let set = lifecycle.label_set().await.unwrap();
        assert_eq!((set.span.labels, set.held_back), (2, 0));
    })
    .await;
}

#[tokio::test]
async fn what_is_undone_or_erased_is_not_learned_from() {
    on_both(|store| async move {
        let comments = ["a@example.org", "b@example.org"].map(|email| held(email, "Some words"));
        keep(&store, &comments).await;
        let review = review(&store);
        let ayesha = moderator("ayesha");
        let at = now();
        for comment in &comments {
            let one = resolve(&[comment], Verdict::Approve);
            review.resolve(&one, &ayesha, at).await.unwrap();
        }
        let lifecycle = lifecycle(&store);
        assert_eq!(lifecycle.label_set().await.unwrap().span.labels, 2);
        review
            .undo(&[name(&comments[0])], &ayesha, false, after(at, 1))
            .await
            .unwrap();
        let retracted = log(
            &store,
            LabelFilter {
                comment: Some(comments[0].id),
                ..LabelFilter::default()
            },
        )
        .await;
        let by = retracted[0].retracted.as_ref().unwrap();
        assert_eq!((&by.by, by.why.as_deref()), (&ayesha, Some("undone")));
        assert_eq!(lifecycle.label_set().await.unwrap().span.labels, 1);
        let author = PersonHasher::new([7; 32]).email(&site(), "b@example.org");
        let author = AuthorKey::Email(author);
        store
            .erase(&site(), author, now(), Uuid::now_v7)
            .await
            .unwrap();
        assert_eq!(lifecycle.label_set().await.unwrap().span.labels, 0);
        assert_eq!(log(&store, LabelFilter::default()).await.len(), 2);
    })
    .await;
}
