//! Models and promotions in the contract's messages.

use jiff::Timestamp;
use serde_json::Value;
use tonic::Status;

use super::asked::Page;
use crate::grpc::convert::timestamp;
use crate::grpc::model_status::status;
use crate::grpc::proto::{
    self, DiffModelsResponse, ExplainTokenResponse, HeldOutEvaluation, ListModelsRequest,
    ListModelsResponse, ListPromotionsRequest, ListPromotionsResponse, Model, ModelPriors,
    ModelTrial, MovedToken, Promotion, PromotionChecks, ReplayFigures, TokenPiece, TokenWorth,
    TrainedLabels,
};
use crate::lifecycle::{
    self, Difference, Explained, HeadHeldOut, HeldOut, Lifecycle, Moved, Operations, Piece,
    TrainedOn,
};
use crate::site::SiteAccess;
use crate::store::{self, Actor, ModelOrigin, PromotionKind, StoredModel, TrialShare};
use crate::verdict::{Head, PerHead};

/// What the configured base is called, wherever it is not registered.
const BASE: &str = "models/base";

/// Who did something, by name.
pub(super) fn who(actor: &Actor) -> String {
    actor.called().to_owned()
}

fn named(id: &str) -> String {
    format!("models/{id}")
}

/// A page of the registry.
pub(super) async fn models(
    lifecycle: &Lifecycle,
    request: ListModelsRequest,
    now: Timestamp,
) -> Result<ListModelsResponse, Status> {
    let page = Page::of(&"models", request.page_size, &request.page_token, now)?;
    let live = lifecycle.live().await.map_err(status)?;
    let all = lifecycle.models().await.map_err(status)?;
    // As they are listed: the latest first, then by name.
    let key = |model: &StoredModel| (-model.created_at.as_microsecond(), digits(&model.id));
    let after = page.after.map(|after| (-after.key, after.id));
    let mut all = all.into_iter().filter(|model| Some(key(model)) > after);
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let found: Vec<_> = all.by_ref().take(limit).collect();
    let next = all.next().and(found.last());
    let next = next.map(|last| page.token(last.created_at.as_microsecond(), digits(&last.id)));
    let models = found.into_iter();
    Ok(ListModelsResponse {
        next_page_token: next.unwrap_or_default(),
        models: models.map(|one| model(one, live.model())).collect(),
    })
}

/// The 16 digits of a model's name.
fn digits(id: &str) -> [u8; 16] {
    let digits = id.strip_prefix("m-").unwrap_or(id).as_bytes();
    std::array::from_fn(|at| digits.get(at).copied().unwrap_or_default())
}

/// A model of the registry; `live` is the one that judges.
pub(super) fn model(model: StoredModel, live: Option<&str>) -> Model {
    let origin = match model.origin {
        ModelOrigin::Labels => proto::ModelOrigin::Labels,
        ModelOrigin::Import => proto::ModelOrigin::Import,
    };
    let settings = model.settings.as_ref().and_then(Value::as_object);
    let settings = settings.into_iter().flatten();
    let trained_on = TrainedOn::of(&model);
    let held_out = model.evaluation.map(serde_json::from_value::<HeldOut>);
    let held_out = held_out.and_then(Result::ok).unwrap_or_default();
    Model {
        live: live == Some(model.id.as_str()),
        name: named(&model.id),
        origin: origin.into(),
        base: model.base.as_deref().map(named).unwrap_or_default(),
        parent: model.parent.as_deref().map(named).unwrap_or_default(),
        feature_version: model.feature_version,
        size_bytes: model.bytes,
        create_time: Some(timestamp(model.created_at)),
        moderator: who(&model.actor),
        settings: settings
            .map(|(key, value)| (key.clone(), value.to_string()))
            .collect(),
        labels: trained_on.map(trained_labels),
        held_out: held_out.into_iter().map(evaluation).collect(),
    }
}

/// The base, which is in no registry.
pub(super) fn base(operations: &Operations, live: bool) -> Model {
    let base = operations.base();
    Model {
        name: named(base.id().as_str()),
        origin: proto::ModelOrigin::Base.into(),
        feature_version: base.header().feature_version,
        live,
        ..Model::default()
    }
}

fn trained_labels(on: TrainedOn) -> TrainedLabels {
    TrainedLabels {
        label_count: on.span.labels,
        text_count: on.texts,
        by_source: on.span.by_source.into_iter().collect(),
        from: on.span.from.unwrap_or_default(),
        until: on.span.until.unwrap_or_default(),
        held_back_count: on.held_back,
    }
}

fn evaluation((head, held_out): (Head, HeadHeldOut)) -> HeldOutEvaluation {
    let head = proto::Head::from(head).into();
    match held_out {
        HeadHeldOut::Unchanged { unchanged } => HeldOutEvaluation {
            head,
            unchanged,
            ..HeldOutEvaluation::default()
        },
        HeadHeldOut::Adapted {
            labels,
            positives,
            base_auc,
            auc,
            base_log_loss,
            log_loss,
        } => HeldOutEvaluation {
            head,
            unchanged: String::new(),
            label_count: labels as u64,
            positive_count: positives as u64,
            base_auc,
            auc,
            base_log_loss,
            log_loss,
        },
    }
}

/// A page of what was promoted and rolled back.
pub(super) async fn promotions(
    lifecycle: &Lifecycle,
    request: ListPromotionsRequest,
    now: Timestamp,
) -> Result<ListPromotionsResponse, Status> {
    let page = Page::of(&"promotions", request.page_size, &request.page_token, now)?;
    let all = lifecycle.promotions().await.map_err(status)?;
    let before = page.after.map_or(i64::MAX, |after| after.key);
    let mut all = all.into_iter().rev().filter(|one| one.number < before);
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let found: Vec<_> = all.by_ref().take(limit).collect();
    let next = all.next().and(found.last());
    Ok(ListPromotionsResponse {
        next_page_token: next
            .map(|last| page.token(last.number, [0; 16]))
            .unwrap_or_default(),
        promotions: found.into_iter().map(promotion).collect(),
    })
}

/// That a model became live.
pub(super) fn promotion(made: store::Promotion) -> Promotion {
    let kind = match made.kind {
        PromotionKind::Promote => proto::PromotionKind::Promote,
        PromotionKind::RollBack => proto::PromotionKind::RollBack,
        PromotionKind::Canary => proto::PromotionKind::Canary,
        PromotionKind::EndCanary => proto::PromotionKind::EndCanary,
        PromotionKind::Shadow => proto::PromotionKind::Shadow,
        PromotionKind::EndShadow => proto::PromotionKind::EndShadow,
    };
    Promotion {
        name: format!("promotions/{}", made.number),
        number: made.number,
        model: made.model.as_deref().map_or_else(|| BASE.to_owned(), named),
        kind: kind.into(),
        promote_time: Some(timestamp(made.at)),
        moderator: who(&made.actor),
        reason: made.why.unwrap_or_default(),
        checks: made.checks.as_ref().map(checks),
        canary: made
            .canary
            .map(|canary| trial(canary.model.as_deref(), canary.share, canary.since)),
        shadow: made.shadow.map(|shadow| ModelTrial {
            sites: sites(&shadow.sites),
            ..trial(shadow.model.as_deref(), shadow.share, shadow.since)
        }),
    }
}

fn trial(model: Option<&str>, share: TrialShare, since: Timestamp) -> ModelTrial {
    ModelTrial {
        model: model.map_or_else(|| BASE.to_owned(), named),
        share: share.get(),
        sites: Vec::new(),
        start_time: Some(timestamp(since)),
    }
}

fn sites(access: &SiteAccess) -> Vec<String> {
    match access {
        SiteAccess::All => Vec::new(),
        SiteAccess::Only(sites) => sites.iter().map(|site| format!("sites/{site}")).collect(),
    }
}

fn checks(checks: &Value) -> PromotionChecks {
    let text = |key: &str| checks[key].as_str().unwrap_or_default();
    let replay: Option<lifecycle::ReplayFigures> =
        serde_json::from_value(checks["replay"].clone()).ok();
    let worse = checks["worse"].as_array().into_iter().flatten();
    PromotionChecks {
        against: named(text("against")),
        since: text("since").to_owned(),
        replay: replay.map(figures),
        worse: worse.filter_map(Value::as_str).map(str::to_owned).collect(),
    }
}

/// What a replay counted.
pub(super) const fn figures(counted: lifecycle::ReplayFigures) -> ReplayFigures {
    ReplayFigures {
        comments: counted.comments,
        flips: counted.flips,
        held_before: counted.held_before,
        held_after: counted.held_after,
        rejected_before: counted.rejected_before,
        rejected_after: counted.rejected_after,
        unruled_rejected_before: counted.unruled_rejected_before,
        unruled_rejected_after: counted.unruled_rejected_after,
        ruled: counted.ruled,
        mistakes_before: counted.mistakes_before,
        mistakes_after: counted.mistakes_after,
        fixed_mistakes: counted.fixed_mistakes,
        new_mistakes: counted.new_mistakes,
    }
}

/// What a phrase is worth.
pub(super) fn explained(explained: Explained) -> ExplainTokenResponse {
    let piece = |piece: Piece| TokenPiece {
        token: piece.token,
        kind: proto::EvidenceKind::from(piece.kind).into(),
        worth: piece
            .worth
            .into_iter()
            .map(|(model, worth)| TokenWorth {
                model: named(&model),
                spam: worth.log_odds.spam,
                toxicity: worth.log_odds.toxicity,
                known: worth.known,
            })
            .collect(),
    };
    let taught = explained.taught;
    ExplainTokenResponse {
        pieces: explained.pieces.into_iter().map(piece).collect(),
        spam_count: taught.yes.spam,
        not_spam_count: taught.no.spam,
        toxic_count: taught.yes.toxicity,
        not_toxic_count: taught.no.toxicity,
        labels: taught
            .labels
            .into_iter()
            .map(super::labels::listed)
            .collect(),
    }
}

/// How two models differ.
pub(super) fn difference(found: Difference) -> DiffModelsResponse {
    let (before, after) = (named(&found.before), named(&found.after));
    let worth = |model: &str, worth: PerHead<f64>| TokenWorth {
        model: model.to_owned(),
        spam: worth.spam,
        toxicity: worth.toxicity,
        known: true,
    };
    let moved = |moved: Moved| MovedToken {
        token: moved.token,
        kind: proto::EvidenceKind::from(moved.kind).into(),
        label_count: moved.labels,
        before: Some(worth(&before, moved.before)),
        after: Some(worth(&after, moved.after)),
    };
    let priors = |side: usize| ModelPriors {
        spam: found.priors.spam[side],
        toxicity: found.priors.toxicity[side],
    };
    DiffModelsResponse {
        added_count: found.added as u64,
        removed_count: found.removed as u64,
        changed_count: found.changed as u64,
        before_priors: Some(priors(0)),
        after_priors: Some(priors(1)),
        moved: found.moved.into_iter().map(moved).collect(),
        before: before.clone(),
        after: after.clone(),
    }
}
