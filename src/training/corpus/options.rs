//! How to read a corpus.

use std::path::Path;
use std::str::FromStr;

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

impl FromStr for Format {
    type Err = NotAFormat;

    fn from_str(name: &str) -> Result<Self, NotAFormat> {
        match name {
            "jsonl" => Ok(Self::JsonLines),
            "csv" => Ok(Self::Csv),
            "tsv" => Ok(Self::Tsv),
            _ => Err(NotAFormat(name.to_owned())),
        }
    }
}

/// A name that stands for no [`Format`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a format jsonl, csv or tsv, found `{0}`")]
pub struct NotAFormat(String);

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
    /// Makes bad rows an error that names them.
    pub strict: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_named_by_file_or_flag() {
        assert_eq!("csv".parse(), Ok(Format::Csv));
        assert_eq!(
            "xml".parse::<Format>().unwrap_err().to_string(),
            "expected a format jsonl, csv or tsv, found `xml`"
        );
        assert_eq!(Format::of_path(Path::new("a.b/C.TSV")), Some(Format::Tsv));
        assert_eq!(Format::of_path(Path::new("csv")), None);
    }
}
