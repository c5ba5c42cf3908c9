//! What a text is, as people have said.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::verdict::{Head, PerHead};

/// What people say of one text: for each head yes, no, or not judged. A text can
/// be both spam and toxic; a text judged neither is ham.
pub type Label = PerHead<Option<bool>>;

impl Label {
    /// Whether any head is judged.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        Head::ALL.iter().any(|&head| self.get(head).is_some())
    }
}

/// A text with its label, as a corpus holds it.
#[derive(Clone, Serialize, Deserialize)]
pub struct LabelledSample {
    /// The comment's text.
    pub text: String,
    /// The author's name as typed, where the corpus has it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The author's web page as typed, where the corpus has it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// What people say of it.
    pub label: Label,
    /// Language tag, such as `en`, `ur`, `roman-ur`; empty if unknown.
    pub language: String,
    /// Rows of one group stay on one side of every split; empty: on its own.
    pub group: String,
    /// Name of the file it came from, without folders.
    pub source: String,
}

impl fmt::Debug for LabelledSample {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LabelledSample")
            .field("label", &self.label)
            .field("language", &self.language)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}
