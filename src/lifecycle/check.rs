//! What speaks for and against a model before it is promoted.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::replay::{Judges, Replay, Replaying};
use super::{HeadHeldOut, HeldOut, Lifecycle, LifecycleError, ModelRef, PromotionBounds, Seen};
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
        on_progress: impl Fn(u64),
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

fn worse_in_replay(replay: &Replay, bounds: &PromotionBounds) -> Vec<String> {
    let figures = &replay.figures;
    let mut worse = Vec::new();
    let grown = |after: u64, before: u64, of: u64| {
        (of > 0).then(|| after.saturating_sub(before) as f64 / of as f64)
    };
    let mistakes = grown(figures.new_mistakes, figures.fixed_mistakes, figures.ruled);
    if let Some(share) = mistakes.filter(|share| *share > bounds.max_new_mistakes.get()) {
        worse.push(format!(
            "{} new mistakes and {} fixed on {} comments that people decided on: {} more, and \
             promotion.max_new_mistakes is {}",
            figures.new_mistakes,
            figures.fixed_mistakes,
            figures.ruled,
            percent(share),
            percent(bounds.max_new_mistakes.get()),
        ));
    }
    let held = grown(figures.held_after, figures.held_before, figures.comments);
    if let Some(share) = held.filter(|share| *share > bounds.max_more_held.get()) {
        worse.push(format!(
            "{} comments of {} would be held, not {}: {} more, and promotion.max_more_held is {}",
            figures.held_after,
            figures.comments,
            figures.held_before,
            percent(share),
            percent(bounds.max_more_held.get()),
        ));
    }
    let (after, before) = (
        figures.unruled_rejected_after,
        figures.unruled_rejected_before,
    );
    let unruled = figures.comments.saturating_sub(figures.ruled);
    let rejected = grown(after, before, unruled);
    if let Some(share) = rejected.filter(|share| *share > bounds.max_more_rejected.get()) {
        worse.push(format!(
            "{after} comments of {unruled} that nobody decided on would be rejected, not {before}: \
             {} more, and promotion.max_more_rejected is {}",
            percent(share),
            percent(bounds.max_more_rejected.get()),
        ));
    }
    worse
}

fn worse_held_out(held_out: Option<&Value>, bounds: &PromotionBounds) -> Vec<String> {
    let held_out = held_out.cloned().map(serde_json::from_value::<HeldOut>);
    let heads = match held_out.transpose() {
        Ok(heads) => heads.unwrap_or_default(),
        Err(error) => {
            return vec![format!(
                "how it does on labels not seen cannot be read: {error}"
            )];
        }
    };
    let worse = heads.into_iter().filter_map(|(head, figures)| {
        let HeadHeldOut::Adapted { base_auc, auc, .. } = figures else {
            return None;
        };
        let (base, auc) = (base_auc?, auc?);
        (base - auc > bounds.max_auc_loss.get()).then(|| {
            format!(
                "AUC of {head} on labels not seen: {auc:.3}, the base's {base:.3}, and \
                 promotion.max_auc_loss is {}",
                bounds.max_auc_loss.get()
            )
        })
    });
    worse.collect()
}

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::ReplayFigures;

    fn replay(figures: ReplayFigures) -> Replay {
        Replay {
            before: String::new(),
            after: String::new(),
            since: String::new(),
            figures,
            drifted: 0,
            kinds: std::collections::BTreeMap::default(),
            groups: crate::lifecycle::Groups::default(),
            flipped: Vec::new(),
        }
    }

    #[test]
    fn bounds_are_met_up_to_and_with_themselves() {
        let bounds = PromotionBounds::default();
        let figures = ReplayFigures {
            comments: 1000,
            held_before: 10,
            held_after: 30,
            unruled_rejected_before: 7,
            unruled_rejected_after: 15,
            ruled: 200,
            new_mistakes: 3,
            fixed_mistakes: 2,
            ..ReplayFigures::default()
        };
        assert!(worse_in_replay(&replay(figures), &bounds).is_empty());
        let worse = worse_in_replay(
            &replay(ReplayFigures {
                held_after: 31,
                new_mistakes: 4,
                ..figures
            }),
            &bounds,
        );
        assert_eq!(worse.len(), 2, "{worse:?}");
        assert!(worse[0].contains("1.00 % more"), "{worse:?}");
        // Where nobody has decided on anything, and so there are no mistakes.
        let rejecting = ReplayFigures {
            held_after: 0,
            ruled: 0,
            unruled_rejected_after: 990,
            ..figures
        };
        let worse = worse_in_replay(&replay(rejecting), &bounds);
        let [rejected] = &worse[..] else {
            panic!("{worse:?}")
        };
        assert!(rejected.starts_with("990 comments of 1000"), "{rejected}");
        assert!(
            rejected.ends_with("promotion.max_more_rejected is 1.00 %"),
            "{rejected}"
        );
        let one_too_many = ReplayFigures {
            unruled_rejected_after: 16,
            ..figures
        };
        assert_eq!(worse_in_replay(&replay(one_too_many), &bounds).len(), 1);
        assert!(worse_in_replay(&replay(ReplayFigures::default()), &bounds).is_empty());
    }

    #[test]
    fn a_head_that_lost_too_much_is_named() {
        let bounds = PromotionBounds::default();
        let held_out = |auc: f64| {
            json!({"spam": {"labels": 40, "positives": 20, "base_auc": 0.9, "auc": auc,
                "base_log_loss": 1.0, "log_loss": 1.0}, "toxicity": {"unchanged": "no labels"}})
        };
        assert!(worse_held_out(Some(&held_out(0.895)), &bounds).is_empty());
        let worse = worse_held_out(Some(&held_out(0.8)), &bounds);
        assert!(worse[0].starts_with("AUC of spam"), "{worse:?}");
        assert!(worse_held_out(None, &bounds).is_empty());
        let unreadable = json!({"spam": {"labels": "forty"}});
        let worse = worse_held_out(Some(&unreadable), &bounds);
        assert!(worse[0].contains("cannot be read"), "{worse:?}");
    }
}
