//! Which features a model knows.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::text::{FeatureKey, Features};
use crate::verdict::EvidenceKind;

/// Comments a feature must occur in to be learned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Minimum {
    word: u32,
    pair: u32,
    ngram: u32,
    structure: u32,
}

impl Minimum {
    /// For a corpus that stands for a language.
    pub(super) const TRAINING: Self = Self {
        word: 2,
        pair: 3,
        ngram: 4,
        structure: 3,
    };
    /// For a handful of labels, where a prior keeps what is rare in its place.
    pub(super) const ADAPTING: Self = Self {
        word: 1,
        pair: 1,
        ngram: 1,
        structure: 1,
    };
}

/// Feature keys are hashes already.
#[derive(Default)]
pub(super) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 ^= u64::from_le_bytes(word);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

pub(super) type KeyMap<T> = HashMap<FeatureKey, T, BuildHasherDefault<KeyHasher>>;

/// Counts in how many comments features occur.
pub(super) struct Counter {
    counts: KeyMap<Count>,
    minimum: Minimum,
}

#[derive(Clone, Copy, Default)]
struct Count {
    comments: u32,
    min: u32,
}

impl Counter {
    pub(super) fn new(minimum: Minimum) -> Self {
        Self {
            counts: KeyMap::default(),
            minimum,
        }
    }

    pub(super) fn add(&mut self, features: &Features) {
        for token in features.tokens() {
            let min = match token.kind() {
                EvidenceKind::Word => self.minimum.word,
                EvidenceKind::Pair => self.minimum.pair,
                _ => self.minimum.structure,
            };
            self.count(token.key, min);
            features.ngrams(token, |key| self.count(key, self.minimum.ngram));
        }
    }

    fn count(&mut self, key: FeatureKey, min: u32) {
        let count = self.counts.entry(key).or_default();
        count.comments = count.comments.saturating_add(1);
        count.min = min;
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (key, count) in other.counts {
            let sum = self.counts.entry(key).or_default();
            sum.comments = sum.comments.saturating_add(count.comments);
            sum.min = count.min;
        }
    }
}

/// The features a model knows, numbered in order of their keys.
pub(super) struct Vocabulary {
    columns: KeyMap<u32>,
    keys: Vec<FeatureKey>,
}

impl Vocabulary {
    pub(super) fn new(counter: Counter) -> Self {
        let frequent = counter
            .counts
            .into_iter()
            .filter(|(_, c)| c.comments >= c.min);
        let mut keys: Vec<FeatureKey> = frequent.map(|(key, _)| key).collect();
        keys.sort_unstable();
        // At most 2^32 columns: 16 GiB of keys would come first.
        let columns = keys
            .iter()
            .zip(0..)
            .map(|(&key, column)| (key, column))
            .collect();
        Self { columns, keys }
    }

    pub(super) fn column(&self, key: FeatureKey) -> Option<u32> {
        self.columns.get(&key).copied()
    }

    pub(super) fn keys(&self) -> &[FeatureKey] {
        &self.keys
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }
}
