//! The body of a page: a JSON array with an object for each approval.
//!
//! JSON, so that a page which one version leaves behind the next can read: a field that
//! is not there has its default. Short names, since each record has them all.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::site::SiteId;
use crate::store::error::StoreError;
use crate::store::ids::CommentId;
use crate::store::person::PersonHash;
use crate::store::record::{AuthorHashes, Content, Record, ShadowVerdict, Texts};
use crate::store::values::{micros, unexpected};
use crate::verdict::{Decision, Reason, Scores, Verdict};

/// The layout below. To be raised when a reader of the former would take it for another.
pub(super) const FORMAT: i64 = 1;

type Text<'a> = Option<Cow<'a, str>>;

/// One approval, but for what is kept of none: its evidence.
#[derive(Serialize, Deserialize)]
struct Approval<'a> {
    id: CommentId,
    site: Cow<'a, SiteId>,
    /// Microseconds since 1970.
    at: i64,
    name: Cow<'a, str>,
    text: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Text<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Text<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page_url: Text<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Text<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agent: Text<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    locale: Text<'a>,
    email: PersonHash,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    author: Option<PersonHash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<PersonHash>,
    #[serde(default, skip_serializing_if = "is_false")]
    trusted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approved: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lang: Text<'a>,
    #[serde(default, skip_serializing_if = "<[Reason]>::is_empty")]
    reasons: Cow<'a, [Reason]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scores: Option<Scores>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shadow: Option<Cow<'a, ShadowVerdict>>,
    model: Cow<'a, str>,
    policy: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "is_false")]
    degraded: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde fixes the signature"
)]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// The body of these approvals, which all have a content.
pub(super) fn write<'r>(
    approvals: impl Iterator<Item = (&'r Record, &'r Content)>,
) -> Result<Vec<u8>, StoreError> {
    let approvals: Vec<_> = approvals.map(approval).collect();
    serde_json::to_vec(&approvals).map_err(|error| unexpected("an approval", &error))
}

/// The approvals in a body of [`FORMAT`].
pub(super) fn read(body: &[u8]) -> Result<Vec<Arc<Record>>, StoreError> {
    let approvals: Vec<Approval<'_>> =
        serde_json::from_slice(body).map_err(|error| unexpected("a page of approvals", &error))?;
    let records = approvals
        .into_iter()
        .map(|approval| record(approval).map(Arc::new));
    records.collect()
}

fn approval<'r>((record, content): (&'r Record, &'r Content)) -> Approval<'r> {
    let (texts, verdict) = (&content.texts, record.verdict.as_ref());
    let maybe = |text: &'r Option<String>| text.as_deref().map(Cow::Borrowed);
    Approval {
        id: record.id,
        site: Cow::Borrowed(&record.site),
        at: micros(record.received_at),
        name: Cow::Borrowed(&texts.name),
        text: Cow::Borrowed(&texts.text),
        url: maybe(&texts.url),
        page: maybe(&texts.page_id),
        page_url: maybe(&texts.page_url),
        title: maybe(&texts.page_title),
        agent: maybe(&texts.user_agent),
        locale: maybe(&texts.locale),
        email: content.author.email,
        author: content.author.author,
        address: content.author.address,
        trusted: content.trusted,
        approved: content.approved_comments,
        lang: maybe(&content.language),
        reasons: Cow::Borrowed(&verdict.reasons),
        scores: verdict.scores,
        shadow: content.shadow.as_ref().map(Cow::Borrowed),
        model: Cow::Borrowed(&verdict.model),
        policy: Cow::Borrowed(&verdict.policy),
        degraded: verdict.degraded,
    }
}

fn record(approval: Approval<'_>) -> Result<Record, StoreError> {
    let received_at =
        Timestamp::from_microsecond(approval.at).map_err(|error| unexpected("at", &error))?;
    let site = approval.site.into_owned();
    let maybe = |text: Text<'_>| text.map(Cow::into_owned);
    let verdict = Verdict {
        comment: approval.id.resource_name(&site),
        decision: Decision::Approve,
        reasons: approval.reasons.into_owned(),
        scores: approval.scores,
        evidence: Vec::new(),
        model: approval.model.into_owned(),
        policy: approval.policy.into_owned(),
        degraded: approval.degraded,
        retry_after: None,
    };
    let content = Content {
        texts: Texts {
            name: approval.name.into_owned(),
            text: approval.text.into_owned(),
            url: maybe(approval.url),
            page_id: maybe(approval.page),
            page_url: maybe(approval.page_url),
            page_title: maybe(approval.title),
            user_agent: maybe(approval.agent),
            locale: maybe(approval.locale),
        },
        author: AuthorHashes {
            email: approval.email,
            author: approval.author,
            address: approval.address,
        },
        trusted: approval.trusted,
        approved_comments: approval.approved,
        language: maybe(approval.lang),
        simhash: None,
        shadow: approval.shadow.map(Cow::into_owned),
    };
    Ok(Record {
        id: approval.id,
        site,
        received_at,
        submission: None,
        verdict: Arc::new(verdict),
        content: Some(content),
    })
}
