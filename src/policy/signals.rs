//! What a policy decides on.

use std::time::Duration;

use super::language::Language;
use crate::comment::Faults;
use crate::rules::RuleHits;
use crate::verdict::{Reason, Scores};

/// How far a submission came, with what is known of it there. Remarks are
/// reasons without weight, such as a field that was left out of the judgement.
#[derive(Clone, Debug)]
pub enum Signals {
    /// Required fields are missing or malformed.
    Invalid {
        /// All faults.
        faults: Faults,
        /// Added after the faults.
        remarks: Vec<Reason>,
    },
    /// A quota is used up.
    Limited {
        /// Which, and for how long.
        refusal: RateRefusal,
        /// Added after the refusal.
        remarks: Vec<Reason>,
    },
    /// Valid, within its quotas, read by rules and classifier.
    Judged(Judged),
}

/// A quota that is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateRefusal {
    /// Whose quota it is.
    pub scope: LimitScope,
    /// How long until the same submission would pass.
    pub retry_after: Duration,
    /// In which the reader is told.
    pub language: Language,
}

/// Whose quota is used up, as far as a reader is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitScope {
    /// The reader's own: by address or e-mail.
    Author,
    /// Of everyone who comments on the page.
    Page,
    /// Of everyone who comments on the site.
    Site,
}

/// Everything known of a submission that was read in full.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Calibrated probabilities of both heads.
    pub scores: Scores,
    /// How many of the text's tokens the model knows; at most `tokens`.
    pub known_tokens: u32,
    /// How many tokens the text has.
    pub tokens: u32,
    /// What the site's word and domain lists found.
    pub rules: RuleHits,
    /// Milliseconds between showing the form and its submission.
    pub form_duration_ms: Option<u64>,
    /// A form field that people cannot see was filled in.
    pub honeypot_filled: bool,
    /// What the site says of the author.
    pub author: Author,
    /// Added after all other reasons.
    pub remarks: Vec<Reason>,
}

/// What the site says of an author; the default is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// The site vouches for the author.
    pub trusted: bool,
    /// How many comments of the author the site has published, if it said.
    pub approved_comments: Option<u32>,
}
