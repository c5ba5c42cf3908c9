//! What Moderato answers: decision, reasons, scores, evidence.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A probability in `0.0..=1.0`; never NaN.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Probability(f64);

/// A number outside `0.0..=1.0`.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("expected a probability from 0 to 1, found {0}")]
pub struct NotAProbability(pub f64);

impl Probability {
    /// Takes a number from 0 to 1.
    ///
    /// # Errors
    /// If `value` is outside that range or NaN.
    pub fn new(value: f64) -> Result<Self, NotAProbability> {
        if (0.0..=1.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err(NotAProbability(value))
        }
    }

    /// The logistic function of `log_odds` (natural logarithm); finite log-odds
    /// give a probability, NaN gives one half.
    #[must_use]
    pub fn from_log_odds(log_odds: f64) -> Self {
        if log_odds.is_nan() {
            return Self(0.5);
        }
        Self(1.0 / (1.0 + (-log_odds).exp()))
    }

    /// The number, from 0 to 1.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Probability {
    type Error = NotAProbability;

    fn try_from(value: f64) -> Result<Self, NotAProbability> {
        Self::new(value)
    }
}

impl From<Probability> for f64 {
    fn from(probability: Probability) -> Self {
        probability.0
    }
}

/// What a score is about. The classifier has one head for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// Advertisement, fraud, link drop.
    Spam,
    /// Abuse.
    Toxicity,
}

impl Head {
    /// Every head, in the order they are stored and printed.
    pub const ALL: [Self; 2] = [Self::Spam, Self::Toxicity];

    /// Stable lower-case name, as in JSON and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Toxicity => "toxicity",
        }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// One value for each [`Head`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerHead<T> {
    /// The spam head's.
    pub spam: T,
    /// The toxicity head's.
    pub toxicity: T,
}

impl<T> PerHead<T> {
    /// Makes one value for each head.
    pub fn from_fn(mut make: impl FnMut(Head) -> T) -> Self {
        Self {
            spam: make(Head::Spam),
            toxicity: make(Head::Toxicity),
        }
    }

    /// The value of one head.
    #[must_use]
    pub const fn get(&self, head: Head) -> &T {
        match head {
            Head::Spam => &self.spam,
            Head::Toxicity => &self.toxicity,
        }
    }

    /// The value of one head, to change.
    pub const fn get_mut(&mut self, head: Head) -> &mut T {
        match head {
            Head::Spam => &mut self.spam,
            Head::Toxicity => &mut self.toxicity,
        }
    }
}

/// Calibrated probabilities of both heads.
pub type Scores = PerHead<Probability>;

/// What to do with a comment. Ordered by severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Publish it.
    Approve,
    /// Keep it until a moderator has looked.
    Hold,
    /// Do not publish it.
    Reject,
}

impl Decision {
    /// Every decision, mildest first.
    pub const ALL: [Self; 3] = [Self::Approve, Self::Hold, Self::Reject];

    /// Stable lower-case name, as in JSON and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Hold => "hold",
            Self::Reject => "reject",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A field of a submission, by its name in the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "each is documented in proto/moderato/v1/submission.proto"
)]
pub enum Field {
    Name,
    Email,
    Text,
    Url,
    IpAddress,
    UserAgent,
    Referrer,
    Page,
    Author,
    FormDurationMs,
    Honeypot,
    Locale,
}

impl Field {
    /// The field's name in the contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Text => "text",
            Self::Url => "url",
            Self::IpAddress => "ip_address",
            Self::UserAgent => "user_agent",
            Self::Referrer => "referrer",
            Self::Page => "page",
            Self::Author => "author",
            Self::FormDurationMs => "form_duration_ms",
            Self::Honeypot => "honeypot",
            Self::Locale => "locale",
        }
    }
}

/// A place in a field of the submission as it was sent: bytes, half-open, on
/// character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Span {
    /// The field it lies in.
    pub field: Field,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Stable codes of reasons. The names on the wire are these in upper snake case;
/// they are listed with their meaning in `proto/moderato/v1/verdict.proto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(
    missing_docs,
    reason = "each is documented in proto/moderato/v1/verdict.proto"
)]
pub enum ReasonCode {
    NameRequired,
    NameTooLong,
    NameInvalid,
    EmailRequired,
    EmailTooLong,
    EmailInvalid,
    TextRequired,
    TextTooShort,
    TextTooLong,
    UrlTooLong,
    UrlInvalid,
    RateLimited,
    SpamScore,
    ToxicityScore,
    TooLittleEvidence,
    WordDenied,
    WordSuspect,
    WordAllowed,
    DomainDenied,
    DomainSuspect,
    TooManyLinks,
    HoneypotFilled,
    FormTooFast,
    FirstTimeAuthor,
    TrustedAuthor,
    FieldIgnored,
}

impl ReasonCode {
    /// The code on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NameRequired => "NAME_REQUIRED",
            Self::NameTooLong => "NAME_TOO_LONG",
            Self::NameInvalid => "NAME_INVALID",
            Self::EmailRequired => "EMAIL_REQUIRED",
            Self::EmailTooLong => "EMAIL_TOO_LONG",
            Self::EmailInvalid => "EMAIL_INVALID",
            Self::TextRequired => "TEXT_REQUIRED",
            Self::TextTooShort => "TEXT_TOO_SHORT",
            Self::TextTooLong => "TEXT_TOO_LONG",
            Self::UrlTooLong => "URL_TOO_LONG",
            Self::UrlInvalid => "URL_INVALID",
            Self::RateLimited => "RATE_LIMITED",
            Self::SpamScore => "SPAM_SCORE",
            Self::ToxicityScore => "TOXICITY_SCORE",
            Self::TooLittleEvidence => "TOO_LITTLE_EVIDENCE",
            Self::WordDenied => "WORD_DENIED",
            Self::WordSuspect => "WORD_SUSPECT",
            Self::WordAllowed => "WORD_ALLOWED",
            Self::DomainDenied => "DOMAIN_DENIED",
            Self::DomainSuspect => "DOMAIN_SUSPECT",
            Self::TooManyLinks => "TOO_MANY_LINKS",
            Self::HoneypotFilled => "HONEYPOT_FILLED",
            Self::FormTooFast => "FORM_TOO_FAST",
            Self::FirstTimeAuthor => "FIRST_TIME_AUTHOR",
            Self::TrustedAuthor => "TRUSTED_AUTHOR",
            Self::FieldIgnored => "FIELD_IGNORED",
        }
    }
}

/// One cause of a decision. Its message may quote the comment, so a reason is
/// for the answer, not for a log: log [`Reason::code`].
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Stable code.
    pub code: ReasonCode,
    /// The field concerned, where it is one.
    pub field: Option<Field>,
    /// A sentence for a person.
    pub message: String,
    /// The places that caused it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
}

impl Reason {
    /// A reason without places.
    pub fn new(code: ReasonCode, field: Option<Field>, message: impl Into<String>) -> Self {
        Self {
            code,
            field,
            message: message.into(),
            spans: Vec::new(),
        }
    }

    /// The same, with the places that caused it.
    #[must_use]
    pub fn at(mut self, spans: Vec<Span>) -> Self {
        self.spans = spans;
        self
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reason")
            .field("code", &self.code.name())
            .field("field", &self.field)
            .finish_non_exhaustive()
    }
}

/// What kind of piece of a score an [`Evidence`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// What the model believes before it reads.
    Prior,
    /// One word, its character n-grams included.
    Word,
    /// Two adjacent words, beyond what each says alone.
    Pair,
    /// A link's host or registrable domain.
    Link,
    /// A structural signal.
    Signal,
    /// All pieces that are not listed.
    Remainder,
}

/// One additive piece of a score.
#[derive(Clone, PartialEq, Serialize)]
pub struct Evidence {
    /// Which score.
    pub head: Head,
    /// What kind of piece.
    pub kind: EvidenceKind,
    /// The form the filter saw, or the signal's name.
    pub token: String,
    /// Where it first stands; `None` for prior and remainder.
    pub span: Option<Span>,
    /// Natural-log odds it adds; positive speaks for the head.
    pub log_odds: f64,
}

impl fmt::Debug for Evidence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Evidence")
            .field("head", &self.head)
            .field("kind", &self.kind)
            .field("log_odds", &self.log_odds)
            .finish_non_exhaustive()
    }
}

/// The answer to one submission.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// Resource name: `sites/{site}/comments/{comment}`.
    pub comment: String,
    /// What to do.
    pub decision: Decision,
    /// Why, most serious first; never empty on a hold or a reject.
    pub reasons: Vec<Reason>,
    /// `None` where the text was not judged: a field fault or a quota.
    pub scores: Option<Scores>,
    /// Strongest first; per head it adds up to the score's log-odds.
    pub evidence: Vec<Evidence>,
    /// Id of the model in force.
    pub model: String,
    /// Hash of the policy and rules in force.
    pub policy: String,
    /// A part was unreachable and its stand-in answered.
    pub degraded: bool,
    /// With `RATE_LIMITED`: how long until the same submission would pass.
    #[serde(
        rename = "retry_after_seconds",
        serialize_with = "seconds",
        skip_serializing_if = "Option::is_none"
    )]
    pub retry_after: Option<Duration>,
}

#[expect(clippy::ref_option, reason = "serde fixes the signature")]
fn seconds<S: serde::Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    duration.map(|d| d.as_secs_f64()).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_is_from_0_to_1() {
        assert!(Probability::new(f64::NAN).is_err());
        assert!(Probability::new(-0.1).is_err());
        assert_eq!(Probability::new(1.0).map(Probability::get), Ok(1.0));
        for log_odds in [
            f64::NEG_INFINITY,
            -900.0,
            0.0,
            900.0,
            f64::INFINITY,
            f64::NAN,
        ] {
            assert!(Probability::new(Probability::from_log_odds(log_odds).get()).is_ok());
        }
    }

    #[test]
    fn reason_codes_have_the_same_name_in_json_and_on_the_wire() {
        for code in [
            ReasonCode::EmailInvalid,
            ReasonCode::TooManyLinks,
            ReasonCode::FormTooFast,
        ] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.name());
        }
    }

    #[test]
    fn debug_prints_do_not_quote_the_comment() {
        let reason = Reason::new(ReasonCode::WordDenied, Some(Field::Text), "secret words");
        assert!(!format!("{reason:?}").contains("secret"));
    }
}
