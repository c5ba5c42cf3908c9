//! Which features a model knows.

use std::collections::{HashMap, HashSet};
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

/// What kind of feature a column is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ColumnKind {
    #[default]
    Word,
    Pair,
    Ngram,
    Class,
    Link,
    Signal,
}

impl ColumnKind {
    fn of_token(kind: EvidenceKind) -> Self {
        match kind {
            EvidenceKind::Pair => Self::Pair,
            EvidenceKind::Link => Self::Link,
            EvidenceKind::Word => Self::Word,
            _ => Self::Signal,
        }
    }
}

/// Counts in how many comments features occur.
pub(super) struct Counter {
    counts: KeyMap<Count>,
    minimum: Minimum,
}

#[derive(Clone, Copy, Default)]
struct Count {
    comments: u32,
    min: u32,
    kind: ColumnKind,
}

impl Counter {
    pub(super) fn new(minimum: Minimum) -> Self {
        Self {
            counts: KeyMap::default(),
            minimum,
        }
    }

    pub(super) fn add(&mut self, features: &Features) {
        let tokens = features.tokens().iter();
        for token in tokens.filter(|token| token.joined_from().is_none()) {
            let min = match token.kind() {
                EvidenceKind::Word => self.minimum.word,
                EvidenceKind::Pair => self.minimum.pair,
                _ => self.minimum.structure,
            };
            self.count(token.key, min, ColumnKind::of_token(token.kind()));
            features.ngrams(token, |key| {
                self.count(key, self.minimum.ngram, ColumnKind::Ngram);
            });
            features.classes(token, |key| {
                self.count(key, self.minimum.structure, ColumnKind::Class);
            });
        }
    }

    fn count(&mut self, key: FeatureKey, min: u32, kind: ColumnKind) {
        let count = self.counts.entry(key).or_default();
        count.comments = count.comments.saturating_add(1);
        count.min = min;
        count.kind = kind;
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (key, count) in other.counts {
            let sum = self.counts.entry(key).or_default();
            sum.comments = sum.comments.saturating_add(count.comments);
            sum.min = count.min;
            sum.kind = count.kind;
        }
    }
}

/// The features a model knows, numbered in order of their keys.
pub(super) struct Vocabulary {
    columns: KeyMap<u32>,
    keys: Vec<FeatureKey>,
    kinds: Vec<ColumnKind>,
}

impl Vocabulary {
    pub(super) fn new(counter: Counter) -> Self {
        let frequent = counter
            .counts
            .into_iter()
            .filter(|(_, c)| c.comments >= c.min);
        let mut known: Vec<_> = frequent.map(|(key, c)| (key, c.kind)).collect();
        known.sort_unstable_by_key(|&(key, _)| key);
        Self::of_sorted(known)
    }

    /// Those of its features whose kind is `wanted`.
    pub(super) fn only(&self, wanted: impl Fn(ColumnKind) -> bool) -> Self {
        let known = self.keys.iter().copied().zip(self.kinds.iter().copied());
        Self::of_sorted(known.filter(|&(_, kind)| wanted(kind)).collect())
    }

    /// All of its features but `keys`.
    pub(super) fn without(&self, keys: &HashSet<FeatureKey>) -> Self {
        let known = self.keys.iter().copied().zip(self.kinds.iter().copied());
        Self::of_sorted(known.filter(|(key, _)| !keys.contains(key)).collect())
    }

    fn of_sorted(known: Vec<(FeatureKey, ColumnKind)>) -> Self {
        let (keys, kinds): (Vec<_>, Vec<_>) = known.into_iter().unzip();
        // At most 2^32 columns: 16 GiB of keys would come first.
        let columns = keys
            .iter()
            .zip(0..)
            .map(|(&key, column)| (key, column))
            .collect();
        Self {
            columns,
            keys,
            kinds,
        }
    }

    pub(super) fn column(&self, key: FeatureKey) -> Option<u32> {
        self.columns.get(&key).copied()
    }

    pub(super) fn keys(&self) -> &[FeatureKey] {
        &self.keys
    }

    /// Of each column, in their order.
    pub(super) fn kinds(&self) -> &[ColumnKind] {
        &self.kinds
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }
}
