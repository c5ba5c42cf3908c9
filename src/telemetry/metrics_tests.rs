use super::*;
use crate::verdict::{Reason, ReasonCode, Side};

fn verdict(decision: Decision, codes: &[ReasonCode]) -> Verdict {
    Verdict {
        comment: String::new(),
        decision,
        reasons: codes
            .iter()
            .map(|&code| Reason::new(code, None, ""))
            .collect(),
        scores: None,
        evidence: Vec::new(),
        model: String::new(),
        policy: String::new(),
        degraded: false,
        retry_after: None,
    }
}

#[track_caller]
fn assert_line(metrics: &Metrics, line: &str) {
    let page = metrics.encode();
    assert!(
        page.lines().any(|found| found == line),
        "{line:?} not in\n{page}"
    );
}

#[test]
fn verdicts_are_counted_by_site_decision_and_reason() {
    let metrics = Metrics::new();
    let times = SiteId::new("times").unwrap();
    let took = Duration::from_micros(70);
    let held = verdict(
        Decision::Hold,
        &[ReasonCode::SpamScore, ReasonCode::WordSuspect],
    );
    metrics.judged(&times, &held, took);
    metrics.judged(&times, &held, took);
    metrics.judged(&SiteId::default(), &verdict(Decision::Approve, &[]), took);
    assert_line(
        &metrics,
        r#"moderato_submissions_total{site="times",decision="hold"} 2"#,
    );
    assert_line(
        &metrics,
        r#"moderato_submissions_total{site="times",decision="reject"} 0"#,
    );
    assert_line(
        &metrics,
        r#"moderato_submissions_total{site="default",decision="approve"} 1"#,
    );
    assert_line(&metrics, r#"moderato_reasons_total{code="SPAM_SCORE"} 2"#);
    assert_line(
        &metrics,
        r#"moderato_check_duration_seconds_bucket{le="0.00005"} 0"#,
    );
    assert_line(
        &metrics,
        r#"moderato_check_duration_seconds_bucket{le="0.0001"} 3"#,
    );
}

#[test]
fn calls_are_counted_by_code() {
    let metrics = Metrics::new();
    for code in (0..17).map(Code::from_i32) {
        metrics.called(code);
    }
    metrics.called(Code::Unauthenticated);
    assert_line(&metrics, r#"moderato_grpc_calls_total{code="OK"} 1"#);
    assert_line(
        &metrics,
        r#"moderato_grpc_calls_total{code="DEADLINE_EXCEEDED"} 1"#,
    );
    assert_line(
        &metrics,
        r#"moderato_grpc_calls_total{code="UNAUTHENTICATED"} 2"#,
    );
}

#[test]
fn one_model_is_in_force() {
    let metrics = Metrics::new();
    metrics.model_in_force("m-old");
    metrics.model_in_force("m-new");
    let page = metrics.encode();
    assert!(page.contains(r#"model="m-new"} 1"#), "{page}");
    assert!(!page.contains("m-old"), "{page}");
}

#[test]
fn what_a_canary_and_a_shadow_make_of_comments_is_counted_beside_the_live_model() {
    let metrics = Metrics::new();
    let canary = JudgedBy {
        side: Side::Canary,
        shadow: None,
    };
    let shadowed = JudgedBy {
        side: Side::Live,
        shadow: Some(Decision::Hold),
    };
    metrics.judged_by(Decision::Reject, canary);
    metrics.judged_by(Decision::Approve, shadowed);
    metrics.judged_by(Decision::Approve, JudgedBy::default());
    for line in [
        r#"moderato_verdicts_by_side_total{side="canary",decision="reject"} 1"#,
        r#"moderato_verdicts_by_side_total{side="live",decision="approve"} 2"#,
        r#"moderato_shadow_verdicts_total{live="approve",shadow="hold"} 1"#,
        r#"moderato_shadow_verdicts_total{live="approve",shadow="approve"} 0"#,
        "moderato_canary_share 0.0",
    ] {
        assert_line(&metrics, line);
    }
    let shown = |model, share| Some(ShownTrial { model, share });
    metrics.models_on_trial(shown("m-new", 0.05), shown("m-other", 1.0));
    metrics.models_on_trial(shown("m-new", 0.2), None);
    assert_line(&metrics, "moderato_canary_share 0.2");
    assert_line(&metrics, "moderato_shadow_share 0.0");
    assert_line(
        &metrics,
        r#"moderato_trial_info{trial="canary",model="m-new"} 1"#,
    );
    assert!(!metrics.encode().contains("m-other"));
}

#[test]
fn a_degraded_limiter_shows() {
    let metrics = Metrics::new();
    metrics.limiter_degraded(true);
    metrics.limiter_stand_in_answered();
    assert_line(&metrics, "moderato_limiter_degraded 1");
    assert_line(&metrics, "moderato_limiter_stand_in_answers_total 1");
    metrics.limiter_degraded(false);
    assert_line(&metrics, "moderato_limiter_degraded 0");
}
