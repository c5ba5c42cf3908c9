//! The operator's loop: labels, and what is learned from them.
//!
//! Command line, API and console all come this way, as moderators come by `review`.
//! Labels are an append-only log (`store`); here they are imported, looked through,
//! retracted and made into a corpus to learn from.

mod corpus;
mod error;
mod export;
mod import;
mod labels;

use uuid::Uuid;

pub use corpus::{LabelSet, LabelSpan};
pub use error::LifecycleError;
pub use export::{ExportFormat, Exporter};
pub use import::{Importing, NewImport};
pub use labels::{LabelQuery, Retracting};

use crate::store::Store;

/// What operators do. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    store: Store,
    new_id: fn() -> Uuid,
}

impl Lifecycle {
    /// The loop over what `store` keeps; `new_id` names what is made, by UUIDs of
    /// version 7 in service.
    #[must_use]
    pub const fn new(store: Store, new_id: fn() -> Uuid) -> Self {
        Self { store, new_id }
    }
}
