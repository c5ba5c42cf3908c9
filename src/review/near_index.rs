//! Finds what is near a [`SimHash`] without looking at all of them.

use std::collections::HashMap;

use crate::text::SimHash;

/// Bits of a band: 4,096 buckets. Bits of texts in one language are far from even, so a
/// bucket may hold a sixth of all texts, and most hold a handful.
const BAND_BITS: usize = 12;
/// Bands of one deal of the 128 bits; 8 bits of each deal are left over.
const BANDS: usize = 10;
/// Deals. Of texts in [`SimHash::NEAR`] = 20 bits apart, a band is the same with
/// probability C(108, 12) / C(128, 12) = 0.12, so one of 30 with 0.98; of those 12
/// apart with more than 0.9999. Within 9 bits one of the ten bands of a deal must be.
const DEALS: usize = 3;
/// Odd, so that each deal takes the bits in an order of its own.
const STRIDES: [usize; DEALS] = [1, 37, 75];
/// Most hashes looked at for one. The smallest buckets come first, since they say most;
/// so of 100,000 made-up texts with words as unequal as a language's, a hash that
/// differs in 12 bits was still found 998 times of 1,000, in 20 bits 94 of 100, for a
/// fifth of the work.
const LOOKED_AT: usize = 8_192;
/// So few bits that nothing nearer is looked for.
const CLOSE: u32 = 3;

/// Bit masks gathered into bands, with what was added under each.
#[derive(Debug, Default)]
pub(super) struct NearIndex {
    hashes: Vec<SimHash>,
    /// By band and bucket.
    buckets: HashMap<u32, Vec<u32>>,
}

impl NearIndex {
    /// Adds a hash; its number is how many were added before.
    pub(super) fn add(&mut self, hash: SimHash) -> u32 {
        // Some four billion comments wait for nobody.
        let number = u32::try_from(self.hashes.len()).unwrap_or(u32::MAX);
        self.hashes.push(hash);
        for band in 0..BANDS * DEALS {
            let bucket = self.buckets.entry(bucket(hash, band)).or_default();
            bucket.push(number);
        }
        number
    }

    /// The number of the nearest that is near and found; of two as near, the one added
    /// first.
    pub(super) fn nearest(&self, hash: SimHash) -> Option<u32> {
        let bands = (0..BANDS * DEALS).filter_map(|band| self.buckets.get(&bucket(hash, band)));
        let mut buckets: Vec<_> = bands.map(Vec::as_slice).collect();
        buckets.sort_by_key(|bucket| bucket.len());
        let mut best: Option<(u32, u32)> = None;
        for &number in buckets.into_iter().flatten().take(LOOKED_AT) {
            let distance = self.hashes[number as usize].distance(hash);
            if distance <= SimHash::NEAR && best.is_none_or(|best| (distance, number) < best) {
                best = Some((distance, number));
                if distance <= CLOSE {
                    break;
                }
            }
        }
        best.map(|(_, number)| number)
    }

    /// The hash of this number.
    pub(super) fn get(&self, number: u32) -> Option<SimHash> {
        self.hashes.get(number as usize).copied()
    }

    /// How many were added.
    pub(super) const fn len(&self) -> usize {
        self.hashes.len()
    }
}

/// Which bucket of which `band` a hash is in: the band, and twelve of the hash's bits.
fn bucket(hash: SimHash, band: usize) -> u32 {
    let (deal, first) = (band / BANDS, band % BANDS * BAND_BITS);
    let bits = hash.bits();
    let number = u32::try_from(band).unwrap_or_default();
    (first..first + BAND_BITS).fold(number, |bucket, place| {
        let bit = place * STRIDES[deal] % 128;
        bucket << 1 | u32::from(bits >> bit & 1 == 1)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hash(bits: u128) -> SimHash {
        SimHash::from_bytes(bits.to_be_bytes())
    }

    #[test]
    fn deals_differ() {
        let orders = STRIDES.map(|stride| (0..12).map(|at| at * stride % 128).collect::<Vec<_>>());
        assert!(orders[0] != orders[1] && orders[1] != orders[2]);
        for stride in STRIDES {
            let mut all: Vec<_> = (0..128).map(|at| at * stride % 128).collect();
            all.sort_unstable();
            assert_eq!(all, (0..128).collect::<Vec<_>>());
        }
    }

    proptest! {
        #[test]
        fn whatever_differs_in_nine_bits_is_found(bits in any::<u128>(), flips in any::<[u8; 9]>()) {
            let mut index = NearIndex::default();
            index.add(hash(!bits));
            let number = index.add(hash(bits));
            let copy = flips.iter().fold(bits, |bits, at| bits ^ 1 << (at % 128));
            prop_assert_eq!(index.nearest(hash(copy)), Some(number));
        }

        #[test]
        fn what_is_found_is_near(all in prop::collection::vec(any::<u128>(), 0..50), bits in any::<u128>()) {
            let mut index = NearIndex::default();
            for one in &all {
                index.add(hash(*one));
            }
            if let Some(found) = index.nearest(hash(bits)) {
                prop_assert!(hash(all[found as usize]).is_near(hash(bits)));
            }
        }
    }

    #[test]
    fn most_of_what_is_just_near_is_found() {
        // A fixed sequence, so that the count is the same at every run.
        let mut state = 1_u128;
        let mut next = || {
            state = state
                .wrapping_mul(0x2d99_787e_ef12_07a9_9e37_79b9_7f4a_7c15)
                .wrapping_add(1);
            state ^ state >> 64
        };
        let found = (0..500).filter(|_| {
            let (mut index, bits) = (NearIndex::default(), next());
            index.add(hash(bits));
            let mut copy = bits;
            while (copy ^ bits).count_ones() < SimHash::NEAR {
                copy ^= 1 << ((next() >> 100) % 128);
            }
            index.nearest(hash(copy)).is_some()
        });
        let found = found.count();
        assert!(found >= 480, "{found} of 500");
    }
}
