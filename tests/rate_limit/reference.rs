//! What every limiter must answer, told as plainly as it can be: a bucket for each key
//! that leaks a microsecond a microsecond. No theoretical arrival times, no locks, no
//! forgetting, no expiry.

use std::collections::HashMap;
use std::time::Duration;

use moderato::rate_limit::{Admission, Charge, QuotaKind, Remaining};

/// The buckets at one moment.
#[derive(Default)]
pub struct Reference {
    now_us: u64,
    levels_us: HashMap<String, u64>,
}

/// One charge's part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub kind: QuotaKind,
    /// How much its bucket overflows; zero: it passes.
    pub wait: Duration,
    /// What would pass one by one.
    pub count: u32,
    /// Until its bucket is empty.
    pub whole_after: Duration,
}

impl Reference {
    /// Lets time go by, until `now_us`.
    pub fn leak_until(&mut self, now_us: u64) {
        let passed = now_us.checked_sub(self.now_us).expect("time goes forward");
        for level in self.levels_us.values_mut() {
            *level = level.saturating_sub(passed);
        }
        self.now_us = now_us;
    }

    /// Pours in all charges, or none if an enforced one overflows.
    pub fn charge(&mut self, charges: &[Charge]) -> Vec<Answer> {
        let waits: Vec<_> = charges.iter().map(|charge| self.wait_us(charge)).collect();
        let mut with_waits = charges.iter().zip(&waits);
        let refused = with_waits.any(|(charge, wait)| *wait > 0 && !charge.shadow);
        let answers = charges.iter().zip(waits);
        answers
            .map(|(charge, wait_us)| {
                if !refused && wait_us == 0 {
                    let level = self.level_us(charge) + poured_us(charge);
                    self.levels_us.insert(charge.key.to_string(), level);
                }
                self.answer(charge, wait_us)
            })
            .collect()
    }

    fn wait_us(&self, charge: &Charge) -> u64 {
        (self.level_us(charge) + poured_us(charge)).saturating_sub(capacity_us(charge))
    }

    fn answer(&self, charge: &Charge, wait_us: u64) -> Answer {
        let level = self.level_us(charge);
        let room = capacity_us(charge) - level;
        Answer {
            kind: charge.kind,
            wait: Duration::from_micros(wait_us),
            count: u32::try_from(room / interval_us(charge)).unwrap(),
            whole_after: Duration::from_micros(level),
        }
    }

    /// No bucket counts for more than its quota holds now.
    fn level_us(&self, charge: &Charge) -> u64 {
        let level = self.levels_us.get(&charge.key.to_string());
        level.copied().unwrap_or(0).min(capacity_us(charge))
    }
}

fn interval_us(charge: &Charge) -> u64 {
    micros(charge.quota.interval())
}

fn capacity_us(charge: &Charge) -> u64 {
    interval_us(charge) * u64::from(charge.quota.burst())
}

fn poured_us(charge: &Charge) -> u64 {
    let thousandths = u128::from(interval_us(charge)) * u128::from(charge.cost.thousandths());
    let poured = thousandths.div_ceil(1_000);
    u64::try_from(poured.min(capacity_us(charge).into())).unwrap()
}

pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap()
}

/// A limiter's answer in the same words.
pub fn answers(admission: &Admission, charges: &[Charge]) -> Vec<Answer> {
    assert_eq!(admission.remaining.len(), charges.len());
    let answer = |(charge, left): (&Charge, &Remaining)| Answer {
        kind: charge.kind,
        wait: left.retry_after,
        count: left.count,
        whole_after: left.whole_after,
    };
    let answers: Vec<_> = { charges.iter() }
        .zip(&admission.remaining)
        .map(answer)
        .collect();
    for shadow in [false, true] {
        let refusals = if shadow {
            &admission.shadow_refused
        } else {
            &admission.refused
        };
        let mut told: Vec<_> = refusals.iter().map(|r| (r.kind, r.retry_after)).collect();
        assert!(told.is_sorted_by(|before, after| before.1 >= after.1));
        told.sort();
        let of_mode = charges
            .iter()
            .zip(&answers)
            .filter(|(charge, answer)| charge.shadow == shadow && !answer.wait.is_zero());
        let mut expected: Vec<_> = of_mode.map(|(_, a)| (a.kind, a.wait)).collect();
        expected.sort();
        assert_eq!(told, expected, "refusals tell the same as what remains");
    }
    answers
}
