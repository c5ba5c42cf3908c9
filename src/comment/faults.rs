//! Everything that is wrong with a submission.

use crate::count::counted;
use crate::verdict::{Field, Reason, ReasonCode};

/// Why a submission is no comment: one reason for each field at fault, in the
/// order of the form. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the submission is at fault in: {}", self.field_names())]
pub struct Faults(Vec<Reason>);

impl Faults {
    /// The faults of the fields, of which at least one has one.
    pub(super) fn of<const N: usize>(fields: [Option<Reason>; N]) -> Self {
        let faults: Vec<_> = fields.into_iter().flatten().collect();
        debug_assert!(!faults.is_empty(), "a submission at fault has a fault");
        Self(faults)
    }

    /// Takes every fault found; `None` if there are none.
    #[must_use]
    pub fn new(faults: Vec<Reason>) -> Option<Self> {
        (!faults.is_empty()).then_some(Self(faults))
    }

    /// The faults, in the order of the form.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.0
    }

    /// The faults, to keep.
    #[must_use]
    pub fn into_reasons(self) -> Vec<Reason> {
        self.0
    }

    fn field_names(&self) -> String {
        let names: Vec<_> = self
            .0
            .iter()
            .filter_map(|fault| fault.field.map(Field::name))
            .collect();
        names.join(", ")
    }
}

/// A fault of `field`, with a sentence for the form.
pub(super) fn fault(code: ReasonCode, field: Field, sentence: impl Into<String>) -> Reason {
    Reason::new(code, Some(field), sentence)
}

/// A number of characters as a person writes it: `1 character`, `100,000 characters`.
pub(super) fn characters(count: usize) -> String {
    counted(count as u64, "character")
}
