//! Approvals of a burst: packed first, made rows of later, always there.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use moderato::review::Verdict;
use moderato::store::{
    AuthorKey, Complaint, Location, NewReport, Observer, PersonHasher, Record, Reporter, Status,
    Store, StoreError,
};
use moderato::verdict::Decision;
use sqlx::{AnyConnection, Connection as _, Row as _};
use tokio::sync::watch;
use uuid::Uuid;

use super::postgres_server::PostgresServer;
use super::records::{decided, now, site};
use super::review::{moderator, resolve, review};

/// More than go into one page.
const BURST: usize = 700;

/// Hears how many approvals are packed, and remembers the most.
#[derive(Debug)]
struct Packed(watch::Sender<Heard>);

#[derive(Clone, Copy, Debug, Default)]
struct Heard {
    left: u64,
    most: u64,
}

impl Observer for Packed {
    fn wrote(&self, _: usize, _: Duration) {}
    fn failed(&self, error: &StoreError) {
        panic!("{error}");
    }
    fn probed(&self, _: Result<(), &StoreError>) {}
    fn packed(&self, records: u64) {
        self.0.send_modify(|heard| {
            heard.left = records;
            heard.most = heard.most.max(records);
        });
    }
    fn not_unpacked(&self, error: &StoreError) {
        panic!("{error}");
    }
    fn lost(&self, _: usize) {}
}

/// A database of either kind with a burst that is packed, as a server leaves it that ends.
async fn packed(location: &Location) -> Vec<Record> {
    let store = Store::open(location).unwrap();
    store.prepare().await.unwrap();
    let burst: Vec<_> = (0..BURST)
        .map(|number| {
            let email = format!("{}@example.org", number % 2);
            let text = format!("nul \0, \"quotes\", سلام, \u{1F600} and {number}");
            decided(Decision::Approve, &email, &text)
        })
        .collect();
    for approval in &burst {
        store.record_behind(approval.clone()).await.unwrap();
    }
    store.close().await;
    burst
}

async fn on_both_packed<F: Future<Output = ()>>(test: impl Fn(Location, Vec<Record>) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let file = Location::File(folder.path().join("moderato.sqlite"));
    let burst = packed(&file).await;
    test(file, burst).await;
    let server = PostgresServer::start().await;
    let postgres = Location::Postgres(server.database("moderato").await);
    let burst = packed(&postgres).await;
    test(postgres, burst).await;
}

async fn is_as_recorded(store: &Store, record: &Record) {
    let read = store.comment(&site(), record.id).await.unwrap().unwrap();
    let content = record.content.as_ref().unwrap();
    assert_eq!(read.status, Status::Approved);
    assert_eq!(read.received_at, record.received_at);
    assert_eq!(read.settled_at, record.received_at);
    assert_eq!(Some(read.scores), record.verdict.scores);
    assert_eq!(read.author, content.author);
    assert_eq!(read.trusted, content.trusted);
    assert_eq!(read.approved_comments, content.approved_comments);
    assert_eq!(read.language, content.language);
    let mut texts = content.texts.clone();
    texts.text = texts.text.replace('\0', "\u{1A}");
    assert!(read.texts == Some(texts), "a text was changed");
    let decisions = store.decisions(record.id).await.unwrap();
    assert_eq!(decisions.len(), 1);
    assert_eq!(decisions[0].decision, Decision::Approve);
    assert_eq!(decisions[0].reasons, record.verdict.reasons);
    assert_eq!(decisions[0].model.as_ref(), Some(&record.verdict.model));
    assert_eq!(decisions[0].policy.as_ref(), Some(&record.verdict.policy));
    assert!(decisions[0].evidence.is_empty(), "as of any approval");
}

#[tokio::test]
async fn a_burst_is_packed_and_then_unpacked_once_a_server_looks_after_the_store() {
    on_both_packed(|location, burst| async move {
        let (sender, mut packed) = watch::channel(Heard::default());
        let store = Store::observed(&location, Arc::new(Packed(sender))).unwrap();
        store.probe(false, now()).await.unwrap();
        packed.wait_for(|heard| heard.left == 0).await.unwrap();
        assert!(packed.borrow().most > 0, "the burst was not packed");
        for approval in &burst {
            is_as_recorded(&store, approval).await;
        }
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_asked_for_by_its_name_need_not_wait() {
    on_both_packed(|location, burst| async move {
        let store = Store::open(&location).unwrap();
        is_as_recorded(&store, &burst[0]).await;
        is_as_recorded(&store, &burst[BURST - 1]).await;
        let unknown = decided(Decision::Approve, "a@example.org", "never kept");
        assert!(store.comment(&site(), unknown.id).await.unwrap().is_none());
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_packed_comment_can_be_reported_and_decided_on() {
    on_both_packed(|location, burst| async move {
        let store = Store::open(&location).unwrap();
        let report = NewReport {
            id: Uuid::now_v7(),
            site: site(),
            comment: burst[3].id,
            reporter: Reporter::Reader,
            complaint: Complaint::Spam,
            note: None,
            simhash: None,
            now: now(),
        };
        store.report(&report).await.unwrap().unwrap();
        let read = store.comment(&site(), burst[3].id).await.unwrap().unwrap();
        assert_eq!(read.status, Status::Held);

        let last = &burst[BURST - 1];
        let rejecting = resolve(&[last], Verdict::Reject(None));
        let (review, ayesha) = (review(&store), moderator("ayesha"));
        review.resolve(&rejecting, &ayesha, now()).await.unwrap();
        let read = store.comment(&site(), last.id).await.unwrap().unwrap();
        assert_eq!(read.status, Status::Rejected);
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_replay_and_an_erasure_reach_what_is_packed() {
    on_both_packed(|location, burst| async move {
        let store = Store::open(&location).unwrap();
        let from = burst[0].received_at;
        let kept = store.kept_comments(from, None, 10_000).await.unwrap();
        assert_eq!(kept.len(), BURST);
        store.close().await;
    })
    .await;
    on_both_packed(|location, _| async move {
        let store = Store::open(&location).unwrap();
        let author = PersonHasher::new([7; 32]).email(&site(), "0@example.org");
        let author = AuthorKey::Email(author);
        let erased = store.erase(&site(), author, now(), Uuid::now_v7).await;
        assert_eq!(erased.unwrap().comments, BURST as u64 / 2);
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn of_replicas_that_unpack_at_once_each_page_is_unpacked_by_one() {
    on_both_packed(|location, burst| async move {
        let replicas = [(); 3].map(|()| Store::open(&location).unwrap());
        let unpacked = futures::future::join_all(replicas.iter().map(Store::unpack)).await;
        unpacked.into_iter().collect::<Result<(), _>>().unwrap();
        for approval in &burst {
            is_as_recorded(&replicas[0], approval).await;
        }
        for replica in replicas {
            replica.close().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_that_another_replica_unpacks_holds_up_no_other() {
    let server = PostgresServer::start().await;
    let url = server.database("moderato").await;
    let location = Location::Postgres(url.clone());
    packed(&location).await;
    let mut other = AnyConnection::connect(&url).await.unwrap();
    let lock = "BEGIN; SELECT id FROM packed_approvals ORDER BY id LIMIT 1 FOR UPDATE";
    sqlx::raw_sql(lock).execute(&mut other).await.unwrap();

    let (sender, mut heard) = watch::channel(Heard::default());
    let store = Store::observed(&location, Arc::new(Packed(sender))).unwrap();
    store.probe(false, now()).await.unwrap();
    heard.wait_for(|heard| heard.left == 0).await.unwrap();
    let pages = "SELECT COUNT(*) FROM packed_approvals";
    let pages = sqlx::query(pages).fetch_one(&mut other).await.unwrap();
    assert_eq!(pages.get::<i64, _>(0), 1);
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    store.probe(false, now()).await.unwrap();
    heard.wait_for(|heard| heard.left == 0).await.unwrap();
    let pages = "SELECT COUNT(*) FROM packed_approvals";
    let pages = sqlx::query(pages).fetch_one(&mut other).await.unwrap();
    assert_eq!(pages.get::<i64, _>(0), 0);
    store.close().await;
}
