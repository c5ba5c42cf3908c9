//! What a word is worth to each model, and which labels taught it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::{for_operators, lifecycle, path};
use crate::http::console::Console;
use crate::http::console::error::Trouble;
use crate::http::console::page::{Frame, Page};
use crate::http::console::time::Moment;
use crate::http::console::visitor::Visitor;
use crate::lifecycle::Explained;
use crate::store::StoredLabel;
use crate::verdict::{Head, PerHead};

/// Longest phrase, in characters.
const LONGEST: usize = 200;

#[derive(Template)]
#[template(path = "explain.html")]
struct ExplainPage {
    frame: Frame,
    phrase: String,
    longest: usize,
    models: Vec<Column>,
    pieces: Vec<PieceRow>,
    taught: Vec<Taught>,
    labels: Vec<LabelRow>,
}

struct Column {
    id: String,
    path: String,
    note: &'static str,
}

struct PieceRow {
    token: String,
    kind: &'static str,
    /// By model.
    worth: Vec<Option<Worth>>,
}

struct Worth {
    spam: String,
    toxicity: String,
    against: PerHead<bool>,
    known: bool,
}

struct Taught {
    head: &'static str,
    yes: u64,
    no: u64,
}

struct LabelRow {
    id: String,
    at: Moment,
    by: String,
    said: String,
    text: String,
    released: bool,
}

/// What is asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http::console) struct Asked {
    q: String,
}

/// The page.
pub(in crate::http::console) async fn show(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    for_operators(&visitor)?;
    let now = (console.now)();
    let phrase: String = asked.q.trim().chars().take(LONGEST).collect();
    let mut page = ExplainPage {
        frame: Frame::new("models", &visitor, &console).await?,
        longest: LONGEST,
        models: Vec::new(),
        pieces: Vec::new(),
        taught: Vec::new(),
        labels: Vec::new(),
        phrase,
    };
    if page.phrase.is_empty() {
        return Ok(Page(page).into_response());
    }
    let (models, explained) = explained(&console, &page.phrase).await?;
    page.pieces = explained
        .pieces
        .iter()
        .map(|piece| PieceRow {
            token: piece.token.clone(),
            kind: piece.kind.in_words(),
            worth: models
                .iter()
                .map(|model| piece.worth.get(&model.id).map(worth))
                .collect(),
        })
        .collect();
    page.models = models;
    let taught = &explained.taught;
    page.taught = Head::ALL
        .map(|head| Taught {
            head: head.name(),
            yes: *taught.yes.get(head),
            no: *taught.no.get(head),
        })
        .into();
    page.labels = taught
        .labels
        .iter()
        .filter_map(|label| label_row(label, now))
        .collect();
    Ok(Page(page).into_response())
}

/// What the phrase is worth to each of the usual models.
async fn explained(console: &Console, phrase: &str) -> Result<(Vec<Column>, Explained), Trouble> {
    let lifecycle = lifecycle(console);
    let base = console.operations.base();
    let live = lifecycle.live().await?;
    let explained = lifecycle.explain(phrase, &[], base).await?;
    let column = |id: &String| {
        let (is_live, is_base) = (live.model() == Some(id), base.id().as_str() == id);
        let (name, note) = match (is_live, is_base) {
            (true, _) => (&**id, "live"),
            (_, true) if live.model().is_none() => ("base", "the base, live"),
            (_, true) => ("base", "the base"),
            _ => (&**id, "candidate"),
        };
        Column {
            id: id.clone(),
            path: path(name),
            note,
        }
    };
    let columns = explained.models.iter().map(column).collect();
    Ok((columns, explained))
}

fn worth(of: &crate::lifecycle::Worth) -> Worth {
    let text = |head| format!("{:+.2}", of.log_odds.get(head));
    Worth {
        spam: text(Head::Spam),
        toxicity: text(Head::Toxicity),
        against: PerHead::from_fn(|head| *of.log_odds.get(head) > 0.0),
        known: of.known,
    }
}

fn label_row(label: &StoredLabel, now: jiff::Timestamp) -> Option<LabelRow> {
    let texts = label.texts.as_ref()?;
    let said = Head::ALL.into_iter().filter_map(|head| {
        let yes = (*label.label.get(head))?;
        let name = head.name();
        Some(if yes {
            name.to_owned()
        } else {
            format!("no {name}")
        })
    });
    let who = label.actor.as_deref().unwrap_or_default();
    let source = label.origin.as_deref().unwrap_or(label.source.name());
    Some(LabelRow {
        id: label.id.to_string(),
        at: Moment::new(label.labelled_at, now),
        by: format!("{who} {source}").trim().to_owned(),
        said: said.collect::<Vec<_>>().join(", "),
        text: texts.text.chars().take(300).collect(),
        released: label.released,
    })
}
