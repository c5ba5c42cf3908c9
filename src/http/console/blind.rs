//! Second looks: decisions drawn by chance, looked at again without knowing them.
//!
//! The page of a sample holds nothing by which its comment could be found.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::Console;
use super::card::{decision_class, name_shown};
use super::decide::{actor, verdict};
use super::error::Trouble;
use super::page::{Frame, Page};
use super::queue::{REJECT_REASONS, RejectChoice};
use super::time::Moment;
use super::visitor::{Fields, Sent, Visitor};
use super::writing::Writing;
use crate::moderator::Permission;
use crate::review::{BlindView, CommentName};
use crate::store::{Actor, BlindDifference, BlindId};
use crate::verdict::Decision;

#[derive(Template)]
#[template(path = "blind.html")]
struct BlindPage {
    frame: Frame,
    told: Option<&'static str>,
    /// The answer just given, where it is not what stands.
    just_now: Option<Difference>,
    sample: Option<Sample>,
    open: u32,
    reject_reasons: [RejectChoice; 6],
    /// What may be settled: for operators.
    differences: Vec<Difference>,
}

/// What is looked at.
struct Sample {
    id: String,
    site: String,
    received: Moment,
    author: String,
    writing: Writing,
    text: String,
    url: Option<String>,
    page: Option<String>,
    /// As text, no link: the page shows whether the comment was published.
    page_address: Option<String>,
    locale: Option<String>,
}

/// An answer that is not what stands.
struct Difference {
    sample: String,
    address: String,
    at: Moment,
    answered: String,
    answer: Said,
    decided: String,
    standing: Said,
    /// Whoever looks may settle it.
    may_apply: bool,
}

/// A decision in a word.
struct Said {
    word: &'static str,
    class: &'static str,
}

impl Said {
    const fn new(decision: Decision) -> Self {
        Self {
            word: decision.name(),
            class: decision_class(decision),
        }
    }
}

impl Sample {
    fn new(view: BlindView, now: Timestamp) -> Self {
        let texts = view.texts;
        Self {
            id: view.id.to_string(),
            site: view.site.to_string(),
            received: Moment::new(view.received_at, now),
            author: name_shown(&texts.name).to_owned(),
            writing: Writing::of(&texts.text),
            text: texts.text,
            url: texts.url,
            page: texts.page_title.or(texts.page_id),
            page_address: texts.page_url,
            locale: texts.locale,
        }
    }
}

impl Difference {
    fn new(of: &BlindDifference, visitor: &Visitor, now: Timestamp) -> Self {
        let name = CommentName {
            site: of.site.clone(),
            id: of.comment,
        };
        let by_policy = of.decided == Actor::Policy;
        Self {
            sample: of.sample.to_string(),
            address: super::card::path(&name),
            at: Moment::new(of.answered_at, now),
            answered: of.answered.called().to_owned(),
            answer: Said::new(of.answer),
            decided: of.decided.called().to_owned(),
            standing: Said::new(of.standing),
            may_apply: by_policy || visitor.0.moderator.may_undo_others(),
        }
    }
}

/// What stands in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// What was done.
    done: String,
    /// With which sample.
    sample: String,
    /// After which to go on.
    after: String,
}

impl Asked {
    fn told(&self) -> Option<&'static str> {
        Some(match &*self.done {
            "same" => "You would decide as it was decided.",
            "differs" => "You would decide otherwise. Both answers are kept.",
            "applied" => "It is decided as you answered.",
            "gone" => "That one is not open any more. Nothing was changed.",
            "claimed" => "Somebody else is looking at that one. Nothing was changed.",
            "own" => "You decided on that one yourself. Nothing was changed.",
            _ => return None,
        })
    }
}

/// The page.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let now = (console.now)();
    let review = visitor.review(&console);
    let who = actor(&visitor);
    let after = asked.after.parse::<BlindId>().ok();
    let sample = review.next_blind(&who, after, now).await?;
    let differences = review.blind_differences().await?;
    let shown = |of: &BlindDifference| Difference::new(of, &visitor, now);
    let just_now = differences
        .iter()
        .find(|of| {
            asked.done == "differs" && of.answered == who && of.sample.to_string() == asked.sample
        })
        .map(shown);
    let settles = visitor.0.moderator.may(Permission::Operate);
    Ok(Page(BlindPage {
        frame: Frame::new("blind", &visitor, &console).await?,
        told: asked.told(),
        just_now,
        sample: sample.map(|view| Sample::new(view, now)),
        open: review.blind_open(&who).await?,
        reject_reasons: REJECT_REASONS,
        differences: if settles {
            differences.iter().map(shown).collect()
        } else {
            Vec::new()
        },
    })
    .into_response())
}

/// Takes an answer.
pub(super) async fn answer(
    State(console): State<Arc<Console>>,
    Sent { visitor, fields }: Sent,
) -> Result<Redirect, Trouble> {
    let sample = named(&fields)?;
    let verdict = verdict(&fields)?;
    let review = visitor.review(&console);
    let (who, now) = (actor(&visitor), (console.now)());
    let answered = review.answer_blind(sample, verdict, &who, now);
    let done = match answered.await? {
        Ok(answered) if answered.agrees() => "same",
        Ok(_) => "differs",
        Err(crate::store::BlindObstacle::Gone) => "gone",
        Err(crate::store::BlindObstacle::Claimed) => "claimed",
        Err(crate::store::BlindObstacle::Own) => "own",
    };
    Ok(Redirect::to(&format!(
        "/console/blind?done={done}&sample={sample}"
    )))
}

/// Decides as somebody answered.
pub(super) async fn apply(
    State(console): State<Arc<Console>>,
    Sent { visitor, fields }: Sent,
) -> Result<Redirect, Trouble> {
    let sample = named(&fields)?;
    let of_others = visitor.0.moderator.may_undo_others();
    let review = visitor.review(&console);
    let (_, outcome) = review
        .apply_blind(sample, &actor(&visitor), of_others, (console.now)())
        .await?;
    outcome.map_err(crate::review::ReviewError::Obstacle)?;
    Ok(Redirect::to("/console/blind?done=applied"))
}

fn named(fields: &Fields) -> Result<BlindId, Trouble> {
    let sample = fields.one("sample").parse::<BlindId>();
    sample.map_err(|fault| Trouble::cannot_be_meant(&fault))
}
