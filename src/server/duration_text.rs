//! Durations as people write them in a configuration: `"250ms"`, `"5s"`, `"2m"`,
//! `"1h"`. For `#[serde(with = …)]`.

use std::fmt;
use std::time::Duration;

use serde::de::{self, Deserializer, Visitor};
use serde::ser::Serializer;

/// Milliseconds in each unit, the longest first.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// Writes a duration, cut to milliseconds, in the longest unit that holds it whole.
///
/// # Errors
/// If `to` takes no text.
pub fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let whole = UNITS
        .iter()
        .find(|(_, unit)| millis > 0 && millis % unit == 0);
    let (name, unit) = whole.unwrap_or(&("s", 1000));
    to.collect_str(&format_args!("{}{name}", millis / unit))
}

/// Reads a duration.
///
/// # Errors
/// If there is no text of that form; the error says what was expected.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    struct Text;
    impl Visitor<'_> for Text {
        type Value = Duration;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a duration such as \"250ms\", \"5s\", \"2m\" or \"1h\"")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
            parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
        }
    }
    from.deserialize_str(Text)
}

fn parse(text: &str) -> Option<Duration> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, name) = text.split_at_checked(unit_at)?;
    let (_, unit) = UNITS.iter().find(|(unit, _)| *unit == name.trim_start())?;
    let millis = count.parse::<u64>().ok()?.checked_mul(*unit)?;
    Some(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_count_and_a_unit() {
        for (text, millis) in [
            ("250ms", 250),
            ("5s", 5000),
            ("2 m", 120_000),
            ("1h", 3_600_000),
        ] {
            assert_eq!(parse(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for bad in [
            "",
            "5",
            "s",
            "-5s",
            "5d",
            "5ss",
            "1.5s",
            "99999999999999999999s",
            "5 é",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn writes_in_the_longest_unit_that_is_whole() {
        for text in ["250ms", "5s", "1500ms", "2m", "1h", "0s"] {
            let duration = parse(text).unwrap();
            assert_eq!(
                serialize(&duration, serde_json::value::Serializer).unwrap(),
                text
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn reads_what_it_writes(millis: u64) {
            let duration = Duration::from_millis(millis);
            let text = serialize(&duration, serde_json::value::Serializer).unwrap();
            proptest::prop_assert_eq!(deserialize(text).unwrap(), duration);
        }
    }
}
