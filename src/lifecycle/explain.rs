//! Why does it think that: what a word is worth to each model, and who taught it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::threads::computed;
use super::{Lifecycle, LifecycleError, ModelRef};
use crate::classifier::{Artefact, Classifier};
use crate::store::{LabelOrder, StoredLabel};
use crate::text::{FEATURE_VERSION, FeatureKey, Features, Typed};
use crate::verdict::{EvidenceKind, Head, PerHead};

/// Candidates that are asked where no model is named: the latest.
const LATEST: usize = 3;
/// Labels that are shown of those that taught a word.
const SHOWN: usize = 20;

/// What a word or phrase is worth to some models.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The models that were asked, by their whole names, in the order in which they were.
    pub models: Vec<String>,
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
    /// What `phrase` is worth to each of `models`, and which labels hold it. Where none is
    /// named, to what is live, the base, and the latest candidates; of these, one that cannot
    /// be used is left out.
    ///
    /// # Errors
    /// If a model that is named is not there or not to be used, or the store does not answer.
    pub async fn explain(
        &self,
        phrase: &str,
        models: &[ModelRef],
        base: &Artefact,
    ) -> Result<Explained, LifecycleError> {
        let features = Arc::new(extract(phrase, ""));
        let mut pieces: Vec<_> = features
            .tokens()
            .iter()
            .map(|token| Piece {
                token: features.seen(token).to_owned(),
                kind: token.kind(),
                worth: BTreeMap::new(),
            })
            .collect();
        let usual = if models.is_empty() {
            self.usual_models().await?
        } else {
            Vec::new()
        };
        let mut asked = Vec::new();
        for model in models.iter().chain(&usual) {
            let artefact = match self.artefact(model, base).await {
                Err(error) if !usual.is_empty() && error.is_of_the_model() => continue,
                found => found?,
            };
            let id = artefact.id().to_string();
            if asked.contains(&id) {
                continue;
            }
            let worth = worth(artefact, Arc::clone(&features)).await?;
            for (piece, worth) in pieces.iter_mut().zip(worth) {
                piece.worth.insert(id.clone(), worth);
            }
            asked.push(id);
        }
        let taught = self.taught(words(&features)).await?;
        Ok(Explained {
            models: asked,
            pieces,
            taught,
        })
    }

    /// What is live, the base, and the latest candidates that are kept, of this version's
    /// features.
    async fn usual_models(&self) -> Result<Vec<ModelRef>, LifecycleError> {
        let known = self.store.models().await?.into_iter();
        let usable = known
            .filter(|model| model.feature_version == FEATURE_VERSION && model.removed_at.is_none());
        let latest = usable.take(LATEST).map(|model| ModelRef::Named(model.id));
        let models = [ModelRef::Live, ModelRef::Base].into_iter();
        Ok(models.chain(latest).collect())
    }

    async fn taught(&self, words: Vec<FeatureKey>) -> Result<Taught, LifecycleError> {
        if words.is_empty() {
            return Ok(Taught::default());
        }
        let order = LabelOrder::LatestFirst;
        let sum = (words, Taught::default());
        let (_, taught) = self
            .fold_standing(order, sum, |(words, taught), label| {
                taught.add(words, label);
            })
            .await?;
        Ok(taught)
    }
}

impl Taught {
    /// Counts a label, if it holds all of `words`.
    fn add(&mut self, words: &[FeatureKey], label: StoredLabel) {
        let Some(texts) = &label.texts else {
            return;
        };
        let features = extract(&texts.text, &texts.name);
        let holds = |word: &FeatureKey| features.tokens().iter().any(|token| token.key == *word);
        if !words.iter().all(holds) {
            return;
        }
        for head in Head::ALL {
            match label.label.get(head) {
                Some(true) => *self.yes.get_mut(head) += 1,
                Some(false) => *self.no.get_mut(head) += 1,
                None => {}
            }
        }
        if self.labels.len() < SHOWN {
            self.labels.push(label);
        }
    }
}

/// What each token is worth to a model.
async fn worth(artefact: Artefact, of: Arc<Features>) -> Result<Vec<Worth>, LifecycleError> {
    computed(move || {
        let classifier = Classifier::new(artefact);
        let worth = |token| Worth {
            log_odds: classifier.worth(&of, token),
            known: classifier.knows(token),
        };
        of.tokens().iter().map(worth).collect()
    })
    .await
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
