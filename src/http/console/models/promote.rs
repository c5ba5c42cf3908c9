//! Putting models in force, for all or a share of the authors, and taking that back.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::model::{Refused, page};
use super::{for_operators, lifecycle, named, promoting};
use crate::http::console::Console;
use crate::http::console::error::{Trouble, sentence};
use crate::http::console::visitor::Sent;
use crate::lifecycle::{LifecycleError, ModelRef, Operations, Promoting};
use crate::store::{NotATrialShare, Promotion, PromotionKind, TrialShare};

/// Puts a model in force, where that is not worse than the bounds allow. What is begun is
/// done, though the browser goes away.
pub(in crate::http::console) async fn promote(
    State(console): State<Arc<Console>>,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    for_operators(&visitor)?;
    let model = named(fields.one("model"))?;
    let share = share(fields.one("share"))?;
    let promoting = Promoting {
        override_bounds: fields.one("override") == "bounds",
        ..promoting(&console, &visitor, &fields)
    };
    let operations = console.operations.clone();
    let promoted = put_in_force(operations, model.clone(), share, promoting);
    let (problem, worse) = match console.operations.see_through(promoted).await? {
        Ok(_) => {
            let done = share.map_or("promoted", |_| "canary");
            let to = format!("/console/models?done={done}");
            return Ok(Redirect::to(&to).into_response());
        }
        Err((LifecycleError::Worse(_), worse)) => (None, worse),
        Err((LifecycleError::NoReason, worse)) => {
            let problem = "Going past the bounds takes a reason. It is kept with the promotion.";
            (Some(problem.to_owned()), worse)
        }
        Err((error @ LifecycleError::Overtaken(_), worse)) => {
            (Some(sentence(&error.to_string())), worse)
        }
        Err((error, _)) => return Err(error.into()),
    };
    let refused = Refused {
        worse,
        problem,
        why: fields.one("why").trim().to_owned(),
        share: fields.one("share").to_owned(),
    };
    let page = page(&console, &visitor, &model, refused).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}

/// The promotion; or why there is none, and in what the model is worse than the bounds
/// allow.
type PutInForce = Result<Promotion, (LifecycleError, Vec<String>)>;

async fn put_in_force(
    operations: Operations,
    model: ModelRef,
    share: Option<TrialShare>,
    promoting: Promoting,
) -> Result<PutInForce, LifecycleError> {
    let (checked, _turn) = operations.check(&model, promoting.now).await?;
    let (worse, lifecycle) = (checked.worse().to_vec(), operations.lifecycle());
    let promoted = match share {
        None => lifecycle.promote(checked, promoting).await,
        Some(share) => lifecycle.start_canary(checked, share, promoting).await,
    };
    Ok(promoted.map_err(|error| {
        // Perhaps nobody is there any more who would see why.
        tracing::info!(%model, %error, "a model was not put in force");
        (error, worse)
    }))
}

/// The share of a canary; `None`: it is to judge all.
fn share(text: &str) -> Result<Option<TrialShare>, Trouble> {
    if text.is_empty() {
        return Ok(None);
    }
    let share = text.parse().map(Some);
    share.map_err(|fault: NotATrialShare| Trouble::cannot_be_meant(&fault))
}

/// Takes back what was put in force last: a canary that began since the page was shown, or
/// else the live model.
pub(in crate::http::console) async fn roll_back(
    State(console): State<Arc<Console>>,
    Sent { visitor, fields }: Sent,
) -> Result<Redirect, Trouble> {
    for_operators(&visitor)?;
    let promoting = promoting(&console, &visitor, &fields);
    let back = lifecycle(&console).roll_back(promoting).await?;
    let done = match back.kind {
        PromotionKind::EndCanary => "ended",
        _ => "back",
    };
    Ok(Redirect::to(&format!("/console/models?done={done}")))
}
