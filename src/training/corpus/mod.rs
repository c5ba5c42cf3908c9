//! Labelled samples from files, and the set of distinct ones a model is trained on.
//!
//! [`Reader`] streams JSON Lines, CSV and TSV row by row, whatever the size of the file, and
//! accounts for every row: it is either a sample or a [`BadRow`]. [`CorpusBuilder`] merges texts
//! that say the same.

mod cause;
mod cells;
mod columns;
mod delimited;
mod distinct;
mod error;
mod fault;
mod files;
mod json_lines;
mod lines;
mod mapping;
mod options;
mod reader;
mod records;
mod repeats;
mod words;

#[cfg(test)]
mod tests;

pub use cause::Cause;
pub use columns::{Columns, Role};
pub use distinct::{Corpus, CorpusBuilder, Merged};
pub use error::Error;
pub use fault::{BadRow, BadRows, Fault};
pub use files::{FoundFiles, find_files};
pub use lines::MAX_ROW_BYTES;
pub use options::{Format, NotAFormat, ReadOptions};
pub use reader::{FileReport, MOST_BAD_ROWS, ReadReport, Reader, read_paths};
pub use repeats::{Fingerprint, Repeats, RepeatsFound};
