//! Putting a model in force, and taking that back.

use jiff::Timestamp;
use serde_json::Value;

use super::{Checked, Lifecycle, LifecycleError};
use crate::store::{
    Actor, CanaryTrial, NewPromotion, Promotion, PromotionKind, ShadowTrial, StoreError,
};

/// What was live when somebody looked: who promotes says so, and is refused if it has
/// changed since.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen(Option<Promotion>);

/// Who promotes or rolls back.
#[derive(Clone, Debug)]
pub struct Promoting {
    /// Who.
    pub actor: Actor,
    /// When.
    pub now: Timestamp,
    /// Why, in their words.
    pub why: Option<String>,
    /// Also what is worse than the bounds allow; takes a reason.
    pub override_bounds: bool,
}

impl Seen {
    /// The model that was live; `None`: the base.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.0.as_ref()?.model.as_deref()
    }

    /// The number of the promotion; 0: there was none.
    #[must_use]
    pub fn number(&self) -> i64 {
        self.0.as_ref().map_or(0, |promotion| promotion.number)
    }

    /// What judges a share of the comments in place of the live model.
    #[must_use]
    pub fn canary(&self) -> Option<&CanaryTrial> {
        self.0.as_ref()?.canary.as_ref()
    }

    /// What judges beside the live model for the record alone.
    #[must_use]
    pub fn shadow(&self) -> Option<&ShadowTrial> {
        self.0.as_ref()?.shadow.as_ref()
    }

    /// All that is in force, as it is to be changed.
    pub(super) fn next(&self, kind: PromotionKind) -> Next {
        Next {
            kind,
            model: self.model().map(str::to_owned),
            canary: self.canary().cloned(),
            shadow: self.shadow().cloned(),
            checks: None,
        }
    }
}

/// What is to be in force next.
pub(super) struct Next {
    pub(super) kind: PromotionKind,
    pub(super) model: Option<String>,
    pub(super) canary: Option<CanaryTrial>,
    pub(super) shadow: Option<ShadowTrial>,
    pub(super) checks: Option<Value>,
}

impl Next {
    /// Another live model: it ends a canary, and what it had in shadow itself.
    fn live(mut self, model: Option<String>) -> Self {
        self.canary = None;
        self.shadow = self.shadow.filter(|shadow| shadow.model != model);
        self.model = model;
        self
    }

    /// The model that this puts in force, if it is not the base.
    fn subject(&self) -> Option<&str> {
        match self.kind {
            PromotionKind::Promote | PromotionKind::RollBack => self.model.as_deref(),
            PromotionKind::Canary => self.canary.as_ref()?.model.as_deref(),
            PromotionKind::Shadow => self.shadow.as_ref()?.model.as_deref(),
            PromotionKind::EndCanary | PromotionKind::EndShadow => None,
        }
    }
}

impl Lifecycle {
    /// What is live.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn live(&self) -> Result<Seen, LifecycleError> {
        Ok(Seen(self.store.live().await?))
    }

    /// Every promotion and rollback, oldest first.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn promotions(&self) -> Result<Vec<Promotion>, LifecycleError> {
        Ok(self.store.promotions().await?)
    }

    /// Puts a model in force on every replica that was checked against what is live. Ends a
    /// canary, and a shadow of the same model.
    ///
    /// # Errors
    /// If it is worse than the bounds allow and that is not overridden with a reason, or
    /// somebody else promoted since; then what is live stays so.
    pub async fn promote(
        &self,
        checked: Checked,
        promoting: Promoting,
    ) -> Result<Promotion, LifecycleError> {
        let checks = allowed(&checked, &promoting)?;
        let Checked { model, seen, .. } = checked;
        let next = Next {
            checks: Some(checks),
            ..seen.next(PromotionKind::Promote).live(model)
        };
        self.put(next, &seen, promoting).await
    }

    /// Takes back what was put in force last: a canary, so that the live model judges all
    /// again, or else the live model, so that the one before it is live. Rolling back twice
    /// goes back by two.
    ///
    /// # Errors
    /// If there was none, it cannot be used, or somebody else promoted at the same time.
    pub async fn roll_back(&self, promoting: Promoting) -> Result<Promotion, LifecycleError> {
        let promotions = self.store.promotions().await?;
        let seen = Seen(promotions.last().cloned());
        if seen.canary().is_some() {
            return self.end_canary_of(&seen, promoting).await;
        }
        let before = before_last(&promotions)?;
        let next = seen.next(PromotionKind::RollBack).live(before);
        self.put(next, &seen, promoting).await
    }

    pub(super) async fn put(
        &self,
        next: Next,
        seen: &Seen,
        promoting: Promoting,
    ) -> Result<Promotion, LifecycleError> {
        let subject = next.subject().map(str::to_owned);
        if let Some(id) = &subject {
            self.load(id).await?;
        }
        let promotion = Promotion {
            number: seen.number() + 1,
            model: next.model,
            canary: next.canary,
            shadow: next.shadow,
            kind: next.kind,
            at: promoting.now,
            actor: promoting.actor,
            why: promoting.why,
            checks: next.checks,
        };
        let new = NewPromotion {
            promotion,
            audit_id: (self.new_id)(),
        };
        match self.store.promote(&new).await {
            Ok(()) => Ok(new.promotion),
            Err(StoreError::Conflict) => Err(self.conflict(seen, subject).await?),
            Err(error) => Err(error.into()),
        }
    }

    /// Who or what was in the way.
    async fn conflict(
        &self,
        seen: &Seen,
        subject: Option<String>,
    ) -> Result<LifecycleError, LifecycleError> {
        let theirs = self.store.live().await?;
        if let Some(theirs) = theirs.filter(|theirs| theirs.number != seen.number()) {
            return Ok(LifecycleError::Overtaken(Box::new(theirs)));
        }
        // Removed between two looks at it.
        if let Some(id) = subject {
            self.load(&id).await?;
        }
        Ok(StoreError::Conflict.into())
    }
}

/// What is kept of what was checked, if it may be put in force.
pub(super) fn allowed(checked: &Checked, promoting: &Promoting) -> Result<Value, LifecycleError> {
    if checked.worse().is_empty() {
        return Ok(checked.record());
    }
    let why = promoting.why.as_ref();
    let has_reason = why.is_some_and(|why| !why.trim().is_empty());
    match (promoting.override_bounds, has_reason) {
        (false, _) => Err(LifecycleError::Worse(checked.worse().to_vec())),
        (true, false) => Err(LifecycleError::NoReason),
        (true, true) => Ok(checked.record()),
    }
}

/// What was live before what is live now, every rollback having taken back a promotion.
/// `None` is the base.
pub(super) fn before_last(promotions: &[Promotion]) -> Result<Option<String>, LifecycleError> {
    let mut live: Vec<Option<String>> = vec![None];
    for promotion in promotions {
        match promotion.kind {
            PromotionKind::Promote => live.push(promotion.model.clone()),
            PromotionKind::RollBack => drop(live.pop()),
            PromotionKind::Canary
            | PromotionKind::EndCanary
            | PromotionKind::Shadow
            | PromotionKind::EndShadow => {}
        }
    }
    live.pop();
    live.pop().ok_or(LifecycleError::NothingToRollBack)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(kinds: &[(PromotionKind, Option<&str>)]) -> Vec<Promotion> {
        let promotion = |(at, (kind, model)): (usize, &(PromotionKind, Option<&str>))| Promotion {
            number: i64::try_from(at).unwrap() + 1,
            model: model.map(str::to_owned),
            canary: None,
            shadow: None,
            kind: *kind,
            at: Timestamp::UNIX_EPOCH,
            actor: Actor::Operator,
            why: None,
            checks: None,
        };
        kinds.iter().enumerate().map(promotion).collect()
    }

    #[test]
    fn rolling_back_goes_back_one_by_one() {
        use PromotionKind::{Canary, EndCanary, Promote, RollBack, Shadow};
        let before = |kinds: &[_]| before_last(&history(kinds)).ok();
        let some = |id: &str| Some(Some(id.to_owned()));
        let (a, b) = ((Promote, Some("a")), (Promote, Some("b")));
        assert_eq!(before(&[]), None);
        assert_eq!(before(&[a]), Some(None));
        assert_eq!(before(&[a, b]), some("a"));
        let back = [a, b, (RollBack, Some("a"))];
        assert_eq!(before(&back), Some(None));
        assert_eq!(
            before(&[a, b, (RollBack, Some("a")), (RollBack, None)]),
            None
        );
        assert_eq!(before(&[a, b, (RollBack, Some("a")), b]), some("a"));
        assert_eq!(before(&[a, (Promote, None)]), some("a"));
        // What is on trial beside the live model goes past.
        assert_eq!(
            before(&[a, (Shadow, Some("a")), (Canary, Some("a"))]),
            Some(None)
        );
        assert_eq!(before(&[(Canary, None), (EndCanary, None)]), None);
    }
}
