//! Quantities as an operator says them: `80/day`, `1/500`, `2%`.

use std::fmt;
use std::str::FromStr;

/// So many in a day: `80/day`, `5/hour`, `500/week`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct PerDay(f64);

/// What is no [`PerDay`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a number per hour, day or week, such as 80/day; found `{0}`")]
pub struct NotPerDay(String);

impl PerDay {
    /// The number in a day, 0 or more.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for PerDay {
    type Err = NotPerDay;

    fn from_str(text: &str) -> Result<Self, NotPerDay> {
        let wrong = || NotPerDay(text.to_owned());
        let (number, unit) = text.split_once('/').ok_or_else(wrong)?;
        let days = match unit.trim() {
            "hour" => 1.0 / 24.0,
            "day" => 1.0,
            "week" => 7.0,
            _ => return Err(wrong()),
        };
        number_of(number).map(|n| Self(n / days)).ok_or_else(wrong)
    }
}

impl fmt::Display for PerDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/day", rounded(self.0))
    }
}

/// A part of a whole: `1/500`, `0.2%`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Share(f64);

/// What is no [`Share`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a share such as 1/500 or 0.2%, from 0 to 1; found `{0}`")]
pub struct NotAShare(String);

impl Share {
    /// The share, from 0 to 1.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// Half of it.
    #[must_use]
    pub const fn half(self) -> Self {
        Self(self.0 / 2.0)
    }
}

impl FromStr for Share {
    type Err = NotAShare;

    fn from_str(text: &str) -> Result<Self, NotAShare> {
        let share = if let Some(percent) = text.trim_end().strip_suffix('%') {
            number_of(percent).map(|percent| percent / 100.0)
        } else if let Some((part, whole)) = text.split_once('/') {
            let whole = number_of(whole).filter(|whole| *whole > 0.0);
            whole.and_then(|whole| Some(number_of(part)? / whole))
        } else {
            None
        };
        share
            .filter(|share| (0.0..=1.0).contains(share))
            .map(Self)
            .ok_or_else(|| NotAShare(text.to_owned()))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}%", rounded(self.0 * 100.0))
    }
}

/// A finite number, 0 or more.
fn number_of(text: &str) -> Option<f64> {
    let number = text.trim().parse::<f64>().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number)
}

/// To four decimals, so that 0.1 + 0.2 reads as people write it.
fn rounded(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_as_people_say_them() {
        let per_day = |text: &str| text.parse().map(PerDay::get);
        assert_eq!(per_day("80/day"), Ok(80.0));
        assert_eq!(per_day("700 / week"), Ok(100.0));
        assert!((per_day("2/hour").unwrap() - 48.0).abs() < 1e-9);
        let share = |text: &str| text.parse().map(Share::get);
        assert_eq!(share("1/500"), Ok(0.002));
        assert_eq!(share("2 %"), Ok(0.02));
        assert_eq!(share("0/9"), Ok(0.0));
        assert_eq!("1/500".parse::<Share>().unwrap().to_string(), "0.2%");
    }

    #[test]
    fn what_is_none_is_named_with_what_was_expected() {
        for text in ["80", "80/month", "-1/day", "x/day", "inf/day", "/day", ""] {
            let said = text.parse::<PerDay>().unwrap_err().to_string();
            assert!(
                said.contains("such as 80/day") && said.contains(&format!("`{text}`")),
                "{said}"
            );
        }
        for text in ["0.002", "3/2", "1/0", "101%", "-1%", "a/b", "nan%", ""] {
            let said = text.parse::<Share>().unwrap_err().to_string();
            assert!(
                said.contains("1/500") && said.contains(&format!("`{text}`")),
                "{said}"
            );
        }
    }
}
