//! Why bytes are not a usable artefact.

use super::{FORMAT_VERSION, MAGIC};
use crate::text::FEATURE_VERSION;

/// Why bytes are not a usable artefact.
#[derive(Debug, thiserror::Error)]
pub enum ArtefactError {
    /// The file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What went wrong.
        source: std::io::Error,
    },
    /// Something else altogether.
    #[error(
        "not a Moderato artefact: it does not start with {:?}",
        String::from_utf8_lossy(MAGIC)
    )]
    Foreign,
    /// Cut off or damaged.
    #[error("damaged artefact: {0}; copy or train it again")]
    Damaged(&'static str),
    /// Written by another version of Moderato.
    #[error(
        "artefact of format {found}, expected 1 to {FORMAT_VERSION}: train it again with this version"
    )]
    Format {
        /// The artefact's format version.
        found: u32,
    },
    /// Trained with another feature extractor.
    #[error(
        "artefact trained with features of version {found}, expected {FEATURE_VERSION}: train it again with this version"
    )]
    Features {
        /// The artefact's feature version.
        found: u32,
    },
    /// The header is not what it should be.
    #[error("artefact header: {0}")]
    Header(#[from] serde_json::Error),
}
