//! Labellers with whom others seldom agree.

use std::collections::{BTreeSet, HashMap};

use super::Suspicion;
use crate::interval::Estimate;
use crate::store::{BlindPair, LabelId, LabelSource, StoredLabel};

/// Fewer answers than this say nothing of anybody.
const LEAST_ANSWERS: u64 = 20;
/// Whoever surely agrees with others in less than this share is held back.
const LEAST_AGREEMENT: f64 = 0.6;
/// So many answers must be left without any one of the others.
const LEAST_WITHOUT_ONE: u64 = 5;

/// How one moderator agrees with one other, whichever of them looked again.
#[derive(Clone, Copy, Debug, Default)]
struct Agreement {
    agreed: u64,
    answers: u64,
}

impl Agreement {
    fn share(self) -> Estimate {
        Estimate::share(self.agreed, self.answers)
    }
}

/// Holds back what moderators said as such whose agreement with others is poor.
pub(super) fn hold_back(
    labels: &[StoredLabel],
    pairs: &[BlindPair],
    found: &mut HashMap<LabelId, Suspicion>,
) {
    let poor = poor(pairs);
    if poor.is_empty() {
        return;
    }
    let own =
        |label: &&StoredLabel| matches!(label.source, LabelSource::Moderator | LabelSource::Blind);
    for label in labels.iter().filter(own) {
        let Some(agreement) = label.actor.as_deref().and_then(|actor| poor.get(actor)) else {
            continue;
        };
        let Agreement { agreed, answers } = *agreement;
        found.insert(label.id, Suspicion::SeldomAgrees { agreed, answers });
    }
}

/// Whose agreement with others is poor: the upper end of its interval, on twenty answers
/// at least. Two who differ are one word against another, so it must stay poor without
/// any one of the others too, or somebody could have another held back by contradicting.
fn poor(pairs: &[BlindPair]) -> HashMap<&str, Agreement> {
    let named = pairs
        .iter()
        .flat_map(|pair| [&*pair.decided, &*pair.answered]);
    let mut poor = HashMap::new();
    for who in named.collect::<BTreeSet<_>>() {
        let with = with_others(pairs, who);
        let all = sum(with.values());
        let surely = all.answers >= LEAST_ANSWERS && all.share().high < LEAST_AGREEMENT;
        let without_one = |one: &&str| {
            let rest = sum(with
                .iter()
                .filter(|(other, _)| *other != one)
                .map(|(_, it)| it));
            rest.answers >= LEAST_WITHOUT_ONE && rest.share().expected < LEAST_AGREEMENT
        };
        if surely && with.keys().all(without_one) {
            poor.insert(who, all);
        }
    }
    poor
}

fn with_others<'a>(pairs: &'a [BlindPair], who: &str) -> HashMap<&'a str, Agreement> {
    let mut with: HashMap<_, Agreement> = HashMap::new();
    for pair in pairs {
        let other = match (pair.decided == who, pair.answered == who) {
            (true, false) => &*pair.answered,
            (false, true) => &*pair.decided,
            _ => continue,
        };
        let agreement = with.entry(other).or_default();
        agreement.agreed += pair.agreed;
        agreement.answers += pair.answers;
    }
    with
}

fn sum<'a>(parts: impl Iterator<Item = &'a Agreement>) -> Agreement {
    parts.fold(Agreement::default(), |sum, part| Agreement {
        agreed: sum.agreed + part.agreed,
        answers: sum.answers + part.answers,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(decided: &str, answered: &str, agreed: u64, answers: u64) -> BlindPair {
        BlindPair {
            decided: decided.to_owned(),
            answered: answered.to_owned(),
            agreed,
            answers,
        }
    }

    fn names(pairs: &[BlindPair]) -> Vec<String> {
        let mut names: Vec<_> = poor(pairs).into_keys().map(str::to_owned).collect();
        names.sort();
        names
    }

    #[test]
    fn whom_nobody_agrees_with_is_held_back() {
        let pairs = [
            pair("careless", "ayesha", 4, 15),
            pair("bilal", "careless", 3, 15),
            pair("ayesha", "bilal", 19, 20),
        ];
        assert_eq!(names(&pairs), ["careless"]);
    }

    #[test]
    fn one_who_contradicts_everybody_has_nobody_else_held_back() {
        let pairs = [
            pair("ayesha", "spiteful", 0, 40),
            pair("bilal", "spiteful", 0, 40),
            pair("ayesha", "bilal", 10, 10),
        ];
        assert_eq!(names(&pairs), ["spiteful"]);
        // Of two nobody can say who is right.
        assert_eq!(names(&[pair("ayesha", "bilal", 0, 500)]), [""; 0]);
    }

    #[test]
    fn a_few_answers_say_nothing() {
        let pairs = [
            pair("new", "ayesha", 0, 9),
            pair("new", "bilal", 0, 10),
            pair("ayesha", "bilal", 30, 30),
        ];
        assert_eq!(names(&pairs), [""; 0]);
    }
}
