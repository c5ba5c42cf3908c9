//! A training or a replay, under way or over.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::flips::{FlipCard, SIZE};
use super::report::Report;
use super::{flips, for_operators, model, path, who};
use crate::http::console::Console;
use crate::http::console::decide::actor;
use crate::http::console::error::{Trouble, sentence};
use crate::http::console::page::{Frame, Page};
use crate::http::console::time::Moment;
use crate::http::console::visitor::{Sent, Visitor};
use crate::lifecycle::{OperationRequest, OperationResult, OperationStatus};
use crate::store::OperationId;

/// How often the page of what runs is loaded anew, in seconds.
const REFRESH: &str = "2";

#[derive(Template)]
#[template(path = "operation.html")]
struct OperationPage {
    frame: Frame,
    id: String,
    title: &'static str,
    status: &'static str,
    class: &'static str,
    /// The candidate that is replayed: its name, and where its page is.
    candidate: Option<(String, String)>,
    since: Option<String>,
    begun: Moment,
    ended: Option<Moment>,
    by: String,
    progress: Option<String>,
    failure: Option<String>,
    trained: Option<TrainedRow>,
    report: Option<Report>,
    flips: Vec<FlipCard>,
    /// Which flips are shown.
    show: String,
    /// Of how many.
    shown_of: usize,
    /// The addresses of the pages before and after.
    back: Option<String>,
    next: Option<String>,
}

struct TrainedRow {
    model: String,
    path: String,
    is_new: bool,
    held_back: u64,
}

/// Which flips.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http::console) struct Asked {
    /// `new`, `fixed`, or a kind such as `approve→hold`; nothing: all.
    show: String,
    /// The first.
    from: usize,
}

/// The page.
pub(in crate::http::console) async fn show(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    for_operators(&visitor)?;
    let now = (console.now)();
    let of = console.operations.get(named(&id)?).await?;
    let (status, class) = super::list::status(&of.status);
    let replay = match &of.request {
        OperationRequest::Replay(replay) => Some(replay),
        OperationRequest::Train(_) => None,
    };
    let mut page = OperationPage {
        frame: Frame::new("models", &visitor, &console).await?,
        title: replay.map_or("Training", |_| "Replay"),
        status,
        class,
        candidate: replay.map(|of| (of.candidate.to_string(), model::of(&of.candidate))),
        since: replay.map(|of| {
            let period = of.since.to_string();
            let days = period.strip_suffix('d').map(|days| format!("{days} days"));
            days.unwrap_or(period)
        }),
        begun: Moment::new(of.created_at, now),
        ended: of.ended_at.map(|at| Moment::new(at, now)),
        by: who(&of.actor),
        progress: None,
        failure: None,
        trained: None,
        report: None,
        flips: Vec::new(),
        show: asked.show.clone(),
        shown_of: 0,
        back: None,
        next: None,
        id: of.id.to_string(),
    };
    let runs = !of.status.is_over();
    match of.status {
        OperationStatus::Running => page.progress = Some(progress(&of.progress)),
        OperationStatus::Failed(failure) => page.failure = Some(sentence(&failure.message)),
        OperationStatus::Cancelled | OperationStatus::Done(None) => {}
        OperationStatus::Done(Some(OperationResult::Train(trained))) => {
            page.trained = Some(TrainedRow {
                path: path(&trained.model),
                model: trained.model,
                is_new: trained.is_new,
                held_back: trained.held_back,
            });
        }
        OperationStatus::Done(Some(OperationResult::Replay(replayed))) => {
            let replay = &replayed.replay;
            let chosen = flips::chosen(replay, &asked.show);
            page.shown_of = chosen.len();
            let from = asked.from.min(chosen.len());
            let address = |from: usize| {
                let show = crate::http::console::urls::escaped(&asked.show);
                format!(
                    "/console/operations/{}?show={show}&from={from}#flips",
                    page.id
                )
            };
            page.back = (from > 0).then(|| address(from.saturating_sub(SIZE)));
            page.next = (from + SIZE < chosen.len()).then(|| address(from + SIZE));
            let some = chosen.into_iter().skip(from).take(SIZE).collect::<Vec<_>>();
            page.flips = flips::cards(&console, replay, &some).await?;
            page.report = Some(Report::new(replay));
        }
    }
    let mut response = Page(page).into_response();
    if runs {
        let headers = response.headers_mut();
        headers.insert(header::REFRESH, HeaderValue::from_static(REFRESH));
    }
    Ok(response)
}

/// How far it is, in words.
fn progress(of: &crate::lifecycle::Progress) -> String {
    let count = of.count;
    match &*of.stage {
        "labels" => "Reading the labels.".to_owned(),
        "adapting" => format!("Adapting the base to {count} texts."),
        "registering" => "Keeping the candidate.".to_owned(),
        "replaying" => format!("{count} comments decided on again by now."),
        _ => "It begins.".to_owned(),
    }
}

/// Asks for its end.
pub(in crate::http::console) async fn cancel(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    Sent { visitor, .. }: Sent,
) -> Result<Redirect, Trouble> {
    for_operators(&visitor)?;
    let id = named(&id)?;
    console.operations.cancel(id, &actor(&visitor)).await?;
    Ok(Redirect::to(&format!("/console/operations/{id}")))
}

fn named(id: &str) -> Result<OperationId, Trouble> {
    id.parse().map_err(|_| Trouble::not_found("operation"))
}
