use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Page, Unpacking, amount, body};
use crate::site::SiteId;
use crate::store::{CommentId, Content, Location, Record, ShadowVerdict, Store};
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

#[test]
fn what_a_model_in_shadow_made_of_it_is_kept() {
    let mut record = approval("Hello");
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
    let read = body::read(&page(&record).body).unwrap();
    assert_eq!(read[0].content.as_ref().unwrap().shadow, Some(shadow));
}

#[tokio::test]
async fn a_page_that_cannot_be_read_stays_and_keeps_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::File(folder.path().join("moderato.sqlite"));
    let store = Store::open(&location).unwrap();
    let (broken, whole) = (approval("broken"), approval("whole"));
    let mut transaction = store.begin().await.unwrap();
    let mut bad = page(&broken);
    bad.body = b"[{}]".to_vec();
    bad.add(&mut transaction).await.unwrap();
    page(&whole).add(&mut transaction).await.unwrap();
    transaction.commit().await.unwrap();

    let mut unpacking = Unpacking::new(Arc::clone(&store.backlog));
    let database = store.database.ready().await.unwrap();
    unpacking.one(database).await.unwrap_err();
    unpacking.one(database).await.unwrap();
    let site = SiteId::default();
    let read = store.comment(&site, whole.id).await.unwrap().unwrap();
    assert_eq!(read.texts.unwrap().text, "whole");
    let left = amount(&mut store.reader().await.unwrap()).await.unwrap();
    assert_eq!(left.records, 1);
    store.close().await;
}
