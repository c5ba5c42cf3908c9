//! What the site calls, and the program beside its server.

use moderato::grpc::proto::moderation_service_client::ModerationServiceClient;
use moderato::grpc::proto::{
    CheckCommentRequest, Decision, Submission, WatchDecisionsRequest, WatchDecisionsResponse,
};
use tonic::Streaming;
use tonic::transport::Channel;

use super::daemon::{Daemon, moderato, soon};

/// Holds whatever has the word `holdme` in it, and counts nobody.
pub const HOLDS: &str = "[rules.words]\nhold = [\"holdme\"]\n[limits]\nper_address = \"off\"\n\
    per_email = \"off\"\nper_site = \"off\"\nper_page = \"off\"\nper_author = \"off\"\n";

/// The site's calls.
pub type Site = ModerationServiceClient<Channel>;

/// Runs the program beside `daemon`, on its configuration and data. What it says on
/// standard output.
pub fn run(daemon: &Daemon, arguments: &[&str]) -> (Option<i32>, String, String) {
    run_with(daemon, arguments, &[])
}

/// As [`run`], with environment variables.
pub fn run_with(
    daemon: &Daemon,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> (Option<i32>, String, String) {
    let folder = daemon.folder();
    let output = moderato(folder.path())
        .args(arguments)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let [said, complained] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code(), said, complained)
}

/// Approves comments, or rejects them as spam, as an operator does.
pub fn resolve(daemon: &Daemon, names: &[String], decision: Decision) {
    resolve_with(daemon, names, decision, &[]);
}

/// As [`resolve`], where the database comes from the environment.
pub fn resolve_with(
    daemon: &Daemon,
    names: &[String],
    decision: Decision,
    variables: &[(&str, &str)],
) {
    let mut arguments = vec!["review"];
    if decision == Decision::Reject {
        arguments.extend(["reject", "--reason", "spam"]);
    } else {
        arguments.push("approve");
    }
    arguments.extend(names.iter().map(String::as_str));
    let (code, _, complained) = run_with(daemon, &arguments, variables);
    assert_eq!(code, Some(0), "{complained}");
}

/// A comment that is held, with this in its text.
pub fn comment(text: &str, submission_id: &str) -> Submission {
    Submission {
        name: "Bilal Khan".into(),
        email: "bilal@example.org".into(),
        text: format!("{text}, holdme."),
        submission_id: submission_id.into(),
        ..Submission::default()
    }
}

/// Has a comment held; its name.
pub async fn hold(site: &mut Site, text: &str, submission_id: &str) -> String {
    let submission = Some(comment(text, submission_id));
    let answer = site.check_comment(CheckCommentRequest { submission }).await;
    let verdict = answer.unwrap().into_inner().verdict.unwrap();
    assert_eq!(verdict.decision(), Decision::Hold);
    verdict.comment
}

/// Watches from after `cursor`.
pub async fn watch(site: &mut Site, cursor: u64) -> Streaming<WatchDecisionsResponse> {
    let request = WatchDecisionsRequest { cursor };
    site.watch_decisions(request).await.unwrap().into_inner()
}

/// The next event that is about `comment`, and its cursor.
pub async fn told(
    events: &mut Streaming<WatchDecisionsResponse>,
    comment: &str,
) -> moderato::grpc::proto::DecisionEvent {
    loop {
        let next = soon(events.message()).await.unwrap();
        let event = next.expect("the stream goes on").event;
        if let Some(event) = event.filter(|event| event.comment == comment) {
            return event;
        }
    }
}
