//! Why rules were refused.

use std::io;
use std::path::PathBuf;

use super::Origin;
use super::words::MAX_PHRASE_BYTES;

/// Rules that cannot be loaded or compiled. Every message names the key or the
/// file and line.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// A list file could not be read.
    #[error("{key}: cannot read the list {}", path.display())]
    File {
        /// The setting that names the file.
        key: String,
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// A word entry of which normalising leaves nothing to look for.
    #[error(
        "{origin}: expected a word or phrase, found {entry:?}, which holds no visible characters"
    )]
    EmptyPhrase {
        /// Where it stands.
        origin: Origin,
        /// As written.
        entry: String,
    },
    /// A word entry that starts with `*`.
    #[error(
        "{origin}: expected `*` only at the end of a phrase (`casino*`), found {entry:?}; words are matched from their start"
    )]
    LeadingStar {
        /// Where it stands.
        origin: Origin,
        /// As written.
        entry: String,
    },
    /// A word entry that is a text rather than a phrase.
    #[error(
        "{origin}: expected a phrase of at most {MAX_PHRASE_BYTES} bytes in normalised form, found {bytes}"
    )]
    PhraseTooLong {
        /// Where it stands.
        origin: Origin,
        /// Its length in normalised form.
        bytes: usize,
    },
    /// A domain entry that is no domain.
    #[error("{origin}: {}, found {entry:?}", crate::text::NotADomain)]
    NotADomain {
        /// Where it stands.
        origin: Origin,
        /// As written.
        entry: String,
    },
    /// More words than one automaton can hold (billions of bytes).
    #[error("rules.words: too many words to match at once")]
    TooManyWords(#[from] aho_corasick::BuildError),
}
