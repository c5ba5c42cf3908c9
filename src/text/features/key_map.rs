//! A map by keys.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::FeatureKey;

/// A map by keys, which are hashes already and are not hashed again.
pub(in crate::text) type KeyMap<T> = HashMap<FeatureKey, T, BuildHasherDefault<AsItIs>>;

/// A key is its own hash.
#[derive(Default)]
pub(in crate::text) struct AsItIs(FeatureKey);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, key: FeatureKey) {
        self.0 = key;
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }
}
