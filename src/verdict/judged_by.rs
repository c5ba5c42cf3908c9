//! Which of the models in force judged a comment.

use super::Decision;

/// Which of the models in force gave a verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// The one that is live.
    #[default]
    Live,
    /// The one that judges a share of the comments before it is promoted.
    Canary,
}

impl Side {
    /// Every side.
    pub const ALL: [Self; 2] = [Self::Live, Self::Canary];

    /// Stable lower-case name, as in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Canary => "canary",
        }
    }
}

/// Who judged a comment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JudgedBy {
    /// The model that gave the verdict.
    pub side: Side,
    /// What a model in shadow would have decided; `None`: none looked.
    pub shadow: Option<Decision>,
}
