//! From two fitted heads to one artefact: words folded, weights quantised.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};

use super::fit::FittedHead;
use super::matrix::{features_of, in_parts};
use super::vocabulary::{KeyMap, Vocabulary};
use super::{TrainError, TrainOptions};
use crate::classifier::{
    Artefact, CorpusRecord, HeadRecord, Header, Support, WeightEntry, hexadecimal, short_key,
};
use crate::label::LabelledSample;
use crate::text::{FEATURE_VERSION, FeatureKey};
use crate::verdict::{Head, PerHead};

/// Most features an artefact holds: 9 bytes each, within 8 MiB in all.
pub(super) const MAX_ENTRIES: usize = 900_000;

/// Assembles the artefact of two heads fitted on `corpus`.
pub(super) fn assemble(
    corpus: &[LabelledSample],
    vocabulary: &Vocabulary,
    heads: &PerHead<FittedHead>,
    records: PerHead<HeadRecord>,
    supports: &[Support],
    options: &TrainOptions,
) -> Result<Artefact, TrainError> {
    let mut weights: KeyMap<[f32; 2]> = vocabulary
        .keys()
        .iter()
        .enumerate()
        .map(|(column, &key)| (key, weights_of(heads, column)))
        .collect();
    let words = folded_words(corpus, vocabulary, heads);
    weights.extend(&words);
    let largest = PerHead::from_fn(|head| {
        weights
            .values()
            .map(|w| w[head as usize].abs())
            .fold(f32::MIN_POSITIVE, f32::max)
    });
    let entries = strongest(weights, largest, &words);
    let mut records = records;
    for head in Head::ALL {
        let fitted = heads.get(head);
        let unit = f64::from(*largest.get(head)) / f64::from(i16::MAX);
        records.get_mut(head).fit = fitted.calibration.fit(fitted.linear.bias, unit);
    }
    let header = Header {
        feature_version: FEATURE_VERSION,
        seed: options.seed,
        corpus_digest: digest(corpus),
        corpus: corpus_by_source(corpus),
        heads: records,
        adaptations: Vec::new(),
    };
    let supports: HashMap<u32, Support> = vocabulary
        .keys()
        .iter()
        .zip(supports)
        .map(|(&key, &support)| (short_key(key), support))
        .collect();
    let support = |key| supports.get(&key).copied().unwrap_or_default();
    Ok(Artefact::new(header, entries)?.with_supports(support)?)
}

fn weights_of(heads: &PerHead<FittedHead>, column: usize) -> [f32; 2] {
    [
        heads.spam.linear.weights[column],
        heads.toxicity.linear.weights[column],
    ]
}

/// Every known word with the sum of its own weight and its n-grams', so that
/// serving looks once for a word it knows and never at its n-grams.
fn folded_words(
    corpus: &[LabelledSample],
    vocabulary: &Vocabulary,
    heads: &PerHead<FittedHead>,
) -> KeyMap<[f32; 2]> {
    let parts = in_parts(corpus, |part| {
        let mut folded = KeyMap::<[f32; 2]>::default();
        for sample in part {
            let features = features_of(sample);
            for token in features.tokens().iter().filter(|t| t.has_ngrams()) {
                let Some(column) = vocabulary.column(token.key) else {
                    continue;
                };
                folded.entry(token.key).or_insert_with(|| {
                    let mut sum = weights_of(heads, column as usize);
                    features.pieces(token, |key| {
                        if let Some(column) = vocabulary.column(key) {
                            let weights = weights_of(heads, column as usize);
                            sum = [sum[0] + weights[0], sum[1] + weights[1]];
                        }
                    });
                    sum
                });
            }
        }
        folded
    });
    parts.into_iter().flatten().collect()
}

/// Quantises the weights and keeps the strongest. Words come first, those without
/// weight too: a word that is left out is taken for an unknown one, and read by its
/// n-grams. Of two features with the same short key the first stays.
fn strongest(
    weights: KeyMap<[f32; 2]>,
    largest: PerHead<f32>,
    words: &KeyMap<[f32; 2]>,
) -> Vec<WeightEntry> {
    let mut quantised: Vec<(FeatureKey, [i16; 2])> = weights
        .into_iter()
        .map(|(key, [spam, toxicity])| {
            (
                key,
                [
                    quantise(spam, largest.spam),
                    quantise(toxicity, largest.toxicity),
                ],
            )
        })
        .filter(|(key, weights)| *weights != [0, 0] || words.contains_key(key))
        .collect();
    let strength = |w: &[i16; 2]| w[0].unsigned_abs().max(w[1].unsigned_abs());
    let rank = |key: &FeatureKey, weights: &[i16; 2]| {
        (!words.contains_key(key), Reverse(strength(weights)), *key)
    };
    quantised.sort_by_cached_key(|(key, weights)| rank(key, weights));
    quantised.truncate(MAX_ENTRIES);
    let entries = quantised.into_iter().map(|(key, weights)| WeightEntry {
        key: short_key(key),
        weights,
    });
    entries.collect()
}

#[expect(clippy::cast_possible_truncation, reason = "|weight| <= largest")]
fn quantise(weight: f32, largest: f32) -> i16 {
    (weight / largest * f32::from(i16::MAX)).round() as i16
}

pub(super) fn corpus_by_source(corpus: &[LabelledSample]) -> Vec<CorpusRecord> {
    let mut rows = BTreeMap::<&str, usize>::new();
    for sample in corpus {
        *rows.entry(&sample.source).or_default() += 1;
    }
    rows.into_iter()
        .map(|(source, rows)| CorpusRecord {
            source: source.to_owned(),
            rows,
        })
        .collect()
}

/// SHA-256 over every sample, field by field.
pub(super) fn digest(corpus: &[LabelledSample]) -> String {
    let mut digest = Sha256::new();
    for sample in corpus {
        for field in [
            &sample.text,
            &sample.name,
            &sample.url,
            &sample.language,
            &sample.group,
            &sample.source,
        ] {
            digest.update((field.len() as u64).to_le_bytes());
            digest.update(field);
        }
        for head in Head::ALL {
            digest.update([sample.label.get(head).map_or(2, u8::from)]);
        }
    }
    hexadecimal(&digest.finalize())
}
