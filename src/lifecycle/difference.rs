//! What one model makes otherwise than another.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde::Serialize;

use super::explain::extract;
use super::threads::computed;
use super::{Lifecycle, LifecycleError, ModelRef};
use crate::classifier::{Artefact, Classifier};
use crate::store::LabelOrder;
use crate::text::{FeatureKey, Features};
use crate::verdict::{EvidenceKind, Head, PerHead};

/// Words that are held beside those that are asked for, before those that moved least are
/// dropped.
const ROOM: usize = 10_000;

/// How two models differ. An artefact knows words by their hashes alone, so those that
/// can be named are those of the labels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The one.
    pub before: String,
    /// The other.
    pub after: String,
    /// Entries that only the other has.
    pub added: usize,
    /// Entries that only the one has.
    pub removed: usize,
    /// Entries that both have, with other weights.
    pub changed: usize,
    /// Log-odds before reading anything, by head: of the one, of the other.
    pub priors: PerHead<[f64; 2]>,
    /// What moved most, the furthest first.
    pub moved: Vec<Moved>,
}

/// A word, pair, link or signal of the labels that is worth something else now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moved {
    /// As the filter sees it.
    pub token: String,
    /// What it is.
    pub kind: EvidenceKind,
    /// Labels that hold it.
    pub labels: u64,
    /// What it adds to the log-odds of a comment that consists of it alone, in the one.
    pub before: PerHead<f64>,
    /// In the other.
    pub after: PerHead<f64>,
}

impl Moved {
    fn distance(&self) -> f64 {
        distance(&self.before, &self.after)
    }

    /// The furthest first.
    fn rank(&self, other: &Self) -> Ordering {
        let by_distance = other.distance().total_cmp(&self.distance());
        by_distance.then_with(|| (&self.token, self.kind).cmp(&(&other.token, other.kind)))
    }
}

fn distance(before: &PerHead<f64>, after: &PerHead<f64>) -> f64 {
    let distance = |head| (after.get(head) - before.get(head)).abs();
    Head::ALL.into_iter().map(distance).fold(0.0, f64::max)
}

impl Lifecycle {
    /// How `after` differs from `before`, with the `most` words that moved furthest.
    ///
    /// # Errors
    /// If a model is not there or not to be used, or the store does not answer.
    pub async fn difference(
        &self,
        [before, after]: [&ModelRef; 2],
        base: &Artefact,
        most: usize,
    ) -> Result<Difference, LifecycleError> {
        let before = self.artefact(before, base).await?;
        let after = self.artefact(after, base).await?;
        let (difference, furthest) = computed(move || {
            let difference = entries(&before, &after);
            let models = [before, after].map(Classifier::new);
            (difference, Furthest::new(models, most, ROOM))
        })
        .await?;
        let order = LabelOrder::OldestFirst;
        let furthest = self.fold_standing(order, furthest, |furthest, label| {
            if let Some(texts) = &label.texts {
                furthest.read(&extract(&texts.text, &texts.name));
            }
        });
        Ok(Difference {
            moved: furthest.await?.ranked(),
            ..difference
        })
    }
}

/// What can be said without reading a label.
fn entries(before: &Artefact, after: &Artefact) -> Difference {
    let counted = |from: &Artefact, to: &Artefact| {
        let missing = |key| to.find(key).is_none();
        let entries = from.entries().iter();
        entries.filter(|entry| missing(entry.key)).count()
    };
    let changed = before.entries().iter().filter(|entry| {
        let other = after.find(entry.key);
        other.is_some_and(|(weights, _)| weights != entry.weights)
    });
    Difference {
        before: before.id().to_string(),
        after: after.id().to_string(),
        added: counted(after, before),
        removed: counted(before, after),
        changed: changed.count(),
        priors: PerHead::from_fn(|head| {
            [before, after].map(|model| model.header().heads.get(head).fit.prior)
        }),
        moved: Vec::new(),
    }
}

/// The words that moved furthest, of those that were met. However long the log is, it holds
/// no more than are asked for and `room` beside them, or twice those that are asked for.
struct Furthest {
    models: [Classifier; 2],
    most: usize,
    room: usize,
    met: HashMap<FeatureKey, Moved>,
    /// What moved less than this is behind `most` others.
    floor: f64,
}

impl Furthest {
    fn new(models: [Classifier; 2], most: usize, room: usize) -> Self {
        Self {
            models,
            most,
            room,
            met: HashMap::new(),
            floor: 0.0,
        }
    }

    fn read(&mut self, features: &Features) {
        let tokens = features.tokens().iter();
        for token in tokens.filter(|token| token.joined_from().is_none()) {
            if let Some(known) = self.met.get_mut(&token.key) {
                known.labels += 1;
                continue;
            }
            let [before, after] = self
                .models
                .each_ref()
                .map(|model| model.worth(features, token));
            let distance = distance(&before, &after);
            if distance <= 0.0 || distance < self.floor {
                continue;
            }
            let moved = Moved {
                token: features.seen(token).to_owned(),
                kind: token.kind(),
                labels: 1,
                before,
                after,
            };
            self.met.insert(token.key, moved);
        }
        if self.met.len() > self.most.saturating_add(self.room.max(self.most)) {
            self.drop_the_rest();
        }
    }

    /// Keeps `most`. What goes has as many before it, and more can only come: it would not
    /// be among them if it were met again.
    fn drop_the_rest(&mut self) {
        let mut ranked: Vec<_> = self.met.drain().collect();
        ranked.sort_by(|(_, one), (_, other)| one.rank(other));
        ranked.truncate(self.most);
        self.floor = ranked.last().map_or(0.0, |(_, last)| last.distance());
        self.met.extend(ranked);
    }

    fn ranked(self) -> Vec<Moved> {
        let mut moved: Vec<_> = self.met.into_values().collect();
        moved.sort_by(Moved::rank);
        moved.truncate(self.most);
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_on_the_way_is_not_among_those_that_moved_furthest() {
        let base = Artefact::base().unwrap();
        let mut entries = base.entries().to_vec();
        for (at, entry) in entries.iter_mut().enumerate() {
            let by = i16::try_from(at % 7).unwrap() * 100;
            entry.weights = entry.weights.map(|weight| weight.saturating_add(by));
        }
        let other = Artefact::new(base.header().clone(), entries).unwrap();
        let found = |room| {
            let models = [&base, &other].map(|model| Classifier::new(model.clone()));
            let mut furthest = Furthest::new(models, 5, room);
            for number in 0..60 {
                let text = format!("the price of water in week {} of {number}", number % 9);
                furthest.read(&extract(&text, ""));
            }
            (furthest.floor > 0.0, furthest.ranked())
        };
        let (dropped, few) = found(0);
        assert!(dropped && few.len() == 5);
        assert_eq!((false, few), found(ROOM));
    }
}
