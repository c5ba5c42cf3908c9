//! Why: fields, places, codes and sentences.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A field of a submission, by its name in the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
    RateLimitShadow,
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
            Self::RateLimitShadow => "RATE_LIMIT_SHADOW",
            Self::FieldIgnored => "FIELD_IGNORED",
        }
    }
}

/// One cause of a decision. Its message may quote the comment, so a reason is
/// for the answer, not for a log: log [`Reason::code`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable code.
    pub code: ReasonCode,
    /// The field concerned, where it is one.
    pub field: Option<Field>,
    /// A sentence for a person.
    pub message: String,
    /// The places that caused it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
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

#[cfg(test)]
mod tests {
    use super::*;

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
