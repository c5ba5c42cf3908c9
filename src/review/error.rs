//! Why a call on the review has no answer.

use std::borrow::Cow;

use super::page_token::BadPageToken;
use crate::site::SiteId;
use crate::store::{Obstacle, StoreError};

/// Why a call has no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReviewError {
    /// What was asked cannot be meant.
    #[error("{field}: {expected}")]
    Invalid {
        /// The field, by its name in the contract.
        field: Cow<'static, str>,
        /// What was expected, and what was found where that may be told.
        expected: String,
    },
    /// A page token cannot be used.
    #[error("page_token: {0}")]
    PageToken(#[from] BadPageToken),
    /// A site that whoever asks may not see.
    #[error("this account is not for the site {0}")]
    SiteNotAllowed(SiteId),
    /// There is no such comment, or it is another site's.
    #[error("there is no such comment, or no longer")]
    NotFound,
    /// A person decided it, or somebody else looked at it again: an operator settles it.
    #[error(
        "a person decided this or somebody else answered it, and only an operator may settle it"
    )]
    NotTheirs,
    /// A cursor that cannot be watched on from.
    #[error("cursor: {0}")]
    Cursor(String),
    /// Something is in the way of a decision.
    #[error("{}", told(.0))]
    Obstacle(Obstacle),
    /// The store has no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReviewError {
    /// A field that cannot be meant.
    pub(super) fn invalid(field: &'static str, expected: impl Into<String>) -> Self {
        Self::Invalid {
            field: Cow::Borrowed(field),
            expected: expected.into(),
        }
    }
}

/// An obstacle in words, for a person.
#[must_use]
pub(super) fn told(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::NotFound => "there is no such comment, or no longer".to_owned(),
        Obstacle::Settled(decision) => format!(
            "{} decided first: {} at {}",
            decision.actor.called(),
            decision.decision,
            decision.decided_at
        ),
        Obstacle::Claimed(claim) => format!(
            "{} works on it, until {} unless prolonged",
            claim.moderator, claim.expires_at
        ),
        Obstacle::NothingToUndo => "there is no person's decision to take back".to_owned(),
        Obstacle::NotTheirs(decision) => format!(
            "{} decided this, and only they or an operator may take it back",
            decision.actor.called()
        ),
        Obstacle::TooLate(decision) => format!(
            "this was decided at {}, which is too long ago to take back",
            decision.decided_at
        ),
        Obstacle::Erased => "its text is gone, so there is nothing to decide on".to_owned(),
        Obstacle::NotReportable(status) => {
            format!("it is {status}, and such a complaint is not about that")
        }
    }
}
