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
use crate::lifecycle::{Explained, LifecycleError, ModelRef};
use crate::store::StoredLabel;
use crate::verdict::{EvidenceKind, Head, PerHead};

/// Candidates that are asked besides the base and what is live: the latest.
const CANDIDATES: usize = 3;
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
            kind: kind(piece.kind),
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

/// What the phrase is worth to what is live, the base and the latest candidates. One that
/// cannot be used is left out.
async fn explained(console: &Console, phrase: &str) -> Result<(Vec<Column>, Explained), Trouble> {
    let lifecycle = lifecycle(console);
    let base = console.operations.base();
    let live = lifecycle.live().await?;
    let known = lifecycle.models().await?;
    let mut columns = Vec::new();
    let mut add = |id: String, name: &str, note| {
        if columns.iter().all(|column: &Column| column.id != id) {
            let path = path(name);
            columns.push(Column { id, path, note });
        }
    };
    if let Some(id) = live.model() {
        add(id.to_owned(), id, "live");
    }
    let note = if live.model().is_none() {
        "the base, live"
    } else {
        "the base"
    };
    add(base.id().to_string(), "base", note);
    for model in known.iter().take(CANDIDATES) {
        add(model.id.clone(), &model.id, "candidate");
    }
    let mut usable = Vec::new();
    for column in columns {
        match lifecycle
            .artefact(&ModelRef::Named(column.id.clone()), base)
            .await
        {
            Ok(_) => usable.push(column),
            Err(LifecycleError::Store(error)) => return Err(LifecycleError::Store(error).into()),
            Err(_) => {}
        }
    }
    let models: Vec<_> = usable
        .iter()
        .map(|column| ModelRef::Named(column.id.clone()))
        .collect();
    let explained = lifecycle.explain(phrase, &models, base).await?;
    Ok((usable, explained))
}

/// What a piece is, in a word or two.
pub(super) const fn kind(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Prior => "before reading",
        EvidenceKind::Word => "word",
        EvidenceKind::Pair => "pair of words",
        EvidenceKind::Link => "link",
        EvidenceKind::Signal => "signal",
        EvidenceKind::Remainder => "all the rest",
    }
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
