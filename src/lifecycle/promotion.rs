//! Putting a model in force, and taking that back.

use jiff::Timestamp;
use serde_json::Value;

use super::{Checked, Lifecycle, LifecycleError};
use crate::store::{Actor, NewPromotion, Promotion, PromotionKind, StoreError};

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

    /// Puts a model in force on every replica that was checked against what is live.
    ///
    /// # Errors
    /// If it is worse than the bounds allow and that is not overridden with a reason, or
    /// somebody else promoted since; then what is live stays so.
    pub async fn promote(
        &self,
        checked: Checked,
        promoting: Promoting,
    ) -> Result<Promotion, LifecycleError> {
        if !checked.worse().is_empty() {
            let has_reason = promoting
                .why
                .as_ref()
                .is_some_and(|why| !why.trim().is_empty());
            match (promoting.override_bounds, has_reason) {
                (false, _) => return Err(LifecycleError::Worse(checked.worse().to_vec())),
                (true, false) => return Err(LifecycleError::NoReason),
                (true, true) => {}
            }
        }
        let checks = Some(checked.record());
        let Checked { model, seen, .. } = checked;
        let kind = PromotionKind::Promote;
        self.put(model, kind, &seen, promoting, checks).await
    }

    /// Puts what was live before the model that is live now in force again; rolling
    /// back twice goes back by two.
    ///
    /// # Errors
    /// If there was none, it cannot be used, or somebody else promoted at the same time.
    pub async fn roll_back(&self, promoting: Promoting) -> Result<Promotion, LifecycleError> {
        let promotions = self.store.promotions().await?;
        let before = before_last(&promotions)?;
        let seen = Seen(promotions.into_iter().next_back());
        let kind = PromotionKind::RollBack;
        self.put(before, kind, &seen, promoting, None).await
    }

    async fn put(
        &self,
        model: Option<String>,
        kind: PromotionKind,
        seen: &Seen,
        promoting: Promoting,
        checks: Option<Value>,
    ) -> Result<Promotion, LifecycleError> {
        if let Some(id) = &model {
            self.load(id).await?;
        }
        let promotion = Promotion {
            number: seen.number() + 1,
            model,
            kind,
            at: promoting.now,
            actor: promoting.actor,
            why: promoting.why,
            checks,
        };
        let new = NewPromotion {
            promotion,
            audit_id: (self.new_id)(),
        };
        match self.store.promote(&new).await {
            Ok(()) => Ok(new.promotion),
            Err(StoreError::Conflict) => Err(match self.store.live().await? {
                Some(theirs) => LifecycleError::Overtaken(Box::new(theirs)),
                None => StoreError::Conflict.into(),
            }),
            Err(error) => Err(error.into()),
        }
    }
}

/// What was live before what is live now, every rollback having taken back a promotion.
/// `None` is the base.
fn before_last(promotions: &[Promotion]) -> Result<Option<String>, LifecycleError> {
    let mut live: Vec<Option<String>> = vec![None];
    for promotion in promotions {
        match promotion.kind {
            PromotionKind::Promote => live.push(promotion.model.clone()),
            PromotionKind::RollBack => drop(live.pop()),
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
        use PromotionKind::{Promote, RollBack};
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
    }
}
