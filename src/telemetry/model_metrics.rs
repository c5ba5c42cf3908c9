//! What is counted of the models in force and on trial.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::verdict::{Decision, JudgedBy, Side};

const DECISIONS: usize = Decision::ALL.len();

/// A share, from 0 to 1.
type ShareGauge = Gauge<f64, AtomicU64>;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SideLabels {
    side: &'static str,
    decision: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ShadowLabels {
    live: &'static str,
    shadow: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TrialLabels {
    trial: &'static str,
    model: String,
}

/// A model on trial, as it is shown.
#[derive(Clone, Copy, Debug)]
pub struct ShownTrial<'a> {
    /// Its name.
    pub model: &'a str,
    /// Of whose comments, from 0 to 1.
    pub share: f64,
}

/// Counters of models.
#[derive(Debug)]
pub(super) struct ModelMetrics {
    by_side: [[Counter; DECISIONS]; Side::ALL.len()],
    sides: Family<SideLabels, Counter>,
    in_shadow: [[Counter; DECISIONS]; DECISIONS],
    shadows: Family<ShadowLabels, Counter>,
    canary_share: ShareGauge,
    shadow_share: ShareGauge,
    trials: Family<TrialLabels, Gauge>,
    refused: Counter,
}

impl Default for ModelMetrics {
    fn default() -> Self {
        let sides = Family::<SideLabels, Counter>::default();
        let by_side = Side::ALL.map(|side| {
            Decision::ALL.map(|decision| {
                sides.get_or_create_owned(&SideLabels {
                    side: side.name(),
                    decision: decision.name(),
                })
            })
        });
        let shadows = Family::<ShadowLabels, Counter>::default();
        let in_shadow = Decision::ALL.map(|live| {
            Decision::ALL.map(|shadow| {
                shadows.get_or_create_owned(&ShadowLabels {
                    live: live.name(),
                    shadow: shadow.name(),
                })
            })
        });
        Self {
            by_side,
            sides,
            in_shadow,
            shadows,
            canary_share: ShareGauge::default(),
            shadow_share: ShareGauge::default(),
            trials: Family::default(),
            refused: Counter::default(),
        }
    }
}

impl ModelMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "verdicts_by_side",
            "Comments that were read and decided on, by the live model and by a canary",
            self.sides.clone(),
        );
        registry.register(
            "shadow_verdicts",
            "Comments that a model judged in shadow: what was decided, and what it would have",
            self.shadows.clone(),
        );
        registry.register(
            "canary_share",
            "Share of the authors whose comments a canary judges; 0: none runs",
            self.canary_share.clone(),
        );
        registry.register(
            "shadow_share",
            "Share of the authors whose comments a model judges in shadow; 0: none does",
            self.shadow_share.clone(),
        );
        registry.register("trial_info", "The models on trial", self.trials.clone());
        registry.register(
            "models_refused",
            "Models promoted or put on trial that this replica could not put in force",
            self.refused.clone(),
        );
    }

    pub(super) fn judged(&self, decision: Decision, by: JudgedBy) {
        self.by_side[by.side as usize][decision as usize].inc();
        if let Some(shadow) = by.shadow {
            self.in_shadow[decision as usize][shadow as usize].inc();
        }
    }

    pub(super) fn on_trial(&self, canary: Option<ShownTrial<'_>>, shadow: Option<ShownTrial<'_>>) {
        self.trials.clear();
        for (trial, shown, share) in [
            (Side::Canary.name(), canary, &self.canary_share),
            ("shadow", shadow, &self.shadow_share),
        ] {
            share.set(shown.map_or(0.0, |shown| shown.share));
            if let Some(ShownTrial { model, .. }) = shown {
                let model = model.to_owned();
                self.trials
                    .get_or_create(&TrialLabels { trial, model })
                    .set(1);
            }
        }
    }

    pub(super) fn refused(&self) {
        self.refused.inc();
    }
}
