//! Waves: near-identical comments in a site's queue.
//!
//! Each comment joins the wave whose first one it is nearest to, if it is near it
//! ([`SimHash::is_near`]), or begins one of its own. So every member is near the first,
//! also once that one is decided on, and a wave cannot drift from one text to another
//! by small steps, as chains of neighbours do. Comments come and go one by one: what
//! that costs does not depend on how many wait.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;

use smallvec::SmallVec;

use super::near_index::NearIndex;
use crate::store::CommentId;
use crate::text::SimHash;

/// Fewest waves that may be empty before they are cleared away.
const EMPTY: usize = 1_000;

/// What is known of a comment to group it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    /// The comment.
    pub id: CommentId,
    /// Of its text; `None`: like no other.
    pub simhash: Option<SimHash>,
}

/// What waves are sorted by: the size, the largest first; the oldest comment; and which
/// wave it is.
type Rank = (Reverse<u32>, CommentId, u32);

/// The waves of one site. A comment without near ones is a wave of one.
#[derive(Debug, Default)]
pub struct Waves {
    index: NearIndex,
    /// By the wave's number, the oldest first. It is the number of its first comment in
    /// the index; of a comment that is like no other, one from the highest down.
    members: HashMap<u32, SmallVec<[CommentId; 1]>>,
    wave_of: HashMap<CommentId, u32>,
    ranks: BTreeSet<Rank>,
    /// How many numbers from the highest down have been given.
    alone: u32,
}

impl Waves {
    /// Groups `prints`, which are in the order of their ids, so the oldest first.
    #[cfg(test)]
    pub fn of(prints: impl IntoIterator<Item = Print>) -> Self {
        let mut waves = Self::default();
        for print in prints {
            waves.add(print);
        }
        waves
    }

    /// Adds a comment; one that is there already stays where it is.
    pub fn add(&mut self, print: Print) {
        if self.wave_of.contains_key(&print.id) {
            return;
        }
        let number = match print.simhash {
            None => {
                self.alone += 1;
                u32::MAX - self.alone
            }
            Some(simhash) => {
                let near = self.index.nearest(simhash);
                near.unwrap_or_else(|| self.index.add(simhash))
            }
        };
        self.wave_of.insert(print.id, number);
        self.change(number, |members| {
            let place = members.partition_point(|id| *id < print.id);
            members.insert(place, print.id);
        });
    }

    /// Takes a comment out, which waits no longer.
    pub fn remove(&mut self, id: CommentId) {
        let Some(number) = self.wave_of.remove(&id) else {
            return;
        };
        self.change(number, |members| members.retain(|member| *member != id));
        if self.index.len() > EMPTY + 2 * self.members.len() {
            self.clear_away();
        }
    }

    fn change(&mut self, number: u32, edit: impl FnOnce(&mut SmallVec<[CommentId; 1]>)) {
        let members = self.members.entry(number).or_default();
        if let Some(rank) = rank(members, number) {
            self.ranks.remove(&rank);
        }
        edit(members);
        match rank(members, number) {
            Some(rank) => {
                self.ranks.insert(rank);
            }
            None => {
                self.members.remove(&number);
            }
        }
    }

    /// Leaves out of the index what nobody is near any more.
    fn clear_away(&mut self) {
        let mut living: Vec<_> = self.members.drain().collect();
        living.sort_unstable_by_key(|(number, _)| *number);
        let old = std::mem::take(&mut self.index);
        self.ranks.clear();
        for (number, members) in living {
            let hash = old.get(number);
            let number = hash.map_or(number, |hash| self.index.add(hash));
            for id in &members {
                self.wave_of.insert(*id, number);
            }
            self.ranks.extend(rank(&members, number));
            self.members.insert(number, members);
        }
    }

    fn wave(&self, id: CommentId) -> Option<&[CommentId]> {
        let members = self.members.get(self.wave_of.get(&id)?)?;
        Some(members)
    }

    /// Whether it is in a wave, be it of one.
    #[must_use]
    pub fn contains(&self, id: CommentId) -> bool {
        self.wave_of.contains_key(&id)
    }

    /// How many comments there are.
    pub fn len(&self) -> usize {
        self.wave_of.len()
    }

    /// Every comment, in no order.
    pub fn ids(&self) -> impl Iterator<Item = CommentId> {
        self.wave_of.keys().copied()
    }

    /// The comments that wait and are like `id`, the oldest first: the wave that it is
    /// in; if it is in none, since it does not wait, the one near `simhash`. Empty: none is.
    #[must_use]
    pub fn alike(&self, id: CommentId, simhash: Option<SimHash>) -> &[CommentId] {
        let near = || simhash.map_or(&[][..], |simhash| self.near(simhash));
        self.wave(id).unwrap_or_else(near)
    }

    fn near(&self, simhash: SimHash) -> &[CommentId] {
        let number = self.index.nearest(simhash);
        number
            .and_then(|number| self.members.get(&number))
            .map_or(&[], |members| members)
    }

    /// How many comments the wave of `id` has.
    #[must_use]
    pub fn size(&self, id: CommentId) -> usize {
        self.wave(id).map_or(1, <[_]>::len)
    }

    /// Every wave of at least `smallest`, the largest first, of equal ones the oldest.
    pub fn largest(&self, smallest: usize) -> impl Iterator<Item = &[CommentId]> {
        let large = move |rank: &&Rank| rank.0.0 as usize >= smallest;
        let ranks = self.ranks.iter().take_while(large);
        ranks.map(|rank| self.at(rank))
    }

    /// Every comment from the wave on whose size and oldest comment these are, in the
    /// order of [`Self::largest`], each with the size of its wave and the oldest in it.
    pub fn ranked(
        &self,
        from: Option<(u32, CommentId)>,
    ) -> impl Iterator<Item = (u32, CommentId, CommentId)> {
        let from = from.map_or(Bound::Unbounded, |(size, oldest)| {
            Bound::Included((Reverse(size), oldest, 0))
        });
        let ranks = self.ranks.range((from, Bound::Unbounded));
        ranks.flat_map(|rank| {
            let members = self.at(rank).iter();
            members.map(|id| (rank.0.0, rank.1, *id))
        })
    }

    fn at(&self, rank: &Rank) -> &[CommentId] {
        self.members.get(&rank.2).map_or(&[], |members| members)
    }
}

fn rank(members: &[CommentId], number: u32) -> Option<Rank> {
    // Some four billion comments wait for nobody.
    let size = u32::try_from(members.len()).unwrap_or(u32::MAX);
    Some((Reverse(size), *members.first()?, number))
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
            simhash: Some(SimHash::from_bytes(bits.to_be_bytes())),
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
        assert_eq!(waves.alike(id(4), None), [id(1), id(3), id(4)]);
        assert_eq!(waves.size(id(3)), 3);
        assert_eq!(waves.alike(id(2), None), [id(2)]);
        assert_eq!(waves.size(id(99)), 1);
        let near = SimHash::from_bytes((text ^ 1).to_be_bytes());
        assert_eq!(waves.alike(id(99), Some(near)), [id(1), id(3), id(4)]);
        assert_eq!(
            waves.alike(id(2), Some(near)),
            [id(2)],
            "its own comes first"
        );
        assert!(waves.alike(id(99), None).is_empty());
        assert_eq!(
            waves.largest(2).collect::<Vec<_>>(),
            [[id(1), id(3), id(4)]]
        );
        assert_eq!(waves.largest(1).count(), 2);
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
            let all: usize = waves.largest(1).map(<[_]>::len).sum();
            prop_assert_eq!(all, prints.len());
            let hash = |wanted| prints.iter().find(|print| print.id == wanted).unwrap().simhash.unwrap();
            for print in &prints {
                let wave = waves.alike(print.id, None);
                prop_assert!(hash(wave[0]).is_near(print.simhash.unwrap()));
                prop_assert!(wave.contains(&print.id));
            }
            // Copies differ in at most 6 bits from their text, so in 12 from each other.
            prop_assert!(waves.largest(1).count() <= 20);
        }

        #[test]
        fn who_goes_is_gone_and_the_rest_stay_together(
            seeds in prop::collection::vec((0_u128..20, any::<[u8; 6]>(), any::<bool>()), 0..200),
        ) {
            let mut waves = Waves::default();
            let mut before = HashMap::new();
            for (number, (text, flips, _)) in seeds.iter().enumerate() {
                waves.add(print(number, flips.iter().fold(scattered(*text), |bits, at| bits ^ 1 << (at % 128))));
            }
            for number in 0..seeds.len() {
                before.insert(id(number), waves.alike(id(number), None).to_vec());
            }
            let stays = |id: &CommentId| !seeds[u128::from_be_bytes(id.to_bytes()) as usize].2;
            for (number, (.., goes)) in seeds.iter().enumerate() {
                if *goes {
                    waves.remove(id(number));
                    waves.clear_away();
                }
            }
            for (one, wave) in before {
                let left: Vec<_> = wave.into_iter().filter(stays).collect();
                if stays(&one) {
                    prop_assert_eq!(waves.alike(one, None), left);
                } else {
                    prop_assert_eq!(waves.size(one), 1);
                }
            }
            let ranked: Vec<_> = waves.ranked(None).collect();
            prop_assert_eq!(ranked.len(), waves.len());
            prop_assert!(ranked.is_sorted_by_key(|(size, leader, id)| (Reverse(*size), *leader, *id)));
            for (place, (size, leader, _)) in ranked.iter().enumerate() {
                let from = waves.ranked(Some((*size, *leader))).next();
                let first = ranked[..=place].iter().find(|one| one.1 == *leader).copied();
                prop_assert_eq!(from, first);
            }
        }
    }
}
