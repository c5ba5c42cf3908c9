//! What the review promises over every store.

mod blind;
mod claims;
mod deliveries;
mod events;
mod lessons;
mod queue;
mod rulings;
mod undo;
mod waves;
mod within;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use moderato::review::{CommentName, Resolve, Review, ReviewSettings, Verdict};
use moderato::store::{Actor, Record, Store};
use moderato::text::{Features, SimHash, Typed};
use uuid::Uuid;

use super::records;

/// A review with claims of a minute, and an hour to undo.
pub fn review(store: &Store) -> Review {
    let settings = ReviewSettings {
        claim: Duration::from_mins(1),
        undo_window: Duration::from_hours(1),
        ..ReviewSettings::default()
    };
    Review::new(store.clone(), settings, Uuid::now_v7)
}

/// A held comment with the fingerprint of its text.
pub fn held(email: &str, text: &str) -> Record {
    fingerprinted(records::held(email, text))
}

fn fingerprinted(mut record: Record) -> Record {
    let content = record.content.as_mut().unwrap();
    let text = &content.texts.text;
    let features = Features::extract(Typed { text, name: "" });
    content.simhash = Some(SimHash::of(&features).to_bytes());
    record
}

/// Keeps records one after the other, so that they are in this order.
pub async fn keep(store: &Store, records: &[Record]) {
    for record in records {
        store.record(record.clone()).await.unwrap();
    }
}

pub fn name(record: &Record) -> CommentName {
    CommentName {
        site: record.site.clone(),
        id: record.id,
    }
}

pub fn moderator(name: &str) -> Actor {
    Actor::Moderator(name.to_owned())
}

pub fn resolve(names: &[&Record], verdict: Verdict) -> Resolve {
    Resolve {
        names: names.iter().map(|record| name(record)).collect(),
        verdict,
        label: None,
        note: None,
        whole_waves: false,
        override_claims: false,
    }
}

pub fn after(now: Timestamp, seconds: i64) -> Timestamp {
    now + SignedDuration::from_secs(seconds)
}
