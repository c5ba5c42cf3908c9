//! The operator's loop: models, replays, what a word is worth. For operators.

mod diff;
mod explain;
mod flips;
mod list;
mod model;
mod operation;
mod promote;
mod report;
mod trials;

pub(super) use diff::show as diff;
pub(super) use explain::show as explain;
pub(super) use list::show as list;
pub(super) use model::{replay, show, train};
pub(super) use operation::{cancel, show as operation};
pub(super) use promote::{promote, roll_back};
pub(super) use trials::{end_canary, end_shadow, show as trials, start_shadow};

use super::Console;
use super::decide::actor;
use super::error::Trouble;
use super::visitor::{Fields, Visitor};
use crate::lifecycle::{Lifecycle, ModelRef, Promoting};
use crate::moderator::Permission;
use crate::store::{Actor, StoredModel};

/// Refuses who is no operator.
fn for_operators(visitor: &Visitor) -> Result<(), Trouble> {
    visitor.must(Permission::Operate)
}

fn lifecycle(console: &Console) -> &Lifecycle {
    console.operations.lifecycle()
}

/// A person's or part's name.
fn who(actor: &Actor) -> String {
    actor.called().to_owned()
}

/// Who puts something in force or takes it back, and why.
fn promoting(console: &Console, visitor: &Visitor, fields: &Fields) -> Promoting {
    let why = fields.one("why").trim();
    Promoting {
        actor: actor(visitor),
        now: (console.now)(),
        why: (!why.is_empty()).then(|| why.to_owned()),
        override_bounds: false,
    }
}

/// The page of a model.
fn path(id: &str) -> String {
    format!("/console/models/{id}")
}

/// The model that an address or a form names.
fn named(text: &str) -> Result<ModelRef, Trouble> {
    text.parse().map_err(|_| Trouble::not_found("model"))
}

/// A model to choose.
struct Choice {
    value: String,
    label: String,
}

/// The models that can be asked, the base first, then the latest.
fn choices(console: &Console, models: &[StoredModel], live: Option<&str>) -> Vec<Choice> {
    let base = console.operations.base().id().to_string();
    let mut choices = vec![Choice {
        value: "base".to_owned(),
        label: format!(
            "{base}, the base{}",
            if live.is_none() { ", live" } else { "" }
        ),
    }];
    let others = models
        .iter()
        .filter(|model| model.id != base && model.removed_at.is_none());
    choices.extend(others.map(|model| {
        let is_live = live == Some(&*model.id);
        Choice {
            value: model.id.clone(),
            label: format!("{}{}", model.id, if is_live { ", live" } else { "" }),
        }
    }));
    choices
}
