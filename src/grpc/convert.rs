//! Between the contract's messages and our own types. Total in both directions:
//! whatever arrives becomes a [`Submission`], whose faults the pipeline judges.

use std::time::Duration;

use super::proto;
use crate::comment::{Submission, SubmittedAuthor, SubmittedPage};
use crate::verdict::{Decision, Evidence, EvidenceKind, Head, Reason, Scores, Span, Verdict};

/// Seconds in the longest `google.protobuf.Duration` (about 10,000 years).
const MAX_PROTO_SECONDS: i64 = 315_576_000_000;

impl From<proto::Submission> for Submission {
    fn from(message: proto::Submission) -> Self {
        Self {
            name: message.name,
            email: message.email,
            text: message.text,
            url: message.url,
            ip_address: message.ip_address,
            user_agent: message.user_agent,
            referrer: message.referrer,
            page: message.page.map(SubmittedPage::from).unwrap_or_default(),
            author: message
                .author
                .map(SubmittedAuthor::from)
                .unwrap_or_default(),
            form_duration_ms: message.form_duration_ms,
            honeypot: message.honeypot,
            locale: message.locale,
            submission_id: message.submission_id,
        }
    }
}

impl From<proto::Page> for SubmittedPage {
    fn from(message: proto::Page) -> Self {
        Self {
            id: message.id,
            url: message.url,
            title: message.title,
        }
    }
}

impl From<proto::Author> for SubmittedAuthor {
    fn from(message: proto::Author) -> Self {
        Self {
            id: message.id,
            trusted: message.trusted,
            approved_comments: message.approved_comments,
        }
    }
}

impl From<Verdict> for proto::Verdict {
    fn from(verdict: Verdict) -> Self {
        Self {
            comment: verdict.comment,
            decision: proto::Decision::from(verdict.decision).into(),
            reasons: verdict.reasons.into_iter().map(Into::into).collect(),
            scores: verdict.scores.map(Into::into),
            evidence: verdict.evidence.into_iter().map(Into::into).collect(),
            model: verdict.model,
            policy: verdict.policy,
            degraded: verdict.degraded,
            retry_after: verdict.retry_after.map(proto_duration),
        }
    }
}

/// As a `google.protobuf.Duration`, cut to the longest there is.
pub(super) fn proto_duration(duration: Duration) -> prost_types::Duration {
    let seconds = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    if seconds >= MAX_PROTO_SECONDS {
        return prost_types::Duration {
            seconds: MAX_PROTO_SECONDS,
            nanos: 0,
        };
    }
    prost_types::Duration {
        seconds,
        // Below 10^9, so it always fits.
        nanos: i32::try_from(duration.subsec_nanos()).unwrap_or(i32::MAX),
    }
}

/// A time as a `google.protobuf.Timestamp`.
pub(super) fn timestamp(time: jiff::Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: time.as_second(),
        nanos: time.subsec_nanosecond(),
    }
}

impl From<Decision> for proto::Decision {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Approve => Self::Approve,
            Decision::Hold => Self::Hold,
            Decision::Reject => Self::Reject,
        }
    }
}

impl From<Reason> for proto::Reason {
    fn from(reason: Reason) -> Self {
        Self {
            code: reason.code.name().to_owned(),
            field: reason.field.map_or("", |field| field.name()).to_owned(),
            message: reason.message,
            spans: reason.spans.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Span> for proto::Span {
    fn from(span: Span) -> Self {
        Self {
            field: span.field.name().to_owned(),
            start: span.start,
            end: span.end,
        }
    }
}

impl From<Scores> for proto::Scores {
    fn from(scores: Scores) -> Self {
        Self {
            spam: scores.spam.get(),
            toxicity: scores.toxicity.get(),
        }
    }
}

impl From<Head> for proto::Head {
    fn from(head: Head) -> Self {
        match head {
            Head::Spam => Self::Spam,
            Head::Toxicity => Self::Toxicity,
        }
    }
}

impl From<EvidenceKind> for proto::EvidenceKind {
    fn from(kind: EvidenceKind) -> Self {
        match kind {
            EvidenceKind::Prior => Self::Prior,
            EvidenceKind::Word => Self::Word,
            EvidenceKind::Pair => Self::Pair,
            EvidenceKind::Link => Self::Link,
            EvidenceKind::Signal => Self::Signal,
            EvidenceKind::Remainder => Self::Remainder,
        }
    }
}

impl From<Evidence> for proto::Evidence {
    fn from(evidence: Evidence) -> Self {
        Self {
            head: proto::Head::from(evidence.head).into(),
            kind: proto::EvidenceKind::from(evidence.kind).into(),
            token: evidence.token,
            span: evidence.span.map(Into::into),
            log_odds: evidence.log_odds,
        }
    }
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
