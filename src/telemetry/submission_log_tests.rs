use std::sync::{Condvar, Mutex};

use super::*;
use crate::rate_limit::OverQuota;
use crate::verdict::{Field, JudgedBy, Probability, Reason, Verdict};

/// Bytes written so far, and whether writing is let through.
#[derive(Clone, Default)]
struct Sink(Arc<(Mutex<SinkState>, Condvar)>);

#[derive(Default)]
struct SinkState {
    written: Vec<u8>,
    stuck: bool,
}

impl Sink {
    fn set_stuck(&self, stuck: bool) {
        self.0.0.lock().unwrap().stuck = stuck;
        self.0.1.notify_all();
    }

    fn lines(&self) -> Vec<serde_json::Value> {
        let state = self.0.0.lock().unwrap();
        let text = std::str::from_utf8(&state.written).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn wait_for_a_line(&self) {
        let (state, changed) = &*self.0;
        let limit = Duration::from_secs(10);
        let (_state, wait) = changed
            .wait_timeout_while(state.lock().unwrap(), limit, |state| {
                state.written.is_empty()
            })
            .unwrap();
        assert!(!wait.timed_out(), "no line within {limit:?}");
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let (state, changed) = &*self.0;
        let mut state = changed
            .wait_while(state.lock().unwrap(), |state| state.stuck)
            .unwrap();
        state.written.extend_from_slice(bytes);
        changed.notify_all();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

const TOOK: Duration = Duration::from_micros(42);
const LIMIT: Duration = Duration::from_secs(10);

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123)
}

fn verdict() -> Verdict {
    Verdict {
        comment: "sites/default/comments/7".into(),
        decision: Decision::Hold,
        reasons: vec![Reason::new(
            ReasonCode::WordDenied,
            Some(Field::Text),
            "secret word",
        )],
        scores: Some(PerHead {
            spam: Probability::new(0.123_456).unwrap(),
            toxicity: Probability::new(1.0).unwrap(),
        }),
        evidence: Vec::new(),
        model: "m-1".into(),
        policy: "p-1".into(),
        degraded: true,
        retry_after: None,
    }
}

fn judged(verdict: &Verdict) -> Judged<'_> {
    Judged {
        verdict,
        over: OverQuota {
            refused: Vec::new(),
            shadow_refused: vec![QuotaKind::Page, QuotaKind::Ipv6Block56],
        },
        by: JudgedBy::default(),
        took: TOOK,
    }
}

#[test]
fn a_line_says_what_was_decided_and_nothing_else() {
    let sink = Sink::default();
    let (log, writer) = SubmissionLog::start(sink.clone(), Arc::default()).unwrap();
    log.write(&SiteId::default(), judged(&verdict()), now());
    assert!(writer.finish(LIMIT));
    let expected = serde_json::json!({
        "time": "2023-11-14T22:13:20.123Z",
        "site": "default",
        "comment": "sites/default/comments/7",
        "decision": "hold",
        "reasons": ["WORD_DENIED"],
        "refused_in_shadow_by": ["per_page", "per_ipv6_56"],
        "scores": {"spam": 0.1235, "toxicity": 1.0},
        "model": "m-1",
        "policy": "p-1",
        "degraded": true,
        "micros": 42,
    });
    assert_eq!(sink.lines(), [expected]);
}

#[test]
fn lines_appear_without_being_asked_for() {
    let sink = Sink::default();
    let (log, _writer) = SubmissionLog::start(sink.clone(), Arc::default()).unwrap();
    log.write(&SiteId::default(), judged(&verdict()), now());
    sink.wait_for_a_line();
}

#[test]
fn every_line_is_written_before_the_end() {
    let sink = Sink::default();
    let (log, writer) = SubmissionLog::start(sink.clone(), Arc::default()).unwrap();
    for _ in 0..1000 {
        log.write(&SiteId::default(), judged(&verdict()), now());
    }
    assert!(writer.finish(LIMIT));
    assert_eq!(sink.lines().len(), 1000);
}

#[test]
fn a_stuck_sink_costs_lines_and_never_a_request() {
    let sink = Sink::default();
    sink.set_stuck(true);
    let metrics = Arc::new(Metrics::new());
    let (log, writer) = SubmissionLog::start(sink.clone(), Arc::clone(&metrics)).unwrap();
    let many = 4 * CAPACITY;
    for _ in 0..many {
        log.write(&SiteId::default(), judged(&verdict()), now());
    }
    assert!(
        !writer.finish(Duration::from_millis(1)),
        "the sink is stuck"
    );
    sink.set_stuck(false);
    sink.wait_for_a_line();
    let page = metrics.encode();
    let dropped = page
        .lines()
        .find_map(|line| line.strip_prefix("moderato_submission_log_dropped_total "))
        .and_then(|count| count.parse::<usize>().ok());
    assert!(
        dropped.is_some_and(|dropped| dropped > 0 && dropped < many),
        "{page}"
    );
}

#[test]
fn a_broken_sink_is_counted() {
    struct Broken;
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let metrics = Arc::new(Metrics::new());
    let (log, writer) = SubmissionLog::start(Broken, Arc::clone(&metrics)).unwrap();
    log.write(&SiteId::default(), judged(&verdict()), now());
    assert!(writer.finish(LIMIT));
    assert!(
        metrics
            .encode()
            .contains("moderato_submission_log_dropped_total 1\n")
    );
}
