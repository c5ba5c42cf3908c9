//! How to read a corpus.

use std::path::Path;

use super::columns::Columns;
use crate::verdict::Head;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    JsonLines,
    /// Separated by commas, with a header row.
    Csv,
    /// Separated by tabs, with a header row.
    Tsv,
}

impl Format {
    /// The format that a file's name promises.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "jsonl" | "ndjson" | "json" => Some(Self::JsonLines),
            "csv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            _ => None,
        }
    }
}

/// How to read a corpus.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// Which columns hold what.
    pub columns: Columns,
    /// What a plain yes or no in a label column is about.
    pub head: Option<Head>,
    /// Format of every file; `None`: by each file's name.
    pub format: Option<Format>,
    /// Reads quotes in CSV and TSV as plain characters.
    pub unquoted: bool,
    /// Makes the first bad row an error.
    pub strict: bool,
}
