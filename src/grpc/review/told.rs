//! What moderators are told, in the contract's messages.

use crate::grpc::comments::{complaint, reject_reason, reporter, state};
use crate::grpc::convert::timestamp;
use crate::grpc::proto::{
    self, AuthorRecord, ClaimOutcome, CommentLabel, CommentReport, GetHeldCommentResponse,
    PastDecision, ResolutionOutcome, ReviewAuthor, ReviewComment, ReviewDecision, ReviewNote,
    ReviewPage, claim_outcome, resolution_outcome,
};
use crate::grpc::review_status::status_about;
use crate::grpc::status::item;
use crate::review::{CommentName, Dossier, HeldComment, Resolution, ReviewError, Wave};
use crate::store::{self, Actor, Claim, Note, Obstacle, Outcome, Report, StoredDecision};

/// Characters of a text in a list. A page of the longest then stays below the 4 MB
/// that clients read.
const LISTED_CHARACTERS: usize = 2_000;

/// A comment in a list: the beginning of its text.
pub(super) fn listed(held: HeldComment) -> ReviewComment {
    let mut comment = whole(held);
    if let Some((end, _)) = comment.text.char_indices().nth(LISTED_CHARACTERS) {
        comment.text.truncate(end);
        comment.text_cut = true;
    }
    comment
}

/// A comment with all of its text.
fn whole(held: HeldComment) -> ReviewComment {
    let name = held.name().to_string();
    let HeldComment { queued, wave_size } = held;
    let comment = queued.comment;
    let erased = comment.texts.is_none();
    let texts = comment.texts.unwrap_or_default();
    ReviewComment {
        name,
        submission_id: comment.submission_id.unwrap_or_default(),
        state: state(comment.status).into(),
        create_time: Some(timestamp(comment.received_at)),
        update_time: Some(timestamp(comment.settled_at)),
        text: texts.text,
        text_cut: false,
        erased,
        author: Some(ReviewAuthor {
            id: comment.author.email.to_string(),
            display_name: texts.name,
            url: texts.url.unwrap_or_default(),
            user_agent: texts.user_agent.unwrap_or_default(),
            trusted: comment.trusted,
            approved_comments: comment.approved_comments,
        }),
        page: Some(ReviewPage {
            id: texts.page_id.unwrap_or_default(),
            url: texts.page_url.unwrap_or_default(),
            title: texts.page_title.unwrap_or_default(),
        }),
        locale: texts.locale.unwrap_or_default(),
        language: comment.language.unwrap_or_default(),
        scores: Some(comment.scores.into()),
        reasons: queued.reasons.into_iter().map(Into::into).collect(),
        evidence: queued.evidence.into_iter().map(Into::into).collect(),
        model: queued.model.unwrap_or_default(),
        wave_size: count(wave_size),
        report_count: u32::try_from(comment.reports).unwrap_or_default(),
        claim: queued.claim.map(claim),
    }
}

/// A number of things, cut to what the contract can count.
pub(super) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn claim(claim: Claim) -> proto::Claim {
    proto::Claim {
        expire_time: Some(timestamp(claim.expires_at)),
        moderator: claim.moderator,
    }
}

/// All that is known of a comment.
pub(super) fn dossier(dossier: Dossier) -> GetHeldCommentResponse {
    GetHeldCommentResponse {
        comment: Some(whole(dossier.comment)),
        decisions: dossier.decisions.into_iter().map(decision).collect(),
        notes: dossier.notes.into_iter().map(note).collect(),
        reports: dossier.reports.into_iter().map(report).collect(),
        author_record: Some(record(dossier.author)),
        author_comments: dossier.author_comments.into_iter().map(listed).collect(),
        near_comments: dossier.near.into_iter().map(listed).collect(),
    }
}

fn record(record: store::AuthorRecord) -> AuthorRecord {
    AuthorRecord {
        approved_count: record.approved,
        rejected_count: record.rejected,
        held_count: record.held,
        first_comment_time: record.first_at.map(timestamp),
    }
}

fn report(report: Report) -> CommentReport {
    CommentReport {
        reporter: reporter(report.reporter).into(),
        complaint: complaint(report.complaint).into(),
        note: report.note.unwrap_or_default(),
        create_time: Some(timestamp(report.reported_at)),
    }
}

/// A note.
pub(super) fn note(note: Note) -> ReviewNote {
    ReviewNote {
        moderator: note.moderator,
        create_time: Some(timestamp(note.written_at)),
        text: note.text,
    }
}

fn decision(made: StoredDecision) -> ReviewDecision {
    let why = made.why.as_deref();
    let (by, reason, wrong) = match &made.actor {
        Actor::Policy | Actor::Upkeep => (proto::DecidedBy::Policy, None, None),
        Actor::Moderator(_) => (proto::DecidedBy::Moderator, why, None),
        Actor::Operator => (proto::DecidedBy::Operator, why, None),
        Actor::Report => (proto::DecidedBy::Report, None, why),
    };
    let wrong = store::Complaint::ALL
        .into_iter()
        .find(|known| Some(known.name()) == wrong);
    let number = |number| u32::try_from(number).unwrap_or_default();
    ReviewDecision {
        number: number(made.number),
        decision: proto::Decision::from(made.decision).into(),
        decided_by: by.into(),
        moderator: made.actor.name().unwrap_or_default().to_owned(),
        reject_reason: reject_reason(reason).into(),
        complaint: wrong
            .map_or(proto::Complaint::Unspecified, complaint)
            .into(),
        decide_time: Some(timestamp(made.decided_at)),
        undoes: made.undoes.map(number),
        label: made.label.is_judged().then_some(CommentLabel {
            spam: made.label.spam,
            toxicity: made.label.toxicity,
        }),
        note: made.note.unwrap_or_default(),
        model: made.model.unwrap_or_default(),
        policy: made.policy.unwrap_or_default(),
    }
}

/// What became of a comment that was to be claimed.
pub(super) fn claim_outcome(name: &CommentName, outcome: Result<Claim, Obstacle>) -> ClaimOutcome {
    use claim_outcome::Outcome;
    ClaimOutcome {
        name: name.to_string(),
        outcome: Some(match outcome {
            Ok(claimed) => Outcome::Claim(claim(claimed)),
            Err(obstacle) => Outcome::Error(refused(name, obstacle)),
        }),
    }
}

/// What became of comments that were to be decided on. Without notes: a wave of
/// thousands would repeat the caller's own beyond the 4 MB that clients read.
pub(super) fn outcomes(outcomes: Vec<(CommentName, Outcome)>) -> Vec<ResolutionOutcome> {
    use resolution_outcome::Outcome;
    let outcome = |(name, outcome): (CommentName, _)| ResolutionOutcome {
        outcome: Some(match outcome {
            Ok(made) => Outcome::Decision(decision(StoredDecision { note: None, ..made })),
            Err(obstacle) => Outcome::Error(refused(&name, obstacle)),
        }),
        name: name.to_string(),
    };
    outcomes.into_iter().map(outcome).collect()
}

fn refused(name: &CommentName, obstacle: Obstacle) -> tonic_types::Status {
    item(&status_about(ReviewError::Obstacle(obstacle), name))
}

/// A wave.
pub(super) fn wave(wave: Wave) -> proto::Wave {
    proto::Wave {
        size: count(wave.first.wave_size),
        author_count: count(wave.authors),
        latest_time: Some(timestamp(wave.latest_at)),
        first: Some(listed(wave.first)),
    }
}

/// A person's decision.
pub(super) fn resolution(past: Resolution) -> PastDecision {
    PastDecision {
        decision: Some(decision(past.decision)),
        comment: Some(listed(past.comment)),
        undoable: past.undoable,
    }
}
