//! What is live, what could be, and what was.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::{for_operators, lifecycle, path, who};
use crate::http::console::Console;
use crate::http::console::error::Trouble;
use crate::http::console::page::{Frame, Page};
use crate::http::console::time::Moment;
use crate::http::console::visitor::Visitor;
use crate::lifecycle::{
    HeadHeldOut, HeldOut, Operation, OperationRequest, OperationStatus, Seen, TrainedOn,
};
use crate::store::{ModelOrigin, Promotion, PromotionKind, StoredModel};
use crate::verdict::Head;

/// Operations that are listed.
const OPERATIONS: u32 = 10;

#[derive(Template)]
#[template(path = "models.html")]
struct ModelsPage {
    frame: Frame,
    told: Option<&'static str>,
    base: String,
    base_is_live: bool,
    base_trials: Vec<String>,
    /// It can be taken back.
    can_roll_back: bool,
    canary_runs: bool,
    models: Vec<Row>,
    operations: Vec<OperationRow>,
    history: Vec<PromotionRow>,
}

/// A registered model.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) is_live: bool,
    /// Its artefact is not kept any more.
    pub(super) is_removed: bool,
    /// What it does besides.
    pub(super) trials: Vec<String>,
    pub(super) made: Moment,
    pub(super) by: String,
    pub(super) origin: &'static str,
    /// Labels it was trained on.
    pub(super) labels: Option<u64>,
    pub(super) heads: Vec<HeadRow>,
}

/// How a model does on labels it had not seen, beside the base.
pub(super) struct HeadRow {
    pub(super) head: &'static str,
    pub(super) labels: Option<usize>,
    pub(super) base_auc: String,
    pub(super) auc: String,
    pub(super) is_worse: bool,
    /// Why it is as the base's.
    pub(super) unchanged: Option<String>,
}

pub(super) struct OperationRow {
    pub(super) path: String,
    pub(super) what: String,
    pub(super) status: &'static str,
    pub(super) class: &'static str,
    pub(super) begun: Moment,
    pub(super) by: String,
}

struct Model {
    id: String,
    path: String,
}

struct PromotionRow {
    number: i64,
    at: Moment,
    by: String,
    what: &'static str,
    /// `None`: it is another promotion's.
    model: Option<Model>,
    why: Option<String>,
}

/// What was done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http::console) struct Asked {
    done: String,
}

/// The page.
pub(in crate::http::console) async fn show(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    for_operators(&visitor)?;
    let now = (console.now)();
    let lifecycle = lifecycle(&console);
    let live = lifecycle.live().await?;
    let promotions = lifecycle.promotions().await?;
    let models = lifecycle.models().await?;
    let operations = console.operations.list(None, None, OPERATIONS).await?;
    let base = console.operations.base().id().to_string();
    let promotion = |of: &Promotion| {
        // What a trial is ended of is another promotion's.
        let ends = matches!(of.kind, PromotionKind::EndCanary | PromotionKind::EndShadow);
        let subject = of.subject();
        let model = (!ends).then(|| Model {
            id: subject.map_or_else(|| base.clone(), str::to_owned),
            path: path(subject.unwrap_or("base")),
        });
        PromotionRow {
            number: of.number,
            at: Moment::new(of.at, now),
            by: who(&of.actor),
            what: match of.kind {
                PromotionKind::Promote => "promoted",
                PromotionKind::RollBack => "rolled back to",
                PromotionKind::Canary => "had a share of comments judged by",
                PromotionKind::EndCanary => "ended the canary",
                PromotionKind::Shadow => "put in shadow",
                PromotionKind::EndShadow => "ended the shadow",
            },
            model,
            why: of.why.clone(),
        }
    };
    Ok(Page(ModelsPage {
        frame: Frame::new("models", &visitor, &console).await?,
        told: match &*asked.done {
            "promoted" => Some("It is live. Every server judges by it within two seconds."),
            "canary" => Some("It judges its share of the comments within two seconds."),
            "ended" => Some("The canary has ended; what is live judges all."),
            "back" => Some("What was live before is live again."),
            _ => None,
        },
        base_is_live: live.model().is_none(),
        base_trials: trials(&live, None),
        can_roll_back: promotions
            .iter()
            .any(|of| of.kind == PromotionKind::Promote),
        canary_runs: live.canary().is_some(),
        models: models.iter().map(|model| row(model, &live, now)).collect(),
        operations: operations.iter().map(|of| operation(of, now)).collect(),
        history: promotions.iter().rev().map(promotion).collect(),
        base,
    })
    .into_response())
}

/// A model as it is listed.
pub(super) fn row(model: &StoredModel, live: &Seen, now: Timestamp) -> Row {
    Row {
        id: model.id.clone(),
        path: path(&model.id),
        is_live: live.model() == Some(&*model.id),
        is_removed: model.removed_at.is_some(),
        trials: trials(live, Some(&model.id)),
        made: Moment::new(model.created_at, now),
        by: who(&model.actor),
        origin: match model.origin {
            ModelOrigin::Labels => "trained on labels",
            ModelOrigin::Import => "brought here",
        },
        labels: TrainedOn::of(model).map(|on| on.span.labels),
        heads: heads(model),
    }
}

/// What a model does beside the live one; `None`: the base.
fn trials(live: &Seen, model: Option<&str>) -> Vec<String> {
    let canary = live.canary().filter(|of| of.model.as_deref() == model);
    let shadow = live.shadow().filter(|of| of.model.as_deref() == model);
    let canary = canary.map(|of| format!("canary on {}", of.share));
    let shadow = shadow.map(|_| "in shadow".to_owned());
    canary.into_iter().chain(shadow).collect()
}

fn heads(model: &StoredModel) -> Vec<HeadRow> {
    let evaluation = model.evaluation.clone();
    let held_out = evaluation.and_then(|value| serde_json::from_value::<HeldOut>(value).ok());
    let rows = held_out.unwrap_or_default().into_iter();
    rows.map(|(head, of)| head_row(head, of)).collect()
}

fn head_row(head: Head, of: HeadHeldOut) -> HeadRow {
    let auc = |auc: Option<f64>| auc.map_or_else(|| "–".to_owned(), |auc| format!("{auc:.3}"));
    let head = head.name();
    match of {
        HeadHeldOut::Adapted {
            labels,
            base_auc,
            auc: own,
            ..
        } => HeadRow {
            head,
            labels: Some(labels),
            base_auc: auc(base_auc),
            auc: auc(own),
            is_worse: own < base_auc,
            unchanged: None,
        },
        HeadHeldOut::Unchanged { unchanged } => HeadRow {
            head,
            labels: None,
            base_auc: auc(None),
            auc: auc(None),
            is_worse: false,
            unchanged: Some(unchanged),
        },
    }
}

/// An operation as it is listed.
pub(super) fn operation(of: &Operation, now: Timestamp) -> OperationRow {
    let (status, class) = status(&of.status);
    OperationRow {
        path: format!("/console/operations/{}", of.id),
        what: match &of.request {
            OperationRequest::Train(_) => "Training".to_owned(),
            OperationRequest::Replay(replay) => format!("Replay with {}", replay.candidate),
        },
        status,
        class,
        begun: Moment::new(of.created_at, now),
        by: who(&of.actor),
    }
}

/// Where it is, in a word.
pub(super) const fn status(status: &OperationStatus) -> (&'static str, &'static str) {
    match status {
        OperationStatus::Running => ("running", ""),
        OperationStatus::Done(_) => ("done", "good"),
        OperationStatus::Failed(_) => ("failed", "bad"),
        OperationStatus::Cancelled => ("ended", ""),
    }
}
