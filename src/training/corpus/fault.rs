//! What can be wrong with a row, said without quoting the comment.

use std::collections::BTreeMap;
use std::fmt;

use super::cause::Cause;
use crate::verdict::Head;

/// What is wrong with one row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Bytes that are not UTF-8.
    #[error(
        "{}expected UTF-8, found another encoding at byte {byte} of the {} \
         (convert the file, for instance with `iconv -f WINDOWS-1252 -t UTF-8`)",
        in_column(column.as_deref()),
        if column.is_some() { "field" } else { "line" }
    )]
    NotUtf8 {
        /// The column, where the row could be taken apart.
        column: Option<String>,
        /// First offending byte, from 1, within the field or else within the line.
        byte: usize,
    },
    /// More bytes than [`MAX_ROW_BYTES`](super::MAX_ROW_BYTES), or more columns than 4096.
    #[error("the row is longer than {} bytes{}", super::MAX_ROW_BYTES, unpaired(*in_quotes))]
    TooLong {
        /// The limit was met inside quotes.
        in_quotes: bool,
    },
    /// A line that is no JSON.
    #[error("expected a JSON object, found broken JSON at byte {byte}: {problem}")]
    BrokenJson {
        /// Where the parser stopped, from 1.
        byte: usize,
        /// What the parser says.
        problem: String,
    },
    /// JSON of another kind.
    #[error("expected a JSON object, found {0}")]
    NotAnObject(&'static str),
    /// Too few or too many fields for the header row.
    #[error("expected {expected} fields as in the header row, found {found}")]
    FieldCount {
        /// Fields of the header row.
        expected: usize,
        /// Fields of this row.
        found: usize,
    },
    /// A quoted field that runs over lines and does not end as one should.
    #[error(
        "a quote is unpaired, so rows up to line {last_line} may be joined in this one \
         (write quotes inside a quoted field twice, or read the file with --unquoted)"
    )]
    UnpairedQuote {
        /// Last line of the row.
        last_line: u64,
    },
    /// No column with the text.
    #[error("the row has no text column (name it with --text-column)")]
    NoTextColumn,
    /// Nothing but white space.
    #[error("column `{column}` has an empty text")]
    EmptyText {
        /// The text column.
        column: String,
    },
    /// A value of the wrong kind.
    #[error("column `{column}`: expected text, found {found}")]
    WrongKind {
        /// The column.
        column: String,
        /// The kind of value.
        found: &'static str,
    },
    /// A third value in a label column.
    #[error("column `{column}`: expected {expected}, found {found}")]
    NotALabel {
        /// The column.
        column: String,
        /// The value if it is one short word, else its kind.
        found: String,
        /// What is understood.
        expected: &'static str,
    },
    /// Yes or no in a label column that is about neither head by name.
    #[error(
        "column `{column}` says yes or no ({found}), not of what: \
         add --head spam or --head toxicity"
    )]
    HeadUnknown {
        /// The column.
        column: String,
        /// The value.
        found: String,
    },
    /// Two columns that say yes and no of one head.
    #[error("two columns contradict each other on {0}")]
    Contradiction(Head),
    /// No head is judged.
    #[error("the row has no label")]
    NoLabel,
}

fn in_column(column: Option<&str>) -> String {
    column.map_or_else(String::new, |column| format!("column `{column}`: "))
}

const fn unpaired(in_quotes: bool) -> &'static str {
    if in_quotes {
        " and inside quotes: is one unpaired? (--unquoted reads quotes as plain characters)"
    } else {
        ""
    }
}

impl Fault {
    /// Whether every row of the file will have it for the same cause, so that reading on is
    /// pointless.
    #[must_use]
    pub(super) const fn condemns_file(&self) -> bool {
        matches!(self, Self::HeadUnknown { .. })
    }
}

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// The file, as it was named.
    pub file: String,
    /// Its line, from 1; of a row of several lines the first.
    pub line: u64,
    /// What is wrong with it.
    pub fault: Fault,
}

impl fmt::Display for BadRow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.file, self.line, self.fault)
    }
}

/// All bad rows counted by cause, the first few kept.
#[derive(Clone, Debug, Default)]
pub struct BadRows {
    by_cause: BTreeMap<Cause, u64>,
    first: Vec<BadRow>,
}

impl BadRows {
    /// How many are kept.
    pub const KEPT: usize = 50;

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.by_cause.values().sum()
    }

    /// How many there are of each cause.
    #[must_use]
    pub const fn by_cause(&self) -> &BTreeMap<Cause, u64> {
        &self.by_cause
    }

    /// The first [`BadRows::KEPT`] in the order they were read.
    #[must_use]
    pub fn first(&self) -> &[BadRow] {
        &self.first
    }

    pub(super) fn push(&mut self, row: BadRow) {
        *self.by_cause.entry(Cause::of(&row.fault)).or_default() += 1;
        if self.first.len() < Self::KEPT {
            self.first.push(row);
        }
    }
}

/// The value itself if it is one short word, which no comment worth hiding is; else only its
/// kind and length.
pub(super) fn short_word(value: &str) -> String {
    let value = value.trim();
    let characters = value.chars().count();
    let one_word = value
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+'));
    if one_word && characters <= 20 {
        format!("`{value}`")
    } else {
        format!("text of {characters} characters")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_all_and_keeps_the_first() {
        let mut rows = BadRows::default();
        for line in 1..=60 {
            rows.push(BadRow {
                file: "a.csv".into(),
                line,
                fault: Fault::NoLabel,
            });
        }
        assert_eq!(rows.total(), 60);
        assert_eq!(rows.by_cause()[&Cause::NoLabel], 60);
        assert_eq!(rows.first().len(), BadRows::KEPT);
        assert_eq!(rows.first()[0].to_string(), "a.csv:1: the row has no label");
    }

    #[test]
    fn quotes_only_short_words() {
        assert_eq!(short_word(" maybe "), "`maybe`");
        assert_eq!(short_word("call me at home"), "text of 15 characters");
        assert_eq!(short_word("a@example.com"), "text of 13 characters");
        assert_eq!(short_word(&"x".repeat(21)), "text of 21 characters");
    }
}
