//! The service as it is installed: the real program on real ports.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use moderato_test_support::{daemon, proxy, redis_server};

#[path = "serve/calls.rs"]
mod calls;
#[path = "serve/configuration.rs"]
mod configuration;
#[path = "serve/exactness.rs"]
mod exactness;
#[path = "serve/limits.rs"]
mod limits;
#[path = "serve/outages.rs"]
mod outages;
#[path = "serve/reload.rs"]
mod reload;
#[path = "serve/stop.rs"]
mod stop;

use moderato::grpc::proto::moderation_service_client::ModerationServiceClient;
use moderato::grpc::proto::{CheckCommentRequest, Decision, Submission, Verdict};
use tonic::transport::Channel;

type Client = ModerationServiceClient<Channel>;

/// A comment that the defaults approve.
fn civil() -> Submission {
    Submission {
        name: "Bilal Khan".into(),
        email: "bilal@example.org".into(),
        text: "The road past the school was mended last week, at last.".into(),
        ip_address: "192.0.2.7".into(),
        ..Submission::default()
    }
}

async fn check(client: &mut Client, submission: Submission) -> Verdict {
    let submission = Some(submission);
    let answer = client.check_comment(CheckCommentRequest { submission });
    answer.await.unwrap().into_inner().verdict.unwrap()
}

async fn decision(client: &mut Client) -> Decision {
    check(client, civil()).await.decision()
}

fn codes(verdict: &Verdict) -> Vec<&str> {
    let reasons = verdict.reasons.iter();
    reasons.map(|reason| reason.code.as_str()).collect()
}
