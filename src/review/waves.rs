//! Waves: near-identical comments in a site's queue.
//!
//! Each comment, the oldest first, joins the nearest comment that leads a wave and is
//! near ([`SimHash::is_near`]), or leads one of its own. So every member is near its
//! leader, and a wave cannot drift from one text to another by small steps, as chains
//! of neighbours do. The outcome depends on the comments alone, so all replicas agree.

use std::collections::HashMap;

use super::near_index::NearIndex;
use crate::store::CommentId;
use crate::text::SimHash;

/// What is known of a comment to group it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    /// The comment.
    pub id: CommentId,
    /// Of its text.
    pub simhash: SimHash,
}

/// The waves of one site. A comment without near ones is a wave of one.
#[derive(Debug, Default)]
pub struct Waves {
    index: NearIndex,
    /// By the number the index gives; the leader is the first.
    members: Vec<Vec<CommentId>>,
    wave_of: HashMap<CommentId, usize>,
}

impl Waves {
    /// Groups `prints`, which are in the order of their ids, so the oldest first.
    pub fn of(prints: impl IntoIterator<Item = Print>) -> Self {
        let mut waves = Self::default();
        for print in prints {
            waves.add(print);
        }
        waves
    }

    fn add(&mut self, print: Print) {
        let wave = self.index.nearest(print.simhash).unwrap_or_else(|| {
            self.members.push(Vec::new());
            self.index.add(print.simhash)
        });
        if let Some(members) = self.members.get_mut(wave) {
            members.push(print.id);
            self.wave_of.insert(print.id, wave);
        }
    }

    /// The wave that `id` is in, the oldest first; at least `id` itself, also if it
    /// was not among those grouped.
    #[must_use]
    pub fn with(&self, id: CommentId) -> Vec<CommentId> {
        let wave = self
            .wave_of
            .get(&id)
            .and_then(|&wave| self.members.get(wave));
        wave.cloned().unwrap_or_else(|| vec![id])
    }

    /// The wave of comments near `simhash`, the oldest first; empty: none is near.
    #[must_use]
    pub fn near(&self, simhash: SimHash) -> &[CommentId] {
        let wave = self.index.nearest(simhash);
        wave.and_then(|wave| self.members.get(wave))
            .map_or(&[], Vec::as_slice)
    }

    /// How many comments the wave of `id` has.
    #[must_use]
    pub fn size(&self, id: CommentId) -> usize {
        let wave = self
            .wave_of
            .get(&id)
            .and_then(|&wave| self.members.get(wave));
        wave.map_or(1, Vec::len)
    }

    /// The first comment of the wave of `id`.
    #[must_use]
    pub fn leader(&self, id: CommentId) -> CommentId {
        let wave = self
            .wave_of
            .get(&id)
            .and_then(|&wave| self.members.get(wave));
        wave.and_then(|members| members.first().copied())
            .unwrap_or(id)
    }

    /// Every wave of at least `smallest`, the largest first, of equal ones the oldest.
    #[must_use]
    pub fn largest(&self, smallest: usize) -> Vec<&[CommentId]> {
        let large = self
            .members
            .iter()
            .filter(|members| members.len() >= smallest);
        let mut waves: Vec<_> = large.map(Vec::as_slice).collect();
        waves.sort_by_key(|members| (std::cmp::Reverse(members.len()), members.first().copied()));
        waves
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn id(number: usize) -> CommentId {
        CommentId::new(Uuid::from_u128(number as u128))
    }

    fn print(number: usize, bits: u128) -> Print {
        Print {
            id: id(number),
            simhash: SimHash::from_bytes(bits.to_be_bytes()),
        }
    }

    /// Bits that differ in about half from those of every other number.
    fn scattered(number: u128) -> u128 {
        let high = number
            .wrapping_add(1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        (high ^ (high >> 61)).wrapping_mul(0x2545_f491_4f6c_dd1d_8a5c_d789_635d_2dff)
    }

    #[test]
    fn near_ones_are_one_wave_and_others_their_own() {
        let text = scattered(7);
        let waves = Waves::of([
            print(1, text),
            print(2, scattered(8)),
            print(3, text ^ 0b111),
            print(4, text),
        ]);
        assert_eq!(waves.with(id(4)), [id(1), id(3), id(4)]);
        assert_eq!((waves.size(id(3)), waves.leader(id(3))), (3, id(1)));
        assert_eq!(waves.with(id(2)), [id(2)]);
        assert_eq!((waves.size(id(99)), waves.leader(id(99))), (1, id(99)));
        assert_eq!(
            waves
                .near(SimHash::from_bytes((text ^ 1).to_be_bytes()))
                .len(),
            3
        );
        assert_eq!(waves.largest(2), [[id(1), id(3), id(4)]]);
        assert_eq!(waves.largest(1).len(), 2);
    }

    #[test]
    fn a_wave_does_not_drift() {
        // Each is near the one before, and the last is far from the first.
        let steps = (0..20).map(|step| print(step, (1_u128 << (step * 6)) - 1));
        let waves = Waves::of(steps);
        for wave in waves.largest(1) {
            assert!(wave.len() <= 4, "{wave:?}");
        }
    }

    proptest! {
        #[test]
        fn each_comment_is_in_one_wave_near_its_leader(
            seeds in prop::collection::vec((0_u128..20, any::<[u8; 6]>()), 0..200),
        ) {
            let prints: Vec<_> = (0..).zip(&seeds).map(|(number, (text, flips))| {
                print(number, flips.iter().fold(scattered(*text), |bits, at| bits ^ 1 << (at % 128)))
            }).collect();
            let waves = Waves::of(prints.iter().copied());
            let all: usize = waves.largest(1).iter().map(|wave| wave.len()).sum();
            prop_assert_eq!(all, prints.len());
            let hash = |wanted| prints.iter().find(|print| print.id == wanted).unwrap().simhash;
            for print in &prints {
                prop_assert!(hash(waves.leader(print.id)).is_near(print.simhash));
                prop_assert!(waves.with(print.id).contains(&print.id));
            }
            // Copies differ in at most 6 bits from their text, so in 12 from each other.
            prop_assert!(waves.largest(1).len() <= 20);
        }
    }
}
