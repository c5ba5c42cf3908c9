//! Why a call got no verdict, as gRPC says it: a code, a sentence, and
//! `google.rpc` details to branch on.

use std::time::Duration;

use prost::Message as _;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::comment::NotASubmissionId;
use crate::pipeline::PipelineError;

/// The `domain` of every `google.rpc.ErrorInfo` this server sends.
pub const DOMAIN: &str = "moderato";

/// When to come back to a store that could not keep a comment. It looks again at
/// every call, so soon; not at once, so that retries do not pile up.
const STORE_RETRY: Duration = Duration::from_secs(1);

/// A call that gets no verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Sites have keys and the call carries none.
    #[error("expected metadata `authorization: Bearer <site key>`, found none")]
    KeyMissing,
    /// The metadata is no bearer token.
    #[error("expected metadata `authorization: Bearer <site key>`, found another form")]
    KeyMalformed,
    /// A key that no site has.
    #[error("no site has this key")]
    KeyUnknown,
    /// A moderator's token.
    #[error(
        "this is the API token of a moderator, which opens ReviewService; expected the key of a \
         site, as `moderato config new-key` makes it"
    )]
    TokenOfModerator,
    /// A request without the comment to judge.
    #[error("submission: expected the comment to judge, found none")]
    SubmissionMissing,
    /// A `submission_id` that is not an id; says what was expected.
    #[error("submission.{0}")]
    InvalidSubmissionId(NotASubmissionId),
    /// The site's key is not that of the site it speaks of.
    #[error("domain: expected {0:?}, the site whose key this is")]
    DomainOfAnotherSite(String),
    /// A field of another protocol's request that cannot be meant.
    #[error("{field}: {expected}")]
    InvalidField {
        /// Its path.
        field: String,
        /// What was expected.
        expected: String,
    },
    /// A `submission_id` that another submission has, or the same with other limits.
    #[error(
        "submission.submission_id: used before with different content, or once with and once \
         without limits"
    )]
    SubmissionIdReused,
    /// A submission of more bytes than the server takes.
    #[error(
        "submission: expected at most {limit} bytes, which is server.max_message_bytes; \
         found {found}"
    )]
    TooLarge {
        /// Its bytes.
        found: usize,
        /// The most that are taken.
        limit: usize,
    },
    /// As many calls are being judged as the server takes.
    #[error("the server has as many calls under way as it takes; retry after {0:?}")]
    ServerFull(Duration),
    /// No verdict within the time the client or the server gives a call.
    #[error("no verdict within {0:?}")]
    TimedOut(Duration),
    /// What must be kept before it is answered cannot be kept now.
    #[error("the comment cannot be kept now, so there is no verdict; retry after {0:?}")]
    StoreUnavailable(Duration),
    /// A fault in the server itself.
    #[error("a fault in the server; nothing was decided")]
    Fault,
}

impl Refusal {
    /// The gRPC code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::KeyMissing | Self::KeyMalformed | Self::KeyUnknown => Code::Unauthenticated,
            Self::TokenOfModerator | Self::DomainOfAnotherSite(_) => Code::PermissionDenied,
            Self::SubmissionMissing | Self::InvalidSubmissionId(_) | Self::InvalidField { .. } => {
                Code::InvalidArgument
            }
            Self::SubmissionIdReused => Code::AlreadyExists,
            Self::TooLarge { .. } => Code::OutOfRange,
            Self::ServerFull(_) => Code::ResourceExhausted,
            Self::TimedOut(_) => Code::DeadlineExceeded,
            Self::StoreUnavailable(_) => Code::Unavailable,
            Self::Fault => Code::Internal,
        }
    }

    /// The stable `reason` of the `google.rpc.ErrorInfo`.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::KeyMissing => "KEY_MISSING",
            Self::KeyMalformed => "KEY_MALFORMED",
            Self::KeyUnknown => "KEY_UNKNOWN",
            Self::TokenOfModerator => "MODERATOR_TOKEN",
            Self::SubmissionMissing => "SUBMISSION_MISSING",
            Self::InvalidSubmissionId(_) => "SUBMISSION_ID_INVALID",
            Self::DomainOfAnotherSite(_) => "DOMAIN_OF_ANOTHER_SITE",
            Self::InvalidField { .. } => "FIELD_INVALID",
            Self::SubmissionIdReused => "SUBMISSION_ID_REUSED",
            Self::TooLarge { .. } => "MESSAGE_TOO_LARGE",
            Self::ServerFull(_) => "SERVER_FULL",
            Self::TimedOut(_) => "TIMED_OUT",
            Self::StoreUnavailable(_) => "STORE_UNAVAILABLE",
            Self::Fault => "FAULT",
        }
    }

    fn details(&self) -> ErrorDetails {
        let mut details =
            ErrorDetails::with_error_info(self.reason(), DOMAIN, std::collections::HashMap::new());
        match self {
            Self::SubmissionMissing => {
                details.add_bad_request_violation("submission", self.to_string());
            }
            Self::InvalidSubmissionId(_) => {
                details.add_bad_request_violation("submission.submission_id", self.to_string());
            }
            Self::InvalidField { field, expected } => {
                details.add_bad_request_violation(field, expected);
            }
            Self::ServerFull(wait) | Self::StoreUnavailable(wait) => {
                details.set_retry_info(Some(*wait));
            }
            Self::KeyMissing
            | Self::KeyMalformed
            | Self::KeyUnknown
            | Self::TokenOfModerator
            | Self::DomainOfAnotherSite(_)
            | Self::SubmissionIdReused
            | Self::TooLarge { .. }
            | Self::TimedOut(_)
            | Self::Fault => {}
        }
        details
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        Self::with_error_details(refusal.code(), refusal.to_string(), refusal.details())
    }
}

impl From<PipelineError> for Refusal {
    fn from(error: PipelineError) -> Self {
        match error {
            PipelineError::SubmissionIdReused => Self::SubmissionIdReused,
            PipelineError::InvalidSubmissionId(expected) => Self::InvalidSubmissionId(expected),
            PipelineError::Store(error) if error.is_passing() => {
                Self::StoreUnavailable(STORE_RETRY)
            }
            PipelineError::Store(error) => {
                tracing::error!(%error, "a comment could not be kept");
                Self::Fault
            }
        }
    }
}

/// The refusal of one request on a stream that goes on.
impl From<Refusal> for tonic_types::Status {
    fn from(refusal: Refusal) -> Self {
        item(&refusal.into())
    }
}

/// The status of one item of a response that tells of several.
pub(super) fn item(status: &Status) -> tonic_types::Status {
    // The details of a status are this very message, encoded; it is ours, so
    // it decodes, and if it did not, code and message would still hold.
    tonic_types::Status::decode(status.details()).unwrap_or_else(|_| tonic_types::Status {
        code: status.code().into(),
        message: status.message().to_owned(),
        details: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn not_an_id() -> NotASubmissionId {
        crate::comment::SubmissionId::new("a b").unwrap_err()
    }

    fn every_refusal() -> [Refusal; 14] {
        [
            Refusal::KeyMissing,
            Refusal::KeyMalformed,
            Refusal::KeyUnknown,
            Refusal::TokenOfModerator,
            Refusal::SubmissionMissing,
            Refusal::InvalidSubmissionId(not_an_id()),
            Refusal::DomainOfAnotherSite("times".to_owned()),
            Refusal::InvalidField {
                field: "descriptors".to_owned(),
                expected: "expected one".to_owned(),
            },
            Refusal::SubmissionIdReused,
            Refusal::TooLarge { found: 2, limit: 1 },
            Refusal::ServerFull(Duration::from_millis(250)),
            Refusal::TimedOut(Duration::from_secs(5)),
            Refusal::StoreUnavailable(STORE_RETRY),
            Refusal::Fault,
        ]
    }

    #[test]
    fn every_refusal_names_its_reason_and_our_domain() {
        for refusal in every_refusal() {
            let status = Status::from(refusal.clone());
            let info = status.get_details_error_info().expect("an ErrorInfo");
            assert_eq!(status.code(), refusal.code());
            assert_eq!(status.message(), refusal.to_string());
            assert_eq!(
                (info.domain.as_str(), &*info.reason),
                (DOMAIN, refusal.reason())
            );
        }
    }

    #[test]
    fn reasons_differ() {
        let reasons: std::collections::HashSet<_> =
            every_refusal().iter().map(Refusal::reason).collect();
        assert_eq!(reasons.len(), every_refusal().len());
    }

    #[test]
    fn what_passes_says_when_to_come_back() {
        let wait = Duration::from_millis(250);
        for refusal in [Refusal::ServerFull(wait), Refusal::StoreUnavailable(wait)] {
            let status = Status::from(refusal);
            let retry = status.get_details_retry_info().expect("a RetryInfo");
            assert_eq!(retry.retry_delay, Some(wait));
        }
    }

    #[test]
    fn a_bad_argument_names_its_field() {
        let error = PipelineError::InvalidSubmissionId(not_an_id());
        let status = Status::from(Refusal::from(error));
        assert_eq!(status.code(), Code::InvalidArgument);
        let bad = status.get_details_bad_request().expect("a BadRequest");
        assert_eq!(bad.field_violations[0].field, "submission.submission_id");
        assert!(
            bad.field_violations[0]
                .description
                .contains("visible ASCII")
        );
    }

    #[test]
    fn on_a_stream_a_refusal_says_the_same() {
        for refusal in every_refusal() {
            let item = tonic_types::Status::from(refusal.clone());
            assert_eq!(item.code, i32::from(refusal.code()));
            assert_eq!(item.message, refusal.to_string());
            assert!(!item.details.is_empty());
        }
    }
}
