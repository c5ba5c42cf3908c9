//! Why something was not done.

use crate::store::{LabelId, StoreError};

/// Why something was not done; the message says what was expected.
#[derive(Debug, thiserror::Error)]
pub enum LifecycleError {
    /// The store has no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such label.
    #[error("there is no label {0}; `moderato labels list` shows them")]
    NoSuchLabel(LabelId),
    /// Retracting takes a word on what.
    #[error(
        "expected which labels to retract: their ids, or a moderator, day, source, site, domain \
         or batch"
    )]
    AllLabels,
    /// The output does not take what is exported.
    #[error("cannot write the export: {0}")]
    Export(#[source] std::io::Error),
}

impl LifecycleError {
    /// Whether who asked must ask otherwise.
    #[must_use]
    pub const fn is_wrong_input(&self) -> bool {
        matches!(self, Self::NoSuchLabel(_) | Self::AllLabels)
    }
}
