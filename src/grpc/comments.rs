//! What is kept of comments, in the contract's messages.

use super::convert::timestamp;
use super::proto;
use crate::review::RejectReason;
use crate::store::{Actor, Complaint, Reporter, Status, StoredDecision};

pub(super) fn state(status: Status) -> proto::CommentState {
    match status {
        Status::Held => proto::CommentState::Held,
        Status::Approved => proto::CommentState::Approved,
        Status::Rejected => proto::CommentState::Rejected,
    }
}

pub(super) fn reject_reason(name: Option<&str>) -> proto::RejectReason {
    match name.and_then(|name| name.parse().ok()) {
        None => proto::RejectReason::Unspecified,
        Some(RejectReason::Spam) => proto::RejectReason::Spam,
        Some(RejectReason::Toxic) => proto::RejectReason::Toxic,
        Some(RejectReason::OffTopic) => proto::RejectReason::OffTopic,
        Some(RejectReason::PersonalData) => proto::RejectReason::PersonalData,
        Some(RejectReason::Illegal) => proto::RejectReason::Illegal,
        Some(RejectReason::Impersonation) => proto::RejectReason::Impersonation,
        Some(RejectReason::Duplicate) => proto::RejectReason::Duplicate,
        Some(RejectReason::Other) => proto::RejectReason::Other,
    }
}

pub(super) const fn complaint(complaint: Complaint) -> proto::Complaint {
    match complaint {
        Complaint::Spam => proto::Complaint::Spam,
        Complaint::Toxic => proto::Complaint::Toxic,
        Complaint::Other => proto::Complaint::Other,
        Complaint::WronglyRejected => proto::Complaint::WronglyRejected,
    }
}

pub(super) const fn reporter(reporter: Reporter) -> proto::Reporter {
    match reporter {
        Reporter::Reader => proto::Reporter::Reader,
        Reporter::Site => proto::Reporter::Site,
    }
}

/// A decision as a site sees it: not who moderates, nor what they noted. Its reason is
/// a person's for a rejection only.
pub(super) fn decision(decision: &StoredDecision) -> proto::DecisionRecord {
    let why = decision.why.as_deref();
    let by_person = matches!(decision.actor, Actor::Moderator(_) | Actor::Operator);
    proto::DecisionRecord {
        number: u32::try_from(decision.number).unwrap_or_default(),
        decision: proto::Decision::from(decision.decision).into(),
        decided_by: match decision.actor {
            Actor::Policy | Actor::Upkeep => proto::DecidedBy::Policy,
            Actor::Moderator(_) | Actor::Operator => proto::DecidedBy::Moderator,
            Actor::Report => proto::DecidedBy::Report,
        }
        .into(),
        reject_reason: reject_reason(why.filter(|_| by_person)).into(),
        decide_time: Some(timestamp(decision.decided_at)),
        undoes: decision
            .undoes
            .and_then(|number| u32::try_from(number).ok()),
    }
}
