//! What came of a replay.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::truth::{Mistake, Truth};
use crate::verdict::{Decision, Head, ReasonCode, Scores};

/// What would change, as `moderato replay --json` prints it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replay {
    /// The model in force.
    pub before: String,
    /// The model that might be.
    pub after: String,
    /// From when on, as RFC 3339.
    pub since: String,
    /// Of all comments.
    #[serde(flatten)]
    pub figures: ReplayFigures,
    /// What is held and rejected now and then, as far as it is not the same comments.
    #[serde(default)]
    pub changes: ReplayChanges,
    /// Verdicts of either side's very model and policy that come out otherwise now. Not
    /// 0 where this program judges otherwise than the one that gave them.
    pub drifted: u64,
    /// Flips by kind, such as `approve→hold`.
    pub kinds: BTreeMap<String, u64>,
    /// The same figures for parts of the comments.
    #[serde(flatten)]
    pub groups: Groups,
    /// Flips one by one, those that matter most first: new mistakes, fixed ones, then
    /// by how far the score moved.
    pub flipped: Vec<Flip>,
}

/// Figures by part.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Groups {
    /// By site.
    pub by_site: BTreeMap<String, ReplayFigures>,
    /// By language.
    pub by_language: BTreeMap<String, ReplayFigures>,
    /// By the code of each reason that either side gave; a comment may have several.
    pub by_reason: BTreeMap<String, ReplayFigures>,
}

/// Counts of comments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayFigures {
    /// Decided on.
    pub comments: u64,
    /// Of these, decided on otherwise.
    pub flips: u64,
    /// Held by what is in force.
    pub held_before: u64,
    /// Held by what might be.
    pub held_after: u64,
    /// Rejected by what is in force.
    pub rejected_before: u64,
    /// Rejected by what might be.
    pub rejected_after: u64,
    /// Rejected by what is in force, where no person decided.
    pub unruled_rejected_before: u64,
    /// Rejected by what might be, where no person decided.
    pub unruled_rejected_after: u64,
    /// On which a person decided, so that there is right and wrong.
    pub ruled: u64,
    /// Of these, wrong by what is in force: published though bad, or refused though fine.
    pub mistakes_before: u64,
    /// Wrong by what might be.
    pub mistakes_after: u64,
    /// Wrong now and not then.
    pub fixed_mistakes: u64,
    /// Not wrong now and wrong then.
    pub new_mistakes: u64,
}

/// How many comments come to something and how many leave it: by the difference alone nobody
/// can tell what is chance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What might be does it, and what is in force does not.
    pub gained: u64,
    /// What is in force does it, and what might be does not.
    pub lost: u64,
}

/// Changes in what promotions are held against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayChanges {
    /// Of all comments, in what is held.
    pub held: Change,
    /// Of those that no person decided on, in what is rejected.
    pub unruled_rejected: Change,
}

impl Change {
    pub(super) fn count(&mut self, before: bool, after: bool) {
        self.gained += u64::from(after && !before);
        self.lost += u64::from(before && !after);
    }

    const fn merge(&mut self, other: Self) {
        self.gained += other.gained;
        self.lost += other.lost;
    }
}

impl ReplayChanges {
    pub(super) const fn merge(&mut self, other: Self) {
        self.held.merge(other.held);
        self.unruled_rejected.merge(other.unruled_rejected);
    }
}

/// A comment on which would be decided otherwise. Holds its text: `Debug` is for tests.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Flip {
    /// Its name.
    pub comment: String,
    /// What is decided now.
    pub before: Decision,
    /// What would be.
    pub after: Decision,
    /// Scores now and then.
    pub scores: [Scores; 2],
    /// Codes of the reasons now and then.
    pub reasons: [Vec<ReasonCode>; 2],
    /// What a person said: `fine` or `bad`.
    pub truth: Option<Truth>,
    /// Whether a mistake is `fixed` or `new`.
    pub mistake: Option<Mistake>,
    /// The beginning of its text; nothing where it is read when it is shown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

impl std::fmt::Debug for Flip {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Flip")
            .field("comment", &self.comment)
            .field("before", &self.before)
            .field("after", &self.after)
            .finish_non_exhaustive()
    }
}

impl Flip {
    /// Lower matters more.
    pub(super) fn rank(&self) -> (u8, Reverse<u64>, String) {
        let mistake = match self.mistake {
            Some(Mistake::New) => 0,
            Some(_) => 1,
            None => 2,
        };
        let [was, is] = &self.scores;
        let moved = |head| (is.get(head).get() - was.get(head).get()).abs();
        let moved = Head::ALL.into_iter().map(moved).fold(0.0, f64::max);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a millionth of a probability"
        )]
        let moved = (moved * 1e6) as u64;
        (mistake, Reverse(moved), self.comment.clone())
    }
}

impl ReplayFigures {
    /// Every count with its name.
    #[must_use]
    pub const fn counts(&self) -> [(&'static str, u64); 13] {
        [
            ("comments", self.comments),
            ("flips", self.flips),
            ("held_before", self.held_before),
            ("held_after", self.held_after),
            ("rejected_before", self.rejected_before),
            ("rejected_after", self.rejected_after),
            ("unruled_rejected_before", self.unruled_rejected_before),
            ("unruled_rejected_after", self.unruled_rejected_after),
            ("ruled", self.ruled),
            ("mistakes_before", self.mistakes_before),
            ("mistakes_after", self.mistakes_after),
            ("fixed_mistakes", self.fixed_mistakes),
            ("new_mistakes", self.new_mistakes),
        ]
    }

    pub(super) const fn counts_mut(&mut self) -> [&mut u64; 13] {
        [
            &mut self.comments,
            &mut self.flips,
            &mut self.held_before,
            &mut self.held_after,
            &mut self.rejected_before,
            &mut self.rejected_after,
            &mut self.unruled_rejected_before,
            &mut self.unruled_rejected_after,
            &mut self.ruled,
            &mut self.mistakes_before,
            &mut self.mistakes_after,
            &mut self.fixed_mistakes,
            &mut self.new_mistakes,
        ]
    }
}

impl Groups {
    pub(super) const fn all_mut(&mut self) -> [&mut BTreeMap<String, ReplayFigures>; 3] {
        [
            &mut self.by_site,
            &mut self.by_language,
            &mut self.by_reason,
        ]
    }

    pub(super) fn into_all(self) -> [BTreeMap<String, ReplayFigures>; 3] {
        [self.by_site, self.by_language, self.by_reason]
    }
}
