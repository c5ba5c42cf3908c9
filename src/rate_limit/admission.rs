//! The limiter's answer.

use std::time::Duration;

use super::charge::Charge;
use super::settings::QuotaKind;

/// A quota that would be exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which quota.
    pub kind: QuotaKind,
    /// How long until it alone would let the same submission through, exact to the
    /// microsecond if nothing else is charged meanwhile.
    pub retry_after: Duration,
}

/// The answer to one submission's charges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// Enforced quotas that refuse it, longest wait first; empty: it was charged.
    pub refused: Vec<Refusal>,
    /// Shadow quotas that would have refused it, longest wait first.
    pub shadow_refused: Vec<Refusal>,
    /// A stand-in answered because the limiter proper did not.
    pub degraded: bool,
}

impl Admission {
    /// The answer to `charges`, given each one's wait in microseconds (0: it passes).
    pub(super) fn from_waits(charges: &[Charge], waits_us: impl IntoIterator<Item = u64>) -> Self {
        let mut admission = Self::default();
        for (charge, wait_us) in charges.iter().zip(waits_us) {
            if wait_us == 0 {
                continue;
            }
            let refusals = if charge.shadow {
                &mut admission.shadow_refused
            } else {
                &mut admission.refused
            };
            refusals.push(Refusal {
                kind: charge.kind,
                retry_after: Duration::from_micros(wait_us),
            });
        }
        for refusals in [&mut admission.refused, &mut admission.shadow_refused] {
            refusals.sort_by_key(|refusal| std::cmp::Reverse(refusal.retry_after));
        }
        admission
    }

    /// Whether every enforced quota let it through.
    #[must_use]
    pub const fn is_admitted(&self) -> bool {
        self.refused.is_empty()
    }

    /// The refusal that lasts longest: after its `retry_after` the same charges pass,
    /// if nothing else is charged meanwhile. `None` if it was admitted.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        self.refused.first().copied()
    }
}
