//! `moderato.v1.ReviewService`: the moderators' calls, handed to the review.

mod asked;
mod told;

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{Semaphore, SemaphorePermit};
use tonic::{Request, Response, Status};

use super::callers::{Callers, Presented};
use super::limits::RETRY_AFTER;
use super::proto::review_service_server::ReviewService;
use super::proto::{
    AddNoteRequest, AddNoteResponse, ClaimCommentsRequest, ClaimCommentsResponse,
    GetHeldCommentRequest, GetHeldCommentResponse, ListDecisionsRequest, ListDecisionsResponse,
    ListHeldCommentsRequest, ListHeldCommentsResponse, ListWavesRequest, ListWavesResponse,
    ReleaseCommentsRequest, ReleaseCommentsResponse, ResolveCommentsRequest,
    ResolveCommentsResponse, UndoResolutionsRequest, UndoResolutionsResponse,
};
use super::review_status::{comment_name, status, status_about};
use super::status::Refusal;
use crate::moderator::{Moderator, Permission};
use crate::review::Review;
use crate::store::Actor;
use crate::telemetry::Metrics;

/// How many of these calls are worked on at once. Each asks the database several
/// times, and sites must not wait behind a tool that lists too much.
const AT_ONCE: usize = 32;

/// Answers moderators' calls.
pub struct Reviewing {
    callers: Arc<Callers>,
    review: Review,
    places: Semaphore,
    metrics: Arc<Metrics>,
    now: fn() -> Timestamp,
}

/// A call that is let in.
struct Entered<'a> {
    moderator: Moderator,
    /// Of the sites that they may see.
    review: Review,
    now: Timestamp,
    _place: SemaphorePermit<'a>,
}

impl Entered<'_> {
    fn name(&self) -> &str {
        self.moderator.name.as_str()
    }

    /// Who stands behind what they do.
    fn actor(&self) -> Actor {
        Actor::Moderator(self.name().to_owned())
    }
}

impl Reviewing {
    /// A service that lets in moderators of `callers` to `review`.
    #[must_use]
    pub fn new(
        callers: Arc<Callers>,
        review: Review,
        metrics: Arc<Metrics>,
        now: fn() -> Timestamp,
    ) -> Self {
        Self {
            callers,
            review,
            places: Semaphore::new(AT_ONCE),
            metrics,
            now,
        }
    }

    async fn enter(&self, presented: Presented<'_>) -> Result<Entered<'_>, Status> {
        let place = self.places.try_acquire().map_err(|_| {
            self.metrics.shed();
            Refusal::ServerFull(RETRY_AFTER)
        })?;
        let moderator = self.callers.moderator(presented, Permission::Review);
        let moderator = moderator.await?;
        Ok(Entered {
            review: self.review.within(moderator.sites()),
            moderator,
            now: (self.now)(),
            _place: place,
        })
    }
}

#[tonic::async_trait]
impl ReviewService for Reviewing {
    async fn list_held_comments(
        &self,
        request: Request<ListHeldCommentsRequest>,
    ) -> Result<Response<ListHeldCommentsResponse>, Status> {
        let call = self.enter(Presented::in_call(&request)).await?;
        let asked = request.into_inner();
        let page = asked::page(asked.page_size, &asked.page_token)?;
        let query = asked::held(asked, call.name())?;
        let found = call.review.held(&query, &page, call.now).await;
        let found = found.map_err(status)?;
        Ok(Response::new(ListHeldCommentsResponse {
            comments: found.comments.into_iter().map(told::listed).collect(),
            next_page_token: found.next.unwrap_or_default(),
            total_size: found.total,
        }))
    }

    async fn get_held_comment(
        &self,
        request: Request<GetHeldCommentRequest>,
    ) -> Result<Response<GetHeldCommentResponse>, Status> {
        let call = self.enter(Presented::in_call(&request)).await?;
        let name = comment_name("name", &request.into_inner().name)?;
        let dossier = call.review.dossier(&name, call.now).await;
        let dossier = dossier.map_err(|error| status_about(error, &name))?;
        Ok(Response::new(told::dossier(dossier)))
    }

    async fn claim_comments(
        &self,
        request: Request<ClaimCommentsRequest>,
    ) -> Result<Response<ClaimCommentsResponse>, Status> {
        let call = self.enter(Presented::in_call(&request)).await?;
        let names = asked::comments(&request.into_inner().names)?;
        let claimed = call.review.claim(&names, call.name(), call.now).await;
        let outcomes = names.iter().zip(claimed.map_err(status)?);
        Ok(Response::new(ClaimCommentsResponse {
            outcomes: outcomes
                .map(|(name, outcome)| told::claim_outcome(name, outcome))
                .collect(),
        }))
    }

    async fn release_comments(
        &self,
        request: Request<ReleaseCommentsRequest>,
    ) -> Result<Response<ReleaseCommentsResponse>, Status> {
        let call = self.enter(Presented::in_call(&request)).await?;
        let names = asked::comments(&request.into_inner().names)?;
        let released = call.review.release(&names, call.name()).await;
        released.map_err(status)?;
        Ok(Response::new(ReleaseCommentsResponse {}))
    }

    async fn resolve_comments(
        &self,
        request: Request<ResolveCommentsRequest>,
    ) -> Result<Response<ResolveCommentsResponse>, Status> {
        let call = self.enter(Presented::in_call(&request)).await?;
        let asked = asked::resolve(request.into_inner())?;
        let resolved = call.review.resolve(&asked, &call.actor(), call.now).await;
        let resolved = resolved.map_err(status)?;
        Ok(Response::new(ResolveCommentsResponse {
            outcomes: told::outcomes(resolved.outcomes),
            label_count: resolved.labels,
            left_count: told::count(resolved.left),
        }))
    }

    async fn undo_resolutions(
        &self,
        request: Request<UndoResolutionsRequest>,
    ) -> Result<Response<UndoResolutionsResponse>, Status> {
        let call = self.enter(Presented::in_call(&request)).await?;
        let names = asked::comments(&request.into_inner().names)?;
        let of_others = call.moderator.may_undo_others();
        let undone = call
            .review
            .undo(&names, &call.actor(), of_others, call.now)
            .await;
        Ok(Response::new(UndoResolutionsResponse {
            outcomes: told::outcomes(undone.map_err(status)?),
        }))
    }

    async fn add_note(
        &self,
        request: Request<AddNoteRequest>,
    ) -> Result<Response<AddNoteResponse>, Status> {
        let call = self.enter(Presented::in_call(&request)).await?;
        let asked = request.into_inner();
        let name = comment_name("name", &asked.name)?;
        let note = call
            .review
            .note(&name, call.name(), &asked.text, call.now)
            .await;
        let note = note.map_err(|error| status_about(error, &name))?;
        Ok(Response::new(AddNoteResponse {
            note: Some(told::note(note)),
        }))
    }

    async fn list_waves(
        &self,
        request: Request<ListWavesRequest>,
    ) -> Result<Response<ListWavesResponse>, Status> {
        let call = self.enter(Presented::in_call(&request)).await?;
        let asked = request.into_inner();
        let page = asked::page(asked.page_size, &asked.page_token)?;
        let asked = asked::waves(&asked)?;
        let found = call
            .review
            .waves(&asked.site, asked.smallest, &page, call.now)
            .await;
        let found = found.map_err(status)?;
        Ok(Response::new(ListWavesResponse {
            waves: found.waves.into_iter().map(told::wave).collect(),
            total_size: told::count(found.total),
            next_page_token: found.next.unwrap_or_default(),
        }))
    }

    async fn list_decisions(
        &self,
        request: Request<ListDecisionsRequest>,
    ) -> Result<Response<ListDecisionsResponse>, Status> {
        let call = self.enter(Presented::in_call(&request)).await?;
        let asked = request.into_inner();
        let page = asked::page(asked.page_size, &asked.page_token)?;
        let filter = asked::history(asked)?;
        let found = call.review.history(&filter, &page, call.now).await;
        let found = found.map_err(status)?;
        Ok(Response::new(ListDecisionsResponse {
            decisions: found
                .resolutions
                .into_iter()
                .map(told::resolution)
                .collect(),
            next_page_token: found.next.unwrap_or_default(),
        }))
    }
}
