//! A set of keys.

use super::FeatureKey;

/// A set of well-mixed keys: open addressing, at most half full.
pub(super) struct KeySet {
    slots: Vec<FeatureKey>,
    len: usize,
}

impl KeySet {
    pub(super) fn for_about(keys: usize) -> Self {
        Self {
            slots: vec![0; (2 * keys).next_power_of_two()],
            len: 0,
        }
    }

    /// Whether `key` was new.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "any bits of a hash will do"
    )]
    pub(super) fn insert(&mut self, key: FeatureKey) -> bool {
        if 2 * self.len >= self.slots.len() {
            self.grow();
        }
        // Zero marks a free slot; no hash loses its identity by becoming 1.
        let key = key.max(1);
        let mask = self.slots.len() - 1;
        let mut at = (key as usize) & mask;
        while self.slots[at] != 0 {
            if self.slots[at] == key {
                return false;
            }
            at = (at + 1) & mask;
        }
        self.slots[at] = key;
        self.len += 1;
        true
    }

    #[cold]
    fn grow(&mut self) {
        let larger = Self::for_about(self.slots.len());
        for key in std::mem::replace(self, larger).slots {
            if key != 0 {
                self.insert(key);
            }
        }
    }
}
