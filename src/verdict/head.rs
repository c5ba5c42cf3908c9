//! What a score is about.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Probability;

/// What a score is about. The classifier has one head for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// Advertisement, fraud, link drop.
    Spam,
    /// Abuse.
    Toxicity,
}

impl Head {
    /// Every head, in the order they are stored and printed.
    pub const ALL: [Self; 2] = [Self::Spam, Self::Toxicity];

    /// Stable lower-case name, as in JSON and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Toxicity => "toxicity",
        }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// One value for each [`Head`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerHead<T> {
    /// The spam head's.
    pub spam: T,
    /// The toxicity head's.
    pub toxicity: T,
}

impl<T> PerHead<T> {
    /// Makes one value for each head.
    pub fn from_fn(mut make: impl FnMut(Head) -> T) -> Self {
        Self {
            spam: make(Head::Spam),
            toxicity: make(Head::Toxicity),
        }
    }

    /// The value of one head.
    #[must_use]
    pub const fn get(&self, head: Head) -> &T {
        match head {
            Head::Spam => &self.spam,
            Head::Toxicity => &self.toxicity,
        }
    }

    /// The value of one head, to change.
    pub const fn get_mut(&mut self, head: Head) -> &mut T {
        match head {
            Head::Spam => &mut self.spam,
            Head::Toxicity => &mut self.toxicity,
        }
    }
}

/// Calibrated probabilities of both heads.
pub type Scores = PerHead<Probability>;
