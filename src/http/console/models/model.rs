//! One model: on what it was trained, how good it is, and what may be done with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::list::{OperationRow, Row, operation, row};
use super::{for_operators, lifecycle, named, path};
use crate::http::console::Console;
use crate::http::console::decide::actor;
use crate::http::console::error::Trouble;
use crate::http::console::page::{Frame, Page};
use crate::http::console::visitor::{Sent, Visitor};
use crate::lifecycle::{ModelRef, OperationRequest, ReplayRequest, TrainRequest, TrainedOn};
use crate::site::SiteId;
use crate::store::{OperationKind, Period};

/// Operations that are looked through for replays of the model.
const OPERATIONS: u32 = 50;

#[derive(Template)]
#[template(path = "model.html")]
pub(super) struct ModelPage {
    frame: Frame,
    /// As it is named in an address.
    name: String,
    id: String,
    is_live: bool,
    /// Its artefact is kept: it can be replayed and promoted.
    is_kept: bool,
    /// `None`: it is the base.
    row: Option<Row>,
    facts: Vec<(String, String)>,
    bounds: Vec<(&'static str, String)>,
    replays: Vec<OperationRow>,
    sites: Vec<String>,
    /// Why it was not promoted.
    refused: Vec<String>,
    problem: Option<String>,
    why: String,
    share: String,
}

/// What is said of a promotion that was not made.
#[derive(Default)]
pub(super) struct Refused {
    pub(super) worse: Vec<String>,
    pub(super) problem: Option<String>,
    pub(super) why: String,
    pub(super) share: String,
}

/// The page.
pub(in crate::http::console) async fn show(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Result<Response, Trouble> {
    for_operators(&visitor)?;
    let page = page(&console, &visitor, &named(&name)?, Refused::default()).await?;
    Ok(page.into_response())
}

/// The page as it stands, with what is said of a promotion that was not made.
pub(super) async fn page(
    console: &Console,
    visitor: &Visitor,
    model: &ModelRef,
    refused: Refused,
) -> Result<Page<ModelPage>, Trouble> {
    let now = (console.now)();
    let (operations, lifecycle) = (&console.operations, lifecycle(console));
    let base = operations.base().id();
    let stored = lifecycle.model(model, base).await?;
    let live = lifecycle.live().await?;
    let id = stored.as_ref().map(|model| model.id.clone());
    let all = operations.list(Some(OperationKind::Replay), None, OPERATIONS);
    let id_or_base = id.clone().unwrap_or_else(|| base.to_string());
    let of_this = |of: &&crate::lifecycle::Operation| match &of.request {
        OperationRequest::Replay(of) => match &of.candidate {
            ModelRef::Base => id.is_none(),
            ModelRef::Named(name) => id_or_base.starts_with(&**name),
            ModelRef::Live => false,
        },
        OperationRequest::Train(_) => false,
    };
    let bounds = operations.ground().bounds;
    Ok(Page(ModelPage {
        frame: Frame::new("models", visitor, console).await?,
        name: id.clone().unwrap_or_else(|| "base".to_owned()),
        is_live: live.model() == id.as_deref(),
        is_kept: stored.as_ref().is_none_or(|of| of.removed_at.is_none()),
        facts: stored.as_ref().map(facts).unwrap_or_default(),
        row: stored.as_ref().map(|stored| row(stored, &live, now)),
        bounds: vec![
            ("promotion.replay", bounds.replay.to_string()),
            (
                "promotion.max_new_mistakes",
                bounds.max_new_mistakes.get().to_string(),
            ),
            (
                "promotion.max_more_held",
                bounds.max_more_held.get().to_string(),
            ),
            (
                "promotion.max_more_rejected",
                bounds.max_more_rejected.get().to_string(),
            ),
            (
                "promotion.max_auc_loss",
                bounds.max_auc_loss.get().to_string(),
            ),
        ],
        replays: all
            .await?
            .iter()
            .filter(of_this)
            .map(|of| operation(of, now))
            .collect(),
        sites: visitor.site_names(console),
        id: id_or_base,
        refused: refused.worse,
        problem: refused.problem,
        why: refused.why,
        share: refused.share,
    }))
}

/// What is on record of a model, in words.
fn facts(model: &crate::store::StoredModel) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut add = |what: &str, value: Option<String>| {
        facts.extend(value.map(|value| (what.to_owned(), value)));
    };
    add("Base", model.base.clone());
    add("Live when it was made", model.parent.clone());
    if let Some(on) = TrainedOn::of(model) {
        add("Labels", Some(on.span.labels.to_string()));
        add("Distinct texts", Some(on.texts.to_string()));
        add("Held back by the guard", Some(on.held_back.to_string()));
        add("First label", on.span.from);
        add("Last label", on.span.until);
        let sources = on.span.by_source.iter();
        let each: Vec<_> = sources.map(|(name, n)| format!("{n} {name}")).collect();
        add("By source", Some(each.join(", ")));
    }
    let settings = model
        .settings
        .as_ref()
        .and_then(serde_json::Value::as_object);
    for (name, value) in settings.into_iter().flatten() {
        add(&name.replace('_', " "), Some(value.to_string()));
    }
    add("Bytes", Some(model.bytes.to_string()));
    facts
}

/// Starts a replay.
pub(in crate::http::console) async fn replay(
    State(console): State<Arc<Console>>,
    Sent { visitor, fields }: Sent,
) -> Result<Redirect, Trouble> {
    for_operators(&visitor)?;
    let since = fields.one("since").parse::<Period>();
    let since = since.map_err(|fault| Trouble::cannot_be_meant(&fault))?;
    let site = Some(fields.one("site")).filter(|site| !site.is_empty());
    let site = site.map(SiteId::new).transpose();
    let site = site.map_err(|_| Trouble::not_found("site"))?;
    let request = OperationRequest::Replay(ReplayRequest {
        candidate: named(fields.one("model"))?,
        policy: None,
        since,
        sites: site.into_iter().collect::<BTreeSet<_>>(),
    });
    start(&console, &visitor, request).await
}

/// Starts a training.
pub(in crate::http::console) async fn train(
    State(console): State<Arc<Console>>,
    Sent { visitor, .. }: Sent,
) -> Result<Redirect, Trouble> {
    for_operators(&visitor)?;
    let request = OperationRequest::Train(TrainRequest::default());
    start(&console, &visitor, request).await
}

async fn start(
    console: &Console,
    visitor: &Visitor,
    request: OperationRequest,
) -> Result<Redirect, Trouble> {
    let begun = console.operations.start(request, actor(visitor)).await?;
    Ok(Redirect::to(&format!("/console/operations/{}", begun.id)))
}

/// Where the page of the model is, for those that link to it.
pub(super) fn of(model: &ModelRef) -> String {
    path(&model.to_string())
}
