//! Candidates: the base adapted to the site's labels. Nothing goes live by training.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::corpus::{LabelSet, LabelSpan};
use super::threads::computed;
use super::{Lifecycle, LifecycleError};
use crate::classifier::{Artefact, Classifier};
use crate::label::LabelledSample;
use crate::store::{Actor, ModelOrigin, StoredModel};
use crate::text::{Features, Typed};
use crate::training::corpus::Merged;
use crate::training::{AdaptOptions, Adapted, adapt};
use crate::verdict::{Head, Probability};

/// How a candidate is trained, and by whom.
#[derive(Clone, Debug)]
pub struct Training {
    /// How the base is adapted.
    pub options: AdaptOptions,
    /// Who trains.
    pub actor: Actor,
    /// When.
    pub now: Timestamp,
}

/// How far training is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrainStage {
    /// The labels are read.
    Labels,
    /// The base is adapted to so many texts.
    Adapting {
        /// Distinct texts.
        texts: usize,
    },
    /// The candidate is kept.
    Registering,
}

/// A model that was trained and registered.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// As it is registered.
    pub model: StoredModel,
    /// Whether it was not registered before: the same labels and settings give the same
    /// model.
    pub is_new: bool,
    /// How it does on labels that it had not seen.
    pub held_out: HeldOut,
    /// What became of equal texts among the labels.
    pub merged: Merged,
    /// Labels that the guard holds back; nothing was learned from them.
    pub held_back: u64,
}

/// What a candidate was trained on, as it is kept with the model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrainedOn {
    /// Of the corpus; `None`: no head was adapted.
    pub digest: Option<String>,
    /// Distinct texts.
    pub texts: u64,
    /// The labels.
    #[serde(flatten)]
    pub span: LabelSpan,
    /// Labels that the guard held back.
    pub held_back: u64,
}

impl TrainedOn {
    /// What is kept of it with a model; `None`: it was not trained here.
    #[must_use]
    pub fn of(model: &StoredModel) -> Option<Self> {
        Self::deserialize(model.labels.as_ref()?).ok()
    }
}

/// How a candidate does on labels that it had not seen, by head: every label is judged
/// by a model that was trained without it (cross-validation).
pub type HeldOut = BTreeMap<Head, HeadHeldOut>;

/// One head's part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum HeadHeldOut {
    /// It was adapted.
    Adapted {
        /// Labels it was adapted to.
        labels: usize,
        /// Positive ones among them.
        positives: usize,
        /// AUC of the base on the labels that the candidate's is of.
        base_auc: Option<f64>,
        /// AUC of the candidate, on labels it had not seen.
        auc: Option<f64>,
        /// Mean negative log-likelihood of the base, in nats.
        base_log_loss: f64,
        /// The candidate's, on labels it had not seen.
        log_loss: f64,
    },
    /// It is as the base's.
    Unchanged {
        /// Why.
        unchanged: String,
    },
}

impl Lifecycle {
    /// Adapts `base` to the labels that stand, and registers what comes of it. The same
    /// base, labels and options give the same model, byte for byte. `on_stage` is told how
    /// far it is, and breaks it off by an error.
    ///
    /// # Errors
    /// If the labels say too little, or a source has a weight that no label is of; if
    /// the store does not answer or is full, and then nothing was registered.
    pub async fn train(
        &self,
        base: &Arc<Artefact>,
        training: Training,
        on_stage: impl Fn(TrainStage) -> Result<(), LifecycleError>,
    ) -> Result<Candidate, LifecycleError> {
        on_stage(TrainStage::Labels)?;
        let set = self.label_set().await?;
        check_sources(&training.options, set.corpus.samples())?;
        let texts = set.corpus.samples().len();
        on_stage(TrainStage::Adapting { texts })?;
        let (adapted, held_out, set) = adapted(base, set, training.options.clone()).await?;
        on_stage(TrainStage::Registering)?;
        let header = adapted.artefact.header();
        let step = header.adaptations.last();
        let trained_on = TrainedOn {
            digest: step.map(|step| step.corpus_digest.clone()),
            texts: texts as u64,
            span: set.span,
            held_back: set.held_back,
        };
        let model = StoredModel {
            removed_at: None,
            id: adapted.artefact.id().to_string(),
            origin: ModelOrigin::Labels,
            base: Some(base.id().to_string()),
            parent: self.store.live().await?.and_then(|live| live.model),
            feature_version: header.feature_version,
            bytes: 0,
            created_at: training.now,
            actor: training.actor,
            settings: Some(settings(&training.options)),
            labels: Some(serde_json::to_value(trained_on).map_err(LifecycleError::Evaluation)?),
            evaluation: Some(serde_json::to_value(&held_out).map_err(LifecycleError::Evaluation)?),
        };
        let (model, is_new) = self.register(&adapted.artefact, model).await?;
        Ok(Candidate {
            model,
            is_new,
            held_out,
            merged: set.merged,
            held_back: set.held_back,
        })
    }
}

/// Adapts on a thread of its own: it takes seconds of both cores.
async fn adapted(
    base: &Arc<Artefact>,
    set: LabelSet,
    options: AdaptOptions,
) -> Result<(Adapted, HeldOut, LabelSet), LifecycleError> {
    let base = Arc::clone(base);
    let learned = computed(move || {
        let adapted = adapt(&base, &set.corpus, &options)?;
        let held_out = held_out(&base, set.corpus.samples(), &adapted);
        Ok((adapted, held_out, set))
    });
    learned.await?
}

fn check_sources(options: &AdaptOptions, samples: &[LabelledSample]) -> Result<(), LifecycleError> {
    let found: BTreeSet<_> = samples.iter().map(|sample| &*sample.source).collect();
    let mut named = options.source_weights.keys();
    match named.find(|source| !found.contains(source.as_str())) {
        None => Ok(()),
        Some(unknown) => Err(LifecycleError::NoSuchSource {
            source_name: unknown.clone(),
            found: found.into_iter().collect::<Vec<_>>().join(", "),
        }),
    }
}

fn settings(options: &AdaptOptions) -> serde_json::Value {
    json!({
        "seed": options.seed,
        "folds": options.folds,
        "source_weights": options.source_weights,
        "unverified_ham_weight": options.unverified_ham_weight,
        "forgetting_per_label": options.forgetting_per_label,
    })
}

fn held_out(base: &Artefact, samples: &[LabelledSample], adapted: &Adapted) -> HeldOut {
    let base = Classifier::new(base.clone());
    let of_head = |head: Head| {
        let held_out = match adapted.heads.get(head) {
            Err(refusal) => HeadHeldOut::Unchanged {
                unchanged: refusal.to_string(),
            },
            Ok(figures) => {
                let rows = adapted.out_of_fold.get(head);
                let candidate = rows.iter().map(|&(_, score, positive)| (score, positive));
                let before = rows.iter().map(|&(row, _, positive)| {
                    let sample = &samples[row];
                    let features = Features::extract(Typed {
                        text: &sample.text,
                        name: &sample.name,
                    });
                    (*base.score(&features).scores().get(head), positive)
                });
                HeadHeldOut::Adapted {
                    labels: figures.labels.rows,
                    positives: figures.labels.positives,
                    base_auc: figures.base_auc,
                    auc: figures.auc,
                    base_log_loss: log_loss(before),
                    log_loss: log_loss(candidate),
                }
            }
        };
        (head, held_out)
    };
    Head::ALL.into_iter().map(of_head).collect()
}

/// Mean negative log-likelihood; 0 of nothing. A certainty that is wrong counts as one
/// of a million to one.
fn log_loss(scores: impl Iterator<Item = (Probability, bool)>) -> f64 {
    let (mut sum, mut rows) = (0.0, 0.0);
    for (score, positive) in scores {
        let likelihood = if positive {
            score.get()
        } else {
            1.0 - score.get()
        };
        sum -= likelihood.max(1e-6).ln();
        rows += 1.0;
    }
    if rows > 0.0 { sum / rows } else { 0.0 }
}
