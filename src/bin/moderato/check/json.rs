//! Answers as JSON. A server's verdict and one of ours have the same shape.

use moderato::grpc::proto;
use serde::{Serialize, Serializer};

use super::asked::Asked;

/// An answer as one line.
pub fn line(asked: &Asked, verdict: &impl Serialize) -> serde_json::Result<String> {
    let mut line = serde_json::to_string(&Answer {
        line: asked.line,
        verdict,
    })?;
    line.push('\n');
    Ok(line)
}

#[derive(Serialize)]
struct Answer<'a, V> {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(flatten)]
    verdict: &'a V,
}

/// A server's verdict in the shape of [`moderato::verdict::Verdict`]. Names stay
/// as they came, so that a newer server's codes are not lost.
#[derive(Serialize)]
pub struct Received<'a> {
    comment: &'a str,
    decision: String,
    reasons: Vec<Reason<'a>>,
    scores: Option<Scores>,
    evidence: Vec<Evidence<'a>>,
    model: &'a str,
    policy: &'a str,
    degraded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<f64>,
}

#[derive(Serialize)]
struct Reason<'a> {
    code: &'a str,
    #[serde(serialize_with = "none_if_empty")]
    field: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    spans: Vec<Span<'a>>,
}

#[derive(Serialize)]
struct Span<'a> {
    field: &'a str,
    start: u32,
    end: u32,
}

#[derive(Serialize)]
struct Scores {
    spam: f64,
    toxicity: f64,
}

#[derive(Serialize)]
struct Evidence<'a> {
    head: String,
    kind: String,
    token: &'a str,
    span: Option<Span<'a>>,
    log_odds: f64,
}

impl<'a> From<&'a proto::Verdict> for Received<'a> {
    fn from(verdict: &'a proto::Verdict) -> Self {
        Self {
            comment: &verdict.comment,
            decision: decision(verdict),
            reasons: verdict.reasons.iter().map(Into::into).collect(),
            scores: verdict.scores.as_ref().map(|scores| Scores {
                spam: scores.spam,
                toxicity: scores.toxicity,
            }),
            evidence: verdict.evidence.iter().map(Into::into).collect(),
            model: &verdict.model,
            policy: &verdict.policy,
            degraded: verdict.degraded,
            retry_after_seconds: verdict
                .retry_after
                .map(|wait| wait.seconds as f64 + f64::from(wait.nanos) / 1e9),
        }
    }
}

impl<'a> From<&'a proto::Reason> for Reason<'a> {
    fn from(reason: &'a proto::Reason) -> Self {
        Self {
            code: &reason.code,
            field: &reason.field,
            message: &reason.message,
            spans: reason.spans.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> From<&'a proto::Span> for Span<'a> {
    fn from(span: &'a proto::Span) -> Self {
        Self {
            field: &span.field,
            start: span.start,
            end: span.end,
        }
    }
}

impl<'a> From<&'a proto::Evidence> for Evidence<'a> {
    fn from(evidence: &'a proto::Evidence) -> Self {
        Self {
            head: short(evidence.head().as_str_name(), "HEAD_"),
            kind: short(evidence.kind().as_str_name(), "EVIDENCE_KIND_"),
            token: &evidence.token,
            span: evidence.span.as_ref().map(Into::into),
            log_odds: evidence.log_odds,
        }
    }
}

/// The decision's name, such as `hold`.
pub fn decision(verdict: &proto::Verdict) -> String {
    short(verdict.decision().as_str_name(), "DECISION_")
}

/// The name of an enum's value as JSON has it: `HEAD_SPAM` is `spam`.
pub fn short(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix)
        .unwrap_or(name)
        .to_ascii_lowercase()
}

fn none_if_empty<S: Serializer>(field: &str, serializer: S) -> Result<S::Ok, S::Error> {
    (!field.is_empty()).then_some(field).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use moderato::verdict::{
        Decision, Evidence, EvidenceKind, Field, Head, PerHead, Probability, Reason, ReasonCode,
        Span, Verdict,
    };

    use super::*;

    fn verdict() -> Verdict {
        let span = Span {
            field: Field::Text,
            start: 3,
            end: 9,
        };
        Verdict {
            comment: "sites/default/comments/1".into(),
            decision: Decision::Hold,
            reasons: vec![
                Reason::new(ReasonCode::SpamScore, None, "spam").at(vec![span]),
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
        }
    }

    #[test]
    fn a_servers_verdict_has_the_shape_of_ours() {
        for retry_after in [None, Some(Duration::from_millis(1500))] {
            let ours = Verdict {
                retry_after,
                ..verdict()
            };
            let theirs = proto::Verdict::from(ours.clone());
            assert_eq!(
                serde_json::to_string(&Received::from(&theirs)).unwrap(),
                serde_json::to_string(&ours).unwrap()
            );
        }
    }

    #[test]
    fn an_answer_on_a_stream_says_to_which_line() {
        let asked = |line| Asked {
            line,
            submission_id: String::new(),
            text: String::new(),
        };
        let on_line = line(&asked(Some(3)), &verdict()).unwrap();
        assert!(on_line.starts_with(r#"{"line":3,"comment":"#), "{on_line}");
        let alone = line(&asked(None), &verdict()).unwrap();
        assert!(alone.starts_with(r#"{"comment":"#) && alone.ends_with("}\n"));
    }
}
