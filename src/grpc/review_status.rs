//! Why a call on the review got no answer, as gRPC says it.

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::comments::reject_reason;
use super::status::DOMAIN;
use crate::review::{CommentName, NotACommentName, ReviewError};
use crate::store::Obstacle;

/// When to come back to a store that has no answer.
const STORE_RETRY: Duration = Duration::from_secs(1);

/// A call that cannot be answered now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReviewRefusal {
    /// The store has no answer.
    #[error("the store does not answer; retry after {STORE_RETRY:?}")]
    Unavailable,
    /// The server is being stopped; watch on from the last cursor.
    #[error("the server is being stopped: watch on from the last cursor, on another or later")]
    Draining,
}

impl From<ReviewRefusal> for Status {
    fn from(refusal: ReviewRefusal) -> Self {
        let mut details = match refusal {
            ReviewRefusal::Unavailable => info("STORE_UNAVAILABLE", &[]),
            ReviewRefusal::Draining => info("DRAINING", &[]),
        };
        details.set_retry_info(Some(STORE_RETRY));
        Self::with_error_details(Code::Unavailable, refusal.to_string(), details)
    }
}

/// The comment of that name, or that `field` has none.
pub(super) fn comment_name(field: &str, name: &str) -> Result<CommentName, Status> {
    name.parse()
        .map_err(|error: NotACommentName| invalid(field, &error.to_string()))
}

/// What a call gets whose `field` cannot be meant.
pub(super) fn invalid(field: &str, expected: &str) -> Status {
    status(ReviewError::Invalid {
        field: field.to_owned().into(),
        expected: expected.to_owned(),
    })
}

/// What a call that is about one comment gets in place of an answer.
pub(super) fn status_about(error: ReviewError, name: &CommentName) -> Status {
    let told = status(error);
    if told.code() != Code::NotFound {
        return told;
    }
    let mut details = told.get_error_details();
    details.set_resource_info("moderato.v1.Comment", name.to_string(), "", told.message());
    Status::with_error_details(Code::NotFound, told.message(), details)
}

/// What a call gets in place of an answer.
#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
pub(super) fn status(error: ReviewError) -> Status {
    let told = error.to_string();
    match &error {
        ReviewError::Invalid { field, .. } => bad_field(field, "FIELD_INVALID", &told),
        ReviewError::PageToken(_) => bad_field("page_token", "PAGE_TOKEN_INVALID", &told),
        ReviewError::SiteNotAllowed(site) => {
            let details = info("SITE_NOT_ALLOWED", &[("site", site.to_string())]);
            Status::with_error_details(Code::PermissionDenied, told, details)
        }
        ReviewError::NotTheirs => {
            let details = info("ROLE_NOT_ALLOWED", &[("needs", "operator".to_owned())]);
            Status::with_error_details(Code::PermissionDenied, told, details)
        }
        ReviewError::Cursor(_) => {
            let mut details = info("CURSOR_OUT_OF_RANGE", &[]);
            details.add_bad_request_violation("cursor", told.clone());
            Status::with_error_details(Code::OutOfRange, told, details)
        }
        ReviewError::NotFound | ReviewError::Obstacle(Obstacle::NotFound) => {
            let details = info("COMMENT_NOT_FOUND", &[]);
            Status::with_error_details(Code::NotFound, told, details)
        }
        ReviewError::Obstacle(obstacle) => in_the_way(obstacle, told),
        ReviewError::Store(error) if error.is_passing() => ReviewRefusal::Unavailable.into(),
        ReviewError::Store(error) => {
            tracing::error!(%error, "the store answered with an error");
            let details = info("FAULT", &[]);
            Status::with_error_details(Code::Internal, "a fault in the server", details)
        }
    }
}

fn bad_field(field: &str, reason: &str, told: &str) -> Status {
    let mut details = info(reason, &[]);
    details.add_bad_request_violation(field, told);
    Status::with_error_details(Code::InvalidArgument, told, details)
}

/// Who was first, what they did and when, to be shown.
fn in_the_way(obstacle: &Obstacle, told: String) -> Status {
    let by_whom = |reason, decision: &crate::store::StoredDecision| {
        let by = decision.actor.called();
        info(
            reason,
            &[
                ("by", by.to_owned()),
                ("decision", decision.decision.to_string()),
                ("decide_time", decision.decided_at.to_string()),
                (
                    "reject_reason",
                    reject_reason(decision.why.as_deref())
                        .as_str_name()
                        .to_owned(),
                ),
            ],
        )
    };
    let details = match obstacle {
        Obstacle::NotFound => info("COMMENT_NOT_FOUND", &[]),
        Obstacle::Settled(decision) => by_whom("ALREADY_RESOLVED", decision),
        Obstacle::NotTheirs(decision) => by_whom("ANOTHERS_DECISION", decision),
        Obstacle::TooLate(decision) => by_whom("TOO_LATE_TO_UNDO", decision),
        Obstacle::Claimed(claim) => info(
            "CLAIMED",
            &[
                ("by", claim.moderator.clone()),
                ("expire_time", claim.expires_at.to_string()),
            ],
        ),
        Obstacle::NothingToUndo => info("NOTHING_TO_UNDO", &[]),
        Obstacle::Erased => info("ERASED", &[]),
        Obstacle::NotReportable(_) => info("NOT_REPORTABLE", &[]),
    };
    let code = match obstacle {
        Obstacle::NotFound => Code::NotFound,
        Obstacle::NotTheirs(_) => Code::PermissionDenied,
        _ => Code::FailedPrecondition,
    };
    Status::with_error_details(code, told, details)
}

fn info(reason: &str, metadata: &[(&str, String)]) -> ErrorDetails {
    let metadata: HashMap<_, _> = metadata
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect();
    ErrorDetails::with_error_info(reason, DOMAIN, metadata)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_first_is_named_to_branch_on() {
        let claim = crate::store::Claim {
            moderator: "ayesha".to_owned(),
            expires_at: jiff::Timestamp::UNIX_EPOCH,
        };
        let status = status(ReviewError::Obstacle(Obstacle::Claimed(claim)));
        assert_eq!(status.code(), Code::FailedPrecondition);
        let info = status.get_details_error_info().unwrap();
        assert_eq!(
            (info.reason.as_str(), &*info.metadata["by"]),
            ("CLAIMED", "ayesha")
        );
        assert!(status.message().contains("ayesha works on it"), "{status}");
    }

    #[test]
    fn a_bad_field_is_named() {
        let error = ReviewError::Invalid {
            field: "filter.search".into(),
            expected: "expected 2 to 200 characters, found 1".to_owned(),
        };
        let status = status(error);
        assert_eq!(status.code(), Code::InvalidArgument);
        let bad = status.get_details_bad_request().unwrap();
        assert_eq!(bad.field_violations[0].field, "filter.search");
    }
}
