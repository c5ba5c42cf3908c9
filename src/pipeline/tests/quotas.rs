//! What quotas make of a submission, and what is told of them.

use super::*;
use crate::store::{Receipt, Record, Recorded};

/// How many of `submission` pass at once under a burst of twelve.
async fn pass_at_once(quotas: &str, submission: Submission) -> usize {
    let (pipeline, _) = pipeline(&format!("per_email = \"12 per 12h\"\n{quotas}"));
    for passed in 0..=24 {
        let verdict = check(&pipeline, submission.clone()).await.verdict;
        if verdict.retry_after.is_some() {
            assert!(verdict.scores.is_none() && verdict.evidence.is_empty());
            return passed;
        }
    }
    panic!("more than 24 passed");
}

#[tokio::test]
async fn links_cost_more_and_trust_costs_less() {
    let linking = |links: usize| Submission {
        text: (0..links).fold("Read this.".to_owned(), |text, page| {
            format!("{text} http://a.example/{page}")
        }),
        ..submission("")
    };
    let trusted = |submission| Submission {
        author: SubmittedAuthor {
            trusted: true,
            ..SubmittedAuthor::default()
        },
        ..submission
    };
    assert_eq!(pass_at_once("", submission("")).await, 12);
    assert_eq!(pass_at_once("", linking(2)).await, 6);
    assert_eq!(pass_at_once("", linking(6)).await, 3);
    assert_eq!(pass_at_once("", linking(60)).await, 2, "five at most");
    assert_eq!(pass_at_once("", trusted(submission(""))).await, 24);
    assert_eq!(
        pass_at_once("cost.trusted = 1", trusted(linking(2))).await,
        6
    );
    assert_eq!(pass_at_once("cost.link = 0", linking(60)).await, 12);
}

#[tokio::test]
async fn what_reads_like_spam_costs_more() {
    let (pipeline, _) = pipeline("per_email = \"12 per 12h\"");
    pipeline.replace_classifier(unread(20.0));
    let mut passed = 0;
    while check(&pipeline, submission(""))
        .await
        .verdict
        .retry_after
        .is_none()
    {
        passed += 1;
    }
    assert_eq!(passed, 4);
}

#[tokio::test]
async fn a_reader_is_told_to_wait_in_their_language() {
    for (locale, said) in [
        ("en-GB", "Please wait 60 seconds"),
        ("ur-PK", "60 سیکنڈ"),
        ("ur-Latn", "60 second intezar"),
    ] {
        let (pipeline, _) = pipeline("per_email = \"1 per 60s\"");
        let submission = Submission {
            locale: locale.into(),
            ..submission("")
        };
        check(&pipeline, submission.clone()).await;
        let verdict = check(&pipeline, submission).await.verdict;
        let message = &verdict.reasons[0].message;
        assert!(message.contains(said), "{locale}: {message}");
    }
}

#[tokio::test]
async fn a_quota_in_shadow_remarks_and_refuses_nobody() {
    let (pipeline, _) = pipeline("per_email = \"1 per 1h\"\nshadow = [\"per_email\"]");
    let first = check(&pipeline, submission("")).await.verdict;
    assert!(first.reasons.is_empty());
    let second = check(&pipeline, submission("")).await.verdict;
    assert_eq!(second.decision, Decision::Approve);
    let [remark] = &second.reasons[..] else {
        panic!("expected one reason, found {:?}", second.reasons);
    };
    assert_eq!(remark.code, ReasonCode::RateLimitShadow);
    assert!(
        remark.message.starts_with("Over per_email, "),
        "{}",
        remark.message
    );
}

#[tokio::test]
async fn the_sites_own_proxy_is_not_counted_as_a_reader_and_remarked_on() {
    let quotas = "per_address = \"1 per 1h\"\nper_email = \"off\"";
    let from = |address: &str| Submission {
        ip_address: address.into(),
        ..submission("")
    };
    for (more, address, refuses, remarks) in [
        ("", "10.1.2.3", false, 1),
        ("private_addresses = \"count\"", "10.1.2.3", true, 0),
        ("shared = [\"192.0.2.0/24\"]", "192.0.2.7", false, 0),
        ("exempt = [\"192.0.2.0/24\"]", "192.0.2.7", false, 0),
        ("", "192.0.2.7", true, 0),
        (
            "nat64 = [\"2001:db8::/96\"]\nexempt = [\"192.0.2.7\"]",
            "2001:db8::192.0.2.7",
            false,
            0,
        ),
    ] {
        let (pipeline, _) = pipeline(&format!("{quotas}\n{more}"));
        let first = check(&pipeline, from(address)).await.verdict;
        assert_eq!(first.reasons.len(), remarks, "{more} {address}");
        assert!(
            first
                .reasons
                .iter()
                .all(|r| r.code == ReasonCode::FieldIgnored)
        );
        let second = check(&pipeline, from(address)).await.verdict;
        assert_eq!(second.retry_after.is_some(), refuses, "{more} {address}");
    }
}

/// A store where another replica was always first, or that is away.
struct Elsewhere(Option<Arc<Verdict>>);

#[async_trait::async_trait]
impl Records for Elsewhere {
    async fn receipt(&self, _: &SiteId, _: &SubmissionId) -> Result<Option<Receipt>, StoreError> {
        Ok(None)
    }

    async fn record(&self, _: Record) -> Result<Recorded, StoreError> {
        let verdict = self.0.clone().ok_or(StoreError::SubmissionIdReused)?;
        Ok(Recorded::Before(verdict))
    }

    async fn record_behind(&self, _: Record) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Whether a submission whose record fares as in `store` leaves a quota of one as it was.
async fn leaves_the_quota(store: Elsewhere) -> bool {
    let clock = ManualClock::at(1_000_000);
    let limiter = Arc::new(InProcess::with(clock.clone(), 1_000));
    let quotas = "per_email = \"1 per 1h\"";
    let elsewhere = pipeline_of(Arc::clone(&limiter) as _, Arc::new(store), quotas);
    let _ = elsewhere
        .check(&SiteId::default(), submission("s-1"), Limits::Enforce)
        .await;
    // What comes back by itself is not given back.
    clock.advance(Duration::from_secs(10));
    let here = pipeline_with(limiter, quotas);
    let verdict = check(&here, submission("s-2")).await.verdict;
    verdict.retry_after.is_none()
}

#[tokio::test]
async fn what_is_not_answered_by_this_verdict_is_charged_to_no_quota() {
    let (here, _) = pipeline("per_email = \"1 per 1h\"");
    let first = check(&here, submission("s-1")).await;
    assert!(
        check(&here, submission("s-2"))
            .await
            .verdict
            .retry_after
            .is_some()
    );
    assert!(leaves_the_quota(Elsewhere(Some(first.verdict))).await);
    assert!(leaves_the_quota(Elsewhere(None)).await);
}

#[tokio::test]
async fn quotas_that_are_overrun_are_named() {
    let (pipeline, _) =
        pipeline("per_email = \"2 per 1h\"\nper_site = \"1 per 1h\"\nshadow = [\"per_site\"]");
    let mut over = Vec::new();
    for id in ["s-1", "s-1", "s-2", "s-3"] {
        let checked = check(&pipeline, submission(id)).await;
        over.push((checked.over.refused, checked.over.shadow_refused));
    }
    let (email, site) = (QuotaKind::Email, QuotaKind::Site);
    assert_eq!(
        over,
        [
            (vec![], vec![]),
            (vec![], vec![]),
            (vec![], vec![site]),
            (vec![email], vec![site]),
        ]
    );
}
