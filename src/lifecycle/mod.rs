//! The operator's loop: label, train, look, promote, roll back.
//!
//! Command line, API and console all come this way, as moderators come by `review`.
//! Labels are an append-only log; here they are imported, looked through, retracted and
//! made into a corpus. A base is adapted to them, which gives a candidate: an artefact
//! in the registry, named by its content. Which model is live is the last entry of
//! another log, and nothing but a promotion or a rollback changes it. Before a promotion
//! kept history is replayed: decided on again, to see what would change. Beside the live
//! model others run on trial: in shadow, for the record alone, or as a canary, which judges
//! a share of the comments. What is on trial is part of the same log.

mod bounds;
mod canary_report;
mod candidate;
mod check;
mod corpus;
mod difference;
mod error;
mod explain;
mod export;
mod guard;
mod import;
mod labels;
mod models;
mod operations;
mod promotion;
mod removal;
mod replay;
mod shadow_report;
mod side_by_side;
mod threads;
mod trial;
mod worse;

use uuid::Uuid;

pub use bounds::{NotAShare, PromotionBounds, Share};
pub use canary_report::{CanaryReport, SideCounts};
pub use candidate::{Candidate, HeadHeldOut, HeldOut, TrainStage, TrainedOn, Training};
pub use check::{Checked, Ground};
pub use corpus::{LabelSet, LabelSpan};
pub use difference::{Difference, Moved};
pub use error::LifecycleError;
pub use explain::{Explained, Piece, Taught, Worth};
pub use export::{ExportFormat, Exporter};
pub use guard::Suspicion;
pub use import::{Importing, NewImport};
pub use labels::{LabelPage, LabelQuery, Retracting};
pub use models::{ModelRef, NotAModelRef};
pub use operations::{
    LONGEST_WAIT, LOST_AFTER, MOST_FLIPS, NotAPolicy, Operation, OperationFailure,
    OperationRequest, OperationResult, OperationStatus, Operations, Progress, ReplayRequest,
    Replayed, TrainRequest, Trained, Turn,
};
pub use promotion::{Promoting, Seen};
pub use removal::{KeptBecause, Removal, RemovalOutcome};
pub use replay::{Flip, Groups, Judges, Mistake, Replay, ReplayFigures, Replaying, Truth};
pub use shadow_report::{ScoreAgreement, ShadowMatrixCell, ShadowReport};
pub use side_by_side::SideBySide;
pub use trial::Shadowing;

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
