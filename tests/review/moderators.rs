//! Moderators with API tokens, and what they call.

use moderato::grpc::proto::review_service_client::ReviewServiceClient;
use moderato::grpc::proto::{
    Decision, GetHeldCommentRequest, HeldCommentFilter, ListHeldCommentsRequest, ResolutionOutcome,
    ResolveCommentsRequest, UndoResolutionsRequest, resolution_outcome,
};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};
use tonic_types::StatusExt as _;

use super::daemon::Daemon;
use super::installation::run_with;

/// Every site.
pub const ALL: &str = "sites/-";

/// Puts a bearer token on every call.
#[derive(Clone)]
pub struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let metadata = request.metadata_mut();
        metadata.insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// A moderator's calls.
pub type Moderator = ReviewServiceClient<InterceptedService<Channel, Bearer>>;

/// Adds somebody with this role, by the command line. Their API token.
pub fn token(daemon: &Daemon, name: &str, role: &str, variables: &[(&str, &str)]) -> String {
    let add = ["moderators", "add", name, "--role", role];
    let (code, _, complained) = run_with(daemon, &add, variables);
    assert_eq!(code, Some(0), "{complained}");
    let token = ["moderators", "token", name, "--label", "test"];
    let (code, token, complained) = run_with(daemon, &token, variables);
    assert_eq!(code, Some(0), "{complained}");
    token.trim().to_owned()
}

/// Calls with this token.
pub async fn with(daemon: &Daemon, token: &str) -> Moderator {
    let bearer = Bearer(format!("Bearer {token}").parse().unwrap());
    ReviewServiceClient::with_interceptor(daemon.channel().await, bearer)
}

/// Adds a moderator and calls for them.
pub async fn moderator(daemon: &Daemon, name: &str) -> Moderator {
    with(daemon, &token(daemon, name, "moderator", &[])).await
}

/// The first page of all that waits.
pub fn everything() -> ListHeldCommentsRequest {
    ListHeldCommentsRequest {
        parent: ALL.into(),
        ..ListHeldCommentsRequest::default()
    }
}

/// What waits and fits this filter.
pub fn only(filter: HeldCommentFilter) -> ListHeldCommentsRequest {
    ListHeldCommentsRequest {
        filter: Some(filter),
        ..everything()
    }
}

/// One comment.
pub fn get(name: &str) -> GetHeldCommentRequest {
    GetHeldCommentRequest {
        name: name.to_owned(),
    }
}

/// The names of what waits, in the order asked for.
pub async fn held(who: &mut Moderator, request: ListHeldCommentsRequest) -> Vec<String> {
    let page = who.list_held_comments(request).await.unwrap().into_inner();
    page.comments
        .into_iter()
        .map(|comment| comment.name)
        .collect()
}

/// A decision on these.
pub fn on(names: &[&str], decision: Decision) -> ResolveCommentsRequest {
    ResolveCommentsRequest {
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        decision: decision.into(),
        ..ResolveCommentsRequest::default()
    }
}

/// What became of them.
pub async fn decide(who: &mut Moderator, request: ResolveCommentsRequest) -> Vec<Outcome> {
    let answer = who.resolve_comments(request).await.unwrap().into_inner();
    answer.outcomes.into_iter().map(outcome).collect()
}

/// What became of taking back the decision on `name`.
pub async fn undo(who: &mut Moderator, name: &str) -> Outcome {
    let names = vec![name.to_owned()];
    let request = UndoResolutionsRequest { names };
    let answer = who.undo_resolutions(request).await.unwrap().into_inner();
    outcome(answer.outcomes.into_iter().next().unwrap())
}

/// What became of one comment: the decision in force, or why there is none.
pub type Outcome = Result<Decision, Refused>;

/// Why there is none, to branch on.
#[derive(Debug)]
pub struct Refused {
    pub code: i32,
    pub reason: String,
    /// Who was first, if somebody was.
    pub by: Option<String>,
    /// What they decided.
    pub decision: Option<String>,
    /// The comment that is not there, if that is why.
    pub resource: Option<String>,
}

fn outcome(outcome: ResolutionOutcome) -> Outcome {
    match outcome.outcome.unwrap() {
        resolution_outcome::Outcome::Decision(made) => Ok(made.decision()),
        resolution_outcome::Outcome::Error(error) => Err(refused(&error)),
    }
}

/// What a `google.rpc.Status` says.
pub fn refused(error: &tonic_types::Status) -> Refused {
    let status = Status::with_details(error.code.into(), &error.message, {
        use prost::Message as _;
        error.encode_to_vec().into()
    });
    let info = status.get_details_error_info().expect("an ErrorInfo");
    Refused {
        code: error.code,
        by: info.metadata.get("by").cloned(),
        decision: info.metadata.get("decision").cloned(),
        resource: status
            .get_details_resource_info()
            .map(|resource| resource.resource_name),
        reason: info.reason,
    }
}

/// The reason of a call that was refused as a whole.
pub fn reason(status: &Status) -> String {
    status
        .get_details_error_info()
        .expect("an ErrorInfo")
        .reason
}
