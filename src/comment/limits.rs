//! How long the fields of a submission may be.

use serde::{Deserialize, Serialize};

/// Longest e-mail address that RFC 5321 lets through (section 4.5.3.1.3, less the
/// two angle brackets), in octets.
pub(super) const EMAIL_MAX_OCTETS: usize = 254;

/// Longest value, in characters, of the fields that only the site supplies and
/// that have no limit of their own: ids, and titles.
pub const SITE_VALUE_MAX_CHARS: usize = 1_000;

/// The largest limit that can be set. Spans count bytes in 32 bits; this leaves
/// room for four bytes a character many times over.
const LARGEST_LIMIT: usize = 10_000_000;

/// How long what a reader types may be, in characters (Unicode scalar values):
/// the `[fields]` table of the configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Table", into = "Table")]
pub struct FieldLimits(Table);

/// The limits as they stand in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "a key says what it counts")]
struct Table {
    name_max_chars: usize,
    text_min_chars: usize,
    text_max_chars: usize,
    url_max_chars: usize,
}

/// Limits that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// A limit of nothing, or one beyond what a text can be.
    #[error("`{key}`: expected a number of characters from 1 to {LARGEST_LIMIT}, found {found}")]
    OutOfRange {
        /// The key in `[fields]`.
        key: &'static str,
        /// Its value.
        found: usize,
    },
    /// No text could be long enough and short enough.
    #[error("`text_min_chars` ({min}) is above `text_max_chars` ({max})")]
    MinAboveMax {
        /// `text_min_chars`.
        min: usize,
        /// `text_max_chars`.
        max: usize,
    },
}

impl FieldLimits {
    /// Longest name.
    #[must_use]
    pub const fn name_max_chars(&self) -> usize {
        self.0.name_max_chars
    }

    /// Shortest text.
    #[must_use]
    pub const fn text_min_chars(&self) -> usize {
        self.0.text_min_chars
    }

    /// Longest text.
    #[must_use]
    pub const fn text_max_chars(&self) -> usize {
        self.0.text_max_chars
    }

    /// Longest web page address, the author's or the commented page's.
    #[must_use]
    pub const fn url_max_chars(&self) -> usize {
        self.0.url_max_chars
    }
}

impl Default for Table {
    fn default() -> Self {
        Self {
            name_max_chars: 200,
            text_min_chars: 1,
            text_max_chars: 100_000,
            url_max_chars: 2_048,
        }
    }
}

impl TryFrom<Table> for FieldLimits {
    type Error = LimitsError;

    fn try_from(table: Table) -> Result<Self, LimitsError> {
        let limits = [
            ("name_max_chars", table.name_max_chars),
            ("text_min_chars", table.text_min_chars),
            ("text_max_chars", table.text_max_chars),
            ("url_max_chars", table.url_max_chars),
        ];
        for (key, found) in limits {
            if !(1..=LARGEST_LIMIT).contains(&found) {
                return Err(LimitsError::OutOfRange { key, found });
            }
        }
        if table.text_min_chars > table.text_max_chars {
            return Err(LimitsError::MinAboveMax {
                min: table.text_min_chars,
                max: table.text_max_chars,
            });
        }
        Ok(Self(table))
    }
}

impl From<FieldLimits> for Table {
    fn from(limits: FieldLimits) -> Self {
        limits.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> Result<FieldLimits, String> {
        toml::from_str(toml).map_err(|error| error.to_string())
    }

    #[test]
    fn an_empty_table_has_the_defaults() {
        assert_eq!(read(""), Ok(FieldLimits::default()));
        assert_eq!(FieldLimits::default().text_max_chars(), 100_000);
    }

    #[test]
    fn the_defaults_are_limits_that_can_be_set() {
        let written = toml::to_string(&FieldLimits::default()).unwrap();
        assert_eq!(read(&written), Ok(FieldLimits::default()));
    }

    #[test]
    fn limits_that_cannot_be_meant_are_refused_by_name() {
        for (toml, expected) in [
            ("name_max_chars = 0", "`name_max_chars`: expected"),
            ("url_max_chars = 10000001", "`url_max_chars`: expected"),
            (
                "text_min_chars = 9\ntext_max_chars = 8",
                "`text_min_chars` (9) is above",
            ),
            ("text_max = 9", "unknown field `text_max`"),
            ("text_max_chars = \"many\"", "invalid type"),
        ] {
            let error = read(toml).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
