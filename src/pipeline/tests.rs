mod quotas;

use std::collections::HashMap;

use super::*;
use crate::classifier::{Artefact, HeadFit, HeadRecord, Header};
use crate::comment::FieldLimits;
use crate::comment::SubmittedAuthor;
use crate::policy::{Policy, PolicySettings};
use crate::rate_limit::{
    Admission, Charge, InProcess, LimiterError, ManualClock, QuotaKind, QuotaSettings, Quotas,
};
use crate::rules::RuleSet;
use crate::store::NoStore;
use crate::text::FEATURE_VERSION;
use crate::verdict::{Decision, Field, PerHead, ReasonCode};

const MINUTE: Duration = Duration::from_mins(1);

/// A model that has read nothing: every comment is as likely spam as its prior.
fn unread(prior: f64) -> Arc<Classifier> {
    let head = HeadRecord {
        fit: HeadFit::straight(prior, 1.0),
        ..HeadRecord::default()
    };
    let header = Header {
        feature_version: FEATURE_VERSION,
        seed: 0,
        corpus_digest: String::new(),
        corpus: Vec::new(),
        heads: PerHead {
            spam: head.clone(),
            toxicity: head,
        },
        adaptations: Vec::new(),
    };
    Arc::new(Classifier::new(Artefact::new(header, Vec::new()).unwrap()))
}

fn rules(quotas: &str) -> SiteRules {
    let settings: QuotaSettings = toml::from_str(quotas).unwrap();
    let policy = Policy::resolve(&[&PolicySettings::default()]).unwrap();
    let quotas = Quotas::resolve(&[&settings]);
    SiteRules::new(FieldLimits::default(), policy, RuleSet::default(), quotas)
}

fn pipeline_with(limiter: Arc<dyn RateLimiter>, quotas: &str) -> Pipeline {
    pipeline_of(limiter, Arc::new(NoStore), quotas)
}

fn pipeline_of(limiter: Arc<dyn RateLimiter>, store: Arc<dyn Records>, quotas: &str) -> Pipeline {
    Pipeline::new(Parts {
        classifier: unread(-5.0),
        limiter,
        hasher: KeyHasher::new([7; 32]),
        people: PersonHasher::new([7; 32]),
        store,
        sites: SiteTable::new(rules(quotas), HashMap::new()),
        new_id: Uuid::now_v7,
        now: Timestamp::now,
        remember: MINUTE,
    })
}

pub(super) fn pipeline(quotas: &str) -> (Pipeline, ManualClock) {
    let clock = ManualClock::at(1_000_000);
    let limiter = InProcess::with(clock.clone(), 1_000);
    (pipeline_with(Arc::new(limiter), quotas), clock)
}

pub(super) fn submission(id: &str) -> Submission {
    Submission {
        name: "Ayesha".into(),
        email: "ayesha@example.org".into(),
        text: "I agree with the minister.".into(),
        submission_id: id.into(),
        ..Submission::default()
    }
}

pub(super) async fn check(pipeline: &Pipeline, submission: Submission) -> Checked {
    pipeline
        .check(&SiteId::default(), submission, Limits::Enforce)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_civil_comment_is_approved_with_scores_and_a_name() {
    let (pipeline, _) = pipeline("");
    let verdict = check(&pipeline, submission("")).await.verdict;
    assert_eq!(verdict.decision, Decision::Approve);
    assert!(verdict.scores.is_some() && verdict.comment.starts_with("sites/default/comments/"));
    assert!(verdict.model.starts_with("m-") && verdict.policy.starts_with("p-"));
}

#[tokio::test]
async fn all_faults_come_at_once_and_charge_nothing() {
    let (pipeline, _) = pipeline("per_site = \"1 per 1h\"");
    let verdict = check(&pipeline, Submission::default()).await.verdict;
    let fields: Vec<_> = verdict.reasons.iter().filter_map(|r| r.field).collect();
    assert_eq!(fields, [Field::Name, Field::Email, Field::Text]);
    assert_eq!(verdict.decision, Decision::Reject);
    assert!(verdict.scores.is_none());
    assert_eq!(
        check(&pipeline, submission("")).await.verdict.decision,
        Decision::Approve
    );
}

#[tokio::test]
async fn markup_that_shows_nothing_is_no_text() {
    let (pipeline, _) = pipeline("");
    for text in ["<p></p>", "<p>&nbsp;</p>", "<br><br/>", "&#8203;&#8203;"] {
        let empty = Submission {
            text: text.into(),
            ..submission("")
        };
        let verdict = check(&pipeline, empty).await.verdict;
        assert_eq!(verdict.reasons[0].code, ReasonCode::TextRequired, "{text}");
    }
}

#[tokio::test]
async fn a_quota_refuses_with_an_exact_wait_and_a_sentence() {
    let (pipeline, clock) = pipeline("per_email = \"1 per 60s\"");
    check(&pipeline, submission("")).await;
    clock.advance(Duration::from_secs(20));
    let refused = check(&pipeline, submission("")).await.verdict;
    assert_eq!(refused.decision, Decision::Reject);
    assert_eq!(refused.reasons[0].code, ReasonCode::RateLimited);
    assert_eq!(refused.retry_after, Some(Duration::from_secs(40)));
    clock.advance(Duration::from_secs(40));
    assert_eq!(
        check(&pipeline, submission("")).await.verdict.decision,
        Decision::Approve
    );
}

#[tokio::test]
async fn a_scan_of_old_comments_is_not_limited() {
    let (pipeline, _) = pipeline("per_site = \"1 per 1h\"");
    for _ in 0..3 {
        let checked = pipeline
            .check(&SiteId::default(), submission(""), Limits::Skip)
            .await;
        assert_eq!(checked.unwrap().verdict.decision, Decision::Approve);
    }
}

#[tokio::test]
async fn a_retry_gets_the_same_verdict_and_is_not_charged() {
    let (pipeline, _) = pipeline("per_site = \"1 per 1h\"");
    let first = check(&pipeline, submission("s-1")).await;
    let again = check(&pipeline, submission("s-1")).await;
    assert!(!first.replayed && again.replayed);
    assert_eq!(again.verdict, first.verdict);
}

#[tokio::test]
async fn retries_at_the_same_time_are_judged_once() {
    let (pipeline, _) = pipeline("per_site = \"1 per 1h\"");
    let calls = (0..8).map(|_| check(&pipeline, submission("s-1")));
    let checked = futures::future::join_all(calls).await;
    assert_eq!(checked.iter().filter(|c| !c.replayed).count(), 1);
    assert!(checked.iter().all(|c| c.verdict == checked[0].verdict));
}

#[tokio::test]
async fn an_id_with_other_content_is_refused() {
    let (pipeline, _) = pipeline("");
    check(&pipeline, submission("s-1")).await;
    let other = Submission {
        text: "Something else.".into(),
        ..submission("s-1")
    };
    let error = pipeline
        .check(&SiteId::default(), other, Limits::Enforce)
        .await
        .unwrap_err();
    assert!(matches!(error, PipelineError::SubmissionIdReused));
    let invalid = pipeline
        .check(&SiteId::default(), submission("a b"), Limits::Enforce)
        .await;
    assert!(matches!(
        invalid,
        Err(PipelineError::InvalidSubmissionId(_))
    ));
}

#[tokio::test]
async fn a_refused_submission_is_judged_anew_when_it_is_retried() {
    let (pipeline, clock) = pipeline("per_site = \"1 per 60s\"");
    check(&pipeline, submission("s-1")).await;
    assert!(
        check(&pipeline, submission("s-2"))
            .await
            .verdict
            .retry_after
            .is_some()
    );
    clock.advance(MINUTE);
    assert_eq!(
        check(&pipeline, submission("s-2")).await.verdict.decision,
        Decision::Approve
    );
}

struct Unreachable;

#[async_trait::async_trait]
impl RateLimiter for Unreachable {
    async fn charge(&self, _: &SiteId, _: &[Charge]) -> Result<Admission, LimiterError> {
        Err(LimiterError::Late(MINUTE))
    }

    async fn refund(
        &self,
        _: &SiteId,
        _: &[Charge],
        _: &Admission,
        _: Duration,
    ) -> Result<(), LimiterError> {
        Err(LimiterError::Late(MINUTE))
    }
}

#[tokio::test]
async fn a_limiter_that_is_away_costs_nobody_the_comment() {
    let pipeline = pipeline_with(Arc::new(Unreachable), "");
    let verdict = check(&pipeline, submission("")).await.verdict;
    assert_eq!(verdict.decision, Decision::Approve);
    assert!(verdict.degraded);
}

#[tokio::test]
async fn sites_and_models_are_replaced_while_it_runs() {
    let (pipeline, _) = pipeline("");
    let before = check(&pipeline, submission("")).await.verdict;
    pipeline.replace_classifier(unread(20.0));
    let after = check(&pipeline, submission("")).await.verdict;
    assert_eq!(
        (before.decision, after.decision),
        (Decision::Approve, Decision::Reject)
    );
    assert_ne!(before.model, after.model);
}
