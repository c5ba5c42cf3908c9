//! Decisions: what the buttons do.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use serde_json::json;

use super::Console;
use super::comment::named_whole;
use super::error::Trouble;
use super::flash::Flash;
use super::urls::within;
use super::visitor::{Fields, Sent, Visitor, wants_data};
use crate::review::{CommentName, RejectReason, Resolve, Verdict};
use crate::store::{Actor, Obstacle, Outcome};

/// How many names an address can hold to take a decision back.
const UNDO_IN_ADDRESS: usize = 20;

/// Decides on the comments that were chosen.
pub(super) async fn submit(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    let names = names(&fields)?;
    let verdict = verdict(&fields)?;
    let request = Resolve {
        names,
        verdict,
        label: None,
        note: Some(fields.one("note").to_owned()),
        whole_waves: fields.one("wave") == "whole",
        override_claims: fields.one("claimed") == "too",
    };
    let resolved = visitor
        .review(&console)
        .resolve(&request, &actor(&visitor), (console.now)())
        .await?;
    let done = match verdict {
        Verdict::Approve => "approved",
        Verdict::Reject(_) => "rejected",
    };
    Ok(told(
        &headers,
        &fields,
        done,
        resolved.left,
        &resolved.outcomes,
    ))
}

/// Takes decisions back.
pub(super) async fn undo(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    let of_others = visitor.0.moderator.may_undo_others();
    let (who, now) = (actor(&visitor), (console.now)());
    let review = visitor.review(&console);
    let undone = if let Some(at) = own_act(&fields) {
        review.undo_own_act(at, &who, now).await?
    } else {
        let names = names(&fields)?;
        match (fields.one("whole"), &*names) {
            ("act", [of]) => review.undo_act(of, &who, of_others, now).await?,
            _ => review.undo(&names, &who, of_others, now).await?,
        }
    };
    Ok(told(&headers, &fields, "undone", 0, &undone))
}

/// The moment of a decision of one's own, as the script knows it from when it was made.
fn own_act(fields: &Fields) -> Option<Timestamp> {
    let at = fields.one("act").parse().ok()?;
    Timestamp::from_microsecond(at).ok()
}

/// Who stands behind a decision.
pub(super) fn actor(visitor: &Visitor) -> Actor {
    Actor::Moderator(visitor.0.moderator.name.to_string())
}

fn names(fields: &Fields) -> Result<Vec<CommentName>, Trouble> {
    let mut names: Vec<_> = fields
        .all("comment")
        .into_iter()
        .map(named_whole)
        .collect::<Result<_, _>>()?;
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return Err(Trouble::page(
            StatusCode::UNPROCESSABLE_ENTITY,
            "No comment was chosen",
            "Go back and tick the comments that are meant.",
        ));
    }
    Ok(names)
}

pub(super) fn verdict(fields: &Fields) -> Result<Verdict, Trouble> {
    let reason = fields.one("reason").parse::<RejectReason>().ok();
    match fields.one("action") {
        "approve" => Ok(Verdict::Approve),
        "reject" => Ok(Verdict::Reject(reason)),
        "spam" => Ok(Verdict::Reject(Some(RejectReason::Spam))),
        "toxic" => Ok(Verdict::Reject(Some(RejectReason::Toxic))),
        _ => Err(Trouble::not_found("action")),
    }
}

/// What became of it: a line for the script, else back to the page it came from.
fn told(
    headers: &HeaderMap,
    fields: &Fields,
    done: &str,
    left: usize,
    outcomes: &[(CommentName, Outcome)],
) -> Response {
    let (made, kept): (Vec<_>, Vec<_>) = outcomes.iter().partition(|(_, outcome)| outcome.is_ok());
    let names: Vec<_> = made.iter().map(|(name, _)| name.to_string()).collect();
    let count = |list: &[_]| u32::try_from(list.len()).unwrap_or(u32::MAX);
    let takes_back = done == "undone" || names.is_empty();
    let short = !takes_back && names.len() <= UNDO_IN_ADDRESS;
    let undo = if short {
        names.join(",")
    } else {
        String::new()
    };
    let left = u32::try_from(left).unwrap_or(u32::MAX);
    let flash = Flash::new(done.to_owned(), count(&made), count(&kept), undo);
    let flash = flash.while_more_wait(left);
    if !wants_data(headers) {
        let back = within(fields.one("back"));
        let joint = if back.contains('?') { '&' } else { '?' };
        return Redirect::to(&format!("{back}{joint}{}", flash.query())).into_response();
    }
    let message = match &*kept {
        [(_, Err(obstacle))] if made.is_empty() => explained(obstacle),
        _ => flash.message(),
    };
    // What another decided first does not wait any more.
    let waits = |outcome: &Outcome| {
        !matches!(
            outcome,
            Err(Obstacle::Settled(_) | Obstacle::NotFound) | Ok(_)
        )
    };
    let kept = kept.iter().filter(|(_, outcome)| waits(outcome));
    let kept: Vec<_> = kept.map(|(name, _)| name.to_string()).collect();
    // All of it was decided at one moment, by which it is taken back.
    let made = made.iter().filter_map(|(_, outcome)| outcome.as_ref().ok());
    let at = made.map(|made| made.decided_at).max();
    let undo = at.filter(|_| !takes_back);
    let undo = undo.map(|at| at.as_microsecond().to_string());
    Json(json!({ "message": message, "kept": kept, "undo": undo, "left": left })).into_response()
}

/// Why one could not be decided on.
fn explained(obstacle: &Obstacle) -> String {
    super::error::sentence(&crate::review::ReviewError::Obstacle(obstacle.clone()).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_script_is_told_what_waits_still() {
        let mut headers = HeaderMap::new();
        headers.insert("accept", "application/json".parse().unwrap());
        let answer = told(&headers, &Fields::default(), "rejected", 2_500, &[]);
        let body = axum::body::to_bytes(answer.into_body(), 4096)
            .await
            .unwrap();
        let told: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(told["left"], 2_500);
        assert_eq!(told["undo"], serde_json::Value::Null);
    }
}
