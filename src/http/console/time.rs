//! Moments as people say them.

use std::fmt;

use jiff::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A moment, seen from now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// As `<time datetime>` takes it.
    pub(super) exact: String,
    /// Seconds from then to now; less than none: still to come.
    ago: i64,
}

impl Moment {
    pub(super) fn new(at: Timestamp, now: Timestamp) -> Self {
        let whole = Timestamp::from_second(at.as_second()).unwrap_or(at);
        Self {
            exact: whole.to_string(),
            ago: now.as_second() - at.as_second(),
        }
    }
}

/// In the largest unit, such as `5 min ago` or `in 3 days`.
impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = Span(self.ago.abs());
        match self.ago {
            -4..=4 => formatter.write_str("just now"),
            5.. => write!(formatter, "{span} ago"),
            _ => write!(formatter, "in {span}"),
        }
    }
}

/// Seconds, in the largest unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span(pub(super) i64);

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match self.0 {
            seconds if seconds < MINUTE => (seconds, "s"),
            seconds if seconds < HOUR => (seconds / MINUTE, "min"),
            seconds if seconds < 2 * DAY => (seconds / HOUR, "h"),
            seconds => (seconds / DAY, "days"),
        };
        write!(formatter, "{count} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_long_ago() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        for (seconds, said) in [
            (0, "just now"),
            (59, "59 s ago"),
            (61, "1 min ago"),
            (47 * HOUR, "47 h ago"),
            (49 * HOUR, "2 days ago"),
            (-90, "in 1 min"),
        ] {
            let at = Timestamp::from_second(1_800_000_000 - seconds).unwrap();
            assert_eq!(Moment::new(at, now).to_string(), said);
        }
        assert_eq!(Moment::new(now, now).exact, "2027-01-15T08:00:00Z");
    }
}
