//! What one model makes otherwise than another.

use std::collections::HashMap;

use serde::Serialize;

use super::explain::extract;
use super::{LabelQuery, Lifecycle, LifecycleError, ModelRef};
use crate::classifier::{Artefact, Classifier};
use crate::store::{LabelFilter, LabelOrder};
use crate::text::FeatureKey;
use crate::verdict::{EvidenceKind, Head, PerHead};

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
        let distance = |head| (self.after.get(head) - self.before.get(head)).abs();
        Head::ALL.into_iter().map(distance).fold(0.0, f64::max)
    }
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
        let counted = |from: &Artefact, to: &Artefact| {
            let missing = |key| to.find(key).is_none();
            let entries = from.entries().iter();
            entries.filter(|entry| missing(entry.key)).count()
        };
        let changed = before.entries().iter().filter(|entry| {
            let other = after.find(entry.key);
            other.is_some_and(|(weights, _)| weights != entry.weights)
        });
        let mut difference = Difference {
            before: before.id().to_string(),
            after: after.id().to_string(),
            added: counted(&after, &before),
            removed: counted(&before, &after),
            changed: changed.count(),
            priors: PerHead::from_fn(|head| {
                [&before, &after].map(|model| model.header().heads.get(head).fit.prior)
            }),
            moved: Vec::new(),
        };
        let models = [before, after].map(Classifier::new);
        difference.moved = self.moved(&models, most).await?;
        Ok(difference)
    }

    async fn moved(
        &self,
        [before, after]: &[Classifier; 2],
        most: usize,
    ) -> Result<Vec<Moved>, LifecycleError> {
        let query = LabelQuery {
            filter: LabelFilter {
                retracted: Some(false),
                ..LabelFilter::default()
            },
            domain: None,
        };
        let mut met: HashMap<FeatureKey, Moved> = HashMap::new();
        let order = LabelOrder::OldestFirst;
        self.each_label(&query, order, usize::MAX, |label| {
            let Some(texts) = &label.texts else {
                return Ok(());
            };
            let features = extract(&texts.text, &texts.name);
            let tokens = features.tokens().iter();
            for token in tokens.filter(|token| token.joined_from().is_none()) {
                let moved = met.entry(token.key).or_insert_with(|| Moved {
                    token: features.seen(token).to_owned(),
                    kind: token.kind(),
                    labels: 0,
                    before: before.worth(&features, token),
                    after: after.worth(&features, token),
                });
                moved.labels += 1;
            }
            Ok(())
        })
        .await?;
        let mut moved: Vec<_> = met
            .into_values()
            .filter(|moved| moved.distance() > 0.0)
            .collect();
        moved.sort_by(|a, b| {
            let by_distance = b.distance().total_cmp(&a.distance());
            by_distance.then_with(|| a.token.cmp(&b.token))
        });
        moved.truncate(most);
        Ok(moved)
    }
}
