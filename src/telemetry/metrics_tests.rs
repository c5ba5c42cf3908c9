use super::*;
use crate::verdict::{Reason, ReasonCode};

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
fn a_degraded_limiter_shows() {
    let metrics = Metrics::new();
    metrics.limiter_degraded(true);
    metrics.limiter_stand_in_answered();
    assert_line(&metrics, "moderato_limiter_degraded 1");
    assert_line(&metrics, "moderato_limiter_stand_in_answers_total 1");
    metrics.limiter_degraded(false);
    assert_line(&metrics, "moderato_limiter_degraded 0");
}
