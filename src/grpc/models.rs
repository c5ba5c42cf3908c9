//! `moderato.v1.ModelService`: the operator's calls, handed to the lifecycle.

mod asked;
mod entering;
mod labels;
mod operations;
mod promoting;
mod told;

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tonic::{Request, Response, Status, Streaming};

use super::callers::Callers;
use super::model_status::status;
use super::proto::model_service_server::ModelService;
use super::proto::{
    CancelOperationRequest, CancelOperationResponse, DiffModelsRequest, DiffModelsResponse,
    ExplainTokenRequest, ExplainTokenResponse, ExportLabelsRequest, GetModelRequest,
    GetModelResponse, GetOperationRequest, GetOperationResponse, ImportLabelsRequest,
    ImportLabelsResponse, ListLabelsRequest, ListLabelsResponse, ListModelsRequest,
    ListModelsResponse, ListOperationsRequest, ListOperationsResponse, ListPromotionsRequest,
    ListPromotionsResponse, PromoteModelRequest, PromoteModelResponse, ReleaseLabelsRequest,
    ReleaseLabelsResponse, ReplayRequest, ReplayResponse, RetractLabelsRequest,
    RetractLabelsResponse, RollBackModelRequest, RollBackModelResponse, SetCanaryRequest,
    SetCanaryResponse, SetShadowRequest, SetShadowResponse, TrainRequest, TrainResponse,
    WaitOperationRequest, WaitOperationResponse,
};
use crate::lifecycle::{OperationRequest, Operations};
use crate::moderator::Permission;
use crate::telemetry::Metrics;

/// How many of these calls are worked on at once: few, as some read the whole log.
const AT_ONCE: usize = 8;

/// The calls that may take longer than others: methods by their paths.
pub(super) const PATIENT: [&str; 4] = [
    "/moderato.v1.ModelService/ImportLabels",
    "/moderato.v1.ModelService/PromoteModel",
    "/moderato.v1.ModelService/SetCanary",
    "/moderato.v1.ModelService/WaitOperation",
];

/// Answers operators' calls.
pub struct Modelling {
    callers: Arc<Callers>,
    operations: Operations,
    places: Semaphore,
    metrics: Arc<Metrics>,
    now: fn() -> Timestamp,
}

impl Modelling {
    /// A service that lets operators of `callers` to `operations`.
    #[must_use]
    pub fn new(
        callers: Arc<Callers>,
        operations: Operations,
        metrics: Arc<Metrics>,
        now: fn() -> Timestamp,
    ) -> Self {
        Self {
            callers,
            operations,
            places: Semaphore::new(AT_ONCE),
            metrics,
            now,
        }
    }
}

#[tonic::async_trait]
impl ModelService for Modelling {
    async fn list_labels(
        &self,
        request: Request<ListLabelsRequest>,
    ) -> Result<Response<ListLabelsResponse>, Status> {
        let call = self.enter(&request, Permission::Review).await?;
        let sites = call.moderator.sites();
        let listed = labels::list(self.lifecycle(), request.into_inner(), &sites, call.now);
        listed.await.map(Response::new)
    }

    async fn import_labels(
        &self,
        request: Request<Streaming<ImportLabelsRequest>>,
    ) -> Result<Response<ImportLabelsResponse>, Status> {
        let call = self.operator(&request).await?;
        let (actor, now) = (call.actor(), call.now);
        let imported = labels::import(self.lifecycle(), request.into_inner(), actor, now);
        imported.await.map(Response::new)
    }

    type ExportLabelsStream = labels::Exported;

    async fn export_labels(
        &self,
        request: Request<ExportLabelsRequest>,
    ) -> Result<Response<labels::Exported>, Status> {
        let _call = self.operator(&request).await?;
        let lifecycle = self.lifecycle().clone();
        let exported = labels::export(lifecycle, request.into_inner())?;
        Ok(Response::new(exported))
    }

    async fn retract_labels(
        &self,
        request: Request<RetractLabelsRequest>,
    ) -> Result<Response<RetractLabelsResponse>, Status> {
        let call = self.operator(&request).await?;
        let asked = request.into_inner();
        let query = asked::labels(&asked.parent, asked.filter, None)?;
        let (actor, why) = (call.actor(), asked::given(asked.reason));
        let lifecycle = self.lifecycle();
        let retracted = lifecycle.retract(&query, &actor, why, call.now, asked.dry_run);
        let retracted = retracted.await.map_err(status)?;
        Ok(Response::new(RetractLabelsResponse {
            label_count: retracted.labels,
            by_origin: retracted.by_origin.into_iter().collect(),
        }))
    }

    async fn release_labels(
        &self,
        request: Request<ReleaseLabelsRequest>,
    ) -> Result<Response<ReleaseLabelsResponse>, Status> {
        let call = self.operator(&request).await?;
        let asked = request.into_inner();
        let query = asked::labels(&asked.parent, asked.filter, Some(false))?;
        let (actor, why) = (call.actor(), asked::given(asked.reason));
        let released = self.lifecycle().release(&query, &actor, why, call.now);
        Ok(Response::new(ReleaseLabelsResponse {
            label_count: released.await.map_err(status)?,
        }))
    }

    async fn list_models(
        &self,
        request: Request<ListModelsRequest>,
    ) -> Result<Response<ListModelsResponse>, Status> {
        let call = self.operator(&request).await?;
        let listed = told::models(self.lifecycle(), request.into_inner(), call.now);
        listed.await.map(Response::new)
    }

    async fn get_model(
        &self,
        request: Request<GetModelRequest>,
    ) -> Result<Response<GetModelResponse>, Status> {
        let _call = self.operator(&request).await?;
        let model = asked::model("name", &request.into_inner().name)?;
        let (lifecycle, base) = (self.lifecycle(), self.operations.base());
        let live = lifecycle.live().await.map_err(status)?;
        let found = lifecycle.model(&model, base.id()).await.map_err(status)?;
        let model = match found {
            Some(model) => told::model(model, live.model()),
            None => told::base(&self.operations, live.model().is_none()),
        };
        Ok(Response::new(GetModelResponse { model: Some(model) }))
    }

    async fn explain_token(
        &self,
        request: Request<ExplainTokenRequest>,
    ) -> Result<Response<ExplainTokenResponse>, Status> {
        let _call = self.operator(&request).await?;
        let (token, models) = asked::phrase(request.into_inner())?;
        let (lifecycle, base) = (self.lifecycle(), self.operations.base());
        let explained = lifecycle.explain(&token, &models, base);
        let explained = explained.await.map_err(status)?;
        Ok(Response::new(told::explained(explained)))
    }

    async fn diff_models(
        &self,
        request: Request<DiffModelsRequest>,
    ) -> Result<Response<DiffModelsResponse>, Status> {
        let _call = self.operator(&request).await?;
        let asked = request.into_inner();
        let before = asked::model("before", &asked.before)?;
        let after = asked::model("after", &asked.after)?;
        let (models, most) = ([&before, &after], asked::most(asked.most)?);
        let (lifecycle, base) = (self.lifecycle(), self.operations.base());
        let difference = lifecycle.difference(models, base, most).await;
        Ok(Response::new(told::difference(difference.map_err(status)?)))
    }

    async fn train(
        &self,
        request: Request<TrainRequest>,
    ) -> Result<Response<TrainResponse>, Status> {
        let call = self.operator(&request).await?;
        let settings = request.into_inner().settings.unwrap_or_default();
        let train = OperationRequest::Train(asked::training(settings));
        let started = self.operations.start(train, call.actor()).await;
        Ok(Response::new(TrainResponse {
            operation: Some(operations::told(started.map_err(status)?)),
        }))
    }

    async fn replay(
        &self,
        request: Request<ReplayRequest>,
    ) -> Result<Response<ReplayResponse>, Status> {
        let call = self.operator(&request).await?;
        let settings = request.into_inner().settings.unwrap_or_default();
        let replay = OperationRequest::Replay(asked::replay(settings)?);
        let started = self.operations.start(replay, call.actor()).await;
        Ok(Response::new(ReplayResponse {
            operation: Some(operations::told(started.map_err(status)?)),
        }))
    }

    async fn get_operation(
        &self,
        request: Request<GetOperationRequest>,
    ) -> Result<Response<GetOperationResponse>, Status> {
        let _call = self.operator(&request).await?;
        let id = asked::operation(&request.into_inner().name)?;
        let found = self.operations.get(id).await.map_err(status)?;
        let operation = operations::with_texts(self.lifecycle(), found).await?;
        Ok(Response::new(GetOperationResponse {
            operation: Some(operation),
        }))
    }

    async fn list_operations(
        &self,
        request: Request<ListOperationsRequest>,
    ) -> Result<Response<ListOperationsResponse>, Status> {
        let call = self.operator(&request).await?;
        let listed = operations::list(&self.operations, request.into_inner(), call.now);
        listed.await.map(Response::new)
    }

    async fn wait_operation(
        &self,
        request: Request<WaitOperationRequest>,
    ) -> Result<Response<WaitOperationResponse>, Status> {
        // Who waits takes no place from those who work.
        drop(self.operator(&request).await?);
        let asked = request.into_inner();
        let (id, longest) = (asked::operation(&asked.name)?, asked::wait(asked.timeout)?);
        let found = self.operations.wait(id, longest).await.map_err(status)?;
        let operation = operations::with_texts(self.lifecycle(), found).await?;
        Ok(Response::new(WaitOperationResponse {
            operation: Some(operation),
        }))
    }

    async fn cancel_operation(
        &self,
        request: Request<CancelOperationRequest>,
    ) -> Result<Response<CancelOperationResponse>, Status> {
        let call = self.operator(&request).await?;
        let id = asked::operation(&request.into_inner().name)?;
        let cancelled = self.operations.cancel(id, &call.actor()).await;
        Ok(Response::new(CancelOperationResponse {
            operation: Some(operations::told(cancelled.map_err(status)?)),
        }))
    }

    async fn promote_model(
        &self,
        request: Request<PromoteModelRequest>,
    ) -> Result<Response<PromoteModelResponse>, Status> {
        let call = self.operator(&request).await?;
        let promoted = self.promote(&call, request.into_inner()).await?;
        Ok(Response::new(PromoteModelResponse {
            promotion: Some(told::promotion(promoted)),
        }))
    }

    async fn set_canary(
        &self,
        request: Request<SetCanaryRequest>,
    ) -> Result<Response<SetCanaryResponse>, Status> {
        let call = self.operator(&request).await?;
        let set = self.set_canary_to(&call, request.into_inner()).await?;
        Ok(Response::new(SetCanaryResponse {
            promotion: Some(told::promotion(set)),
        }))
    }

    async fn set_shadow(
        &self,
        request: Request<SetShadowRequest>,
    ) -> Result<Response<SetShadowResponse>, Status> {
        let call = self.operator(&request).await?;
        let set = self.set_shadow_to(&call, request.into_inner()).await?;
        Ok(Response::new(SetShadowResponse {
            promotion: Some(told::promotion(set)),
        }))
    }

    async fn roll_back_model(
        &self,
        request: Request<RollBackModelRequest>,
    ) -> Result<Response<RollBackModelResponse>, Status> {
        let call = self.operator(&request).await?;
        let promoting = call.promoting(request.into_inner().reason);
        let back = self.lifecycle().roll_back(promoting).await;
        Ok(Response::new(RollBackModelResponse {
            promotion: Some(told::promotion(back.map_err(status)?)),
        }))
    }

    async fn list_promotions(
        &self,
        request: Request<ListPromotionsRequest>,
    ) -> Result<Response<ListPromotionsResponse>, Status> {
        let call = self.operator(&request).await?;
        let listed = told::promotions(self.lifecycle(), request.into_inner(), call.now);
        listed.await.map(Response::new)
    }
}
