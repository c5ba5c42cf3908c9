use super::*;
use crate::verdict::{Field, PerHead, Probability, ReasonCode};

#[test]
fn a_submission_keeps_every_field() {
    let message = proto::Submission {
        name: "name".into(),
        email: "email".into(),
        text: "text".into(),
        url: "url".into(),
        ip_address: "ip".into(),
        user_agent: "agent".into(),
        referrer: "referrer".into(),
        page: Some(proto::Page {
            id: "page id".into(),
            url: "page url".into(),
            title: "page title".into(),
        }),
        author: Some(proto::Author {
            id: "author id".into(),
            trusted: true,
            approved_comments: Some(0),
        }),
        form_duration_ms: Some(7),
        honeypot: "honeypot".into(),
        locale: "locale".into(),
        submission_id: "submission id".into(),
    };
    let submission = Submission::from(message);
    assert_eq!(submission.name, "name");
    assert_eq!(submission.email, "email");
    assert_eq!(submission.text, "text");
    assert_eq!(submission.url, "url");
    assert_eq!(submission.ip_address, "ip");
    assert_eq!(submission.user_agent, "agent");
    assert_eq!(submission.referrer, "referrer");
    assert_eq!(submission.page.id, "page id");
    assert_eq!(submission.page.url, "page url");
    assert_eq!(submission.page.title, "page title");
    assert_eq!(submission.author.id, "author id");
    assert!(submission.author.trusted);
    assert_eq!(submission.author.approved_comments, Some(0));
    assert_eq!(submission.form_duration_ms, Some(7));
    assert_eq!(submission.honeypot, "honeypot");
    assert_eq!(submission.locale, "locale");
    assert_eq!(submission.submission_id, "submission id");
}

#[test]
fn an_empty_message_is_an_empty_submission() {
    let submission = Submission::from(proto::Submission::default());
    assert_eq!(submission.text, "");
    assert_eq!(submission.form_duration_ms, None);
    assert_eq!(submission.author.approved_comments, None);
}

#[test]
fn a_verdict_keeps_every_field() {
    let span = Span {
        field: Field::Text,
        start: 3,
        end: 9,
    };
    let verdict = Verdict {
        comment: "sites/default/comments/1".into(),
        decision: Decision::Hold,
        reasons: vec![
            Reason::new(ReasonCode::SpamScore, None, "looks like spam").at(vec![span]),
            Reason::new(ReasonCode::EmailInvalid, Some(Field::Email), "no @"),
        ],
        scores: Some(PerHead {
            spam: Probability::new(0.75).unwrap(),
            toxicity: Probability::new(0.25).unwrap(),
        }),
        evidence: vec![
            Evidence {
                head: Head::Spam,
                kind: EvidenceKind::Word,
                token: "viagra".into(),
                span: Some(span),
                log_odds: 4.5,
            },
            Evidence {
                head: Head::Toxicity,
                kind: EvidenceKind::Prior,
                token: String::new(),
                span: None,
                log_odds: -2.0,
            },
        ],
        model: "m-1".into(),
        policy: "p-1".into(),
        degraded: true,
        retry_after: Some(Duration::from_millis(1500)),
    };
    let span = proto::Span {
        field: "text".into(),
        start: 3,
        end: 9,
    };
    let expected = proto::Verdict {
        comment: "sites/default/comments/1".into(),
        decision: proto::Decision::Hold.into(),
        reasons: vec![
            proto::Reason {
                code: "SPAM_SCORE".into(),
                field: String::new(),
                message: "looks like spam".into(),
                spans: vec![span.clone()],
            },
            proto::Reason {
                code: "EMAIL_INVALID".into(),
                field: "email".into(),
                message: "no @".into(),
                spans: vec![],
            },
        ],
        scores: Some(proto::Scores {
            spam: 0.75,
            toxicity: 0.25,
        }),
        evidence: vec![
            proto::Evidence {
                head: proto::Head::Spam.into(),
                kind: proto::EvidenceKind::Word.into(),
                token: "viagra".into(),
                span: Some(span),
                log_odds: 4.5,
            },
            proto::Evidence {
                head: proto::Head::Toxicity.into(),
                kind: proto::EvidenceKind::Prior.into(),
                token: String::new(),
                span: None,
                log_odds: -2.0,
            },
        ],
        model: "m-1".into(),
        policy: "p-1".into(),
        degraded: true,
        retry_after: Some(prost_types::Duration {
            seconds: 1,
            nanos: 500_000_000,
        }),
    };
    assert_eq!(proto::Verdict::from(verdict), expected);
}

#[test]
fn decisions_and_kinds_have_the_names_of_the_contract() {
    for decision in Decision::ALL {
        let name = proto::Decision::from(decision).as_str_name();
        assert_eq!(
            name,
            format!("DECISION_{}", decision.name().to_ascii_uppercase())
        );
    }
    for head in Head::ALL {
        let name = proto::Head::from(head).as_str_name();
        assert_eq!(name, format!("HEAD_{}", head.name().to_ascii_uppercase()));
    }
    for kind in [
        EvidenceKind::Prior,
        EvidenceKind::Word,
        EvidenceKind::Pair,
        EvidenceKind::Link,
        EvidenceKind::Signal,
        EvidenceKind::Remainder,
    ] {
        let name = proto::EvidenceKind::from(kind).as_str_name();
        let json = serde_json::to_value(kind).unwrap();
        let upper = json.as_str().unwrap().to_ascii_uppercase();
        assert_eq!(name, format!("EVIDENCE_KIND_{upper}"));
    }
}

#[test]
fn no_wait_is_too_long_for_the_wire() {
    let longest = proto_duration(Duration::MAX);
    assert_eq!((longest.seconds, longest.nanos), (MAX_PROTO_SECONDS, 0));
    let short = proto_duration(Duration::from_nanos(1));
    assert_eq!((short.seconds, short.nanos), (0, 1));
}
