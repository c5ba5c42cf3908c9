//! Scores a comment on two heads and says why, exactly.
//!
//! The model is linear: every token adds its weight, so a score is the sum of its
//! evidence. Weights come from a trained, immutable [`Artefact`].

mod artefact;
mod base;
mod explain;
mod table;

pub(crate) use artefact::hexadecimal;
pub use artefact::{
    Adaptation, Artefact, ArtefactError, CorpusRecord, FORMAT_VERSION, HeadFit, HeadRecord, Header,
    LabelCount, Line, ModelId, Support, WeightEntry, length, short_key, write_atomically,
};
pub use base::BASE;
pub use explain::Explanation;
use table::WeightTable;

use crate::text::{FeatureKey, Features, Token};
use crate::verdict::{Head, PerHead, Probability, Scores};

/// A loaded model, ready to score.
pub struct Classifier {
    id: ModelId,
    header: Header,
    table: WeightTable,
}

/// Weights of one token in quantised units, `[spam, toxicity]`. Sums of a
/// comment's weights are exact in `i64`.
type Weights = [i64; 2];

/// The score of one comment with what is needed to explain it.
pub struct Scored<'a> {
    classifier: &'a Classifier,
    features: &'a Features,
    weights: Vec<Weights>,
    sum: Weights,
    known_words: u32,
}

impl Classifier {
    /// Loads an artefact for scoring.
    #[must_use]
    pub fn new(artefact: Artefact) -> Self {
        let (id, header, entries) = artefact.into_parts();
        Self {
            table: WeightTable::new(&entries),
            id,
            header,
        }
    }

    /// The artefact's id.
    #[must_use]
    pub const fn id(&self) -> &ModelId {
        &self.id
    }

    /// What the artefact says of itself.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Its weights, sorted by nothing in particular.
    pub fn entries(&self) -> impl Iterator<Item = WeightEntry> + '_ {
        self.table.entries()
    }

    /// Scores the comment that `features` came from.
    #[must_use]
    pub fn score<'a>(&'a self, features: &'a Features) -> Scored<'a> {
        let mut scored = Scored {
            classifier: self,
            features,
            weights: Vec::with_capacity(features.tokens().len()),
            sum: [0, 0],
            known_words: 0,
        };
        let mut unknown = Vec::new();
        let tokens = features.tokens().iter();
        let first: Vec<_> = tokens.map(|token| self.table.first(token.key)).collect();
        for (at, (token, first)) in features.tokens().iter().zip(first).enumerate() {
            let known = self.table.get_from(first, token.key);
            let (weights, known) = self.weights(features, token, known);
            match (known, token.has_ngrams()) {
                (true, true) => scored.known_words += 1,
                (false, true) => unknown.push(at),
                (_, false) => {}
            }
            scored.weights.push(weights);
        }
        damp(&mut scored.weights, &unknown);
        scored.sum = scored.weights.iter().copied().fold([0, 0], add);
        scored
    }

    /// The weights of a token whose entry is `known`, and whether the model knows the token
    /// itself. A known word's weights include its n-grams'; of an unknown one they are all
    /// there is.
    fn weights(
        &self,
        features: &Features,
        token: &Token,
        known: Option<Weights>,
    ) -> (Weights, bool) {
        if let Some(pair) = token.joined_from() {
            let is_ordinary = || self.table.get(features.tokens()[pair].key).is_some();
            return (known.filter(|_| !is_ordinary()).unwrap_or_default(), true);
        }
        if let Some(weights) = known {
            return (weights, true);
        }
        let mut sum = [0, 0];
        features.pieces(token, |key: FeatureKey| {
            if let Some(weights) = self.table.get(key) {
                sum = add(sum, weights);
            }
        });
        (sum, false)
    }

    /// What one unit of weight adds to the log-odds of `head` in a comment of
    /// `size` features, below the head's knee. Dividing by the root of the size keeps the
    /// score's meaning the same for long and short texts.
    #[must_use]
    pub fn unit(&self, head: Head, size: u32) -> f64 {
        self.header.heads.get(head).fit.gain / f64::from(size).sqrt()
    }
}

impl Scored<'_> {
    /// Natural-log odds of `head`: prior plus every token.
    #[must_use]
    pub fn log_odds(&self, head: Head) -> f64 {
        let line = self.line(head);
        line.prior + self.sum[head as usize] as f64 * line.unit
    }

    /// The line in its sum of weights on which the comment's log-odds of `head` lie.
    #[must_use]
    pub fn line(&self, head: Head) -> Line {
        let fit = &self.classifier.header.heads.get(head).fit;
        fit.line(self.features.size(), self.sum[head as usize])
    }

    /// Calibrated probabilities of both heads.
    #[must_use]
    pub fn scores(&self) -> Scores {
        PerHead::from_fn(|head| Probability::from_log_odds(self.log_odds(head)))
    }

    /// How many distinct words of the comment the model knows.
    #[must_use]
    pub const fn known_words(&self) -> u32 {
        self.known_words
    }
}

/// Words of which a model has seen pieces only, that count in full.
const UNKNOWN_IN_FULL: usize = 8;

/// Scales the weights of `unknown` words down as they become many. Each is a guess
/// from pieces, and a text of nothing but guesses, in a language the model does not
/// know, must not add them up to a certainty.
#[expect(clippy::cast_possible_truncation, reason = "it shrinks")]
fn damp(weights: &mut [Weights], unknown: &[usize]) {
    let factor = damping(unknown.len());
    if factor >= 1.0 {
        return;
    }
    for &at in unknown {
        weights[at] = weights[at].map(|weight| (weight as f64 * factor) as i64);
    }
}

/// What the weights of each of `unknown` words are multiplied by.
pub(crate) fn damping(unknown: usize) -> f64 {
    (UNKNOWN_IN_FULL as f64 / unknown.max(UNKNOWN_IN_FULL) as f64).sqrt()
}

const fn add(a: Weights, b: Weights) -> Weights {
    [a[0] + b[0], a[1] + b[1]]
}

#[cfg(test)]
mod tests;
