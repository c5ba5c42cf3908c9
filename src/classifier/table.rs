//! The weight table: short key to weights, one cache line a look-up.

use super::artefact::{WeightEntry, short_key};
use crate::text::FeatureKey;

/// Open addressing over 8-byte slots, at most two thirds full. The top bits of a
/// key are its place, so neighbours in the sorted artefact are neighbours here.
pub(super) struct WeightTable {
    slots: Vec<WeightEntry>,
    shift: u32,
}

impl WeightTable {
    /// `entries` have distinct, non-zero keys.
    pub(super) fn new(entries: &[WeightEntry]) -> Self {
        let capacity = (entries.len() + entries.len() / 2 + 2).next_power_of_two();
        let mut table = Self {
            slots: vec![WeightEntry::default(); capacity],
            shift: 32 - capacity.trailing_zeros(),
        };
        for &entry in entries {
            let mut at = table.place(entry.key);
            while table.slots[at].key != 0 {
                at = table.after(at);
            }
            table.slots[at] = entry;
        }
        table
    }

    pub(super) fn get(&self, key: FeatureKey) -> Option<[i64; 2]> {
        self.get_from(self.first(key), key)
    }

    /// The slot where a look-up of `key` begins. The table is larger than the caches near a
    /// processor: who looks up many keys has all their slots fetched at once by asking for
    /// these first.
    #[inline]
    pub(super) fn first(&self, key: FeatureKey) -> WeightEntry {
        self.slots[self.place(short_key(key))]
    }

    /// As [`get`](Self::get), with the [`first`](Self::first) slot of `key` at hand.
    #[inline]
    pub(super) fn get_from(&self, first: WeightEntry, key: FeatureKey) -> Option<[i64; 2]> {
        let key = short_key(key);
        let (mut slot, mut at) = (first, self.place(key));
        loop {
            if slot.key == key {
                return Some(slot.weights.map(i64::from));
            }
            if slot.key == 0 {
                return None;
            }
            at = self.after(at);
            slot = self.slots[at];
        }
    }

    /// What was put in, in the order of places.
    pub(super) fn entries(&self) -> impl Iterator<Item = WeightEntry> + '_ {
        let slots = self.slots.iter().copied();
        slots.filter(|slot| slot.key != 0)
    }

    const fn place(&self, key: u32) -> usize {
        (key >> self.shift) as usize
    }

    const fn after(&self, at: usize) -> usize {
        (at + 1) & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn holds_what_was_put_in_and_nothing_else(keys in prop::collection::btree_map(1_u32.., any::<[i16; 2]>(), 0..200), other: u32) {
            let entries: Vec<_> = keys.iter().map(|(&key, &weights)| WeightEntry { key, weights }).collect();
            let table = WeightTable::new(&entries);
            for (&key, weights) in &keys {
                prop_assert_eq!(table.get(u64::from(key) << 32), Some(weights.map(i64::from)));
            }
            let expected = keys.get(&other.max(1)).map(|w| w.map(i64::from));
            prop_assert_eq!(table.get(u64::from(other) << 32), expected);
        }
    }
}
