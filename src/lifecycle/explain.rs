//! Why does it think that: what a word is worth to each model, and who taught it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{LabelQuery, Lifecycle, LifecycleError, ModelRef};
use crate::classifier::{Artefact, Classifier};
use crate::store::{LabelFilter, LabelOrder, StoredLabel};
use crate::text::{FEATURE_VERSION, FeatureKey, Features, Typed};
use crate::verdict::{EvidenceKind, Head, PerHead};

/// Candidates that are asked where no model is named.
const LATEST: usize = 3;
/// Labels that are shown of those that taught a word.
const SHOWN: usize = 20;

/// What a word or phrase is worth to some models.
#[derive(Clone, Debug)]
pub struct Explained {
    /// What the filter makes of it, piece by piece.
    pub pieces: Vec<Piece>,
    /// The labels that stand and hold every word of it.
    pub taught: Taught,
}

/// One piece: a word, a pair of words, a link or a signal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Piece {
    /// As the filter sees it.
    pub token: String,
    /// What it is.
    pub kind: EvidenceKind,
    /// By model: what it adds to the log-odds of a comment that consists of it alone.
    pub worth: BTreeMap<String, Worth>,
}

/// What a piece is worth to one model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Worth {
    /// Natural log-odds, by head.
    pub log_odds: PerHead<f64>,
    /// Whether the model has met it; of what it has not it guesses from pieces of words.
    pub known: bool,
}

/// The labels that hold a phrase.
#[derive(Clone, Debug, Default)]
pub struct Taught {
    /// How many say yes, by head.
    pub yes: PerHead<u64>,
    /// How many say no.
    pub no: PerHead<u64>,
    /// The latest of them.
    pub labels: Vec<StoredLabel>,
}

impl Lifecycle {
    /// The models that are asked where none is named: the base, what is live, and the
    /// latest candidates of this version's features.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn usual_models(&self) -> Result<Vec<ModelRef>, LifecycleError> {
        let latest = self.store.models().await?.into_iter();
        let latest = latest.filter(|model| model.feature_version == FEATURE_VERSION);
        let latest = latest.take(LATEST).map(|model| ModelRef::Named(model.id));
        let models = [ModelRef::Base, ModelRef::Live].into_iter();
        Ok(models.chain(latest).collect())
    }

    /// What `phrase` is worth to each of `models`, and which labels hold it.
    ///
    /// # Errors
    /// If a model is not there or not to be used, or the store does not answer.
    pub async fn explain(
        &self,
        phrase: &str,
        models: &[ModelRef],
        base: &Artefact,
    ) -> Result<Explained, LifecycleError> {
        let features = extract(phrase, "");
        let mut pieces: Vec<_> = features
            .tokens()
            .iter()
            .map(|token| Piece {
                token: features.seen(token).to_owned(),
                kind: token.kind(),
                worth: BTreeMap::new(),
            })
            .collect();
        for model in models {
            let classifier = Classifier::new(self.artefact(model, base).await?);
            for (piece, token) in pieces.iter_mut().zip(features.tokens()) {
                let worth = Worth {
                    log_odds: classifier.worth(&features, token),
                    known: classifier.knows(token),
                };
                piece.worth.insert(classifier.id().to_string(), worth);
            }
        }
        let taught = self.taught(&words(&features)).await?;
        Ok(Explained { pieces, taught })
    }

    async fn taught(&self, words: &[FeatureKey]) -> Result<Taught, LifecycleError> {
        let mut taught = Taught::default();
        if words.is_empty() {
            return Ok(taught);
        }
        let query = LabelQuery {
            filter: LabelFilter {
                retracted: Some(false),
                ..LabelFilter::default()
            },
            domain: None,
        };
        let order = LabelOrder::LatestFirst;
        self.each_label(&query, order, usize::MAX, |label| {
            let Some(texts) = &label.texts else {
                return Ok(());
            };
            let features = extract(&texts.text, &texts.name);
            let holds =
                |word: &FeatureKey| features.tokens().iter().any(|token| token.key == *word);
            if !words.iter().all(holds) {
                return Ok(());
            }
            for head in Head::ALL {
                match label.label.get(head) {
                    Some(true) => *taught.yes.get_mut(head) += 1,
                    Some(false) => *taught.no.get_mut(head) += 1,
                    None => {}
                }
            }
            if taught.labels.len() < SHOWN {
                taught.labels.push(label);
            }
            Ok(())
        })
        .await?;
        Ok(taught)
    }
}

/// The features of a text.
pub(super) fn extract(text: &str, name: &str) -> Features {
    Features::extract(Typed { text, name })
}

/// What a text must hold to hold the phrase: its words and links, or else its signals.
fn words(features: &Features) -> Vec<FeatureKey> {
    let of = |kinds: &[EvidenceKind]| -> Vec<FeatureKey> {
        let tokens = features.tokens().iter();
        let of_kind =
            tokens.filter(|token| kinds.contains(&token.kind()) && token.joined_from().is_none());
        of_kind.map(|token| token.key).collect()
    };
    let words = of(&[EvidenceKind::Word, EvidenceKind::Link]);
    if words.is_empty() {
        of(&[EvidenceKind::Signal])
    } else {
        words
    }
}
