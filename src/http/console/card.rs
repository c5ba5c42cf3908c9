//! A comment as pages show it.

use jiff::Timestamp;

use super::excerpt::{Excerpt, Room};
use super::highlight::{Piece, pieces};
use super::time::Moment;
use super::urls;
use super::writing::Writing;
use crate::comment::is_blank;
use crate::review::{CommentName, HeldComment};
use crate::store::Status;
use crate::verdict::{Decision, Field, Reason, ReasonCode};

/// From this probability of abuse on, a text is shown only when asked for.
pub(super) const MASKED_FROM: f64 = 0.9;

/// Most chips of a comment.
const MOST_CHIPS: usize = 8;

/// A comment.
pub(super) struct Card {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) site: String,
    pub(super) received: Moment,
    pub(super) status: &'static str,
    pub(super) chips: Vec<Chip>,
    /// How many kinds of reasons have no chip.
    pub(super) more_chips: usize,
    pub(super) spam: Score,
    pub(super) toxicity: Score,
    /// Nothing once erased or past its retention.
    pub(super) texts: Option<Texts>,
    pub(super) masked: bool,
    pub(super) wave_size: usize,
    /// Somebody else who works on it.
    pub(super) claimed_by: Option<String>,
    pub(super) reports: i64,
}

/// What was typed, and where.
pub(super) struct Texts {
    pub(super) author: String,
    pub(super) author_pieces: Vec<Piece>,
    pub(super) text: Excerpt,
    pub(super) writing: Writing,
    /// Nothing of the text can be seen.
    pub(super) is_blank: bool,
    pub(super) url: Option<String>,
    pub(super) page: Option<String>,
    /// Where the page can be seen, if its address is one that a browser may open.
    pub(super) page_address: Option<String>,
    pub(super) user_agent: Option<String>,
    pub(super) locale: Option<String>,
}

/// One reason in short.
pub(super) struct Chip {
    pub(super) label: String,
    pub(super) class: &'static str,
    pub(super) title: String,
}

/// A probability.
pub(super) struct Score {
    pub(super) percent: u32,
}

impl Score {
    fn new(probability: f64) -> Self {
        // Between none and a hundred, and never a hundred where it is not sure.
        let percent = (0..=100)
            .rev()
            .find(|percent| f64::from(*percent) <= probability * 100.0);
        Self {
            percent: percent.unwrap_or(0),
        }
    }
}

impl Card {
    /// The comment as `viewer` sees it, where there is this room for its text.
    pub(super) fn new(held: &HeldComment, viewer: &str, room: Room, now: Timestamp) -> Self {
        let name = held.name();
        let queued = &held.queued;
        let comment = &queued.comment;
        let toxicity = comment.scores.toxicity.get();
        let texts = comment.texts.as_ref().map(|texts| Texts {
            author: name_shown(&texts.name).to_owned(),
            author_pieces: pieces(name_shown(&texts.name), Field::Name, queued),
            text: Excerpt::cut(&pieces(&texts.text, Field::Text, queued), room),
            writing: Writing::of(&texts.text),
            is_blank: is_blank(&texts.text),
            url: texts.url.clone(),
            page: texts.page_title.clone().or_else(|| texts.page_id.clone()),
            page_address: texts.page_url.clone().filter(|url| urls::is_web(url)),
            user_agent: texts.user_agent.clone(),
            locale: texts.locale.clone(),
        });
        let chips = chips(&queued.reasons);
        let claim = queued
            .claim
            .as_ref()
            .filter(|claim| claim.moderator != viewer);
        Self {
            path: path(&name),
            site: name.site.to_string(),
            received: Moment::new(comment.received_at, now),
            status: status(comment.status),
            more_chips: chips.len().saturating_sub(MOST_CHIPS),
            chips: chips.into_iter().take(MOST_CHIPS).collect(),
            spam: Score::new(comment.scores.spam.get()),
            toxicity: Score::new(toxicity),
            texts,
            masked: toxicity >= MASKED_FROM,
            wave_size: held.wave_size,
            claimed_by: claim.map(|claim| claim.moderator.clone()),
            reports: comment.reports,
            name: name.to_string(),
        }
    }
}

/// A name, or what stands where nothing of it can be seen.
pub(super) fn name_shown(name: &str) -> &str {
    if is_blank(name) { "(no name)" } else { name }
}

/// The page of a comment.
pub(super) fn path(name: &CommentName) -> String {
    format!("/console/comments/{}/{}", name.site, name.id)
}

/// Where a comment is, in a word.
pub(super) const fn status(status: Status) -> &'static str {
    match status {
        Status::Held => "held",
        Status::Approved => "approved",
        Status::Rejected => "rejected",
    }
}

/// A chip for each kind of reason, which says how often it is one.
fn chips(reasons: &[Reason]) -> Vec<Chip> {
    let mut chips: Vec<(Chip, usize)> = Vec::new();
    for reason in reasons {
        let chip = chip(reason);
        match chips
            .iter_mut()
            .find(|(known, _)| known.label == chip.label)
        {
            Some((_, count)) => *count += 1,
            None => chips.push((chip, 1)),
        }
    }
    let told = |(chip, count): (Chip, usize)| Chip {
        label: if count > 1 {
            format!("{} × {count}", chip.label)
        } else {
            chip.label
        },
        ..chip
    };
    chips.into_iter().map(told).collect()
}

fn chip(reason: &Reason) -> Chip {
    let class = match reason.code {
        ReasonCode::SpamScore => "spam",
        ReasonCode::ToxicityScore => "toxic",
        ReasonCode::WordAllowed | ReasonCode::TrustedAuthor => "good",
        _ => "",
    };
    Chip {
        label: label(reason.code),
        class,
        title: reason.message.clone(),
    }
}

/// A reason code in a word or two.
pub(super) fn label(code: ReasonCode) -> String {
    match code {
        ReasonCode::SpamScore => "spam".to_owned(),
        ReasonCode::ToxicityScore => "toxic".to_owned(),
        ReasonCode::TooLittleEvidence => "too little known".to_owned(),
        ReasonCode::WordSuspect | ReasonCode::WordDenied => "listed word".to_owned(),
        ReasonCode::DomainSuspect | ReasonCode::DomainDenied => "listed domain".to_owned(),
        ReasonCode::TooManyLinks => "many links".to_owned(),
        ReasonCode::FormTooFast => "sent too fast".to_owned(),
        ReasonCode::FirstTimeAuthor => "first comment".to_owned(),
        ReasonCode::HoneypotFilled => "honeypot".to_owned(),
        other => other.name().to_lowercase().replace('_', " "),
    }
}

/// The class of a decision's chip.
pub(super) const fn decision_class(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "good",
        Decision::Hold => "",
        Decision::Reject => "bad",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundreds_of_reasons_make_a_few_chips() {
        let reason = |code| Reason::new(code, None, "why");
        let mut reasons = vec![reason(ReasonCode::SpamScore)];
        reasons.extend((0..300).map(|_| reason(ReasonCode::WordSuspect)));
        let chips = chips(&reasons);
        let labels: Vec<_> = chips.iter().map(|chip| &*chip.label).collect();
        assert_eq!(labels, ["spam", "listed word × 300"]);
    }

    #[test]
    fn a_score_is_never_rounded_up_to_sure() {
        let percent = |probability| Score::new(probability).percent;
        assert_eq!(
            [0.0, 0.004, 0.5, 0.9999, 1.0].map(percent),
            [0, 0, 50, 99, 100]
        );
    }
}
