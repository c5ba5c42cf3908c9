//! Every reason a policy can give, as a sentence for a person.
//!
//! For a moderator, except [`limits::rate_limited`], which the reader sees. None names a
//! field: a site shows reasons with a field beside that field of its form.

pub(super) mod limits;

use crate::rules::{HitKind, RuleHits};
use crate::verdict::{Head, Probability, Reason, ReasonCode};

/// One reason for each entry of `kind` that was hit, with all its places.
pub(super) fn hits(hits: &RuleHits, kind: HitKind) -> Vec<Reason> {
    let mut by_entry: Vec<(&str, Reason)> = Vec::new();
    for hit in hits.iter().filter(|hit| hit.kind == kind) {
        let known = by_entry.iter_mut().find(|(entry, _)| **entry == *hit.entry);
        if let Some((_, reason)) = known {
            reason.spans.push(hit.span);
        } else {
            by_entry.push((&hit.entry, entry_hit(kind, &hit.entry).at(vec![hit.span])));
        }
    }
    by_entry.into_iter().map(|(_, reason)| reason).collect()
}

fn entry_hit(kind: HitKind, entry: &str) -> Reason {
    let (code, message) = match kind {
        HitKind::DeniedWord => (
            ReasonCode::WordDenied,
            format!("Contains \"{entry}\", which the word list rejects."),
        ),
        HitKind::SuspectWord => (
            ReasonCode::WordSuspect,
            format!("Contains \"{entry}\", which the word list holds."),
        ),
        HitKind::AllowedWord => (
            ReasonCode::WordAllowed,
            format!("Approved because it contains \"{entry}\", which the word list allows."),
        ),
        HitKind::DeniedDomain => (
            ReasonCode::DomainDenied,
            format!("Links to \"{entry}\", which the domain list rejects."),
        ),
        HitKind::SuspectDomain => (
            ReasonCode::DomainSuspect,
            format!("Links to \"{entry}\", which the domain list holds."),
        ),
    };
    reason(code, message)
}

pub(super) fn too_many_links(links: u32, most: u32) -> Reason {
    let noun = if links == 1 { "link" } else { "links" };
    reason(
        ReasonCode::TooManyLinks,
        format!("Contains {links} {noun}; more than {most} are held."),
    )
}

pub(super) fn honeypot_filled() -> Reason {
    reason(
        ReasonCode::HoneypotFilled,
        "Filled in a form field that people cannot see, as programs do.",
    )
}

pub(super) fn form_too_fast(took_ms: u64, least_ms: u64) -> Reason {
    let seconds = |ms| ms as f64 / 1000.0;
    reason(
        ReasonCode::FormTooFast,
        format!(
            "Sent {} s after the form was shown; a person needs at least {} s.",
            seconds(took_ms),
            seconds(least_ms)
        ),
    )
}

pub(super) fn score(head: Head, score: Probability) -> Reason {
    let (code, what) = match head {
        Head::Spam => (ReasonCode::SpamScore, "spam"),
        Head::Toxicity => (ReasonCode::ToxicityScore, "abuse"),
    };
    reason(
        code,
        format!("Reads like {what} ({} %).", whole_percent(score)),
    )
}

pub(super) fn too_little_evidence(known: u32, tokens: u32) -> Reason {
    reason(
        ReasonCode::TooLittleEvidence,
        format!(
            "The filter knows too little of this text to judge it ({known} of {tokens} tokens)."
        ),
    )
}

pub(super) fn first_time_author() -> Reason {
    reason(
        ReasonCode::FirstTimeAuthor,
        "No published comment of this author is known, and first comments are held.",
    )
}

pub(super) fn trusted_author() -> Reason {
    reason(
        ReasonCode::TrustedAuthor,
        "Approved because the site vouches for this author.",
    )
}

fn reason(code: ReasonCode, message: impl Into<String>) -> Reason {
    Reason::new(code, None, message)
}

/// Rounded down, so that a held 97.9 % never looks like the 98 % that rejects.
fn whole_percent(score: Probability) -> u8 {
    // In doubles 0.29 * 100 is just below 29; the nudge is far below any real step.
    let percent = (score.get() * 100.0 + 1e-9).floor();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a probability times 100 lies in 0..=100"
    )]
    let percent = percent as u8;
    percent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_never_round_up_to_a_bound() {
        for (score, percent) in [(0.0, 0), (0.29, 29), (0.97999, 97), (0.98, 98), (1.0, 100)] {
            assert_eq!(whole_percent(Probability::new(score).unwrap()), percent);
        }
    }
}
