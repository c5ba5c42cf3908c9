//! Why something was not done.

use jiff::Timestamp;

use super::{NotAPolicy, Operation};
use crate::classifier::ArtefactError;
use crate::store::{LabelId, OperationId, Promotion, PromotionKind, StoreError};
use crate::training::TrainError;

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
    #[error("expected which labels: their ids, or a moderator, day, source, site, domain or batch")]
    AllLabels,
    /// The output does not take what it is given.
    #[error("cannot write: {0}")]
    Output(#[source] std::io::Error),
    /// There is no such model.
    #[error("there is no model {0}; `moderato models list` shows them")]
    NoSuchModel(String),
    /// Several models' names begin so.
    #[error("several models' names begin with {0}; give more of it")]
    AmbiguousModel(String),
    /// What is kept of a model is not to be used.
    #[error("model {model} cannot be used: {source}")]
    Unusable {
        /// Its name.
        model: String,
        /// Why not.
        source: ArtefactError,
    },
    /// What is kept as one model is another.
    #[error("what is kept as model {model} is {found}: it was exchanged, and is not used")]
    NotItself {
        /// As it is called.
        model: String,
        /// By its content.
        found: String,
    },
    /// No artefact could be made.
    #[error(transparent)]
    Artefact(ArtefactError),
    /// How it does on labels it had not seen cannot be kept.
    #[error("its figures on labels not seen cannot be kept: {0}")]
    Evaluation(#[source] serde_json::Error),
    /// The labels do not make a model.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// A weight for labels that there are none of.
    #[error("--weight {source_name}: there are no labels of that source; found {found}")]
    NoSuchSource {
        /// As it was given.
        source_name: String,
        /// Those that there are.
        found: String,
    },
    /// The process ends.
    #[error("it was broken off, since the process ends")]
    Stopped,
    /// Its artefact was removed.
    #[error(
        "the artefact of model {0} was removed at {1}; train it again from the same labels, or \
         import it"
    )]
    Removed(String, Timestamp),
    /// There is no canary.
    #[error("no canary runs; `moderato models promote MODEL --canary 5%` begins one")]
    NoCanary,
    /// A canary of another model runs.
    #[error("{0} runs as a canary already; `moderato models canary --stop` ends that")]
    CanaryRuns(String),
    /// A canary of everything is a promotion.
    #[error(
        "a canary takes a share below 1; a promotion without one puts a model in force for all"
    )]
    WholeCanary,
    /// There is no shadow.
    #[error("no model runs in shadow; `moderato models shadow MODEL` begins that")]
    NoShadow,
    /// It is live already.
    #[error("{0} is live already")]
    AlreadyLive(String),
    /// There is nothing before the model that is live.
    #[error("nothing was promoted, so there is nothing to roll back")]
    NothingToRollBack,
    /// It is worse than the bounds allow.
    #[error(
        "it is worse than [promotion] allows, and was not promoted: {}; --override-bounds --why \
         REASON promotes it all the same, on the record", .0.join("; ")
    )]
    Worse(Vec<String>),
    /// Going past the bounds takes a reason.
    #[error("going past the bounds takes a reason: --why")]
    NoReason,
    /// There is no such operation.
    #[error("there is no operation {0}, or no longer")]
    NoSuchOperation(OperationId),
    /// One of its kind runs.
    #[error("{}", busy(.0))]
    Busy(Box<Operation>),
    /// Another model is looked at.
    #[error(
        "another promotion is being looked at on this server; ask again once it is made or refused"
    )]
    PromotionRuns,
    /// An option that cannot be meant.
    #[error("{option}: {expected}")]
    Option {
        /// Which.
        option: String,
        /// What was expected.
        expected: String,
    },
    /// A policy that might be cannot be meant.
    #[error("policy: {0}")]
    Policy(#[from] NotAPolicy),
    /// What is kept of an operation is not what this program keeps.
    #[error("what is kept of an operation cannot be read or written: {0}")]
    Record(#[source] serde_json::Error),
    /// Somebody else promoted since this one looked.
    #[error("{}", overtaken(.0))]
    Overtaken(Box<Promotion>),
}

fn busy(running: &Operation) -> String {
    let what = match running.request.kind() {
        crate::store::OperationKind::Train => "training",
        crate::store::OperationKind::Replay => "replay",
    };
    let who = running.actor.called();
    format!(
        "a {what} runs already, which {who} started at {} (operation {}): wait for it or cancel it",
        running.created_at, running.id
    )
}

fn overtaken(promotion: &Promotion) -> String {
    let who = promotion.actor.called();
    let model = promotion.subject().unwrap_or("the base");
    let what = match promotion.kind {
        PromotionKind::Promote | PromotionKind::RollBack => format!("put {model} in force"),
        PromotionKind::Canary => format!("ran {model} as a canary"),
        PromotionKind::EndCanary => "ended the canary".to_owned(),
        PromotionKind::Shadow => format!("ran {model} in shadow"),
        PromotionKind::EndShadow => "ended the shadow".to_owned(),
    };
    format!(
        "{who} {what} at {} in the meantime; nothing was done: look again",
        promotion.at
    )
}

impl LifecycleError {
    /// Whether who asked must ask otherwise.
    #[must_use]
    pub const fn is_wrong_input(&self) -> bool {
        match self {
            Self::Train(error) => !matches!(error, TrainError::Bayes(_) | TrainError::Artefact(_)),
            Self::NoSuchLabel(_)
            | Self::AllLabels
            | Self::NoSuchModel(_)
            | Self::AmbiguousModel(_)
            | Self::NoSuchSource { .. }
            | Self::AlreadyLive(_)
            | Self::Removed(..)
            | Self::NoCanary
            | Self::CanaryRuns(_)
            | Self::WholeCanary
            | Self::NoShadow
            | Self::NothingToRollBack
            | Self::NoSuchOperation(_)
            | Self::Option { .. }
            | Self::Policy(_)
            | Self::NoReason => true,
            Self::Store(_)
            | Self::Output(_)
            | Self::Unusable { .. }
            | Self::NotItself { .. }
            | Self::Artefact(_)
            | Self::Evaluation(_)
            | Self::Stopped
            | Self::Busy(_)
            | Self::PromotionRuns
            | Self::Record(_)
            | Self::Worse(_)
            | Self::Overtaken(_) => false,
        }
    }

    /// Whether it is what is kept of a model that is in the way: another may do.
    pub(super) const fn is_of_the_model(&self) -> bool {
        matches!(
            self,
            Self::Removed(..) | Self::Unusable { .. } | Self::NotItself { .. }
        )
    }

    /// Stable, in upper snake case: to branch on.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Store(error) if error.is_passing() => "STORE_UNAVAILABLE",
            Self::Store(_)
            | Self::Output(_)
            | Self::Artefact(_)
            | Self::Evaluation(_)
            | Self::Record(_) => "FAULT",
            Self::NoSuchLabel(_) => "LABEL_NOT_FOUND",
            Self::AllLabels => "ALL_LABELS",
            Self::NoSuchModel(_) => "MODEL_NOT_FOUND",
            Self::AmbiguousModel(_) => "MODEL_AMBIGUOUS",
            Self::Unusable { .. } | Self::NotItself { .. } => "MODEL_UNUSABLE",
            Self::Train(_) => "LABELS_INSUFFICIENT",
            Self::NoSuchSource { .. } | Self::Option { .. } => "FIELD_INVALID",
            Self::Policy(_) => "POLICY_INVALID",
            Self::Stopped => "SERVER_STOPPED",
            Self::AlreadyLive(_) => "ALREADY_LIVE",
            Self::Removed(..) => "MODEL_REMOVED",
            Self::NoCanary => "NO_CANARY",
            Self::CanaryRuns(_) => "CANARY_RUNNING",
            Self::WholeCanary => "CANARY_OF_ALL",
            Self::NoShadow => "NO_SHADOW",
            Self::NothingToRollBack => "NOTHING_TO_ROLL_BACK",
            Self::Worse(_) => "WORSE_THAN_ALLOWED",
            Self::NoReason => "NO_REASON",
            Self::NoSuchOperation(_) => "OPERATION_NOT_FOUND",
            Self::Busy(_) => "OPERATION_RUNNING",
            Self::PromotionRuns => "PROMOTION_RUNNING",
            Self::Overtaken(_) => "OVERTAKEN",
        }
    }
}
