use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tempfile::TempDir;
use tokio::sync::watch;
use uuid::Uuid;

use super::{Amount, Page, Unpacking, amount, body};
use crate::site::SiteId;
use crate::store::rulings::append::standings;
use crate::store::{
    AuthorKey, CommentId, Content, Location, Nobody, Observer, PersonHasher, Record, ShadowVerdict,
    Store, StoreError,
};
use crate::verdict::{Decision, Probability, Scores, Verdict};

fn approval(text: &str) -> Record {
    let (site, id) = (SiteId::default(), CommentId::new(Uuid::now_v7()));
    let mut content = Content::default();
    text.clone_into(&mut content.texts.text);
    let verdict = Verdict {
        comment: id.resource_name(&site),
        decision: Decision::Approve,
        reasons: Vec::new(),
        scores: None,
        evidence: Vec::new(),
        model: "m-1".to_owned(),
        policy: "p-1".to_owned(),
        degraded: true,
        retry_after: None,
    };
    Record {
        id,
        site,
        received_at: Timestamp::from_second(1).unwrap(),
        submission: None,
        verdict: Arc::new(verdict),
        content: Some(content),
    }
}

fn page(record: &Record) -> Page {
    let content = record.content.as_ref().unwrap();
    Page::of(&[(record, content)]).unwrap().unwrap()
}

#[test]
fn a_body_of_the_first_version_is_read() {
    let body = br#"[{"id":"0192f0c10000700080000000000000ff","site":"daily","at":5,
        "name":"Ayesha","text":"Hello","email":"000102030405060708090a0b0c0d0e0f",
        "model":"m-1","policy":"p-1"}]"#;
    let read = body::read(body).unwrap();
    let content = read[0].content.as_ref().unwrap();
    assert_eq!(content.texts.name, "Ayesha");
    assert_eq!(content.texts.page_title, None);
    assert_eq!(
        content.author.email.to_string(),
        "000102030405060708090a0b0c0d0e0f"
    );
    assert_eq!(read[0].received_at, Timestamp::from_microsecond(5).unwrap());
    assert_eq!(read[0].verdict.policy, "p-1");
    assert!(!read[0].verdict.degraded && read[0].verdict.reasons.is_empty());
}

fn shadowed(record: &mut Record) -> ShadowVerdict {
    let probability = |p| Probability::new(p).unwrap();
    let shadow = ShadowVerdict {
        model: "m-2".to_owned(),
        scores: Scores {
            spam: probability(0.1 + 0.2),
            toxicity: probability(1.0 / 3.0),
        },
        decision: Decision::Hold,
    };
    record.content.as_mut().unwrap().shadow = Some(shadow.clone());
    shadow
}

#[test]
fn what_a_model_in_shadow_made_of_it_is_kept() {
    let mut record = approval("Hello");
    let shadow = shadowed(&mut record);
    let read = body::read(&page(&record).body).unwrap();
    assert_eq!(read[0].content.as_ref().unwrap().shadow, Some(shadow));
}

#[tokio::test]
async fn what_models_are_measured_by_counts_what_is_packed() {
    let from = Timestamp::UNIX_EPOCH;
    for of_shadow in [true, false] {
        let mut record = approval("Hello");
        shadowed(&mut record);
        let (_folder, store) = store_of(vec![page(&record)], Arc::new(Nobody)).await;
        let comments = if of_shadow {
            store.shadow_cells("m-2", from).await.unwrap()[0].comments
        } else {
            store.judged_cells(&["m-1"], from).await.unwrap()[0].comments
        };
        assert_eq!(comments, 1);
        store.close().await;
    }
}

/// A store with a page for each of `pages`.
async fn store_of(pages: Vec<Page>, observer: Arc<dyn Observer>) -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::File(folder.path().join("moderato.sqlite"));
    let store = Store::observed(&location, observer).unwrap();
    let mut transaction = store.begin().await.unwrap();
    for page in pages {
        page.add(&mut transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
    (folder, store)
}

fn broken(record: &Record) -> Page {
    Page {
        body: b"[{}]".to_vec(),
        ..page(record)
    }
}

async fn packed(store: &Store) -> u64 {
    let left = amount(&mut store.reader().await.unwrap()).await.unwrap();
    left.records
}

#[tokio::test]
async fn a_page_that_cannot_be_read_stays_and_keeps_up_nobody() {
    let (bad, whole) = (approval("broken"), approval("whole"));
    let pages = vec![broken(&bad), page(&whole)];
    let (_folder, store) = store_of(pages, Arc::new(Nobody)).await;

    let mut unpacking = Unpacking::new(Arc::clone(&store.backlog));
    let database = store.database.ready().await.unwrap();
    unpacking.one(database).await.unwrap_err();
    unpacking.one(database).await.unwrap();
    let site = SiteId::default();
    let read = store.comment(&site, whole.id).await.unwrap().unwrap();
    assert_eq!(read.texts.unwrap().text, "whole");
    assert_eq!(packed(&store).await, 1);
    store.close().await;
}

#[tokio::test]
async fn what_needs_all_goes_past_a_page_that_cannot_be_read_and_says_so() {
    let (bad, mut whole) = (approval("broken"), approval("whole"));
    let (site, now) = (SiteId::default(), Timestamp::UNIX_EPOCH);
    let author = PersonHasher::new([7; 32]).email(&site, "a@example.org");
    whole.content.as_mut().unwrap().author.email = author;
    let pages = vec![broken(&bad), page(&whole)];
    let (_folder, store) = store_of(pages, Arc::new(Nobody)).await;
    let author = AuthorKey::Email(author);

    let erased = store.erase(&site, author, now, Uuid::now_v7).await;
    assert!(matches!(erased, Err(StoreError::Page { first, .. }) if first == bad.id));
    let read = store.comment(&site, whole.id).await.unwrap().unwrap();
    assert!(read.texts.is_none(), "not erased");
    // What only counts does without it.
    let kept = store.kept_comments(now, None, 10).await.unwrap();
    assert!(kept.is_empty());
    store.close().await;
}

#[tokio::test]
async fn who_asks_for_what_has_rows_needs_no_page() {
    let bad = approval("broken");
    let mut wide = broken(&bad);
    wide.last = CommentId::from_array([0xff; 16]);
    let (_folder, store) = store_of(vec![wide], Arc::new(Nobody)).await;
    let record = approval("in between");
    let id = record.id;
    store.record(record).await.unwrap();

    let mut transaction = store.begin().await.unwrap();
    let found = standings(&mut transaction, &[id]).await.unwrap();
    assert!(found.contains_key(&id));
    drop(transaction);
    let now = Timestamp::UNIX_EPOCH;
    assert_eq!(store.queued_by_id(&[id], now).await.unwrap().len(), 1);
    assert_eq!(packed(&store).await, 1);
    store.close().await;
}

#[tokio::test]
async fn a_burst_that_goes_on_does_not_keep_an_unpacking_going() {
    let first = approval("first");
    let (_folder, store) = store_of(vec![page(&first)], Arc::new(Nobody)).await;
    // While a page is unpacked, another is packed.
    let mut transaction = store.begin().await.unwrap();
    let meanwhile = "CREATE TRIGGER meanwhile AFTER DELETE ON packed_approvals BEGIN \
         INSERT INTO packed_approvals VALUES (x'ffffffffffffffffffffffffffffffff', \
         x'ffffffffffffffffffffffffffffffff', 1, 2, 1, '[]'); END";
    sqlx::raw_sql(meanwhile)
        .execute(&mut *transaction)
        .await
        .unwrap();
    transaction.commit().await.unwrap();

    store.unpack().await.unwrap();
    assert_eq!(packed(&store).await, 1, "the one that came meanwhile");
    let kept = store.comment(&SiteId::default(), first.id).await.unwrap();
    assert!(kept.is_some());
    store.close().await;
}

#[tokio::test]
async fn who_waits_for_a_record_does_not_wait_for_all_that_is_packed() {
    const PAGES: u64 = 100;
    let pages = (0..PAGES).map(|_| page(&approval("packed"))).collect();
    let (_folder, store) = store_of(pages, Arc::new(Nobody)).await;
    // As a probe finds it that has other replicas' burst.
    store.backlog.set(Amount {
        records: PAGES,
        bytes: u64::MAX,
    });
    store.record(approval("one")).await.unwrap();
    store.record(approval("another")).await.unwrap();
    assert!(packed(&store).await > PAGES / 2);
    store.close().await;
}

/// Hears of what was not unpacked, and of no outage.
#[derive(Debug)]
struct Listening(watch::Sender<Option<StoreError>>);

impl Observer for Listening {
    fn wrote(&self, _: usize, _: Duration) {}
    fn failed(&self, error: &StoreError) {
        panic!("no outage: {error}");
    }
    fn probed(&self, _: Result<(), &StoreError>) {}
    fn packed(&self, _: u64) {}
    fn not_unpacked(&self, error: &StoreError) {
        self.0.send_replace(Some(error.clone()));
    }
    fn lost(&self, _: usize) {}
}

#[tokio::test]
async fn it_is_told_of_a_page_that_cannot_be_read_and_not_of_an_outage() {
    let bad = approval("broken");
    let (sender, mut heard) = watch::channel(None);
    let (_folder, store) = store_of(vec![broken(&bad)], Arc::new(Listening(sender))).await;
    store.probe(false, Timestamp::UNIX_EPOCH).await.unwrap();
    let heard = heard.wait_for(Option::is_some).await.unwrap().clone();
    assert!(matches!(heard, Some(StoreError::Page { first, .. }) if first == bad.id));
    store.close().await;
}
