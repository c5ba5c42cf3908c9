//! The work itself, with its progress shown.

use std::collections::BTreeMap;

use moderato::classifier::Artefact;
use moderato::training::corpus::Corpus;
use moderato::training::{
    self, AdaptOptions, AdaptedHead, Refusal, Stage, TrainError, TrainOptions,
};
use moderato::verdict::{Head, PerHead, Probability};
use serde::Serialize;

use crate::exit::WrongInput;
use crate::progress::Progress;

/// A model, however it came about.
pub struct Fitted {
    pub artefact: Artefact,
    /// `(row of the corpus, probability, positive)` out of fold.
    pub out_of_fold: PerHead<Vec<(usize, Probability, bool)>>,
    pub adaptation: Option<AdaptationReport>,
}

/// What was adapted, as `--json` prints it.
#[derive(Serialize)]
pub struct AdaptationReport {
    pub base: String,
    pub heads: BTreeMap<Head, HeadReport>,
}

/// What became of one head.
#[derive(Serialize)]
#[serde(untagged)]
pub enum HeadReport {
    Adapted {
        labels: usize,
        positives: usize,
        base_auc: Option<f64>,
        auc: Option<f64>,
    },
    Unchanged {
        unchanged: String,
    },
}

impl HeadReport {
    fn new(head: &Result<AdaptedHead, Refusal>) -> Self {
        match head {
            Ok(head) => Self::Adapted {
                labels: head.labels.rows,
                positives: head.labels.positives,
                base_auc: head.base_auc,
                auc: head.auc,
            },
            Err(refusal) => Self::Unchanged {
                unchanged: refusal.to_string(),
            },
        }
    }
}

/// Trains a model from nothing.
pub fn train(corpus: &Corpus, options: &TrainOptions) -> anyhow::Result<Fitted> {
    let progress = Progress::of_bytes(None);
    progress.work();
    let trained = training::train(corpus, options, |stage| {
        progress.step(match stage {
            Stage::Features => "extracting features",
            Stage::Heads => "fitting and cross-validating both heads",
            Stage::Artefact => "putting the model together",
        });
    });
    progress.done();
    let trained = trained.map_err(classify)?;
    Ok(Fitted {
        artefact: trained.artefact,
        out_of_fold: trained.out_of_fold,
        adaptation: None,
    })
}

/// Adapts a model.
pub fn adapt(base: &Artefact, corpus: &Corpus, options: &AdaptOptions) -> anyhow::Result<Fitted> {
    let progress = Progress::of_bytes(None);
    progress.work();
    progress.step("adapting the base to the labels");
    let adapted = training::adapt(base, corpus, options);
    progress.done();
    let adapted = adapted.map_err(classify)?;
    let heads = Head::ALL.into_iter();
    Ok(Fitted {
        adaptation: Some(AdaptationReport {
            base: base.id().to_string(),
            heads: heads
                .map(|head| (head, HeadReport::new(adapted.heads.get(head))))
                .collect(),
        }),
        artefact: adapted.artefact,
        out_of_fold: adapted.out_of_fold,
    })
}

/// Whose fault it is.
pub fn classify(error: TrainError) -> anyhow::Error {
    match error {
        TrainError::OneClass { .. }
        | TrainError::Calibration(_)
        | TrainError::Folds(_)
        | TrainError::NothingToAdapt { .. }
        | TrainError::NoBase
        | TrainError::OneGroup { .. } => WrongInput::new(error).into(),
        TrainError::Bayes(_) | TrainError::Artefact(_) => error.into(),
    }
}
