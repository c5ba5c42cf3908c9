//! From signals to a decision, with reasons: pure and total.
//!
//! Order of judgement:
//!
//! 1. a fault in a required field rejects, with every fault as a reason;
//! 2. a quota that is used up rejects, with how long to wait;
//! 3. otherwise scores, rules and signals each say what they would do, and the
//!    most serious wins;
//! 4. an allow rule (a trusted author, an allowed word) lowers that to approve.
//!    It comes after 1 and 2, so it never passes a fault or a quota.

mod judge;
mod language;
mod sentences;
mod settings;
mod signals;
mod thresholds;

#[cfg(test)]
mod tests;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::rules::RuleSet;
use crate::verdict::{Decision, Head, PerHead, Reason, Scores};

pub use language::Language;
pub use sentences::limits::{private_address, rate_limit_shadow};
pub use settings::{
    AllowedWords, Honeypot, LinkLimit, PolicyError, PolicySettings, ThresholdSettings,
    TrustedAuthors,
};
pub use signals::{Author, Judged, LimitScope, RateRefusal, Signals};
pub use thresholds::Thresholds;

/// The rules of judgement of one site, resolved and consistent. Its serialised
/// form is a `[policy]` table with every key set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Policy {
    max_links: LinkLimit,
    hold_first_time_authors: bool,
    trusted_authors: TrustedAuthors,
    allowed_words: AllowedWords,
    min_form_duration_ms: u64,
    honeypot: Honeypot,
    abstain: bool,
    min_known_tokens: u32,
    #[serde(flatten)]
    thresholds: PerHead<Thresholds>,
}

/// What a policy makes of one submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What to do.
    pub decision: Decision,
    /// Why, most serious first; never empty on a hold or a reject.
    pub reasons: Vec<Reason>,
}

impl Policy {
    /// Decides. Total: every combination of signals has an outcome.
    #[must_use]
    pub fn decide(&self, signals: &Signals) -> Outcome {
        match signals {
            Signals::Invalid { faults, remarks } => Outcome {
                decision: Decision::Reject,
                reasons: [faults.reasons(), remarks].concat(),
            },
            Signals::Limited { refusal, remarks } => {
                let mut reasons = vec![sentences::limits::rate_limited(refusal)];
                reasons.extend_from_slice(remarks);
                Outcome {
                    decision: Decision::Reject,
                    reasons,
                }
            }
            Signals::Judged(judged) => self.judge(judged),
        }
    }

    /// What the scores alone would decide: the worst head wins.
    #[must_use]
    pub fn by_scores(&self, scores: &Scores) -> Decision {
        let spam = self.thresholds.spam.decide(scores.spam);
        spam.max(self.thresholds.toxicity.decide(scores.toxicity))
    }

    /// From where scores of `head` hold and reject.
    #[must_use]
    pub const fn thresholds(&self, head: Head) -> Thresholds {
        *self.thresholds.get(head)
    }

    /// Whether the spam score alone would have a comment held.
    #[must_use]
    pub fn reads_like_spam(&self, scores: &Scores) -> bool {
        self.thresholds.spam.decide(scores.spam) > Decision::Approve
    }

    /// Names this policy together with `rules`: `p-` and 16 hexadecimal digits of
    /// a SHA-256. Equal ids mean equal decisions on equal signals and texts.
    ///
    /// # Panics
    /// Never: see the proof inside.
    #[must_use]
    pub fn id(&self, rules: &RuleSet) -> String {
        #[expect(
            clippy::expect_used,
            reason = "JSON refuses only maps with keys that are no strings, and failing writers"
        )]
        let policy = serde_json::to_vec(self).expect("a policy is numbers, words and flags");
        let digest: [u8; 32] = Sha256::new()
            .chain_update(rules.digest())
            .chain_update(policy)
            .finalize()
            .into();
        let first = |id: u64, &byte: &u8| id << 8 | u64::from(byte);
        format!("p-{:016x}", digest[..8].iter().fold(0, first))
    }
}
