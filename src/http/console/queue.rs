//! The queue: what waits for a person.

use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::Console;
use super::card::{Card, label};
use super::error::Trouble;
use super::excerpt::Room;
use super::filter::Asked;
use super::flash::Flash;
use super::page::{Frame, Page};
use super::visitor::Visitor;
use crate::count::grouped;
use crate::review;
use crate::store::QueueFilter;
use crate::verdict::ReasonCode;

/// Comments of a page: as many as are decided on in one sitting.
const SIZE: u32 = 50;

/// Reasons that hold a comment, as the filter offers them.
const REASONS: [ReasonCode; 9] = [
    ReasonCode::SpamScore,
    ReasonCode::ToxicityScore,
    ReasonCode::WordSuspect,
    ReasonCode::DomainSuspect,
    ReasonCode::TooManyLinks,
    ReasonCode::FormTooFast,
    ReasonCode::FirstTimeAuthor,
    ReasonCode::TooLittleEvidence,
    ReasonCode::HoneypotFilled,
];

#[derive(Template)]
#[template(path = "queue.html")]
struct QueuePage {
    frame: Frame,
    asked: Asked,
    choices: Choices,
    cards: Vec<Card>,
    /// How many there are, in words.
    total: String,
    /// This view, to come back to.
    here: String,
    next: Option<String>,
    flash: Option<Flash>,
    reject_reasons: [RejectChoice; 6],
    /// When the newest comment of the queue came, for the script to see whether there
    /// is a newer one.
    newest: String,
}

/// A choice of a list: value, label.
type Choice = (String, String);

/// What the filter offers.
struct Choices {
    sites: Vec<String>,
    reasons: Vec<Choice>,
}

/// Why a comment may be rejected, but for spam and abuse, which have buttons.
pub(super) type RejectChoice = (&'static str, &'static str);

/// In the order of the list.
pub(super) const REJECT_REASONS: [RejectChoice; 6] = [
    ("off_topic", "off topic"),
    ("personal_data", "personal data"),
    ("illegal", "may be illegal"),
    ("impersonation", "impersonation"),
    ("duplicate", "duplicate"),
    ("other", "something else"),
];

/// The page.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
    Query(flash): Query<Flash>,
) -> Result<Response, Trouble> {
    let now = (console.now)();
    let viewer = visitor.0.moderator.name.as_str();
    let asked = asked.dated(now);
    let query = asked.query(viewer);
    let token = Some(asked.after.clone());
    let held = visitor
        .review(&console)
        .held(&query, &review::Page { size: SIZE, token }, now)
        .await?;
    let cards: Vec<_> = held
        .comments
        .iter()
        .map(|held| Card::new(held, viewer, Room::LIST, now))
        .collect();
    let frame = Frame::new("queue", &visitor, &console).await?;
    let newest = newest(&console, &visitor).await?;
    let total = if asked.is_narrow() {
        format!("{} found", grouped(held.total.into()))
    } else {
        waiting(held.total)
    };
    let chosen = |code: ReasonCode| (code.name().to_owned(), label(code));
    Ok(Page(QueuePage {
        here: asked.address(&asked.after),
        next: held.next.map(|token| asked.address(&token)),
        choices: Choices {
            sites: visitor.site_names(&console),
            reasons: REASONS.map(chosen).into(),
        },
        flash: flash.said(),
        frame,
        asked,
        cards,
        total,
        reject_reasons: REJECT_REASONS,
        newest,
    })
    .into_response())
}

/// How many wait, for the script.
pub(super) async fn counts(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
) -> Result<Json<Value>, Trouble> {
    let held = visitor
        .review(&console)
        .count(&QueueFilter::default(), (console.now)())
        .await?;
    let newest = newest(&console, &visitor).await?;
    Ok(Json(json!({
        "number": held,
        "text": grouped(held.into()),
        "waiting": waiting(held),
        "newest": newest,
    })))
}

/// When the newest comment of the queue came; nothing where there is none.
async fn newest(console: &Console, visitor: &Visitor) -> Result<String, Trouble> {
    let newest = visitor.review(console).newest((console.now)()).await?;
    // Of one length, so that they compare as texts.
    Ok(newest.map_or_else(String::new, |at| format!("{:020}", at.as_microsecond())))
}

#[derive(Template)]
#[template(path = "panel.html")]
struct Panel {
    past: super::comment::Past,
}

/// The author's past, to stand beside the queue.
pub(super) async fn panel(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path((site, id)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let now = (console.now)();
    let name = super::comment::named(&site, &id)?;
    let dossier = visitor.review(&console).dossier(&name, now).await?;
    let past = super::comment::Past::new(&dossier, &visitor, now);
    Ok(Page(Panel { past }).into_response())
}

/// How many comments wait, in words.
fn waiting(held: u32) -> String {
    let wait = if held == 1 { "waits" } else { "wait" };
    format!("{} {wait}", grouped(held.into()))
}
