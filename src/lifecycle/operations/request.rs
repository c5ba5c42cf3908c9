//! What an operation is asked to do.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Operations;
use super::policy_text::PolicyText;
use crate::lifecycle::{LifecycleError, ModelRef, NotAModelRef};
use crate::site::SiteId;
use crate::store::{OperationKind, Period};
use crate::training::AdaptOptions;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OperationRequest {
    /// A candidate is trained from the labels.
    Train(TrainRequest),
    /// Kept history is decided on again.
    Replay(ReplayRequest),
}

/// How a candidate is trained; what is left out is as `moderato train` has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrainRequest {
    /// Seed of fold assignment.
    pub seed: Option<u64>,
    /// Weights of sources by name; 0 leaves a source out.
    pub source_weights: BTreeMap<String, f32>,
    /// What each label may cost of what the base knew, in nats.
    pub forgetting_per_label: Option<f64>,
}

/// What is replayed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplayRequest {
    /// The model that might be.
    pub candidate: ModelRef,
    /// `[policy]` and `[sites.<id>.policy]` that might be, as a configuration file has
    /// them; lists stay as they are in force. `None`: the policies in force.
    pub policy: Option<String>,
    /// How far back.
    pub since: Period,
    /// Only these sites; none: all.
    pub sites: BTreeSet<SiteId>,
}

impl OperationRequest {
    /// What kind of operation it is.
    #[must_use]
    pub const fn kind(&self) -> OperationKind {
        match self {
            Self::Train(_) => OperationKind::Train,
            Self::Replay(_) => OperationKind::Replay,
        }
    }
}

impl TrainRequest {
    /// The options of a training beside a server at work.
    pub(super) fn options(&self) -> AdaptOptions {
        let usual = AdaptOptions::default();
        AdaptOptions {
            seed: self.seed.unwrap_or(usual.seed),
            forgetting_per_label: self
                .forgetting_per_label
                .unwrap_or(usual.forgetting_per_label),
            source_weights: self.source_weights.clone(),
            one_thread: true,
            ..usual
        }
    }

    fn check(&self) -> Result<(), LifecycleError> {
        let is_wrong = |weight: &f32| !weight.is_finite() || *weight < 0.0;
        let mut weights = self.source_weights.iter();
        if let Some((source, weight)) = weights.find(|(_, weight)| is_wrong(weight)) {
            return Err(LifecycleError::Option {
                option: format!("source_weights[{source:?}]"),
                expected: format!("expected a weight of 0 or more, found {weight}"),
            });
        }
        match self.forgetting_per_label {
            Some(nats) if !nats.is_finite() || nats <= 0.0 => Err(LifecycleError::Option {
                option: "forgetting_per_label".to_owned(),
                expected: format!("expected more than 0 nats, found {nats}"),
            }),
            _ => Ok(()),
        }
    }
}

impl Operations {
    /// The request with its model by its whole name, if all of it can be meant.
    pub(super) async fn resolved(
        &self,
        request: OperationRequest,
    ) -> Result<OperationRequest, LifecycleError> {
        match request {
            OperationRequest::Train(train) => {
                train.check()?;
                Ok(OperationRequest::Train(train))
            }
            OperationRequest::Replay(mut replay) => {
                if let Some(text) = &replay.policy {
                    text.parse::<PolicyText>()?;
                }
                let found = self.lifecycle.model(&replay.candidate, self.base.id());
                replay.candidate = match found.await? {
                    Some(model) => ModelRef::Named(model.id),
                    None => ModelRef::Base,
                };
                Ok(OperationRequest::Replay(replay))
            }
        }
    }
}

impl Serialize for ModelRef {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ModelRef {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|error: NotAModelRef| serde::de::Error::custom(error))
    }
}
