//! Records to keep.

use std::sync::Arc;

use jiff::Timestamp;
use moderato::comment::SubmissionId;
use moderato::site::SiteId;
use moderato::store::{
    AuthorHashes, CommentId, Content, PersonHasher, Record, SubmissionKey, Texts,
};
use moderato::verdict::{
    Decision, Evidence, EvidenceKind, Field, Head, Probability, Reason, ReasonCode, Scores, Span,
    Verdict,
};
use uuid::Uuid;

pub fn site() -> SiteId {
    SiteId::new("daily-times").unwrap()
}

pub fn now() -> Timestamp {
    // The databases keep microseconds.
    Timestamp::from_microsecond(Timestamp::now().as_microsecond()).unwrap()
}

/// A comment that was held, by `email`.
pub fn held(email: &str, text: &str) -> Record {
    decided(Decision::Hold, email, text)
}

pub fn decided(decision: Decision, email: &str, text: &str) -> Record {
    let site = site();
    let id = CommentId::new(Uuid::now_v7());
    let hasher = PersonHasher::new([7; 32]);
    Record {
        id,
        received_at: now(),
        submission: None,
        verdict: Arc::new(verdict(decision, id.resource_name(&site))),
        content: Some(Content {
            texts: Texts {
                name: "Ayesha Khan".to_owned(),
                text: text.to_owned(),
                url: None,
                page_id: Some("7".to_owned()),
                page_url: Some("https://example.org/7".to_owned()),
                page_title: Some("News".to_owned()),
                user_agent: None,
                locale: Some("ur".to_owned()),
            },
            author: AuthorHashes {
                email: hasher.email(&site, email),
                author: Some(hasher.author(&site, "u-1")),
                address: None,
            },
            trusted: false,
            approved_comments: Some(3),
            language: None,
            simhash: Some([0xfe; 16]),
            shadow: None,
        }),
        site,
    }
}

/// The same record, under a `submission_id` and for that content.
pub fn submitted(mut record: Record, id: &str, content: u8) -> Record {
    record.submission = Some(SubmissionKey {
        id: SubmissionId::new(id).unwrap(),
        fingerprint: [content; 32],
    });
    record
}

fn verdict(decision: Decision, comment: String) -> Verdict {
    let probability = |p| Probability::new(p).unwrap();
    let span = Span {
        field: Field::Text,
        start: 0,
        end: 4,
    };
    let reason = Reason::new(ReasonCode::SpamScore, None, "It reads like spam.").at(vec![span]);
    Verdict {
        comment,
        decision,
        reasons: vec![reason],
        scores: Some(Scores {
            spam: probability(0.9),
            toxicity: probability(0.1 + 0.2),
        }),
        evidence: vec![Evidence {
            head: Head::Spam,
            kind: EvidenceKind::Word,
            token: "buy".to_owned(),
            span: Some(span),
            log_odds: 1.0 / 3.0,
        }],
        model: "m-0123456789abcdef".to_owned(),
        policy: "p-0123456789abcdef".to_owned(),
        degraded: false,
        retry_after: None,
    }
}
