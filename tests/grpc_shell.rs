//! The transport from outside: what a client meets at the doors, whatever the
//! pipeline behind them says.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test"
)]

use moderato_test_support::shell;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use moderato::grpc::auth::{KeyHash, KeyTable, SiteKeys};
use moderato::grpc::callers::Callers;
use moderato::grpc::following::Following;
use moderato::grpc::guard::guarded;
use moderato::grpc::limits::{Admission, RETRY_AFTER};
use moderato::grpc::moderation::{Desk, Moderation};
use moderato::grpc::proto::check_comments_response::Outcome;
use moderato::grpc::proto::moderation_service_client::ModerationServiceClient;
use moderato::grpc::proto::{CheckCommentRequest, CheckCommentsRequest, Submission};
use moderato::grpc::{ModerationServer, proto};
use moderato::server::{self, ServerOptions};
use moderato::site::SiteId;
use moderato::telemetry::{Metrics, Recorder, SubmissionLog};
use shell::{Shell, channel, free_port, soon};
use tokio::net::TcpStream;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

const SERVICE: &str = "moderato.v1.ModerationService";
const REVIEW: &str = "moderato.v1.ReviewService";
const RATE_LIMITS: &str = "envoy.service.ratelimit.v3.RateLimitService";

fn submission() -> Submission {
    Submission {
        name: "Ayesha".into(),
        email: "ayesha@example.org".into(),
        text: "The road past the school was mended last week, at last.".into(),
        ..Submission::default()
    }
}

fn check() -> CheckCommentRequest {
    CheckCommentRequest {
        submission: Some(submission()),
    }
}

fn item(submission: Option<Submission>) -> CheckCommentsRequest {
    CheckCommentsRequest {
        submission,
        enforce_limits: false,
    }
}

async fn default_shell() -> Shell {
    Shell::start(ServerOptions::default(), SiteKeys::default()).await
}

#[tokio::test]
async fn a_comment_gets_a_verdict_and_is_counted() {
    let shell = default_shell().await;
    let response = shell.client().await.check_comment(check()).await.unwrap();
    let verdict = response.into_inner().verdict.expect("a verdict");
    assert_ne!(verdict.decision(), proto::Decision::Unspecified);
    assert!(verdict.comment.starts_with("sites/default/comments/"));
    let page = shell.get("/metrics").await.unwrap();
    assert!(
        page.contains("moderato_check_duration_seconds_count 1\n"),
        "{page}"
    );
    assert!(page.contains("moderato_in_flight 0\n"), "{page}");
    assert!(
        page.contains("moderato_grpc_calls_total{code=\"OK\"} 1\n"),
        "{page}"
    );
}

#[tokio::test]
async fn a_serving_server_says_so_at_both_doors() {
    let shell = default_shell().await;
    let mut health = HealthClient::new(channel(shell.grpc).await);
    for service in ["", SERVICE, REVIEW, RATE_LIMITS] {
        let service = service.to_owned();
        let answer = health.check(HealthCheckRequest { service }).await.unwrap();
        assert_eq!(answer.into_inner().status(), ServingStatus::Serving);
    }
    assert!(
        shell
            .get("/healthz")
            .await
            .unwrap()
            .starts_with("HTTP/1.1 200")
    );
    assert!(
        shell
            .get("/readyz")
            .await
            .unwrap()
            .starts_with("HTTP/1.1 200")
    );
}

#[tokio::test]
async fn reflection_lists_the_service() {
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
    use tonic_reflection::pb::v1::{ListServiceResponse, ServerReflectionRequest};

    let shell = default_shell().await;
    let mut client = ServerReflectionClient::new(channel(shell.grpc).await);
    let question = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let answers = client
        .server_reflection_info(tokio_stream::once(question))
        .await;
    let answer = answers.unwrap().into_inner().next().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(ListServiceResponse { service })) =
        answer.message_response
    else {
        panic!("expected a list of services");
    };
    let names: Vec<_> = service.into_iter().map(|service| service.name).collect();
    for expected in [SERVICE, REVIEW, RATE_LIMITS, "grpc.health.v1.Health"] {
        assert!(
            names.iter().any(|name| name == expected),
            "{expected} not in {names:?}"
        );
    }
}

#[tokio::test]
async fn an_oversize_message_is_out_of_range() {
    let shell = default_shell().await;
    let mut request = check();
    request.submission.as_mut().unwrap().text = "x".repeat(1 << 20);
    let mut client = shell.client().await;
    let status = client.check_comment(request).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange, "{status}");
    let info = status.get_details_error_info().expect("an ErrorInfo");
    assert_eq!(info.reason, "MESSAGE_TOO_LARGE");
    assert!(
        status.message().contains("server.max_message_bytes"),
        "{status}"
    );
    client
        .check_comment(check())
        .await
        .expect("the next call is fine");
}

#[tokio::test]
async fn a_message_too_large_to_read_is_out_of_range_too() {
    let shell = default_shell().await;
    let mut request = check();
    request.submission.as_mut().unwrap().text = "x".repeat(4 << 20);
    let status = shell.client().await.check_comment(request).await;
    assert_eq!(status.unwrap_err().code(), Code::OutOfRange);
}

#[tokio::test]
async fn an_oversize_item_costs_a_stream_only_its_own_verdict() {
    let shell = default_shell().await;
    let oversize = Submission {
        text: "x".repeat(1 << 20),
        ..submission()
    };
    let requests = [submission(), oversize, submission()].map(|submission| item(Some(submission)));
    let mut client = shell.client().await;
    let answers = client.check_comments(tokio_stream::iter(requests)).await;
    let answers: Vec<_> = answers.unwrap().into_inner().collect().await;
    let codes: Vec<_> = answers
        .into_iter()
        .map(|answer| match answer.unwrap().outcome.unwrap() {
            Outcome::Verdict(_) => Code::Ok,
            Outcome::Error(error) => Code::from(error.code),
        })
        .collect();
    assert_eq!(codes, [Code::Ok, Code::OutOfRange, Code::Ok]);
}

#[tokio::test]
async fn a_request_without_a_comment_names_the_field() {
    let shell = default_shell().await;
    let request = CheckCommentRequest { submission: None };
    let status = shell
        .client()
        .await
        .check_comment(request)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let bad = status.get_details_bad_request().expect("a BadRequest");
    assert_eq!(bad.field_violations[0].field, "submission");
}

#[tokio::test]
async fn a_site_is_known_by_its_key() {
    let keys = ["times", "post"].map(|site| {
        (
            SiteId::new(site).unwrap(),
            KeyHash::of(&format!("key of {site}")),
        )
    });
    let keys = SiteKeys::new(KeyTable::new(keys).unwrap());
    let shell = Shell::start(ServerOptions::default(), keys).await;
    let mut client = shell.client().await;
    for site in ["times", "post"] {
        let mut request = Request::new(check());
        let bearer = format!("Bearer key of {site}").parse().unwrap();
        request.metadata_mut().insert("authorization", bearer);
        let verdict = client
            .check_comment(request)
            .await
            .unwrap()
            .into_inner()
            .verdict;
        assert!(
            verdict
                .unwrap()
                .comment
                .starts_with(&format!("sites/{site}/"))
        );
    }
    let status = client.check_comment(check()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    assert_eq!(
        status.get_details_error_info().unwrap().reason,
        "KEY_MISSING"
    );
    let stream = client
        .check_comments(tokio_stream::once(item(Some(submission()))))
        .await;
    assert_eq!(stream.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_stream_answers_each_in_order_and_survives_a_bad_one() {
    let shell = default_shell().await;
    let requests: Vec<_> = (0..100)
        .map(|n| item((n % 10 != 3).then(submission)))
        .collect();
    let mut client = shell.client().await;
    let answers = client
        .check_comments(tokio_stream::iter(requests))
        .await
        .unwrap();
    let answers: Vec<_> = answers.into_inner().collect().await;
    assert_eq!(answers.len(), 100);
    for (n, answer) in (0_u64..).zip(answers) {
        let answer = answer.unwrap();
        assert_eq!(answer.index, n);
        match answer.outcome.expect("an outcome") {
            Outcome::Verdict(_) => assert_ne!(n % 10, 3),
            Outcome::Error(error) => {
                assert_eq!((n % 10, error.code), (3, Code::InvalidArgument.into()));
            }
        }
    }
}

#[tokio::test]
async fn a_full_server_sheds_calls_and_says_when_to_come_back() {
    let metrics = Arc::new(Metrics::new());
    let admission = Arc::new(Admission::new(1, Arc::clone(&metrics)));
    let (log, _writer) = SubmissionLog::start(std::io::sink(), Arc::clone(&metrics)).unwrap();
    let service = ModerationServer::new(Moderation::new(Desk {
        callers: Arc::new(Callers {
            keys: Arc::default(),
            accounts: shell::accounts(),
            now: jiff::Timestamp::now,
        }),
        pipeline: shell::pipeline(),
        admission: Arc::clone(&admission),
        following: Following {
            review: shell::review(),
            stopping: CancellationToken::new(),
            now: jiff::Timestamp::now,
        },
        recorder: Arc::new(Recorder::new(metrics, log)),
        max_message_bytes: 1 << 20,
        longest: shell::PATIENCE,
    }));
    let (listener, address) = free_port().await;
    let incoming = tonic::transport::server::TcpIncoming::from(listener);
    let server = tonic::transport::Server::builder().add_service(service);
    tokio::spawn(server.serve_with_incoming(incoming));
    let mut client = ModerationServiceClient::new(channel(address).await);

    let only_place = admission.enter().unwrap();
    let status = client.check_comment(check()).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    let retry = status.get_details_retry_info().expect("a RetryInfo");
    assert_eq!(retry.retry_delay, Some(RETRY_AFTER));
    drop(only_place);
    client
        .check_comment(check())
        .await
        .expect("there is a place again");
}

#[tokio::test]
async fn a_panic_costs_one_call_and_not_the_server() {
    let calls = Arc::new(AtomicUsize::new(0));
    let panics_once = tower::service_fn(move |_| {
        let call = calls.fetch_add(1, Ordering::Relaxed);
        async move {
            assert!(call > 0, "the first call panics");
            Ok::<_, Infallible>(Status::already_exists("the second is answered").into_http())
        }
    });
    let service = guarded(panics_once, shell::PATIENCE, Arc::default());
    let (listener, address) = free_port().await;
    let incoming = tonic::transport::server::TcpIncoming::from(listener);
    tokio::spawn(tonic::transport::Server::builder().serve_with_incoming(service, incoming));
    let mut client = ModerationServiceClient::new(channel(address).await);
    let first = client.check_comment(check()).await.unwrap_err();
    assert_eq!(first.code(), Code::Internal);
    assert_eq!(first.get_details_error_info().unwrap().reason, "FAULT");
    let second = client.check_comment(check()).await.unwrap_err();
    assert_eq!(second.code(), Code::AlreadyExists);
}

#[tokio::test]
async fn a_call_that_never_ends_meets_the_servers_deadline() {
    let options = ServerOptions {
        request_timeout: Duration::from_millis(50),
        ..ServerOptions::default()
    };
    let shell = Shell::start(options, SiteKeys::default()).await;
    // A client that opens a call and never sends its message.
    let mut grpc = tonic::client::Grpc::new(channel(shell.grpc).await);
    grpc.ready().await.unwrap();
    let call = grpc.client_streaming::<_, CheckCommentRequest, proto::CheckCommentResponse, _>(
        Request::new(tokio_stream::pending()),
        "/moderato.v1.ModerationService/CheckComment"
            .parse()
            .unwrap(),
        tonic_prost::ProstCodec::default(),
    );
    let status = soon(call).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status}");
}

#[tokio::test]
async fn a_draining_server_says_so_and_finishes_what_it_has() {
    let shell = default_shell().await;
    let (send, requests) = tokio::sync::mpsc::channel(1);
    let mut client = shell.client().await;
    send.send(item(Some(submission()))).await.unwrap();
    let answers = client.check_comments(ReceiverStream::new(requests)).await;
    let mut answers = answers.unwrap().into_inner();
    soon(answers.message()).await.unwrap().expect("an answer");

    let mut health = HealthClient::new(channel(shell.grpc).await);
    let service = SERVICE.to_owned();
    let mut watch = health
        .watch(HealthCheckRequest { service })
        .await
        .unwrap()
        .into_inner();
    let status = soon(watch.message()).await.unwrap().unwrap().status();
    assert_eq!(status, ServingStatus::Serving);

    shell.stop();
    let status = soon(watch.message()).await.unwrap().unwrap().status();
    assert_eq!(status, ServingStatus::NotServing);
    assert_eq!(
        soon(watch.message()).await.unwrap(),
        None,
        "watchers are let go"
    );
    let ready = shell.get("/readyz").await.unwrap();
    assert!(ready.starts_with("HTTP/1.1 503"), "{ready}");
    assert!(
        ready.ends_with(r#"{"ready":false,"reason":"draining"}"#),
        "{ready}"
    );
    // The listener closes a moment after the watchers are let go.
    soon(async { while TcpStream::connect(shell.grpc).await.is_ok() {} }).await;

    send.send(item(Some(submission()))).await.unwrap();
    let answer = soon(answers.message())
        .await
        .unwrap()
        .expect("an answer while draining");
    assert!(matches!(answer.outcome, Some(Outcome::Verdict(_))));
    drop(send);
    assert_eq!(soon(answers.message()).await.unwrap(), None);
    shell.stopped().await.unwrap();
}

#[tokio::test]
async fn what_does_not_finish_in_time_is_cut() {
    let options = ServerOptions {
        drain_timeout: Duration::from_millis(50),
        ..ServerOptions::default()
    };
    let shell = Shell::start(options, SiteKeys::default()).await;
    let mut client = shell.client().await;
    let answers = client.check_comments(tokio_stream::pending()).await;
    let mut answers = answers.unwrap().into_inner();
    shell.stop();
    shell.stopped().await.unwrap();
    soon(answers.message())
        .await
        .expect_err("the stream is broken off");
}

#[tokio::test]
async fn an_address_in_use_is_named_with_its_key() {
    let (_taken, address) = free_port().await;
    let error = server::bind("grpc.listen", address)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with(&format!("grpc.listen: cannot listen on {address}: ")),
        "{error}"
    );
}
