//! Counters of what quotas answer, resolved once: every submission touches several.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use super::labels::QuotaLabels;
use crate::rate_limit::QuotaKind;

/// What a quota answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaOutcome {
    /// It let a submission through and was charged.
    Allowed,
    /// It refused one.
    Refused,
    /// It would have refused one, were it enforced.
    ShadowRefused,
}

impl QuotaOutcome {
    const ALL: [Self; 3] = [Self::Allowed, Self::Refused, Self::ShadowRefused];

    const fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::ShadowRefused => "shadow_refused",
        }
    }
}

/// One counter for each outcome, by whether the stand-in answered.
type ByOutcome = [[Counter; 2]; QuotaOutcome::ALL.len()];

/// One counter for each kind, outcome, and whether the stand-in answered.
#[derive(Debug)]
pub(super) struct QuotaAnswers {
    family: Family<QuotaLabels, Counter>,
    counters: [ByOutcome; QuotaKind::ALL.len()],
}

impl Default for QuotaAnswers {
    fn default() -> Self {
        let family = Family::<QuotaLabels, Counter>::default();
        let counter = |kind: QuotaKind, outcome: QuotaOutcome, degraded| {
            family.get_or_create_owned(&QuotaLabels {
                quota: kind.name(),
                outcome: outcome.name(),
                degraded,
            })
        };
        let counters = QuotaKind::ALL.map(|kind| {
            let by_degraded = |outcome| ["false", "true"].map(|d| counter(kind, outcome, d));
            QuotaOutcome::ALL.map(by_degraded)
        });
        Self { family, counters }
    }
}

impl QuotaAnswers {
    /// What is registered.
    pub(super) fn family(&self) -> Family<QuotaLabels, Counter> {
        self.family.clone()
    }

    pub(super) fn count(&self, kind: QuotaKind, outcome: QuotaOutcome, degraded: bool) {
        self.counters[kind as usize][outcome as usize][usize::from(degraded)].inc();
    }
}
