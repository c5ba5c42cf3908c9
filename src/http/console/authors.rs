//! Authors, by what of theirs waits, and one of them.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::Console;
use super::card::Card;
use super::error::Trouble;
use super::excerpt::Room;
use super::page::{Frame, Page};
use super::time::Moment;
use super::visitor::Visitor;
use crate::comment::is_blank;
use crate::site::SiteId;
use crate::store::{AuthorRecord, PersonHash};

/// Authors of a page.
const AUTHORS: u32 = 100;
/// Comments of an author's page.
const COMMENTS: u32 = 100;

#[derive(Template)]
#[template(path = "authors.html")]
struct AuthorsPage {
    frame: Frame,
    sites: Vec<String>,
    site: String,
    authors: Vec<Row>,
}

struct Row {
    name: Option<String>,
    site: String,
    address: String,
    record: AuthorRecord,
    latest: Moment,
}

/// Of which site.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    site: String,
}

/// Who has most in the queue.
pub(super) async fn list(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let now = (console.now)();
    let site = SiteId::new(&asked.site).ok();
    let authors = visitor
        .review(&console)
        .authors(site.as_ref(), AUTHORS)
        .await?;
    let row = |author: crate::store::HeldAuthor| Row {
        address: format!("/console/authors/{}/{}", author.site, author.email),
        name: author.name.filter(|name| !is_blank(name)),
        site: author.site.to_string(),
        record: author.record,
        latest: Moment::new(author.latest_at, now),
    };
    Ok(Page(AuthorsPage {
        frame: Frame::new("authors", &visitor, &console).await?,
        sites: visitor.site_names(&console),
        site: site.map(|site| site.to_string()).unwrap_or_default(),
        authors: authors.into_iter().map(row).collect(),
    })
    .into_response())
}

#[derive(Template)]
#[template(path = "author.html")]
struct AuthorPage {
    frame: Frame,
    name: Option<String>,
    site: String,
    record: AuthorRecord,
    first: Option<Moment>,
    cards: Vec<Card>,
}

/// One author of one site.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path((site, hash)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let now = (console.now)();
    let viewer = visitor.0.moderator.name.as_str();
    let site = SiteId::new(&site).map_err(|_| Trouble::not_found("site"))?;
    let author = PersonHash::parse(&hash).ok_or_else(|| Trouble::not_found("author"))?;
    let (record, comments) = visitor
        .review(&console)
        .author(&site, author, COMMENTS, now)
        .await?;
    let cards: Vec<_> = comments
        .iter()
        .map(|held| Card::new(held, viewer, Room::LIST, now))
        .collect();
    if cards.is_empty() {
        return Err(Trouble::not_found("author"));
    }
    let named = cards.iter().find_map(|card| card.texts.as_ref());
    Ok(Page(AuthorPage {
        frame: Frame::new("authors", &visitor, &console).await?,
        name: named.map(|texts| texts.author.clone()),
        site: site.to_string(),
        first: record.first_at.map(|at| Moment::new(at, now)),
        record,
        cards,
    })
    .into_response())
}
