//! A comment as pages show it.

use jiff::Timestamp;

use super::highlight::{Piece, pieces};
use super::time::Moment;
use super::urls;
use crate::review::{CommentName, HeldComment};
use crate::store::Status;
use crate::verdict::{Field, Reason, ReasonCode};

/// From this probability of abuse on, a text is shown only when asked for.
pub(super) const MASKED_FROM: f64 = 0.9;

/// A comment.
pub(super) struct Card {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) site: String,
    pub(super) received: Moment,
    pub(super) status: &'static str,
    pub(super) chips: Vec<Chip>,
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
    pub(super) text: Vec<Piece>,
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
    pub(super) value: String,
}

impl Score {
    fn new(probability: f64) -> Self {
        // Between none and a hundred, and never a hundred where it is not sure.
        let percent = (0..=100)
            .rev()
            .find(|percent| f64::from(*percent) <= probability * 100.0);
        Self {
            percent: percent.unwrap_or(0),
            value: format!("{probability:.3}"),
        }
    }
}

impl Card {
    /// The comment as `viewer` sees it.
    pub(super) fn new(held: &HeldComment, viewer: &str, now: Timestamp) -> Self {
        let name = held.name();
        let queued = &held.queued;
        let comment = &queued.comment;
        let toxicity = comment.scores.toxicity.get();
        let texts = comment.texts.as_ref().map(|texts| Texts {
            author: texts.name.clone(),
            author_pieces: pieces(&texts.name, Field::Name, queued),
            text: pieces(&texts.text, Field::Text, queued),
            url: texts.url.clone(),
            page: texts.page_title.clone().or_else(|| texts.page_id.clone()),
            page_address: texts.page_url.clone().filter(|url| urls::is_web(url)),
            user_agent: texts.user_agent.clone(),
            locale: texts.locale.clone(),
        });
        let claim = queued
            .claim
            .as_ref()
            .filter(|claim| claim.moderator != viewer);
        Self {
            path: path(&name),
            site: name.site.to_string(),
            received: Moment::new(comment.received_at, now),
            status: status(comment.status),
            chips: queued.reasons.iter().map(chip).collect(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_never_rounded_up_to_sure() {
        let percent = |probability| Score::new(probability).percent;
        assert_eq!(
            [0.0, 0.004, 0.5, 0.9999, 1.0].map(percent),
            [0, 0, 50, 99, 100]
        );
    }
}
