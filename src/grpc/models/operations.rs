//! Operations in the contract's messages.

use jiff::Timestamp;
use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt as _};

use super::asked::{self, Page};
use super::told::{figures, who};
use crate::grpc::convert::timestamp;
use crate::grpc::model_status::{code, status};
use crate::grpc::proto::{
    self, Flip, ListOperationsRequest, ListOperationsResponse, Operation, ReplayResult,
    ReplaySettings, TrainResult, TrainSettings, operation,
};
use crate::grpc::status::{DOMAIN, item};
use crate::lifecycle::{
    self, Lifecycle, Mistake, OperationFailure, OperationRequest, OperationResult, OperationStatus,
    Operations, Replay, Truth,
};
use crate::store::{OperationId, OperationPlace};

/// A page of operations.
pub(super) async fn list(
    operations: &Operations,
    request: ListOperationsRequest,
    now: Timestamp,
) -> Result<ListOperationsResponse, Status> {
    let kind = asked::kind(request.kind)?;
    let query = ("operations", kind);
    let page = Page::of(&query, request.page_size, &request.page_token, now)?;
    let place = page.after.map(|after| {
        let time = Timestamp::from_microsecond(after.key).unwrap_or(Timestamp::MIN);
        OperationPlace(time, OperationId::from_array(after.id))
    });
    let found = operations.list(kind, place, page.limit + 1).await;
    let mut found = found.map_err(status)?;
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let is_last = found.len() <= limit;
    found.truncate(limit);
    let last = found.last().filter(|_| !is_last);
    let next = last.map(|last| page.token(last.created_at.as_microsecond(), last.id.to_bytes()));
    Ok(ListOperationsResponse {
        operations: found.into_iter().map(told).collect(),
        next_page_token: next.unwrap_or_default(),
    })
}

/// An operation with the texts of its flips, as they are kept now.
pub(super) async fn with_texts(
    lifecycle: &Lifecycle,
    mut found: lifecycle::Operation,
) -> Result<Operation, Status> {
    if let OperationStatus::Done(Some(OperationResult::Replay(replayed))) = &mut found.status {
        let read = lifecycle.read_texts(&mut replayed.replay).await;
        read.map_err(status)?;
    }
    Ok(told(found))
}

/// An operation.
pub(super) fn told(found: lifecycle::Operation) -> Operation {
    use proto::OperationState as State;
    let (state, outcome) = match found.status {
        OperationStatus::Running => (State::Running, None),
        OperationStatus::Cancelled => (State::Cancelled, None),
        OperationStatus::Done(result) => (State::Done, result.map(result_of)),
        OperationStatus::Failed(failure) => (State::Failed, Some(failed(&failure))),
    };
    let (kind, settings) = match found.request {
        OperationRequest::Train(train) => (
            proto::OperationKind::Train,
            operation::Settings::TrainSettings(TrainSettings {
                seed: train.seed,
                source_weights: train.source_weights.into_iter().collect(),
                forgetting_per_label: train.forgetting_per_label,
            }),
        ),
        OperationRequest::Replay(replay) => (
            proto::OperationKind::Replay,
            operation::Settings::ReplaySettings(ReplaySettings {
                candidate: format!("models/{}", replay.candidate),
                policy: replay.policy.unwrap_or_default(),
                since: replay.since.to_string(),
                sites: replay
                    .sites
                    .iter()
                    .map(|site| format!("sites/{site}"))
                    .collect(),
            }),
        ),
    };
    Operation {
        name: format!("operations/{}", found.id),
        kind: kind.into(),
        state: state.into(),
        moderator: who(&found.actor),
        create_time: Some(timestamp(found.created_at)),
        end_time: found.ended_at.map(timestamp),
        cancelled_by: found.cancelled_by.as_ref().map(who).unwrap_or_default(),
        stage: found.progress.stage,
        progress_count: found.progress.count,
        settings: Some(settings),
        outcome,
    }
}

fn result_of(result: OperationResult) -> operation::Outcome {
    match result {
        OperationResult::Train(trained) => operation::Outcome::TrainResult(TrainResult {
            model: format!("models/{}", trained.model),
            is_new: trained.is_new,
            held_back_count: trained.held_back,
        }),
        OperationResult::Replay(replayed) => {
            operation::Outcome::ReplayResult(Box::new(replay(replayed.replay)))
        }
    }
}

fn failed(failure: &OperationFailure) -> operation::Outcome {
    let details = ErrorDetails::with_error_info(&failure.reason, DOMAIN, []);
    operation::Outcome::Error(item(&Status::with_error_details(
        code(&failure.reason),
        &failure.message,
        details,
    )))
}

fn replay(found: Replay) -> ReplayResult {
    let groups = |groups: std::collections::BTreeMap<String, lifecycle::ReplayFigures>| {
        let groups = groups.into_iter();
        groups
            .map(|(name, counted)| (name, figures(counted)))
            .collect()
    };
    ReplayResult {
        before: format!("models/{}", found.before),
        after: format!("models/{}", found.after),
        since: found.since,
        figures: Some(figures(found.figures)),
        drifted: found.drifted,
        kinds: found.kinds.into_iter().collect(),
        by_site: groups(found.groups.by_site),
        by_language: groups(found.groups.by_language),
        by_reason: groups(found.groups.by_reason),
        flips: found.flipped.into_iter().map(flip).collect(),
    }
}

fn flip(flip: lifecycle::Flip) -> Flip {
    let [before, after] = flip.scores;
    let [before_reasons, after_reasons] = flip
        .reasons
        .map(|codes| codes.iter().map(|code| code.name().to_owned()).collect());
    let truth = match flip.truth {
        None => proto::Truth::Unspecified,
        Some(Truth::Fine) => proto::Truth::Fine,
        Some(Truth::Bad) => proto::Truth::Bad,
    };
    let mistake = match flip.mistake {
        None => proto::Mistake::Unspecified,
        Some(Mistake::Fixed) => proto::Mistake::Fixed,
        Some(Mistake::New) => proto::Mistake::New,
    };
    Flip {
        comment: flip.comment,
        before: proto::Decision::from(flip.before).into(),
        after: proto::Decision::from(flip.after).into(),
        before_scores: Some(before.into()),
        after_scores: Some(after.into()),
        before_reasons,
        after_reasons,
        truth: truth.into(),
        mistake: mistake.into(),
        text: flip.text,
    }
}
