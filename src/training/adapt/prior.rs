//! A base model as the prior of what a site teaches.

use std::collections::HashMap;

use crate::classifier::{
    Artefact, ArtefactError, Classifier, Support, WeightEntry, damping, short_key,
};
use crate::label::LabelledSample;
use crate::text::FeatureKey;
use crate::training::matrix::features_of;
use crate::verdict::Head;

/// Support of a feature that the base knows without saying how well: a middling one.
const ASSUMED: f64 = 1.0 / 4096.0;
/// Uncertainty of a head that does not say its own.
const ASSUMED_UNCERTAINTY: f64 = 0.1;

/// What one word is worth to the base, which does not know it, in the site's texts.
#[derive(Clone, Copy, Default)]
struct Guess {
    sum: [f64; 2],
    times: f64,
}

/// The base, made to know the words of the site's texts.
pub(super) struct Prior {
    /// The base with an entry for each of those words: what its pieces were worth on
    /// average, so that knowing them alone changes little.
    pub(super) widened: Artefact,
    supports: HashMap<u32, f64>,
}

impl Prior {
    pub(super) fn new(base: &Artefact, samples: &[LabelledSample]) -> Result<Self, ArtefactError> {
        let mut entries = base.entries().to_vec();
        entries.extend(
            guesses(base, samples)
                .into_iter()
                .map(|(key, guess)| WeightEntry {
                    key,
                    weights: guess.sum.map(|sum| quantise(sum / guess.times)),
                }),
        );
        Ok(Self {
            widened: Artefact::new(base.header().clone(), entries)?,
            supports: base
                .entries()
                .iter()
                .map(|entry| (entry.key, known_support(base, entry.key)))
                .collect(),
        })
    }

    /// Whether it has an entry for the feature.
    pub(super) fn knows(&self, key: FeatureKey) -> bool {
        self.widened.find(short_key(key)).is_some()
    }

    /// The mean square of a feature's value over the base's rows; 0 if it saw none.
    pub(super) fn support(&self, key: FeatureKey) -> f64 {
        self.supports.get(&short_key(key)).copied().unwrap_or(0.0)
    }

    /// Mean of `p (1 - p)` over the base's rows.
    pub(super) fn uncertainty(&self, head: Head) -> f64 {
        let record = self.widened.header().heads.get(head);
        record.uncertainty.unwrap_or(ASSUMED_UNCERTAINTY)
    }

    pub(super) fn classifier(&self) -> Classifier {
        Classifier::new(self.widened.clone())
    }
}

/// The support of an entry of `base`.
pub(super) fn known_support(base: &Artefact, key: u32) -> f64 {
    let support = base.find(key).and_then(|(_, support)| support);
    support.map_or(ASSUMED, Support::mean_square)
}

/// The words of `samples` that `base` does not know, as it would read them.
fn guesses(base: &Artefact, samples: &[LabelledSample]) -> HashMap<u32, Guess> {
    let mut guesses = HashMap::<u32, Guess>::new();
    for sample in samples {
        let features = features_of(sample);
        let unknown: Vec<_> = features
            .tokens()
            .iter()
            .filter(|token| token.has_ngrams() && base.find(short_key(token.key)).is_none())
            .collect();
        let factor = damping(unknown.len());
        for token in unknown {
            let mut pieces = [0.0; 2];
            features.pieces(token, |key| {
                if let Some((weights, _)) = base.find(short_key(key)) {
                    pieces = [0, 1].map(|head| pieces[head] + f64::from(weights[head]));
                }
            });
            let guess = guesses.entry(short_key(token.key)).or_default();
            guess.sum = [0, 1].map(|head| guess.sum[head] + factor * pieces[head]);
            guess.times += 1.0;
        }
    }
    guesses
}

#[expect(clippy::cast_possible_truncation, reason = "clamped")]
fn quantise(weight: f64) -> i16 {
    let largest = f64::from(i16::MAX);
    weight.round().clamp(-largest, largest) as i16
}
