//! Counting while a replay goes on.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Both;
use super::deciding::codes;
use super::report::{Flip, Groups, Replay, ReplayChanges, ReplayFigures};
use super::truth::{Mistake, Truth};
use crate::policy::Outcome;
use crate::store::KeptComment;
use crate::verdict::Decision;

/// The language of a comment that has none.
const UNKNOWN: &str = "unknown";

/// What both sides make of a comment.
#[derive(Clone, Copy)]
pub(super) struct Decided {
    pub(super) before: Decision,
    pub(super) after: Decision,
    pub(super) truth: Option<Truth>,
}

impl Decided {
    pub(super) fn is_flip(self) -> bool {
        self.before != self.after
    }

    pub(super) fn mistake(self) -> Option<Mistake> {
        let truth = self.truth?;
        let missed = [self.before, self.after].map(|decision| truth.is_missed_by(decision));
        match missed {
            [true, false] => Some(Mistake::Fixed),
            [false, true] => Some(Mistake::New),
            _ => None,
        }
    }
}

/// What was counted of some comments.
#[derive(Default)]
pub(super) struct Tally {
    figures: ReplayFigures,
    changes: ReplayChanges,
    kinds: BTreeMap<(Decision, Decision), u64>,
    groups: Groups,
    flips: Vec<Flip>,
    drifted: u64,
}

impl ReplayFigures {
    fn count(&mut self, decided: Decided) {
        let Decided {
            before,
            after,
            truth,
        } = decided;
        let add = |count: &mut u64, yes: bool| *count += u64::from(yes);
        self.comments += 1;
        add(&mut self.flips, decided.is_flip());
        add(&mut self.held_before, before == Decision::Hold);
        add(&mut self.held_after, after == Decision::Hold);
        add(&mut self.rejected_before, before == Decision::Reject);
        add(&mut self.rejected_after, after == Decision::Reject);
        if let Some(truth) = truth {
            self.ruled += 1;
            add(&mut self.mistakes_before, truth.is_missed_by(before));
            add(&mut self.mistakes_after, truth.is_missed_by(after));
            add(
                &mut self.fixed_mistakes,
                decided.mistake() == Some(Mistake::Fixed),
            );
            add(
                &mut self.new_mistakes,
                decided.mistake() == Some(Mistake::New),
            );
        } else {
            let rejects = |decision| decision == Decision::Reject;
            add(&mut self.unruled_rejected_before, rejects(before));
            add(&mut self.unruled_rejected_after, rejects(after));
        }
    }

    fn merge(&mut self, other: &Self) {
        let pairs = self.counts_mut().into_iter().zip(other.counts());
        for (count, (_, more)) in pairs {
            *count += more;
        }
    }
}

impl ReplayChanges {
    fn count(&mut self, decided: Decided) {
        let are = |decision| [decided.before, decided.after].map(|found| found == decision);
        let [before, after] = are(Decision::Hold);
        self.held.count(before, after);
        if decided.truth.is_none() {
            let [before, after] = are(Decision::Reject);
            self.unruled_rejected.count(before, after);
        }
    }
}

impl Tally {
    pub(super) const fn comments(&self) -> u64 {
        self.figures.comments
    }

    pub(super) fn count(
        &mut self,
        comment: &KeptComment,
        decided: Decided,
        was: &Outcome,
        is: &Outcome,
        drifted: bool,
    ) {
        self.figures.count(decided);
        self.changes.count(decided);
        self.drifted += u64::from(drifted);
        let language = comment.language.as_deref().unwrap_or(UNKNOWN);
        group(&mut self.groups.by_language, language).count(decided);
        group(&mut self.groups.by_site, comment.site.as_str()).count(decided);
        for code in codes(was) {
            group(&mut self.groups.by_reason, code.name()).count(decided);
        }
        for code in codes(is).filter(|code| codes(was).all(|other| other != *code)) {
            group(&mut self.groups.by_reason, code.name()).count(decided);
        }
        if decided.is_flip() {
            let kind = (decided.before, decided.after);
            *self.kinds.entry(kind).or_default() += 1;
        }
    }

    pub(super) fn flipped(&mut self, flip: Flip) {
        self.flips.push(flip);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.figures.merge(&other.figures);
        self.changes.merge(other.changes);
        self.drifted += other.drifted;
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
        for (groups, others) in self
            .groups
            .all_mut()
            .into_iter()
            .zip(other.groups.into_all())
        {
            for (name, figures) in others {
                groups.entry(name).or_default().merge(&figures);
            }
        }
        self.flips.extend(other.flips);
    }

    /// Keeps the `most` flips that matter most, so that memory does not grow with the
    /// history.
    pub(super) fn keep(&mut self, most: usize) {
        if self.flips.len() > most.saturating_mul(2) {
            self.flips.sort_by_key(Flip::rank);
            self.flips.truncate(most);
        }
    }

    pub(super) fn finish(
        mut self,
        Both {
            before,
            after,
            most_flips,
            ..
        }: &Both,
        since: Timestamp,
    ) -> Replay {
        self.flips.sort_by_key(Flip::rank);
        self.flips.truncate(*most_flips);
        let kind = |((before, after), count): ((Decision, Decision), u64)| {
            (format!("{}→{}", before.name(), after.name()), count)
        };
        Replay {
            before: before.model.clone(),
            after: after.model.clone(),
            since: since.to_string(),
            figures: self.figures,
            changes: self.changes,
            drifted: self.drifted,
            kinds: self.kinds.into_iter().map(kind).collect(),
            groups: self.groups,
            flipped: self.flips,
        }
    }
}

/// The figures of one group; makes no text where it is there.
fn group<'g>(groups: &'g mut BTreeMap<String, ReplayFigures>, name: &str) -> &'g mut ReplayFigures {
    if !groups.contains_key(name) {
        groups.insert(name.to_owned(), ReplayFigures::default());
    }
    groups.entry(name.to_owned()).or_default()
}
