//! Waves: near-identical comments, decided on at once.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::Console;
use super::card::Card;
use super::error::Trouble;
use super::excerpt::Room;
use super::flash::Flash;
use super::page::{Frame, Page};
use super::queue::{REJECT_REASONS, RejectChoice};
use super::time::Moment;
use super::urls::escaped;
use super::visitor::Visitor;
use crate::site::SiteId;

/// Waves of a page.
const SIZE: usize = 30;

#[derive(Template)]
#[template(path = "waves.html")]
struct WavesPage {
    frame: Frame,
    sites: Vec<String>,
    site: String,
    waves: Vec<Row>,
    total: usize,
    here: String,
    flash: Option<Flash>,
    reject_reasons: [RejectChoice; 6],
}

struct Row {
    first: Card,
    authors: usize,
    latest: Moment,
    /// All of them, in the queue.
    address: String,
}

/// Of which site.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    site: String,
}

/// The page.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
    Query(flash): Query<Flash>,
) -> Result<Response, Trouble> {
    let now = (console.now)();
    let viewer = visitor.0.moderator.name.as_str();
    let first = || {
        visitor
            .sites(&console)
            .into_iter()
            .next()
            .unwrap_or_default()
    };
    let site = SiteId::new(&asked.site).unwrap_or_else(|_| first());
    let waves = visitor.review(&console).waves(&site, 0, SIZE, now).await?;
    let row = |wave: &crate::review::Wave| {
        let first = Card::new(&wave.first, viewer, Room::LIST, now);
        Row {
            address: format!(
                "/console?site={site}&sort=wave&near={}",
                escaped(&first.name)
            ),
            first,
            authors: wave.authors,
            latest: Moment::new(wave.latest_at, now),
        }
    };
    Ok(Page(WavesPage {
        frame: Frame::new("waves", &visitor, &console).await?,
        sites: visitor.site_names(&console),
        waves: waves.waves.iter().map(row).collect(),
        total: waves.total,
        here: format!("/console/waves?site={site}"),
        site: site.to_string(),
        flash: flash.said(),
        reject_reasons: REJECT_REASONS,
    })
    .into_response())
}
