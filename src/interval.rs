//! How sure a number counted on a sample is.

use serde::Serialize;

/// A number with its 95 % interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Estimate {
    /// What is to be expected.
    pub expected: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// 97.5 % point of the normal distribution.
const NORMAL: f64 = 1.96;

impl Estimate {
    /// The share that `count` of `rows` speaks for, with Wilson's interval (1927),
    /// which holds near 0 and 1 too. Of no rows, anything is possible.
    #[must_use]
    pub fn share(count: u64, rows: u64) -> Self {
        if rows == 0 {
            return Self {
                expected: 0.0,
                low: 0.0,
                high: 1.0,
            };
        }
        let (n, share) = (rows as f64, count as f64 / rows as f64);
        let square = NORMAL * NORMAL;
        let middle = (share + square / (2.0 * n)) / (1.0 + square / n);
        let half = NORMAL / (1.0 + square / n)
            * (share * (1.0 - share) / n + square / (4.0 * n * n)).sqrt();
        Self {
            expected: share,
            low: (middle - half).min(share).max(0.0),
            high: (middle + half).max(share).min(1.0),
        }
    }

    /// So many times as much.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self {
            expected: self.expected * factor,
            low: self.low * factor,
            high: self.high * factor,
        }
    }

    /// The sum of two that were counted on different rows; its interval by the squares
    /// of the distances (Zou and Donner 2008).
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let expected = self.expected + other.expected;
        let distance = |a: f64, b: f64| a.hypot(b);
        Self {
            expected,
            low: (expected - distance(self.expected - self.low, other.expected - other.low))
                .max(0.0),
            high: expected + distance(self.high - self.expected, other.high - other.expected),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn none_of_a_few_is_not_none_at_all() {
        let none = Estimate::share(0, 10);
        assert_eq!((none.expected, none.low), (0.0, 0.0));
        // Wilson's upper end for 0 of 10.
        assert!((none.high - 0.2775).abs() < 1e-3, "{none:?}");
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_number_and_shrinks_with_rows(count in 0_u64..50, more in 0_u64..50) {
            let of = |times: u64| Estimate::share(count * times, (count + more) * times);
            let (few, many) = (of(1), of(10));
            for estimate in [few, many, few.plus(many), few.times(3.0)] {
                prop_assert!(estimate.low <= estimate.expected && estimate.expected <= estimate.high);
            }
            prop_assert!(many.high - many.low <= few.high - few.low + 1e-12);
        }
    }
}
