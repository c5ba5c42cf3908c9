//! From labelled samples to an artefact, and from scores to a judgement of it.

mod adapt;
mod assemble;
mod bayes;
mod calibrate;
pub mod corpus;
mod fit;
pub mod learning_curve;
mod matrix;
pub mod metrics;
mod posterior;
pub mod report;
mod reweight;
pub mod split;
pub mod study;
pub mod thresholds;
mod train;
mod vocabulary;

pub use adapt::{AdaptOptions, Adapted, AdaptedHead, Refusal, adapt};
pub use matrix::features_of;
pub use train::{Stage, TrainOptions, Trained, train};

use crate::classifier::ArtefactError;
use crate::verdict::Head;

/// Why no model came of a corpus.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A head needs rows of both classes in every fold.
    #[error(
        "the {head} head has {positives} positive and {negatives} negative rows to learn from in a fold; it needs both: label rows for it, or add the seed corpus (--corpus models/seed)"
    )]
    OneClass {
        /// The head.
        head: Head,
        /// Positive rows.
        positives: usize,
        /// Negative rows.
        negatives: usize,
    },
    /// `linfa-bayes` did not fit.
    #[error("naive Bayes: {0}")]
    Bayes(String),
    /// The scores could not be calibrated.
    #[error("calibration: {0}")]
    Calibration(String),
    /// No head can be adapted to these labels.
    #[error("nothing to adapt to: spam has {spam}; toxicity has {toxicity}")]
    NothingToAdapt {
        /// Why spam cannot.
        spam: Refusal,
        /// Why toxicity cannot.
        toxicity: Refusal,
    },
    /// A model whose weights count for nothing is no base.
    #[error("the base model has learned nothing that could be adapted")]
    NoBase,
    /// Nothing can be judged on if all is learned from.
    #[error("all rows that judge {head} are of one group; a learning curve needs two")]
    OneGroup {
        /// The head.
        head: Head,
    },
    /// There is nothing to hold out.
    #[error(transparent)]
    Folds(#[from] split::TooFewFolds),
    /// The artefact could not be made.
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
}
