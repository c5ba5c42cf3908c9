//! One limit, and the text people write it in.

mod parse;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::cost::Cost;

const MILLISECOND: u64 = 1;
const SECOND: u64 = 1_000 * MILLISECOND;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Units of a period in milliseconds, largest first.
const UNITS: [(&str, u64); 5] = [
    ("d", DAY),
    ("h", HOUR),
    ("m", MINUTE),
    ("s", SECOND),
    ("ms", MILLISECOND),
];

const MAX_COUNT: u32 = 1_000_000;
const MAX_PERIOD: u64 = 365 * DAY;
/// A day more than the longest period: rounding the interval up may add a little.
const MAX_REFILL: u64 = 366 * DAY;
/// At this rate, rounding the interval up to a microsecond costs at most 1 %.
const MAX_PER_SECOND: u64 = 10_000;
const MICROS_PER_MILLI: u64 = 1_000;

/// At most `count` in each `period`, of which `burst` may come at once.
///
/// Written `5 per 1m` or `5 per 1m, burst 3`; without a burst it equals the count.
/// In terms of GCRA: from idle exactly `burst` are admitted at once, and from then on
/// one for every [`interval`](Self::interval), which is `period / count` rounded up
/// to a microsecond. So any span of time `w` admits at most
/// `burst + floor(w / interval)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Quota {
    count: u32,
    period_ms: u64,
    burst: u32,
    interval_us: u64,
}

/// Why a text or three numbers are no quota.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuotaError {
    /// A word is not the one that belongs there.
    #[error(
        "expected {expected}, found {found}; a quota reads \"5 per 1m\" or \"5 per 1m, burst 3\""
    )]
    Syntax {
        /// What belongs there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// The count is zero or too large.
    #[error("expected a count from 1 to {MAX_COUNT}, found {0}; to lift a limit write \"off\"")]
    Count(u64),
    /// The burst is zero or too large.
    #[error("expected a burst from 1 to {MAX_COUNT}, found {0}")]
    Burst(u64),
    /// The period is zero, too long or not in whole milliseconds.
    #[error("expected a period from 1ms to 365d in whole milliseconds, found {0:?}")]
    Period(Duration),
    /// The rate is too high to be counted well in microseconds.
    #[error("expected at most {MAX_PER_SECOND} per 1s, found {count} per {}", period(*period_ms))]
    TooFast {
        /// The count.
        count: u32,
        /// The period in milliseconds.
        period_ms: u64,
    },
    /// A used-up burst would take longer than a year to come back.
    #[error(
        "expected a burst that comes back within 366d, found {burst} at one every {interval:?}"
    )]
    TooSlow {
        /// The burst.
        burst: u32,
        /// The time in which one comes back.
        interval: Duration,
    },
}

impl Quota {
    /// A quota of `count` per `period` (1 ms to 365 days) with `burst` at once.
    ///
    /// # Errors
    /// If a number is out of range, or the rate above 10 000 a second.
    pub fn new(count: u32, period: Duration, burst: u32) -> Result<Self, QuotaError> {
        if !(1..=MAX_COUNT).contains(&count) {
            return Err(QuotaError::Count(count.into()));
        }
        if !(1..=MAX_COUNT).contains(&burst) {
            return Err(QuotaError::Burst(burst.into()));
        }
        let period_ms = whole_milliseconds(period).ok_or(QuotaError::Period(period))?;
        if u64::from(count) * SECOND > MAX_PER_SECOND * period_ms {
            return Err(QuotaError::TooFast { count, period_ms });
        }
        let interval_us = (period_ms * MICROS_PER_MILLI).div_ceil(u64::from(count));
        if u64::from(burst) > MAX_REFILL * MICROS_PER_MILLI / interval_us {
            return Err(QuotaError::TooSlow {
                burst,
                interval: Duration::from_micros(interval_us),
            });
        }
        Ok(Self {
            count,
            period_ms,
            burst,
            interval_us,
        })
    }

    /// How many it lets through in each period, in the long run.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count
    }

    /// The time its count is for.
    #[must_use]
    pub const fn period(self) -> Duration {
        Duration::from_millis(self.period_ms)
    }

    /// How many may come at once from idle.
    #[must_use]
    pub const fn burst(self) -> u32 {
        self.burst
    }

    /// The time in which one comes back: GCRA's emission interval.
    #[must_use]
    pub const fn interval(self) -> Duration {
        Duration::from_micros(self.interval_us)
    }

    /// The time in which a used-up burst comes back whole: GCRA's tolerance, here
    /// `interval × burst`. No wait for this quota is ever longer.
    #[must_use]
    pub const fn refill(self) -> Duration {
        Duration::from_micros(self.tolerance_us())
    }

    /// `share` (above 0, at most 1) of it: so much of its rate and of its burst, but a
    /// burst of one at least.
    pub(super) fn scaled(self, share: f64) -> Self {
        // A burst is at most a million, an interval at most a year: both fit after
        // division by any `Share`.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let (burst, interval_us) = (
            (f64::from(self.burst) * share).floor().max(1.0) as u32,
            (self.interval_us as f64 / share).ceil() as u64,
        );
        Self {
            burst,
            interval_us,
            ..self
        }
    }

    pub(super) const fn interval_us(self) -> u64 {
        self.interval_us
    }

    /// What `cost` takes, in microseconds of refill, rounded up. Never more than the
    /// quota holds: what costs more than the burst passes once the whole burst is
    /// there, instead of never.
    pub(super) const fn taken_us(self, cost: Cost) -> u64 {
        const THOUSANDTHS: u64 = 1_000;
        let taken = self.interval_us.saturating_mul(cost.thousandths() as u64);
        let (taken, tolerance) = (taken.div_ceil(THOUSANDTHS), self.tolerance_us());
        if taken < tolerance { taken } else { tolerance }
    }

    pub(super) const fn tolerance_us(self) -> u64 {
        self.interval_us * self.burst as u64
    }
}

fn whole_milliseconds(period: Duration) -> Option<u64> {
    let milliseconds = u64::try_from(period.as_millis()).ok()?;
    let whole = Duration::from_millis(milliseconds) == period;
    (whole && (1..=MAX_PERIOD).contains(&milliseconds)).then_some(milliseconds)
}

/// A period in the largest unit that measures it exactly.
fn period(milliseconds: u64) -> String {
    UNITS
        .iter()
        .find(|(_, unit)| milliseconds.is_multiple_of(*unit))
        .map_or_else(String::new, |(name, unit)| {
            format!("{}{name}", milliseconds / unit)
        })
}

impl fmt::Display for Quota {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} per {}", self.count, period(self.period_ms))?;
        if self.burst != self.count {
            write!(formatter, ", burst {}", self.burst)?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Quota {
    type Error = QuotaError;

    fn try_from(text: String) -> Result<Self, QuotaError> {
        text.parse()
    }
}

impl From<Quota> for String {
    fn from(quota: Quota) -> Self {
        quota.to_string()
    }
}
