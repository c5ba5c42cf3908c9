//! What every store promises of a comment's record.

use std::sync::Arc;

use moderato::comment::SubmissionId;
use moderato::store::{Actor, Recorded, Status, Store, StoreError};
use moderato::verdict::Decision;

use super::records::{decided, held, now, site, submitted};
use super::stores::on_both;

#[tokio::test]
async fn a_comment_reads_as_it_was_recorded() {
    on_both(|store| async move {
        let record = held("ayesha@example.org", "سلام — nul \0, and 'quotes' \u{1F600}");
        assert_eq!(store.record(record.clone()).await.unwrap(), Recorded::New);

        let read = store.comment(&site(), record.id).await.unwrap().unwrap();
        assert_eq!(read.status, Status::Held);
        assert_eq!(read.received_at, record.received_at);
        assert_eq!(Some(read.scores), record.verdict.scores);
        let content = record.content.as_ref().unwrap();
        assert_eq!(read.author, content.author);
        assert_eq!(read.simhash, content.simhash);
        let texts = read.texts.unwrap();
        assert_eq!(texts.text, content.texts.text.replace('\0', "\u{1A}"));
        assert_eq!(
            texts.text.len(),
            content.texts.text.len(),
            "spans still hold"
        );
        assert_eq!(texts.page_title, content.texts.page_title);

        let decisions = store.decisions(record.id).await.unwrap();
        assert_eq!(decisions.len(), 1);
        assert_eq!(decisions[0].decision, Decision::Hold);
        assert_eq!(decisions[0].actor, Actor::Policy);
        assert_eq!(decisions[0].reasons, record.verdict.reasons);
        assert_eq!(decisions[0].evidence, record.verdict.evidence);

        let other_site = moderato::site::SiteId::new("other").unwrap();
        assert!(
            store
                .comment(&other_site, record.id)
                .await
                .unwrap()
                .is_none()
        );
    })
    .await;
}

#[tokio::test]
async fn a_submission_id_has_one_verdict() {
    on_both(|store| async move {
        let first = submitted(held("a@example.org", "one"), "s-1", 1);
        assert_eq!(store.record(first.clone()).await.unwrap(), Recorded::New);

        let again = submitted(held("a@example.org", "one"), "s-1", 1);
        let before = Recorded::Before(Arc::clone(&first.verdict));
        assert_eq!(store.record(again.clone()).await.unwrap(), before);
        assert!(store.comment(&site(), again.id).await.unwrap().is_none());

        let other = submitted(held("a@example.org", "two"), "s-1", 2);
        let refused = store.record(other).await.unwrap_err();
        assert!(
            matches!(refused, StoreError::SubmissionIdReused),
            "{refused}"
        );

        let id = SubmissionId::new("s-1").unwrap();
        let receipt = store.receipt(&site(), &id).await.unwrap().unwrap();
        assert_eq!(receipt.fingerprint, [1; 32]);
        assert_eq!(receipt.verdict, first.verdict);
        let id = SubmissionId::new("s-2").unwrap();
        assert!(store.receipt(&site(), &id).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn of_many_at_once_with_one_submission_id_one_is_kept() {
    on_both(|store| async move {
        let race = |number: usize| {
            let store = store.clone();
            let record = submitted(held("a@example.org", "one"), "s-race", 1);
            async move { (number, store.record(record).await.unwrap()) }
        };
        let outcomes = futures::future::join_all((0..40).map(race)).await;
        let new = outcomes.iter().filter(|(_, o)| *o == Recorded::New).count();
        assert_eq!(new, 1);
    })
    .await;
}

#[tokio::test]
async fn a_verdict_without_a_comment_is_kept_for_retries() {
    on_both(|store| async move {
        let mut fault = submitted(decided(Decision::Reject, "a@example.org", ""), "s-1", 1);
        fault.content = None;
        store.record(fault.clone()).await.unwrap();
        assert!(store.comment(&site(), fault.id).await.unwrap().is_none());
        let id = SubmissionId::new("s-1").unwrap();
        let receipt = store.receipt(&site(), &id).await.unwrap().unwrap();
        assert_eq!(receipt.verdict, fault.verdict);
    })
    .await;
}

#[tokio::test]
async fn many_records_of_every_size_of_group_are_all_there() {
    on_both(|store| async move {
        let records: Vec<_> = (0..700)
            .map(|number| held("a@example.org", &format!("number {number}")))
            .collect();
        let keep = |record: &moderato::store::Record| {
            let (store, record) = (store.clone(), record.clone());
            async move { store.record(record).await.unwrap() }
        };
        futures::future::join_all(records.iter().map(keep)).await;
        for record in &records {
            let read = store.comment(&site(), record.id).await.unwrap().unwrap();
            let text = record
                .content
                .as_ref()
                .map(|content| content.texts.text.clone());
            assert_eq!(read.texts.map(|texts| texts.text), text);
        }
    })
    .await;
}

#[tokio::test]
async fn what_nobody_waits_for_is_written_soon() {
    on_both(|store| async move {
        let record = decided(Decision::Approve, "a@example.org", "fine");
        store.record_behind(record.clone()).await.unwrap();
        // The writer takes them in turn, so a later one that is durable says that the
        // earlier is.
        wait_behind(&store).await;
        let read = store.comment(&site(), record.id).await.unwrap().unwrap();
        assert_eq!(read.status, Status::Approved);
        assert!(now() >= read.received_at);
    })
    .await;
}

/// Waits until what was left to be written is written.
async fn wait_behind(store: &Store) {
    for _ in 0..2 {
        store.record(held("b@example.org", "wait")).await.unwrap();
    }
}
