mod configuration;
mod laws;
mod scenarios;

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::rules::{HitKind, RuleHit, RuleHits, RuleSettings};
use crate::verdict::{Field, Head, Probability, ReasonCode, Span};

fn probability(value: f64) -> Probability {
    Probability::new(value).unwrap()
}

fn settings(toml: &str) -> PolicySettings {
    toml::from_str(toml).unwrap()
}

fn policy(toml: &str) -> Policy {
    Policy::resolve(&[&settings(toml)]).unwrap()
}

fn hit(kind: HitKind, entry: &str) -> RuleHit {
    RuleHit {
        kind,
        entry: entry.into(),
        span: Span {
            field: Field::Text,
            start: 0,
            end: 4,
        },
    }
}

fn remark() -> Reason {
    Reason::new(ReasonCode::FieldIgnored, None, "A remark.")
}

/// A comment that nothing speaks against.
fn clean() -> Judged {
    Judged {
        scores: Scores {
            spam: probability(0.01),
            toxicity: probability(0.02),
        },
        known_tokens: 9,
        tokens: 10,
        rules: RuleHits::default(),
        form_duration_ms: None,
        honeypot_filled: false,
        author: Author::default(),
        remarks: Vec::new(),
    }
}

fn judged(change: impl FnOnce(&mut Judged)) -> Signals {
    let mut judged = clean();
    change(&mut judged);
    Signals::Judged(judged)
}

/// Decision and reasons as lines.
fn told(policy: &Policy, signals: &Signals) -> String {
    let outcome = policy.decide(signals);
    let mut lines = vec![outcome.decision.to_string()];
    for reason in outcome.reasons {
        lines.push(format!("{} {}", reason.code.name(), reason.message));
    }
    lines.join("\n")
}
