//! What a site asks of comments it has submitted before.

use std::pin::Pin;

use futures::{Stream, StreamExt as _};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::comments::{decision, reject_reason, state};
use super::convert::timestamp;
use super::proto::{self, WatchDecisionsResponse};
use super::review_status::{ReviewRefusal, comment_name, invalid, status};
use crate::comment::SubmissionId;
use crate::review::{CommentName, CommentRef, Review, ReviewError, Tracked, Watched};
use crate::site::SiteId;
use crate::store::{Complaint, Event, EventKind, Reporter};

/// The events of one site.
pub(super) type Events = Pin<Box<dyn Stream<Item = Result<WatchDecisionsResponse, Status>> + Send>>;

/// Answers what a site asks of its comments.
pub struct Following {
    /// What is kept of them.
    pub review: Review,
    /// Done once the server is to stop: who watches is sent elsewhere.
    pub stopping: CancellationToken,
    /// The time.
    pub now: fn() -> Timestamp,
}

impl Following {
    pub(super) async fn get(
        &self,
        site: &SiteId,
        asked: proto::GetCommentRequest,
    ) -> Result<proto::Comment, Status> {
        use proto::get_comment_request::Comment;
        let which = match asked.comment {
            Some(Comment::Name(name)) => CommentRef::Id(own(site, &name)?.id),
            Some(Comment::SubmissionId(id)) => {
                let id = SubmissionId::new(&id);
                CommentRef::Submission(id.map_err(|error| {
                    let told = error.to_string();
                    let expected = told.strip_prefix("submission_id: ").unwrap_or(&told);
                    invalid("submission_id", expected)
                })?)
            }
            None => {
                return Err(invalid(
                    "name",
                    "expected a name or a submission_id, found none",
                ));
            }
        };
        let tracked = self.review.track(site, &which).await.map_err(status)?;
        Ok(comment(&tracked))
    }

    pub(super) async fn report(
        &self,
        site: &SiteId,
        asked: proto::ReportCommentRequest,
    ) -> Result<proto::Comment, Status> {
        let complaint = match asked.complaint() {
            proto::Complaint::Unspecified => {
                return Err(invalid(
                    "complaint",
                    "expected what is wrong, found nothing known",
                ));
            }
            proto::Complaint::Spam => Complaint::Spam,
            proto::Complaint::Toxic => Complaint::Toxic,
            proto::Complaint::Other => Complaint::Other,
            proto::Complaint::WronglyRejected => Complaint::WronglyRejected,
        };
        let reporter = match asked.reporter() {
            proto::Reporter::Unspecified => {
                return Err(invalid(
                    "reporter",
                    "expected who says so, found nobody known",
                ));
            }
            proto::Reporter::Reader => Reporter::Reader,
            proto::Reporter::Site => Reporter::Site,
        };
        let name = own(site, &asked.name)?;
        let now = (self.now)();
        let queued = self
            .review
            .report(&name, reporter, complaint, &asked.note, now)
            .await;
        Ok(comment(&queued.map_err(status)?))
    }

    pub(super) async fn watch(&self, site: SiteId, cursor: u64) -> Result<Events, Status> {
        let watched = self.review.watch(site, cursor).await.map_err(status)?;
        let events = watched.map(|watched| match watched {
            Ok(Watched::Event(event)) => Ok(WatchDecisionsResponse {
                event: Some(told(&event)),
            }),
            Ok(Watched::Silence) => Ok(WatchDecisionsResponse { event: None }),
            Err(error) => Err(status(error)),
        });
        let draining = futures::stream::once(async { Err(ReviewRefusal::Draining.into()) });
        let until = self.stopping.clone().cancelled_owned();
        Ok(Box::pin(events.take_until(until).chain(draining)))
    }
}

/// The comment of that name, if it is the site's own.
fn own(site: &SiteId, name: &str) -> Result<CommentName, Status> {
    let name = comment_name("name", name)?;
    if name.site == *site {
        Ok(name)
    } else {
        Err(status(ReviewError::NotFound))
    }
}

/// What a site may see of a comment.
fn comment(tracked: &Tracked) -> proto::Comment {
    let Tracked {
        comment,
        decision: last,
    } = tracked;
    proto::Comment {
        name: comment.id.resource_name(&comment.site),
        submission_id: comment.submission_id.clone().unwrap_or_default(),
        state: state(comment.status).into(),
        create_time: Some(timestamp(comment.received_at)),
        update_time: Some(timestamp(comment.settled_at)),
        last_decision: Some(decision(last)),
    }
}

/// An event on the wire.
fn told(event: &Event) -> proto::DecisionEvent {
    let state = event
        .status()
        .map_or(proto::CommentState::Unspecified, state);
    let kind = match event.kind {
        EventKind::Held => proto::DecisionEventKind::Held,
        EventKind::Resolved => proto::DecisionEventKind::Resolved,
        EventKind::Undone => proto::DecisionEventKind::Undone,
        EventKind::Reported => proto::DecisionEventKind::Reported,
    };
    proto::DecisionEvent {
        cursor: event.number,
        kind: kind.into(),
        comment: event.comment.resource_name(&event.site),
        submission_id: event.payload.submission_id.clone().unwrap_or_default(),
        state: state.into(),
        reject_reason: reject_reason(event.payload.reject_reason.as_deref()).into(),
        event_time: Some(timestamp(event.at)),
        page_id: event.payload.page_id.clone().unwrap_or_default(),
    }
}
