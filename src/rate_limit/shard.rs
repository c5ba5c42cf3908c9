//! One part of the in-process limiter's memory.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::key::Key;

/// How often a shard in use drops its idle keys, in microseconds.
const SWEEP_EVERY_US: u64 = 60_000_000;
/// The share of a full shard that is forgotten at once, so that the work of choosing
/// is spread over many insertions.
const FORGET_ONE_IN: usize = 8;

/// Theoretical arrival times by key, at most `max_keys` of them.
pub(super) struct Shard {
    tats: HashMap<Key, u64, BuildHasherDefault<KeyBits>>,
    max_keys: usize,
    next_sweep_us: u64,
}

impl Shard {
    /// An empty shard for at most `max_keys` (at least 1) keys.
    pub(super) fn new(max_keys: usize) -> Self {
        Self {
            tats: HashMap::default(),
            max_keys: max_keys.max(1),
            next_sweep_us: 0,
        }
    }

    /// The theoretical arrival time of `key`, if it has been charged.
    pub(super) fn tat_us(&self, key: &Key) -> Option<u64> {
        self.tats.get(key).copied()
    }

    /// Keeps `tat_us` for `key`, dropping idle keys when that is due.
    pub(super) fn store(&mut self, key: Key, tat_us: u64, now_us: u64) {
        let full = self.tats.len() >= self.max_keys && !self.tats.contains_key(&key);
        if full || now_us >= self.next_sweep_us {
            self.sweep(now_us);
        }
        if full && self.tats.len() >= self.max_keys {
            self.forget_nearest_to_idle();
        }
        self.tats.insert(key, tat_us);
    }

    /// How many keys it holds, idle ones included.
    pub(super) fn len(&self) -> usize {
        self.tats.len()
    }

    fn sweep(&mut self, now_us: u64) {
        self.tats.retain(|_, tat_us| *tat_us > now_us);
        if self.tats.len() < self.tats.capacity() / 4 {
            self.tats.shrink_to(self.tats.len() * 2);
        }
        self.next_sweep_us = now_us.saturating_add(SWEEP_EVERY_US);
    }

    fn forget_nearest_to_idle(&mut self) {
        let mut forget = (self.tats.len() / FORGET_ONE_IN).max(1);
        let mut tats: Vec<u64> = self.tats.values().copied().collect();
        let (_, &mut last_forgotten, _) = tats.select_nth_unstable(forget - 1);
        self.tats.retain(|_, tat_us| {
            let keep = *tat_us > last_forgotten || forget == 0;
            forget -= usize::from(!keep);
            keep
        });
    }
}

/// Takes a [`Key`]'s bytes as its hash: they are an HMAC already, so nobody outside
/// can make keys collide.
#[derive(Default)]
struct KeyBits(u64);

impl Hasher for KeyBits {
    fn write(&mut self, bytes: &[u8]) {
        // Only `write_u64` is used, by `Key`'s `Hash`.
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, bits: u64) {
        self.0 = bits;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate_limit::key::KeyHasher;
    use crate::rate_limit::settings::QuotaKind;
    use crate::site::SiteId;

    const MINUTE: u64 = 60_000_000;

    fn key(number: u64) -> Key {
        let hasher = KeyHasher::new([3; 32]);
        hasher.key(&SiteId::default(), QuotaKind::Email, &number.to_be_bytes())
    }

    #[test]
    fn idle_keys_are_dropped_as_time_goes_by() {
        let mut shard = Shard::new(1_000);
        for number in 0..500 {
            shard.store(key(number), MINUTE / 2, 0);
        }
        shard.store(key(500), 2 * MINUTE, MINUTE / 2);
        assert_eq!(shard.len(), 501, "the next sweep is not due");
        shard.store(key(501), 2 * MINUTE, MINUTE);
        assert_eq!(shard.len(), 2);
        assert!(shard.tats.capacity() < 500);
    }

    #[test]
    fn a_full_shard_drops_idle_keys_first() {
        let mut shard = Shard::new(8);
        for number in 0..8 {
            shard.store(key(number), 10 + number, 0);
        }
        shard.store(key(8), 100, 13);
        assert_eq!(shard.len(), 5, "four were idle");
        assert_eq!(shard.tat_us(&key(4)), Some(14));
    }

    #[test]
    fn a_full_shard_forgets_an_eighth_nearest_to_idle() {
        let mut shard = Shard::new(16);
        for number in 0..16 {
            shard.store(key(number), 1_000 + number, 0);
        }
        shard.store(key(16), 5_000, 0);
        assert_eq!(shard.len(), 15);
        assert_eq!(shard.tat_us(&key(1)), None);
        assert_eq!(shard.tat_us(&key(2)), Some(1_002));
        assert_eq!(shard.tat_us(&key(16)), Some(5_000));
    }

    #[test]
    fn keys_that_are_equally_near_are_not_all_forgotten() {
        let mut shard = Shard::new(16);
        for number in 0..1_000 {
            shard.store(key(number), 1_000, 0);
            assert!(shard.len() <= 16);
        }
        assert!(shard.len() >= 14);
    }

    #[test]
    fn a_known_key_is_updated_without_forgetting_another() {
        let mut shard = Shard::new(2);
        shard.store(key(0), 1_000, 0);
        shard.store(key(1), 1_000, 0);
        shard.store(key(0), 2_000, 0);
        assert_eq!(
            (shard.tat_us(&key(0)), shard.tat_us(&key(1))),
            (Some(2_000), Some(1_000))
        );
    }
}
