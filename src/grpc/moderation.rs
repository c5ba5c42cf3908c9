//! `moderato.v1.ModerationService`: the site's calls, handed to the pipeline.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use futures::{Stream, StreamExt as _};
use prost::Message as _;
use tonic::{Request, Response, Status, Streaming};

use super::callers::{Callers, Presented};
use super::following::{Events, Following};
use super::guard::contained;
use super::limits::Admission;
use super::proto::check_comments_response::Outcome;
use super::proto::moderation_service_server::ModerationService;
use super::proto::{
    self, CheckCommentRequest, CheckCommentResponse, CheckCommentsRequest, CheckCommentsResponse,
    GetCommentRequest, GetCommentResponse, ReportCommentRequest, ReportCommentResponse,
    WatchDecisionsRequest,
};
use super::status::Refusal;
use crate::pipeline::{Limits, Pipeline};
use crate::site::SiteId;
use crate::telemetry::{Judged, Recorder};

/// How many requests of one stream are judged at once. Enough to hide the round
/// trips of a limiter; the client is held back beyond it.
const JUDGED_AHEAD: usize = 16;

/// Answers a site's calls.
pub struct Moderation(Arc<Desk>);

/// What it takes to answer.
pub struct Desk {
    /// Whose call it is.
    pub callers: Arc<Callers>,
    /// Judges submissions.
    pub pipeline: Arc<Pipeline>,
    /// How many are judged at once.
    pub admission: Arc<Admission>,
    /// What became of submissions.
    pub following: Following,
    /// Where verdicts are counted and logged.
    pub recorder: Arc<Recorder>,
    /// The longest submission that is judged, in bytes on the wire.
    pub max_message_bytes: usize,
    /// The longest that judging one request of a stream may take.
    pub longest: Duration,
}

impl Moderation {
    /// A service that answers with these.
    #[must_use]
    pub fn new(desk: Desk) -> Self {
        Self(Arc::new(desk))
    }
}

impl Desk {
    async fn judge(
        &self,
        site: &SiteId,
        submission: Option<proto::Submission>,
        limits: Limits,
    ) -> Result<proto::Verdict, Refusal> {
        let submission = submission.ok_or(Refusal::SubmissionMissing)?;
        self.takes(&submission)?;
        let start = Instant::now();
        let checked = self.pipeline.check(site, submission.into(), limits).await?;
        let verdict = checked.verdict;
        // A replay was counted and logged when it was judged.
        if !checked.replayed {
            let judged = Judged {
                verdict: &verdict,
                over: checked.over,
                by: checked.judged_by,
                took: start.elapsed(),
            };
            self.recorder.record(site, judged, SystemTime::now());
        }
        Ok(Arc::unwrap_or_clone(verdict).into())
    }

    fn takes(&self, submission: &proto::Submission) -> Result<(), Refusal> {
        let (found, limit) = (submission.encoded_len(), self.max_message_bytes);
        if found > limit {
            return Err(Refusal::TooLarge { found, limit });
        }
        Ok(())
    }

    /// What one request of a stream gets, in time, and without harm to the stream.
    async fn outcome(&self, site: &SiteId, request: CheckCommentsRequest) -> Outcome {
        let limits = if request.enforce_limits {
            Limits::Enforce
        } else {
            Limits::Skip
        };
        let judged = async {
            let _place = self.admission.enter_from_stream().await?;
            contained(self.longest, self.judge(site, request.submission, limits)).await?
        };
        match judged.await {
            Ok(verdict) => Outcome::Verdict(verdict),
            Err(refusal) => Outcome::Error(refusal.into()),
        }
    }
}

/// The answers of one stream.
type Answers = Pin<Box<dyn Stream<Item = Result<CheckCommentsResponse, Status>> + Send>>;

#[tonic::async_trait]
impl ModerationService for Moderation {
    async fn check_comment(
        &self,
        request: Request<CheckCommentRequest>,
    ) -> Result<Response<CheckCommentResponse>, Status> {
        let Self(desk) = self;
        let site = desk.callers.site(Presented::in_call(&request)).await?;
        let _place = desk.admission.enter()?;
        let submission = request.into_inner().submission;
        let verdict = desk.judge(&site, submission, Limits::Enforce).await?;
        Ok(Response::new(CheckCommentResponse {
            verdict: Some(verdict),
        }))
    }

    type CheckCommentsStream = Answers;

    // The stream is its own task: nothing is spawned, so when the client goes
    // away and the answers are dropped, the work on them ends too.
    async fn check_comments(
        &self,
        request: Request<Streaming<CheckCommentsRequest>>,
    ) -> Result<Response<Answers>, Status> {
        let desk = Arc::clone(&self.0);
        let site = desk.callers.site(Presented::in_call(&request)).await?;
        let requests = futures::stream::iter(0..).zip(request.into_inner());
        let answers = requests.map(move |(index, request)| {
            let (desk, site) = (Arc::clone(&desk), Arc::clone(&site));
            async move {
                let outcome = desk.outcome(&site, request?).await;
                Ok(CheckCommentsResponse {
                    index,
                    outcome: Some(outcome),
                })
            }
        });
        Ok(Response::new(Box::pin(answers.buffered(JUDGED_AHEAD))))
    }

    async fn get_comment(
        &self,
        request: Request<GetCommentRequest>,
    ) -> Result<Response<GetCommentResponse>, Status> {
        let Self(desk) = self;
        let site = desk.callers.site(Presented::in_call(&request)).await?;
        let comment = desk.following.get(&site, request.into_inner()).await?;
        Ok(Response::new(GetCommentResponse {
            comment: Some(comment),
        }))
    }

    async fn report_comment(
        &self,
        request: Request<ReportCommentRequest>,
    ) -> Result<Response<ReportCommentResponse>, Status> {
        let Self(desk) = self;
        let site = desk.callers.site(Presented::in_call(&request)).await?;
        let comment = desk.following.report(&site, request.into_inner()).await?;
        Ok(Response::new(ReportCommentResponse {
            comment: Some(comment),
        }))
    }

    type WatchDecisionsStream = Events;

    async fn watch_decisions(
        &self,
        request: Request<WatchDecisionsRequest>,
    ) -> Result<Response<Events>, Status> {
        let Self(desk) = self;
        let site = SiteId::clone(&*desk.callers.site(Presented::in_call(&request)).await?);
        let cursor = request.into_inner().cursor;
        Ok(Response::new(desk.following.watch(site, cursor).await?))
    }
}
