//! What people said of a comment, as far as a model can be right or wrong about it.

use serde::{Deserialize, Serialize};

use crate::label::Label;
use crate::verdict::Decision;

/// What a comment turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// A person approved it.
    Fine,
    /// A person rejected it as spam or abuse.
    Bad,
}

impl Truth {
    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Bad => "bad",
        }
    }

    /// Whether a decision is a mistake: to publish what is bad, or to refuse what is
    /// fine. A hold never is; it is work.
    pub(in crate::lifecycle) fn is_missed_by(self, decision: Decision) -> bool {
        match self {
            Self::Fine => decision == Decision::Reject,
            Self::Bad => decision == Decision::Approve,
        }
    }
}

/// A mistake that one side makes and the other does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mistake {
    /// Wrong now and not then.
    Fixed,
    /// Not wrong now and wrong then.
    New,
}

impl Mistake {
    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::New => "new",
        }
    }
}

/// The truth of a person's decision. What was rejected for another reason, such as
/// being off topic, says nothing of the text.
pub(in crate::lifecycle) fn of((decision, label): (Decision, Label)) -> Option<Truth> {
    let bad = label.spam == Some(true) || label.toxicity == Some(true);
    match decision {
        Decision::Approve => Some(Truth::Fine),
        Decision::Reject => bad.then_some(Truth::Bad),
        Decision::Hold => None,
    }
}

/// The truth of a person's decision that called the text spam or abuse, or did not.
pub(in crate::lifecycle) fn of_ruling((decision, is_bad): (Decision, bool)) -> Option<Truth> {
    let label = Label {
        spam: is_bad.then_some(true),
        ..Label::default()
    };
    of((decision, label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_text_says_of_itself_makes_a_mistake() {
        let spam = Label {
            spam: Some(true),
            toxicity: None,
        };
        assert_eq!(of((Decision::Reject, spam)), Some(Truth::Bad));
        assert_eq!(of((Decision::Reject, Label::default())), None);
        assert_eq!(of((Decision::Approve, Label::default())), Some(Truth::Fine));
        for decision in Decision::ALL {
            let missed = [Truth::Fine, Truth::Bad].map(|truth| truth.is_missed_by(decision));
            let expected = match decision {
                Decision::Approve => [false, true],
                Decision::Hold => [false, false],
                Decision::Reject => [true, false],
            };
            assert_eq!(missed, expected);
        }
    }
}
