//! The pieces of a score.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Head, Span};

/// What kind of piece of a score an [`Evidence`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// What the model believes before it reads.
    Prior,
    /// One word, its character n-grams included.
    Word,
    /// Two words, adjacent or with one between them, or the first or last word with the
    /// edge of the text, beyond what each says alone.
    Pair,
    /// A link's host, registrable domain, or a word of its path.
    Link,
    /// A structural signal.
    Signal,
    /// All pieces that are not listed.
    Remainder,
}

impl EvidenceKind {
    /// What it is, in a word or two.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Prior => "before reading",
            Self::Word => "word",
            Self::Pair => "pair of words",
            Self::Link => "link",
            Self::Signal => "signal",
            Self::Remainder => "all the rest",
        }
    }
}

/// One additive piece of a score.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Which score.
    pub head: Head,
    /// What kind of piece.
    pub kind: EvidenceKind,
    /// The form the filter saw, or the signal's name.
    pub token: String,
    /// Where it first stands; `None` for prior and remainder.
    pub span: Option<Span>,
    /// Natural-log odds it adds; positive speaks for the head.
    pub log_odds: f64,
}

impl fmt::Debug for Evidence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Evidence")
            .field("head", &self.head)
            .field("kind", &self.kind)
            .field("log_odds", &self.log_odds)
            .finish_non_exhaustive()
    }
}
