//! Why a person rejects a comment.

use std::fmt;
use std::str::FromStr;

use crate::label::Label;
use crate::verdict::PerHead;

/// Why a person rejects a comment: `RejectReason` of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RejectReason {
    /// Advertisement, fraud, link drop.
    Spam,
    /// Abuse, threats, hate.
    Toxic,
    /// Nothing to do with the page.
    OffTopic,
    /// Somebody's address, phone number or the like.
    PersonalData,
    /// It may break the law.
    Illegal,
    /// It pretends to be somebody else's.
    Impersonation,
    /// It is there already.
    Duplicate,
    /// Something else.
    Other,
}

/// Text that names no reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected spam, toxic, off_topic, personal_data, illegal, impersonation, duplicate or other"
)]
pub struct NotAReason;

impl RejectReason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::Spam,
        Self::Toxic,
        Self::OffTopic,
        Self::PersonalData,
        Self::Illegal,
        Self::Impersonation,
        Self::Duplicate,
        Self::Other,
    ];

    /// Stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Toxic => "toxic",
            Self::OffTopic => "off_topic",
            Self::PersonalData => "personal_data",
            Self::Illegal => "illegal",
            Self::Impersonation => "impersonation",
            Self::Duplicate => "duplicate",
            Self::Other => "other",
        }
    }

    /// What it says of the text. Only spam and abuse are the text's own; the rest
    /// depends on the page or on people, which the model does not know.
    #[must_use]
    pub const fn label(self) -> Label {
        let (spam, toxicity) = match self {
            Self::Spam => (Some(true), None),
            Self::Toxic => (None, Some(true)),
            _ => (None, None),
        };
        PerHead { spam, toxicity }
    }
}

impl FromStr for RejectReason {
    type Err = NotAReason;

    fn from_str(text: &str) -> Result<Self, NotAReason> {
        let named = Self::ALL.into_iter().find(|reason| reason.name() == text);
        named.ok_or(NotAReason)
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
