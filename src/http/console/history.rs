//! What people decided, and the way back.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::Console;
use super::card::Card;
use super::comment::DecisionRow;
use super::error::Trouble;
use super::excerpt::Room;
use super::flash::Flash;
use super::page::{Frame, Page};
use super::urls::escaped;
use super::visitor::Visitor;
use crate::review::{self, Resolution};
use crate::site::SiteId;
use crate::store::HistoryFilter;

const SIZE: u32 = 50;

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    frame: Frame,
    asked: Asked,
    sites: Vec<String>,
    rows: Vec<Row>,
    here: String,
    next: Option<String>,
    flash: Option<Flash>,
}

struct Row {
    decision: DecisionRow,
    card: Card,
    undoable: bool,
}

/// Whose decisions.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    site: String,
    who: String,
    after: String,
}

impl Asked {
    fn address(&self, after: &str) -> String {
        let [site, who, after] = [&*self.site, &self.who, after].map(escaped);
        format!("/console/history?site={site}&who={who}&after={after}")
    }
}

/// The page.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
    Query(flash): Query<Flash>,
) -> Result<Response, Trouble> {
    let now = (console.now)();
    let filter = HistoryFilter {
        site: SiteId::new(&asked.site).ok(),
        moderator: Some(asked.who.trim().to_owned()).filter(|who| !who.is_empty()),
        ..HistoryFilter::default()
    };
    let page = review::Page {
        size: SIZE,
        token: Some(asked.after.clone()),
    };
    let history = visitor
        .review(&console)
        .history(&filter, &page, now)
        .await?;
    let rows = history
        .resolutions
        .iter()
        .map(|resolution| row(resolution, &visitor, now));
    Ok(Page(HistoryPage {
        frame: Frame::new("history", &visitor, &console).await?,
        sites: visitor.site_names(&console),
        rows: rows.collect(),
        here: asked.address(&asked.after),
        next: history.next.map(|token| asked.address(&token)),
        flash: flash.said(),
        asked,
    })
    .into_response())
}

fn row(resolution: &Resolution, visitor: &Visitor, now: Timestamp) -> Row {
    let viewer = visitor.0.moderator.name.as_str();
    Row {
        decision: DecisionRow::new(&resolution.decision, now),
        card: Card::new(&resolution.comment, viewer, Room::ASIDE, now),
        undoable: resolution.undoable && visitor.may_undo(&resolution.decision),
    }
}
