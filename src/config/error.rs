//! Why a configuration was refused.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// A place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Character of the line, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column } = self;
        write!(formatter, "{}:{line}:{column}", file.display())
    }
}

/// A configuration that cannot be used. The message names file, line and key, or
/// the environment variable, and what was expected; no secret is in it.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: cannot read the configuration: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A key or value of the file cannot be meant.
    #[error("{place}: {message}")]
    File {
        /// Where it stands.
        place: Place,
        /// Its key, and what was expected.
        message: String,
    },
    /// An environment variable cannot be meant.
    #[error("{variable}: {message}")]
    Variable {
        /// Its name.
        variable: &'static str,
        /// What was expected.
        message: String,
    },
    /// Settings contradict each other, and none of them stands in a file.
    #[error("{0}")]
    Contradiction(String),
}
