//! The limiter that counts in this process alone.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::admission::Admission;
use super::charge::{Charge, PerCharge};
use super::clock::{Clock, MonotonicClock};
use super::gcra::step;
use super::key::Key;
use super::shard::Shard;
use super::{LimiterError, RateLimiter};
use crate::site::SiteId;

/// One for each value of [`Key::shard`].
const SHARDS: usize = 256;
/// What one shard's hash table of 8192 slots takes before it grows.
const SHARD_KEYS: usize = 7_168;

/// How many keys are counted at once unless configured: 1 835 008, in 55 to 85 MB
/// when all are in use, as the allocator has it.
pub const DEFAULT_MAX_KEYS: usize = SHARDS * SHARD_KEYS;

/// Counts in memory, exactly, whatever the number of threads.
///
/// Memory is bounded: keys that have become idle are dropped, shard by shard, as the
/// shard is used. If more keys than the maximum are live at once, those that would be
/// idle soonest are forgotten first; a forgotten key starts again with a whole burst,
/// so at the bound the limiter lets more through, never less.
///
/// A key costs nothing until it is charged, and a refused submission charges none.
pub struct InProcess<C = MonotonicClock> {
    shards: Box<[Mutex<Shard>]>,
    clock: C,
}

impl InProcess {
    /// A limiter for [`DEFAULT_MAX_KEYS`] on the machine's monotonic clock.
    #[must_use]
    pub fn new() -> Self {
        Self::with(MonotonicClock::start(), DEFAULT_MAX_KEYS)
    }
}

impl Default for InProcess {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: Clock> InProcess<C> {
    /// A limiter on `clock` that holds at most `max_keys`, rounded up to a multiple
    /// of 256. It takes memory as keys come, not at once.
    #[must_use]
    pub fn with(clock: C, max_keys: usize) -> Self {
        let shard = || Mutex::new(Shard::new(max_keys.div_ceil(SHARDS)));
        Self {
            shards: std::iter::repeat_with(shard).take(SHARDS).collect(),
            clock,
        }
    }

    /// As [`RateLimiter::charge`], at once.
    pub fn decide(&self, charges: &[Charge]) -> Admission {
        let mut shards = self.lock(charges);
        // Read under the locks, so that time does not go back for any key.
        let now_us = self.clock.now_us();
        let steps: PerCharge<_> = charges
            .iter()
            .map(|charge| {
                let tat_us = shards.of(&charge.key).tat_us(&charge.key);
                step(tat_us, charge.quota, charge.cost, now_us)
            })
            .collect();
        let overruns_us = steps.iter().map(|step| step.overrun_us);
        let admission = Admission::from_overruns(charges, overruns_us);
        if admission.is_admitted() {
            for (charge, step) in charges.iter().zip(steps) {
                // What takes nothing from an idle key leaves none behind.
                if step.passes() && step.charged_tat_us > now_us {
                    shards
                        .of(&charge.key)
                        .store(charge.key, step.charged_tat_us, now_us);
                }
            }
        }
        admission
    }

    /// As [`RateLimiter::refund`], at once.
    pub fn give_back(&self, charges: &[Charge], admission: &Admission, ago: Duration) {
        let taken: PerCharge<_> = admission.charged(charges).copied().collect();
        let mut shards = self.lock(&taken);
        let now_us = self.clock.now_us();
        for charge in taken {
            let shard = shards.of(&charge.key);
            // A key that was dropped since has all of its quota.
            if let Some(tat_us) = shard.tat_us(&charge.key) {
                let left_us = tat_us.saturating_sub(charge.not_yet_back_us(ago));
                shard.store(charge.key, left_us, now_us);
            }
        }
    }

    /// How many keys it holds, idle ones not yet dropped included.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    /// The clock it counts by.
    pub const fn clock(&self) -> &C {
        &self.clock
    }

    /// Locks the shards of all keys, in ascending order, so that two calls cannot
    /// wait for each other.
    fn lock(&self, charges: &[Charge]) -> Locked<'_> {
        let mut numbers: PerCharge<_> = charges.iter().map(|charge| charge.key.shard()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let lock = |number| (number, lock(&self.shards[usize::from(number)]));
        Locked(numbers.into_iter().map(lock).collect())
    }
}

/// The shards of one call's keys, in ascending order of number.
struct Locked<'a>(PerCharge<(u8, MutexGuard<'a, Shard>)>);

impl Locked<'_> {
    /// The shard of `key`, which must be a key of the call.
    fn of(&mut self, key: &Key) -> &mut Shard {
        let at = self.0.partition_point(|(number, _)| *number < key.shard());
        &mut self.0[at].1
    }
}

/// A shard stays whole even if a thread died holding it: each change is one insertion.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl<C: Clock> RateLimiter for InProcess<C> {
    /// Never fails and never waits. `site` is not needed: keys of different sites differ.
    async fn charge(&self, _site: &SiteId, charges: &[Charge]) -> Result<Admission, LimiterError> {
        Ok(self.decide(charges))
    }

    async fn refund(
        &self,
        _site: &SiteId,
        charges: &[Charge],
        admission: &Admission,
        ago: Duration,
    ) -> Result<(), LimiterError> {
        self.give_back(charges, admission, ago);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
