//! Causes for which rows are left out, for counting.

use std::fmt;

use serde::Serialize;

use super::fault::Fault;

/// The kind of a [`Fault`], without its details.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// [`Fault::NotUtf8`].
    WrongEncoding,
    /// [`Fault::TooLong`].
    TooLong,
    /// [`Fault::BrokenJson`] and [`Fault::NotAnObject`].
    BrokenJson,
    /// [`Fault::FieldCount`].
    FieldCount,
    /// [`Fault::UnpairedQuote`].
    UnpairedQuote,
    /// [`Fault::NoTextColumn`] and [`Fault::EmptyText`].
    NoText,
    /// [`Fault::WrongKind`].
    WrongKind,
    /// [`Fault::NotALabel`] and [`Fault::HeadUnknown`].
    UnknownLabel,
    /// [`Fault::Contradiction`].
    Contradiction,
    /// [`Fault::NoLabel`].
    NoLabel,
}

impl Cause {
    pub(super) const fn of(fault: &Fault) -> Self {
        match fault {
            Fault::NotUtf8 { .. } => Self::WrongEncoding,
            Fault::TooLong { .. } => Self::TooLong,
            Fault::BrokenJson { .. } | Fault::NotAnObject(_) => Self::BrokenJson,
            Fault::FieldCount { .. } => Self::FieldCount,
            Fault::UnpairedQuote { .. } => Self::UnpairedQuote,
            Fault::NoTextColumn | Fault::EmptyText { .. } => Self::NoText,
            Fault::WrongKind { .. } => Self::WrongKind,
            Fault::NotALabel { .. } | Fault::HeadUnknown { .. } => Self::UnknownLabel,
            Fault::Contradiction(_) => Self::Contradiction,
            Fault::NoLabel => Self::NoLabel,
        }
    }
}

/// As it follows a number of rows.
impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::WrongEncoding => "in another encoding than UTF-8",
            Self::TooLong => "too long",
            Self::BrokenJson => "not a JSON object",
            Self::FieldCount => "with too many or too few fields",
            Self::UnpairedQuote => "with an unpaired quote",
            Self::NoText => "without a text",
            Self::WrongKind => "with a value of the wrong kind",
            Self::UnknownLabel => "with a value that is no label",
            Self::Contradiction => "with columns that contradict each other",
            Self::NoLabel => "without a label",
        })
    }
}
