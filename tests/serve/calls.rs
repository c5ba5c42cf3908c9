//! What a site gets from a server that nobody has configured.

use std::collections::HashMap;

use moderato::grpc::auth::KeyHash;
use moderato::grpc::proto::{CheckCommentRequest, Decision, Submission};
use tokio_stream::StreamExt as _;
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;

use super::daemon::{Daemon, soon};
use super::{check, civil, codes};

#[tokio::test]
async fn a_bare_machine_gives_verdicts_with_reasons_and_evidence() {
    let mut daemon = Daemon::start("").await;
    let mut client = daemon.client().await;
    let verdict = check(&mut client, civil()).await;
    assert_eq!(verdict.decision(), Decision::Approve, "{verdict:?}");
    assert!(verdict.comment.starts_with("sites/default/comments/"));
    assert!(verdict.model.starts_with("m-") && !verdict.degraded);
    assert!(!verdict.evidence.is_empty());

    let spam = Submission {
        text: "CHEAP VIAGRA!!! Click http://pills.example/buy and win $$$ casino bonus now".into(),
        ..civil()
    };
    let verdict = check(&mut client, spam).await;
    assert_ne!(verdict.decision(), Decision::Approve, "{verdict:?}");
    assert!(!verdict.reasons.is_empty());

    let line = daemon.submission(&verdict.comment).await;
    let line: HashMap<String, serde_json::Value> = serde_json::from_str(&line).unwrap();
    assert_eq!(line["site"], "default");
    assert_eq!(line["model"], verdict.model);
    for private in ["Bilal", "bilal@", "192.0.2.7", "school", "pills"] {
        assert!(!daemon.written().contains(private), "{private}");
    }
}

#[tokio::test]
async fn every_field_fault_is_a_reason() {
    let daemon = Daemon::start("").await;
    let mut client = daemon.client().await;
    let verdict = check(&mut client, Submission::default()).await;
    assert_eq!(verdict.decision(), Decision::Reject);
    let fields: Vec<_> = verdict
        .reasons
        .iter()
        .map(|reason| reason.field.as_str())
        .collect();
    assert_eq!(fields, ["name", "email", "text"], "{verdict:?}");
}

#[tokio::test]
async fn a_used_up_quota_says_how_long_to_wait() {
    let daemon = Daemon::start("[limits]\nper_email = \"1 per 1h\"").await;
    let mut client = daemon.client().await;
    assert_eq!(
        check(&mut client, civil()).await.decision(),
        Decision::Approve
    );
    let verdict = check(&mut client, civil()).await;
    assert_eq!(verdict.decision(), Decision::Reject);
    assert_eq!(codes(&verdict), ["RATE_LIMITED"]);
    let seconds = verdict.retry_after.unwrap().seconds;
    assert!((3_500..=3_600).contains(&seconds), "{seconds}");
    let page = daemon.get("/metrics").await;
    let counted =
        "moderato_quota_answers_total{quota=\"email\",outcome=\"refused\",degraded=\"false\"} 1\n";
    assert!(page.contains(counted), "{page}");
}

#[tokio::test]
async fn it_is_healthy_describes_itself_and_counts() {
    let daemon = Daemon::start("").await;
    let service = "moderato.v1.ModerationService".to_owned();
    let mut health = HealthClient::new(daemon.channel().await);
    let answer = health
        .check(HealthCheckRequest {
            service: service.clone(),
        })
        .await;
    assert_eq!(
        answer.unwrap().into_inner().status(),
        ServingStatus::Serving
    );

    let question = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::FileContainingSymbol(service)),
    };
    let mut reflection = ServerReflectionClient::new(daemon.channel().await);
    let answers = reflection
        .server_reflection_info(tokio_stream::once(question))
        .await;
    let answer = soon(answers.unwrap().into_inner().next())
        .await
        .unwrap()
        .unwrap();
    let answer = format!("{:?}", answer.message_response);
    assert!(
        answer.starts_with("Some(FileDescriptorResponse"),
        "{answer}"
    );

    for path in ["/healthz", "/readyz"] {
        let answer = daemon.get(path).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    }
    let page = daemon.get("/metrics").await;
    assert!(page.contains("moderato_build_info{version="), "{page}");
    assert!(page.contains("model=\"m-"), "{page}");
}

#[tokio::test]
async fn a_site_is_known_by_its_key_and_judged_by_its_own_policy() {
    let hash = |key| KeyHash::of(key).to_string();
    let config = format!(
        "[sites.times]\nkeys = [\"{}\"]\n[sites.post]\nkeys = [\"{}\"]\n\
         [sites.post.rules.words]\nhold = [\"mended\"]",
        hash("first"),
        hash("second")
    );
    let daemon = Daemon::start(&config).await;
    let mut client = daemon.client().await;
    let request = || CheckCommentRequest {
        submission: Some(civil()),
    };
    for (key, site, decision) in [
        ("first", "times", Decision::Approve),
        ("second", "post", Decision::Hold),
    ] {
        let mut request = Request::new(request());
        let bearer = format!("Bearer {key}").parse().unwrap();
        request.metadata_mut().insert("authorization", bearer);
        let answer = client.check_comment(request).await.unwrap().into_inner();
        let verdict = answer.verdict.unwrap();
        assert!(verdict.comment.starts_with(&format!("sites/{site}/")));
        assert_eq!(verdict.decision(), decision, "{verdict:?}");
    }
    let status = client.check_comment(request()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
}
