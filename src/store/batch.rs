//! Records written together, in one transaction.

use std::collections::HashSet;
use std::sync::Arc;

use sqlx::{AnyConnection, Row as _};

use super::database::Database;
use super::error::StoreError;
use super::events::{self, EventKind, EventPayload, NewEvent};
use super::insert::{Bound, Insert};
use super::models;
use super::packed::{Amount, Page};
use super::record::{Content, Receipt, Record, Recorded, Status};
use super::submissions::receipt;
use super::values::{flag, json, micros, text};
use crate::verdict::{Decision, Head, Verdict};

/// What became of each record of a batch.
pub(super) type Outcomes = Vec<Result<Recorded, StoreError>>;

/// A batch that is durable.
pub(super) struct Written {
    pub(super) outcomes: Outcomes,
    /// What of it was packed, if anything was.
    pub(super) packed: Option<Amount>,
}

/// More approvals than these in one batch are packed: some thousands a second, as a batch
/// gathers for a hundredth.
const FEW: usize = 64;

/// Whether so many come together that there is no time to make rows of them.
pub(super) const fn are_many(records: usize) -> bool {
    records > FEW
}

const COMMENT_COLUMNS: [&str; 28] = [
    "id",
    "site",
    "received_at",
    "status",
    "settled_at",
    "last_decision",
    "submission_id",
    "name",
    "text",
    "url",
    "page_id",
    "page_url",
    "page_title",
    "user_agent",
    "locale",
    "email_hash",
    "author_hash",
    "address_hash",
    "author_trusted",
    "author_approved",
    "spam",
    "toxicity",
    "score",
    "reason_codes",
    "language",
    "search_text",
    "simhash",
    "reports",
];

const DECISION_COLUMNS: [&str; 11] = [
    "comment_id",
    "number",
    "site",
    "decided_at",
    "decision",
    "actor_kind",
    "reasons",
    "evidence",
    "model",
    "policy",
    "degraded",
];

const SUBMISSION_COLUMNS: [&str; 6] = [
    "site",
    "submission_id",
    "fingerprint",
    "comment_id",
    "received_at",
    "verdict",
];

static SUBMISSIONS: Insert = Insert::new(
    "submissions",
    &SUBMISSION_COLUMNS,
    "ON CONFLICT (site, submission_id) DO NOTHING RETURNING comment_id",
);
static COMMENTS: Insert = Insert::new("comments", &COMMENT_COLUMNS, "");
static DECISIONS: Insert = Insert::new("decisions", &DECISION_COLUMNS, "");

/// Writes `records` and returns, once they are durable, what became of each.
pub(super) async fn write(
    database: &Database,
    records: &[Arc<Record>],
) -> Result<Written, StoreError> {
    let mut approvals: Vec<_> = records.iter().filter_map(|r| approval(r)).collect();
    if !are_many(approvals.len()) {
        approvals.clear();
    }
    let page = Page::of(&approvals)?;
    let mut transaction = database.begin().await?;
    let outcomes = add(&mut transaction, records, page.is_some()).await?;
    let packed = match page {
        Some(page) => Some(page.add(&mut transaction).await?),
        None => None,
    };
    transaction.commit().await?;
    Ok(Written { outcomes, packed })
}

/// A record that may be packed: nobody waits for the comment, nor asks for it again.
fn approval(record: &Record) -> Option<(&Record, &Content)> {
    let is_one = record.submission.is_none() && record.verdict.decision == Decision::Approve;
    record
        .content
        .as_ref()
        .filter(|_| is_one)
        .map(|content| (record, content))
}

/// Adds the rows of what was packed.
pub(super) async fn add_rows(
    connection: &mut AnyConnection,
    records: &[Arc<Record>],
) -> Result<(), StoreError> {
    add(connection, records, false).await.map(drop)
}

/// Adds rows of `records`; of those that may be packed none, if they are.
async fn add(
    connection: &mut AnyConnection,
    records: &[Arc<Record>],
    are_packed: bool,
) -> Result<Outcomes, StoreError> {
    let new = add_submissions(connection, records).await?;
    let mut outcomes = Vec::with_capacity(records.len());
    let mut contents = Vec::with_capacity(records.len());
    for record in records {
        if record.submission.is_some() && !new.contains(record.id.as_bytes()) {
            outcomes.push(before(connection, record).await?);
            continue;
        }
        outcomes.push(Ok(Recorded::New));
        if are_packed && approval(record).is_some() {
            continue;
        }
        if let Some(content) = &record.content {
            contents.push((record.as_ref(), content));
        }
    }
    COMMENTS.run(connection, &contents, bind_comment).await?;
    DECISIONS
        .run(connection, &contents, |query, (record, _)| {
            bind_verdict(query, record)
        })
        .await?;
    models::keep_shadow_verdicts(connection, &contents).await?;
    let queued = contents.iter().filter(|(record, _)| record.is_queued());
    let held: Vec<_> = queued.map(held).collect();
    events::append(connection, &held).await?;
    Ok(outcomes)
}

/// Adds the submissions that are new and returns the ids of their comments.
async fn add_submissions(
    connection: &mut AnyConnection,
    records: &[Arc<Record>],
) -> Result<HashSet<Vec<u8>>, StoreError> {
    let key = |record: &&Record| {
        let submission = record.submission.as_ref();
        submission.map(|key| (record.site.clone(), key.id.as_str().to_owned()))
    };
    let mut named: Vec<_> = records
        .iter()
        .map(Arc::as_ref)
        .filter(|record| record.submission.is_some())
        .collect();
    // Replicas that write the same ids take their locks in the same order.
    named.sort_by_cached_key(key);
    let rows = SUBMISSIONS
        .returning(connection, &named, |query, record| {
            bind_submission(query, record)
        })
        .await?;
    rows.iter()
        .map(|row| Ok(row.try_get::<Vec<u8>, _>(0)?))
        .collect()
}

/// What a record gets whose `submission_id` was used before.
async fn before(
    connection: &mut AnyConnection,
    record: &Record,
) -> Result<Result<Recorded, StoreError>, StoreError> {
    let Some(key) = &record.submission else {
        return Ok(Ok(Recorded::New));
    };
    Ok(match receipt(connection, &record.site, &key.id).await? {
        Some(Receipt {
            fingerprint,
            verdict,
        }) if fingerprint == key.fingerprint => Ok(Recorded::Before(verdict)),
        Some(_) => Err(StoreError::SubmissionIdReused),
        // Swept away between two statements; the call is to be made again.
        None => Err(StoreError::Unavailable("a receipt ran out".to_owned())),
    })
}

fn bind_submission(query: Bound, record: &Record) -> Bound {
    let key = record.submission.as_ref();
    query
        .bind(record.site.to_string())
        .bind(key.map(|key| key.id.as_str().to_owned()))
        .bind(key.map(|key| key.fingerprint.to_vec()))
        .bind(record.id.as_bytes().to_vec())
        .bind(micros(record.received_at))
        .bind(json(record.verdict.as_ref()))
}

fn bind_comment(query: Bound, (record, content): &(&Record, &Content)) -> Bound {
    let verdict = record.verdict.as_ref();
    let score = |head| verdict.scores.map_or(0.0, |scores| scores.get(head).get());
    let (spam, toxicity) = (score(Head::Spam), score(Head::Toxicity));
    let status = Status::from(verdict.decision);
    let texts = &content.texts;
    let person =
        |hash: Option<super::person::PersonHash>| hash.map(|hash| hash.as_bytes().to_vec());
    query
        .bind(record.id.as_bytes().to_vec())
        .bind(record.site.to_string())
        .bind(micros(record.received_at))
        .bind(status.name())
        .bind(micros(record.received_at))
        .bind(0_i64)
        .bind(
            record
                .submission
                .as_ref()
                .map(|key| key.id.as_str().to_owned()),
        )
        .bind(text(&texts.name))
        .bind(text(&texts.text))
        .bind(texts.url.as_deref().map(text))
        .bind(texts.page_id.as_deref().map(text))
        .bind(texts.page_url.as_deref().map(text))
        .bind(texts.page_title.as_deref().map(text))
        .bind(texts.user_agent.as_deref().map(text))
        .bind(texts.locale.as_deref().map(text))
        .bind(content.author.email.as_bytes().to_vec())
        .bind(person(content.author.author))
        .bind(person(content.author.address))
        .bind(flag(content.trusted))
        .bind(content.approved_comments.map(i64::from))
        .bind(spam)
        .bind(toxicity)
        .bind(spam.max(toxicity))
        .bind(reason_codes(verdict))
        .bind(content.language.clone())
        .bind((status == Status::Held).then(|| texts.searched()))
        .bind(content.simhash.map(|hash| hash.to_vec()))
        .bind(0_i64)
}

fn bind_verdict(query: Bound, record: &Record) -> Bound {
    let verdict = record.verdict.as_ref();
    // Nobody looks at why a comment was let through until it is reported, and then
    // it is judged anew; without its evidence it takes half the room.
    let explained = verdict.decision != Decision::Approve;
    query
        .bind(record.id.as_bytes().to_vec())
        .bind(0_i64)
        .bind(record.site.to_string())
        .bind(micros(record.received_at))
        .bind(verdict.decision.name())
        .bind("policy")
        .bind((!verdict.reasons.is_empty()).then(|| json(&verdict.reasons)))
        .bind(explained.then(|| json(&verdict.evidence)))
        .bind(verdict.model.clone())
        .bind(verdict.policy.clone())
        .bind(flag(verdict.degraded))
}

/// The event that tells of a hold.
fn held((record, content): &(&Record, &Content)) -> NewEvent {
    NewEvent {
        site: record.site.clone(),
        kind: EventKind::Held,
        comment: record.id,
        decision: 0,
        at: record.received_at,
        payload: EventPayload {
            status: Status::Held.name().to_owned(),
            reject_reason: None,
            submission_id: record
                .submission
                .as_ref()
                .map(|key| key.id.as_str().to_owned()),
            page_id: content.texts.page_id.as_deref().map(text),
        },
    }
}

/// The codes between spaces, so that one is found by ` CODE `.
fn reason_codes(verdict: &Verdict) -> String {
    let mut codes = String::new();
    for reason in &verdict.reasons {
        codes.push(' ');
        codes.push_str(reason.code.name());
    }
    if !codes.is_empty() {
        codes.push(' ');
    }
    codes
}
