//! Reading a quota, word by word.

use std::str::FromStr;
use std::time::Duration;

use super::{Quota, QuotaError, UNITS};

impl FromStr for Quota {
    type Err = QuotaError;

    fn from_str(text: &str) -> Result<Self, QuotaError> {
        let (rate, burst) = match text.split_once(',') {
            Some((rate, burst)) => (rate, Some(burst)),
            None => (text, None),
        };
        let mut words = rate.split_whitespace();
        let count = number(words.next(), "a whole number before \"per\"")?;
        let count = u32::try_from(count).map_err(|_| QuotaError::Count(count))?;
        keyword(words.next(), "per", "\"per\" after the count")?;
        let period = parse_period(words.next())?;
        end(words.next(), "a comma or nothing after the period")?;
        let burst = burst.map_or(Ok(count), parse_burst)?;
        Self::new(count, period, burst)
    }
}

fn parse_burst(text: &str) -> Result<u32, QuotaError> {
    let mut words = text.split_whitespace();
    keyword(words.next(), "burst", "\"burst\" after the comma")?;
    let burst = number(words.next(), "a whole number after \"burst\"")?;
    end(words.next(), "nothing after the burst")?;
    u32::try_from(burst).map_err(|_| QuotaError::Burst(burst))
}

fn parse_period(word: Option<&str>) -> Result<Duration, QuotaError> {
    const EXPECTED: &str = "a period such as 1m or 90s (units ms, s, m, h, d) after \"per\"";
    let parse = |word: &str| {
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = word.split_at(digits);
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let number = whole(number)?;
        // Whatever is too long to be counted is too long for a quota.
        Some(Duration::from_millis(number.saturating_mul(*unit)))
    };
    word.and_then(parse).ok_or_else(|| syntax(EXPECTED, word))
}

fn number(word: Option<&str>, expected: &'static str) -> Result<u64, QuotaError> {
    word.and_then(whole).ok_or_else(|| syntax(expected, word))
}

/// A number of digits alone; the largest there is if it is larger still.
fn whole(word: &str) -> Option<u64> {
    let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| word.parse().unwrap_or(u64::MAX))
}

fn keyword(word: Option<&str>, keyword: &str, expected: &'static str) -> Result<(), QuotaError> {
    if word == Some(keyword) {
        Ok(())
    } else {
        Err(syntax(expected, word))
    }
}

fn end(word: Option<&str>, expected: &'static str) -> Result<(), QuotaError> {
    word.map_or(Ok(()), |_| Err(syntax(expected, word)))
}

fn syntax(expected: &'static str, found: Option<&str>) -> QuotaError {
    let found = found.map_or_else(|| "the end".to_owned(), |word| format!("{word:?}"));
    QuotaError::Syntax { expected, found }
}
