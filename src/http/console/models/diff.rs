//! What one model makes otherwise than another.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::{Choice, choices, for_operators, lifecycle, named};
use crate::http::console::Console;
use crate::http::console::error::Trouble;
use crate::http::console::page::{Frame, Page};
use crate::http::console::visitor::Visitor;
use crate::lifecycle::{Difference, Moved};
use crate::verdict::{EvidenceKind, Head};

/// Words that are shown: those that moved furthest.
const MOST: usize = 60;

#[derive(Template)]
#[template(path = "diff.html")]
struct DiffPage {
    frame: Frame,
    choices: Vec<Choice>,
    before: String,
    after: String,
    found: Option<Found>,
}

struct Found {
    difference: Difference,
    rows: Vec<Row>,
    priors: Vec<Prior>,
}

struct Prior {
    head: &'static str,
    before: String,
    after: String,
}

struct Row {
    token: String,
    /// It is something that can be typed, and so explained.
    is_typed: bool,
    kind: &'static str,
    labels: u64,
    heads: Vec<Step>,
}

/// From here to there, in log-odds.
struct Step {
    before: String,
    after: String,
    up: bool,
    moved: bool,
}

/// Which two.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http::console) struct Asked {
    before: String,
    after: String,
}

/// The page.
pub(in crate::http::console) async fn show(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    for_operators(&visitor)?;
    let lifecycle = lifecycle(&console);
    let models = lifecycle.models().await?;
    let live = lifecycle.live().await?;
    let found = if asked.before.is_empty() || asked.after.is_empty() {
        None
    } else {
        let both = [named(&asked.before)?, named(&asked.after)?];
        let base = console.operations.base();
        let difference = lifecycle.difference(both.each_ref(), base, MOST).await?;
        Some(Found {
            rows: difference.moved.iter().map(row).collect(),
            priors: Head::ALL
                .map(|head| {
                    let [before, after] = difference.priors.get(head);
                    Prior {
                        head: head.name(),
                        before: format!("{before:+.2}"),
                        after: format!("{after:+.2}"),
                    }
                })
                .into(),
            difference,
        })
    };
    let or = |asked: &str, other: Option<&str>| {
        let chosen = Some(asked).filter(|asked| !asked.is_empty());
        chosen.or(other).unwrap_or("base").to_owned()
    };
    let latest = models.iter().find(|model| model.removed_at.is_none());
    let latest = latest.map(|model| &*model.id);
    Ok(Page(DiffPage {
        frame: Frame::new("models", &visitor, &console).await?,
        choices: choices(&console, &models, live.model()),
        before: or(&asked.before, live.model()),
        after: or(&asked.after, latest),
        found,
    })
    .into_response())
}

fn row(moved: &Moved) -> Row {
    let step = |head| {
        let (before, after) = (*moved.before.get(head), *moved.after.get(head));
        Step {
            before: format!("{before:+.2}"),
            after: format!("{after:+.2}"),
            up: after > before,
            moved: (after - before).abs() >= 0.005,
        }
    };
    Row {
        token: moved.token.clone(),
        is_typed: moved.kind != EvidenceKind::Signal,
        kind: moved.kind.in_words(),
        labels: moved.labels,
        heads: Head::ALL.map(step).into(),
    }
}
