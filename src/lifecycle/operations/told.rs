//! What is told of an operation.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::run::Progress;
use super::{LOST_AFTER, OperationRequest};
use crate::lifecycle::{LifecycleError, Replay};
use crate::store::{Actor, OperationId, OperationState, StoredOperation};

/// An operation, as far as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// What is done.
    pub request: OperationRequest,
    /// How far it is, or was when it ended.
    pub progress: Progress,
    /// Where it is.
    pub status: OperationStatus,
    /// Who asked for it.
    pub actor: Actor,
    /// When.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Who asked to end it.
    pub cancelled_by: Option<Actor>,
}

/// Where an operation is.
#[derive(Clone, Debug, PartialEq)]
pub enum OperationStatus {
    /// Under way.
    Running,
    /// Done. `None` in a list, where it is left out.
    Done(Option<OperationResult>),
    /// It came to nothing.
    Failed(OperationFailure),
    /// Somebody ended it.
    Cancelled,
}

/// What came of an operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OperationResult {
    /// A candidate was registered.
    Train(Trained),
    /// History was decided on again.
    Replay(Box<Replayed>),
}

/// A candidate that was registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trained {
    /// Its name.
    pub model: String,
    /// Whether it was not registered before.
    pub is_new: bool,
    /// Labels that the guard holds back; nothing was learned from them.
    pub held_back: u64,
}

/// What a replay found. It holds no text: texts of flips are read when they are shown, so
/// that what is erased is gone here as well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replayed {
    /// What would change, with at most [`super::MOST_FLIPS`] flips.
    pub replay: Replay,
    /// Names the policies and lists that were in force.
    pub in_force: String,
}

/// Why an operation came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationFailure {
    /// To branch on, in upper snake case.
    pub reason: String,
    /// To read.
    pub message: String,
}

impl OperationStatus {
    /// Whether nothing will change any more.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        !matches!(self, Self::Running)
    }
}

impl OperationFailure {
    /// Its server is gone.
    pub(super) fn lost() -> Self {
        Self {
            reason: "SERVER_GONE".to_owned(),
            message: "the server that ran it is gone; start it again".to_owned(),
        }
    }

    /// Its server was told to stop.
    pub(super) fn stopped() -> Self {
        Self {
            reason: "SERVER_STOPPED".to_owned(),
            message: "the server that ran it was stopped; start it again".to_owned(),
        }
    }

    /// A fault in the program.
    pub(super) fn fault() -> Self {
        Self {
            reason: "FAULT".to_owned(),
            message: "a fault in the server; its log says where".to_owned(),
        }
    }
}

impl From<&LifecycleError> for OperationFailure {
    /// Of a fault only that it is one: what is in its words is for the log.
    fn from(error: &LifecycleError) -> Self {
        let fault = Self::fault();
        if error.reason() == fault.reason {
            return fault;
        }
        Self {
            reason: error.reason().to_owned(),
            message: error.to_string(),
        }
    }
}

/// What was heard of last before this time is lost.
pub(super) fn lost_before(now: Timestamp) -> Timestamp {
    let silence = SignedDuration::try_from(LOST_AFTER).unwrap_or(SignedDuration::MAX);
    now.checked_sub(silence).unwrap_or(Timestamp::MIN)
}

impl Operation {
    /// As it is told at `now`.
    pub(super) fn of(stored: StoredOperation, now: Timestamp) -> Result<Self, LifecycleError> {
        let read = |value: Value| serde_json::from_value(value).map_err(LifecycleError::Record);
        let is_lost = stored.state == OperationState::Running && stored.seen_at < lost_before(now);
        let status = match (stored.state, stored.outcome) {
            (OperationState::Running, _) if is_lost => {
                OperationStatus::Failed(OperationFailure::lost())
            }
            (OperationState::Running, _) => OperationStatus::Running,
            (OperationState::Cancelled, _) => OperationStatus::Cancelled,
            (OperationState::Done, None) => OperationStatus::Done(None),
            (OperationState::Done, Some(outcome)) => {
                let result: OperationResult =
                    serde_json::from_value(outcome).map_err(LifecycleError::Record)?;
                OperationStatus::Done(Some(result))
            }
            (OperationState::Failed, outcome) => {
                let failure = outcome.map(serde_json::from_value).transpose();
                let failure: Option<OperationFailure> = failure.map_err(LifecycleError::Record)?;
                OperationStatus::Failed(failure.unwrap_or_else(OperationFailure::fault))
            }
        };
        Ok(Self {
            id: stored.id,
            request: read(stored.request)?,
            progress: stored
                .progress
                .map(serde_json::from_value)
                .transpose()
                .map_err(LifecycleError::Record)?
                .unwrap_or_default(),
            status,
            actor: stored.actor,
            created_at: stored.created_at,
            ended_at: stored.ended_at.or(is_lost.then_some(stored.seen_at)),
            cancelled_by: stored.cancelled_by,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::TrainRequest;
    use crate::store::OperationKind;

    #[test]
    fn a_fault_is_told_without_its_inside() {
        let inside = serde_json::from_str::<String>("{").unwrap_err();
        let fault = OperationFailure::from(&LifecycleError::Record(inside));
        assert_eq!(fault, OperationFailure::fault());
        let told = OperationFailure::from(&LifecycleError::NoCanary);
        assert_eq!(told.reason, "NO_CANARY");
    }

    #[test]
    fn what_is_silent_too_long_is_told_as_failed() {
        let begun = Timestamp::from_second(1_000_000).unwrap();
        let stored = StoredOperation {
            id: OperationId::from_array([7; 16]),
            kind: OperationKind::Train,
            state: OperationState::Running,
            request: serde_json::to_value(OperationRequest::Train(TrainRequest::default()))
                .unwrap(),
            progress: None,
            outcome: None,
            actor: Actor::Operator,
            created_at: begun,
            seen_at: begun,
            ended_at: None,
            cancelled_by: None,
        };
        let at = |second| {
            let now = Timestamp::from_second(1_000_000 + second).unwrap();
            Operation::of(stored.clone(), now).unwrap()
        };
        let silence = i64::try_from(LOST_AFTER.as_secs()).unwrap();
        assert_eq!(at(silence).status, OperationStatus::Running);
        let lost = at(silence + 1);
        let OperationStatus::Failed(failure) = &lost.status else {
            panic!("{lost:?}")
        };
        assert_eq!(failure.reason, "SERVER_GONE");
        assert_eq!(lost.ended_at, Some(begun));
    }
}
