//! What is answered is kept: the real program, killed, cut off from its database, and
//! run twice on one.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use moderato_test_support::{daemon, postgres_server, small_disk};

#[path = "durability/burst.rs"]
mod burst;
#[path = "durability/database.rs"]
mod database;
#[path = "durability/erase.rs"]
mod erase;
#[path = "durability/kill.rs"]
mod kill;
#[path = "durability/load.rs"]
mod load;
#[path = "durability/outage.rs"]
mod outage;
#[path = "durability/replicas.rs"]
mod replicas;
#[path = "durability/restart.rs"]
mod restart;
#[path = "durability/start.rs"]
mod start;
#[path = "durability/tables.rs"]
mod tables;

use moderato::grpc::proto::moderation_service_client::ModerationServiceClient;
use moderato::grpc::proto::{CheckCommentRequest, Submission, Verdict};
use tonic::Status;
use tonic::transport::Channel;

type Client = ModerationServiceClient<Channel>;

/// Holds whatever has the word `holdme` in it, and counts nobody.
const HOLDS: &str = "[rules.words]\nhold = [\"holdme\"]\n[limits]\nper_address = \"off\"\n\
    per_email = \"off\"\nper_site = \"off\"\nper_page = \"off\"\nper_author = \"off\"\n";

/// A comment that is held, or approved.
fn comment(held: bool, submission_id: &str) -> Submission {
    let word = if held { "holdme" } else { "please" };
    Submission {
        name: "Bilal Khan".into(),
        email: "bilal@example.org".into(),
        text: format!("The road past the school was mended last week, {word}."),
        submission_id: submission_id.into(),
        ..Submission::default()
    }
}

async fn check(client: &mut Client, submission: Submission) -> Result<Verdict, Status> {
    let submission = Some(submission);
    let answer = client.check_comment(CheckCommentRequest { submission });
    Ok(answer.await?.into_inner().verdict.unwrap())
}

/// The id in the resource name that a verdict carries.
fn id_of(verdict: &Verdict) -> moderato::store::CommentId {
    let (_, id) = verdict.comment.rsplit_once('/').unwrap();
    moderato::store::CommentId::parse(id).unwrap()
}
