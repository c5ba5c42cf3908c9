//! What speaks for and against a model before it is promoted.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::replay::{Judges, Replay, Replaying};
use super::worse::{worse_held_out, worse_in_replay};
use super::{Lifecycle, LifecycleError, ModelRef, PromotionBounds, Seen};
use crate::classifier::Artefact;
use crate::pipeline::SiteTable;

/// Flips that a refused promotion can be looked at by.
const FLIPS: usize = 20;

/// What a model is held against.
pub struct Ground {
    /// What serves where nothing was promoted.
    pub base: Artefact,
    /// Policy and rules of every site, as they are in force.
    pub sites: Arc<SiteTable>,
    /// How much worse it may be.
    pub bounds: PromotionBounds,
    /// Look on one thread, beside a server at work; otherwise with all cores.
    pub one_thread: bool,
}

/// A model that may be promoted, with what was found. It holds what was live then: if
/// that changes, it has to be looked at again.
#[derive(Clone, Debug)]
pub struct Checked {
    pub(super) model: Option<String>,
    pub(super) seen: Seen,
    replay: Replay,
    held_out: Option<Value>,
    worse: Vec<String>,
}

impl Checked {
    /// What it would change.
    #[must_use]
    pub const fn replay(&self) -> &Replay {
        &self.replay
    }

    /// In what it is worse than the bounds allow, in words.
    #[must_use]
    pub fn worse(&self) -> &[String] {
        &self.worse
    }

    /// What is kept of it with the promotion.
    pub(super) fn record(&self) -> Value {
        let counts = self.replay.figures.counts().into_iter();
        let counts: serde_json::Map<_, _> = counts
            .map(|(name, count)| (name.to_owned(), count.into()))
            .collect();
        json!({
            "against": self.replay.before, "since": self.replay.since, "replay": counts,
            "held_out": self.held_out, "worse": self.worse,
        })
    }
}

impl Lifecycle {
    /// Replays `model` against what is live, and looks at how it did on labels that it
    /// had not seen.
    ///
    /// # Errors
    /// If there is no such model, it cannot be used or is live already, or the store
    /// does not answer.
    pub async fn check(
        &self,
        model: &ModelRef,
        ground: &Ground,
        now: Timestamp,
        on_progress: impl Fn(u64) + Send + 'static,
    ) -> Result<Checked, LifecycleError> {
        let seen = self.live().await?;
        let stored = self.model(model, ground.base.id()).await?;
        let id = stored.as_ref().map(|model| model.id.clone());
        if id.as_deref() == seen.model() {
            let name = id.unwrap_or_else(|| "the base".to_owned());
            return Err(LifecycleError::AlreadyLive(name));
        }
        let candidate = match &id {
            Some(id) => self.load(id).await?,
            None => ground.base.clone(),
        };
        let judges = |model| Judges {
            model,
            sites: Arc::clone(&ground.sites),
        };
        let replaying = Replaying {
            before: judges(self.serving(&ground.base).await?),
            after: judges(candidate),
            since: ground.bounds.replay.since(now),
            most_flips: FLIPS,
            only: None,
            one_thread: ground.one_thread,
        };
        let replay = self.replay(replaying, on_progress).await?;
        let held_out = stored.and_then(|model| model.evaluation);
        let mut worse = worse_in_replay(&replay, &ground.bounds);
        worse.extend(worse_held_out(held_out.as_ref(), &ground.bounds));
        Ok(Checked {
            model: id,
            seen,
            replay,
            held_out,
            worse,
        })
    }

    /// The model that serves: what is live, or the base where that cannot be used. Only
    /// what starts takes the base then; a replica that runs keeps what it judged by before.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn serving(&self, base: &Artefact) -> Result<Artefact, LifecycleError> {
        match self.artefact(&ModelRef::Live, base).await {
            Err(LifecycleError::Unusable { .. } | LifecycleError::NotItself { .. }) => {
                Ok(base.clone())
            }
            served => served,
        }
    }
}
