//! How long something is kept.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How long something is kept: a time, or forever. Written as `"30d"`, `"12h"`,
/// `"30m"`, `"10s"` or `"forever"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period(Option<Duration>);

/// Text that is no [`Period`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a time such as \"30d\" or \"12h\", or \"forever\"; found {0:?}")]
pub struct NotAPeriod(String);

/// Seconds in each unit, the longest first.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

const FOREVER: &str = "forever";

impl Period {
    /// Without an end.
    pub const FOREVER: Self = Self(None);

    /// So many days.
    #[must_use]
    pub const fn days(days: u64) -> Self {
        Self(Some(Duration::from_hours(24 * days)))
    }

    /// When it began, if it ends at `now`; without a beginning, 1970.
    #[must_use]
    pub fn since(self, now: Timestamp) -> Timestamp {
        self.cutoff(now).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// What got there before this time is past its period at `now`; `None`: nothing is.
    pub(super) fn cutoff(self, now: Timestamp) -> Option<Timestamp> {
        now.checked_sub(self.0?).ok()
    }
}

impl FromStr for Period {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<Self, NotAPeriod> {
        if text == FOREVER {
            return Ok(Self::FOREVER);
        }
        let parsed = || {
            let unit = text.chars().next_back()?;
            let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
            let count = text[..text.len() - 1].trim_end();
            let digits = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
            let seconds = count.parse::<u64>().ok()?.checked_mul(*seconds)?;
            digits.then_some(Duration::from_secs(seconds))
        };
        let parsed = parsed().ok_or_else(|| NotAPeriod(text.to_owned()))?;
        Ok(Self(Some(parsed)))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(duration) = self.0 else {
            return formatter.write_str(FOREVER);
        };
        let seconds = duration.as_secs();
        let whole = |(_, unit): &&(char, u64)| seconds > 0 && seconds % unit == 0;
        let (name, unit) = UNITS.iter().find(whole).unwrap_or(&('s', 1));
        write!(formatter, "{}{name}", seconds / unit)
    }
}

impl TryFrom<String> for Period {
    type Error = NotAPeriod;

    fn try_from(text: String) -> Result<Self, NotAPeriod> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in ["forever", "30d", "12h", "90m", "1s", "0s"] {
            assert_eq!(text.parse::<Period>().unwrap().to_string(), text);
        }
        assert_eq!("48h".parse(), Ok(Period::days(2)));
        for bad in [
            "",
            "d",
            "30",
            "-1d",
            "+1d",
            "1.5d",
            "never",
            "1 é",
            "99999999999999999999d",
        ] {
            assert!(bad.parse::<Period>().is_err(), "{bad}");
        }
    }

    #[test]
    fn forever_has_no_end() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        assert_eq!(Period::FOREVER.cutoff(now), None);
        let before = Timestamp::from_second(1_000_000 - 86_400).unwrap();
        assert_eq!(Period::days(1).cutoff(now), Some(before));
    }
}
