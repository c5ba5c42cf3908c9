//! Splits a corpus so that what is alike is never on both sides.

use rapidhash::v3::{RapidSecrets, rapidhash_v3_seeded};

use super::corpus::Corpus;
use crate::label::LabelledSample;
use crate::text::normalise;

/// A split of a [`Corpus`] into folds: sample by sample, the fold it is tested in.
///
/// A sample's fold depends on the seed and its group (its normalised text where it has none) and
/// on nothing else, so it stays the same when other samples come or go. Folds are of about equal
/// size where groups are many and small; with fewer groups than folds some are empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folds {
    count: usize,
    of_sample: Vec<usize>,
}

/// A number of folds that leaves nothing to train on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected at least 2 folds, found {0}")]
pub struct TooFewFolds(pub usize);

impl Folds {
    /// Splits `corpus` into `count` folds.
    ///
    /// # Errors
    /// If `count` is below 2.
    pub fn new(corpus: &Corpus, count: usize, seed: u64) -> Result<Self, TooFewFolds> {
        if count < 2 {
            return Err(TooFewFolds(count));
        }
        let secrets = RapidSecrets::seed(seed);
        let of_sample = corpus.samples().iter();
        let of_sample = of_sample.map(|sample| fold(sample, count, &secrets));
        Ok(Self {
            count,
            of_sample: of_sample.collect(),
        })
    }

    /// How many folds there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Indexes into [`Corpus::samples`] of the samples tested in `fold`, which is below
    /// [`Folds::count`].
    pub fn tested_in(&self, fold: usize) -> impl Iterator<Item = usize> {
        self.indexes(move |of_sample| of_sample == fold)
    }

    /// Indexes into [`Corpus::samples`] of the samples to train on when `fold` is tested.
    pub fn trained_for(&self, fold: usize) -> impl Iterator<Item = usize> {
        self.indexes(move |of_sample| of_sample != fold)
    }

    /// The fold that the sample at `index` of [`Corpus::samples`] is tested in.
    #[must_use]
    pub fn of(&self, index: usize) -> usize {
        self.of_sample[index]
    }

    fn indexes(&self, wanted: impl Fn(usize) -> bool) -> impl Iterator<Item = usize> {
        let numbered = self.of_sample.iter().enumerate();
        numbered.filter_map(move |(index, &fold)| wanted(fold).then_some(index))
    }
}

fn fold(sample: &LabelledSample, count: usize, secrets: &RapidSecrets) -> usize {
    let hash = if sample.group.is_empty() {
        rapidhash_v3_seeded(normalise(&sample.text).text().as_bytes(), secrets)
    } else {
        rapidhash_v3_seeded(sample.group.as_bytes(), secrets)
    };
    below(count, hash)
}

/// Maps `random`, uniform over 64 bits, to `0..bound` (Lemire's multiplication; the bias is below
/// `bound` / 2^64).
#[expect(
    clippy::cast_possible_truncation,
    reason = "the upper half of the product is below `bound`"
)]
pub(super) const fn below(bound: usize, random: u64) -> usize {
    ((random as u128 * bound as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::label::Label;

    fn corpus(rows: impl IntoIterator<Item = (String, String)>) -> Corpus {
        let samples = rows.into_iter().map(|(text, group)| LabelledSample {
            text,
            name: String::new(),
            url: String::new(),
            label: Label {
                spam: Some(true),
                toxicity: None,
            },
            language: String::new(),
            group,
            source: "test".into(),
        });
        Corpus::from_samples(samples.collect()).0
    }

    fn singles(count: usize) -> Corpus {
        corpus((0..count).map(|n| (format!("text {n}"), String::new())))
    }

    #[test]
    fn folds_are_about_equal() {
        let folds = Folds::new(&singles(5000), 5, 1).unwrap();
        for fold in 0..5 {
            let size = folds.tested_in(fold).count();
            assert!((850..1150).contains(&size), "fold {fold} has {size}");
        }
    }

    #[test]
    fn the_seed_decides() {
        let corpus = singles(200);
        let split = |seed| Folds::new(&corpus, 4, seed).unwrap();
        assert_eq!(split(7), split(7));
        assert_ne!(split(7), split(8));
    }

    /// Pins the hash: a change would silently give another artefact for the same corpus.
    #[test]
    fn the_split_is_the_same_on_every_machine() {
        let grouped = corpus((0..12).map(|n| (format!("text {n}"), format!("group {n}"))));
        let folds = Folds::new(&grouped, 3, 42).unwrap();
        assert_eq!(folds.of_sample, [1, 1, 0, 2, 2, 0, 1, 2, 0, 1, 1, 1]);
    }

    #[test]
    fn one_fold_is_no_split() {
        assert_eq!(Folds::new(&singles(3), 1, 0), Err(TooFewFolds(1)));
    }

    proptest! {
        #[test]
        fn groups_stay_together_and_every_sample_is_tested_once(
            rows in prop::collection::vec(("[a-z]{1,6}", "[xyz]?"), 1..60),
            count in 2..6_usize,
            seed: u64,
        ) {
            let corpus = corpus(rows);
            let folds = Folds::new(&corpus, count, seed).unwrap();
            let mut tested: Vec<usize> = (0..count).flat_map(|fold| folds.tested_in(fold)).collect();
            tested.sort_unstable();
            prop_assert_eq!(tested, (0..corpus.samples().len()).collect::<Vec<_>>());
            for fold in 0..count {
                let groups = |indexes: Vec<usize>| -> Vec<&str> {
                    let groups = indexes.into_iter().map(|i| corpus.samples()[i].group.as_str());
                    groups.filter(|group| !group.is_empty()).collect()
                };
                let trained = groups(folds.trained_for(fold).collect());
                for group in groups(folds.tested_in(fold).collect()) {
                    prop_assert!(!trained.contains(&group));
                }
            }
        }
    }
}
