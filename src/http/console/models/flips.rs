//! Comments on which would be decided otherwise, as either model sees them.

use super::lifecycle;
use crate::http::console::Console;
use crate::http::console::card::{self, MASKED_FROM};
use crate::http::console::comment::EvidenceRow;
use crate::http::console::error::Trouble;
use crate::http::console::highlight::{Piece, pieces_of};
use crate::lifecycle::{Flip, LifecycleError, Mistake, ModelRef, Replay, SideBySide, Truth};
use crate::review::CommentName;
use crate::verdict::{Field, Head};

/// Flips of a page.
pub(super) const SIZE: usize = 20;
/// Pieces of evidence that are listed.
const LISTED: usize = 6;

pub(super) struct FlipCard {
    pub(super) path: String,
    pub(super) site: String,
    /// What a person decided.
    pub(super) truth: Option<&'static str>,
    pub(super) mistake: Option<&'static str>,
    pub(super) is_new_mistake: bool,
    pub(super) author: Option<String>,
    pub(super) masked: bool,
    pub(super) sides: Vec<Side>,
}

/// As one of the models sees it.
pub(super) struct Side {
    pub(super) whose: &'static str,
    pub(super) decision: &'static str,
    pub(super) class: &'static str,
    pub(super) spam: String,
    pub(super) toxicity: String,
    pub(super) reasons: Vec<String>,
    /// `None`: the text is gone.
    pub(super) text: Option<Vec<Piece>>,
    pub(super) evidence: Vec<EvidenceRow>,
}

/// The flips that are asked for, those that matter most first.
pub(super) fn chosen<'a>(replay: &'a Replay, show: &str) -> Vec<&'a Flip> {
    let fits = |flip: &&Flip| match show {
        "" => true,
        "new" | "fixed" => flip.mistake.is_some_and(|mistake| mistake.name() == show),
        kind => format!("{}→{}", flip.before, flip.after) == kind,
    };
    replay.flipped.iter().filter(fits).collect()
}

/// These flips with their texts, as far as those are still kept, and what either model
/// makes of them, as far as those are still there.
pub(super) async fn cards(
    console: &Console,
    replay: &Replay,
    flips: &[&Flip],
) -> Result<Vec<FlipCard>, Trouble> {
    let names: Vec<Option<CommentName>> =
        flips.iter().map(|flip| flip.comment.parse().ok()).collect();
    let comments: Vec<_> = names
        .iter()
        .flatten()
        .map(|name| (name.site.clone(), name.id))
        .collect();
    let models = [&replay.before, &replay.after].map(|id| ModelRef::Named(id.clone()));
    let base = console.operations.base();
    let seen = lifecycle(console)
        .side_by_side(&comments, models.each_ref(), base)
        .await;
    let seen = match seen {
        Ok(seen) => seen,
        // A model may have been removed since, or the base exchanged.
        Err(LifecycleError::Store(error)) => return Err(LifecycleError::Store(error).into()),
        Err(_) => Vec::new(),
    };
    let mut seen = seen.into_iter();
    let cards = flips.iter().zip(&names).filter_map(|(flip, name)| {
        let name = name.as_ref()?;
        Some(flip_card(flip, name, seen.next().flatten().as_ref()))
    });
    Ok(cards.collect())
}

fn flip_card(flip: &Flip, name: &CommentName, seen: Option<&SideBySide>) -> FlipCard {
    let side = |at: usize| {
        let scores = flip.scores[at];
        let decision = [flip.before, flip.after][at];
        let percent = |head: Head| format!("{:.0} %", scores.get(head).get() * 100.0);
        let evidence = seen.map(|seen| &*seen.evidence[at]);
        let evidence = evidence.unwrap_or_default();
        Side {
            whose: ["now", "then"][at],
            decision: decision.name(),
            class: card::decision_class(decision),
            spam: percent(Head::Spam),
            toxicity: percent(Head::Toxicity),
            reasons: flip.reasons[at]
                .iter()
                .map(|code| card::label(*code))
                .collect(),
            text: seen.map(|seen| pieces_of(&seen.text, Field::Text, evidence, &[])),
            evidence: evidence
                .iter()
                .filter(|piece| !piece.token.is_empty())
                .take(LISTED)
                .map(EvidenceRow::new)
                .collect(),
        }
    };
    let toxic = |at: usize| flip.scores[at].toxicity.get() >= MASKED_FROM;
    FlipCard {
        path: card::path(name),
        site: name.site.to_string(),
        truth: flip.truth.map(Truth::name),
        mistake: flip.mistake.map(Mistake::name),
        is_new_mistake: flip.mistake == Some(Mistake::New),
        author: seen.map(|seen| seen.name.clone()),
        masked: toxic(0) || toxic(1),
        sides: vec![side(0), side(1)],
    }
}
