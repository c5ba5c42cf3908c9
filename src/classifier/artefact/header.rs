//! What an artefact says of itself, and what it is called.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::head_fit::HeadFit;
use crate::text::FeatureKey;
use crate::verdict::PerHead;

/// An artefact's name: `m-` and the first 16 hexadecimal digits of its SHA-256.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ModelId(pub(super) String);

impl ModelId {
    pub(super) fn of(digest: &[u8]) -> Self {
        let hex = hexadecimal(&digest[..8]);
        Self(format!("m-{hex}"))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for ModelId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
            hex.extend(
                [byte >> 4, byte & 15]
                    .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])),
            );
            hex
        })
}

/// What an artefact says of one head.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HeadRecord {
    /// The scoring parameters.
    #[serde(flatten)]
    pub fit: HeadFit,
    /// Judged rows it learned from.
    pub rows: usize,
    /// Positive ones among them.
    pub positives: usize,
    /// Area under the ROC curve over out-of-fold scores.
    pub cross_validated_auc: Option<f64>,
    /// Expected calibration error over out-of-fold scores.
    pub cross_validated_ece: Option<f64>,
    /// Mean of `p (1 - p)` over out-of-fold scores: how much an answer still moves when
    /// its log-odds do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<f64>,
}

/// What an artefact was trained on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorpusRecord {
    /// Name of the source.
    pub source: String,
    /// Rows of it that were learned from.
    pub rows: usize,
}

/// One adaptation of a model to a site's own labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adaptation {
    /// The model that was adapted.
    pub base: ModelId,
    /// Seed of everything random in it.
    pub seed: u64,
    /// SHA-256 over the prepared corpus of labels, hexadecimal.
    pub corpus_digest: String,
    /// Labels by head; `None` where the head was left as it was.
    pub labels: PerHead<Option<LabelCount>>,
}

/// Labels that a head was adapted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelCount {
    /// Judged rows.
    pub rows: usize,
    /// Positive ones among them.
    pub positives: usize,
}

/// What an artefact says of itself. Holds no time and no path: the same corpus
/// and seed give the same bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the feature extractor it was trained with.
    pub feature_version: u32,
    /// Seed of everything random in training.
    pub seed: u64,
    /// SHA-256 over the prepared corpus, hexadecimal.
    pub corpus_digest: String,
    /// The corpus by source.
    pub corpus: Vec<CorpusRecord>,
    /// Both heads. After an adaptation only their scoring parameters are new.
    pub heads: PerHead<HeadRecord>,
    /// What was done since to adapt it, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adaptations: Vec<Adaptation>,
}

/// The weights of one feature, in quantised units, `[spam, toxicity]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WeightEntry {
    /// [`short_key`] of the feature.
    pub key: u32,
    /// Spam and toxicity weight.
    pub weights: [i16; 2],
}

/// The upper half of a feature's key, never 0. With 10^6 entries one unknown
/// feature in 4,000 meets a stranger's weight.
#[must_use]
pub const fn short_key(key: FeatureKey) -> u32 {
    let short = (key >> 32) as u32;
    if short == 0 { 1 } else { short }
}
