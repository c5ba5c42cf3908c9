//! What people decide: a decision, a label and an event in one transaction.

pub(super) mod append;
mod lessons;
mod report;
mod resolve;
mod undo;

use jiff::Timestamp;
use uuid::Uuid;

use super::claims::Claim;
use super::comments::{Actor, StoredDecision};
use super::ids::CommentId;
use super::notes::{Complaint, Reporter};
use super::record::Status;
use crate::label::Label;
use crate::site::SiteId;
use crate::verdict::Decision;

/// A person's decision on comments.
#[derive(Clone)]
pub struct Ruling {
    /// Which comments.
    pub comments: Vec<RuledOn>,
    /// Approve or reject.
    pub decision: Decision,
    /// Structured reason.
    pub why: Option<String>,
    /// A note for others.
    pub note: Option<String>,
    /// What the text is.
    pub label: Label,
    /// Who decides.
    pub actor: Actor,
    /// Also what somebody else has claimed.
    pub override_claims: bool,
    /// When.
    pub now: Timestamp,
    /// Names a label; a source of UUIDs, version 7 in service.
    pub new_id: fn() -> Uuid,
}

/// One comment of a ruling.
#[derive(Clone, Debug)]
pub struct RuledOn {
    /// Whose.
    pub site: SiteId,
    /// Which.
    pub id: CommentId,
    /// What it teaches: the same for comments that say the same, of which one is kept
    /// as a label.
    pub lesson: Uuid,
    /// Whether it may be that one; not, where another has been it already.
    pub teaches: bool,
    /// The number of a person's decision that this one overrules, as long as it stands.
    pub overrules: Option<i64>,
}

/// What is to be taken back.
#[derive(Clone)]
pub struct Undoing {
    /// Of which comments.
    pub comments: Vec<(SiteId, CommentId)>,
    /// Who takes it back.
    pub actor: Actor,
    /// Also what others decided.
    pub of_others: bool,
    /// What was decided before is not taken back any more.
    pub not_before: Timestamp,
    /// When.
    pub now: Timestamp,
    /// Names a label; a source of UUIDs, version 7 in service.
    pub new_id: fn() -> Uuid,
}

/// A report on a comment.
#[derive(Clone)]
pub struct NewReport {
    /// Its own id.
    pub id: Uuid,
    /// Whose comment.
    pub site: SiteId,
    /// Which.
    pub comment: CommentId,
    /// Who reports.
    pub reporter: Reporter,
    /// What is wrong.
    pub complaint: Complaint,
    /// What else they said.
    pub note: Option<String>,
    /// `text::SimHash` of its text, if it has none yet: what was not held has none.
    pub simhash: Option<[u8; 16]>,
    /// When.
    pub now: Timestamp,
}

/// Why a decision was not taken.
#[derive(Clone, Debug)]
pub enum Obstacle {
    /// There is no such comment on this site.
    NotFound,
    /// Somebody else decided first: this.
    Settled(Box<StoredDecision>),
    /// Somebody else works on it.
    Claimed(Claim),
    /// The last decision is no person's, or was taken back already.
    NothingToUndo,
    /// The last decision is another's, and only they may take it back.
    NotTheirs(Box<StoredDecision>),
    /// The last decision is too long ago.
    TooLate(Box<StoredDecision>),
    /// The text is gone, so there is nothing to look at.
    Erased,
    /// The report does not fit: the comment has this status.
    NotReportable(Status),
}

/// What became of one comment.
pub type Outcome = Result<StoredDecision, Obstacle>;

/// What became of a ruling.
#[derive(Clone, Debug)]
pub struct Ruled {
    /// Of each comment, in the order given.
    pub outcomes: Vec<Outcome>,
    /// Labels added.
    pub labels: u32,
}
