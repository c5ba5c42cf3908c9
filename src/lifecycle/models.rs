//! The registry: models by the hash of their content.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::threads::computed;
use super::{Lifecycle, LifecycleError};
use crate::classifier::{Artefact, ModelId};
use crate::store::{Actor, ModelOrigin, StoredModel};

/// Hexadecimal digits of a whole name.
const DIGITS: usize = 16;

/// Which model is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelRef {
    /// The one that serves.
    Live,
    /// The one that serves where nothing was promoted: the configuration's, or else the
    /// one that the program carries.
    Base,
    /// By its name or the beginning of it, `m-` and hexadecimal digits.
    Named(String),
}

/// Text that names no model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected live, base, or a model's name: m- and up to 16 hexadecimal digits")]
pub struct NotAModelRef;

impl FromStr for ModelRef {
    type Err = NotAModelRef;

    fn from_str(text: &str) -> Result<Self, NotAModelRef> {
        match text {
            "live" => return Ok(Self::Live),
            "base" => return Ok(Self::Base),
            _ => {}
        }
        let digits = text.strip_prefix("m-").ok_or(NotAModelRef)?;
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let fits = !digits.is_empty() && digits.len() <= DIGITS && digits.bytes().all(is_digit);
        fits.then(|| Self::Named(text.to_owned()))
            .ok_or(NotAModelRef)
    }
}

impl fmt::Display for ModelRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Live => "live",
            Self::Base => "base",
            Self::Named(name) => name,
        })
    }
}

impl Lifecycle {
    /// Every registered model, the latest first.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn models(&self) -> Result<Vec<StoredModel>, LifecycleError> {
        Ok(self.store.models().await?)
    }

    /// What is known of a model; `None`: it is `base`, unless that is registered too.
    ///
    /// # Errors
    /// If there is none, or more than one, of that name.
    pub async fn model(
        &self,
        model: &ModelRef,
        base: &ModelId,
    ) -> Result<Option<StoredModel>, LifecycleError> {
        match model {
            ModelRef::Base => Ok(None),
            ModelRef::Live => {
                let Some(id) = self.store.live().await?.and_then(|live| live.model) else {
                    return Ok(None);
                };
                let live = self.store.model(&id).await?;
                live.map(Some).ok_or(LifecycleError::NoSuchModel(id))
            }
            ModelRef::Named(name) => named(name, base, self.store.models().await?),
        }
    }

    /// The artefact of a model, read and verified; `base` is the base.
    ///
    /// # Errors
    /// If there is no such model, or it is damaged, another than it is called, or of
    /// another version of this program.
    pub async fn artefact(
        &self,
        model: &ModelRef,
        base: &Artefact,
    ) -> Result<Artefact, LifecycleError> {
        match self.model(model, base.id()).await? {
            None => Ok(base.clone()),
            Some(found) => self.load(&found.id).await,
        }
    }

    /// The artefact of the model of that whole name, read and verified.
    ///
    /// # Errors
    /// As [`Lifecycle::artefact`].
    pub async fn load(&self, id: &str) -> Result<Artefact, LifecycleError> {
        let Some(bytes) = self.store.artefact(id).await? else {
            let known = self.store.model(id).await?;
            let removed = known.and_then(|model| model.removed_at);
            return Err(match removed {
                Some(at) => LifecycleError::Removed(id.to_owned(), at),
                None => LifecycleError::NoSuchModel(id.to_owned()),
            });
        };
        let artefact = computed(move || Artefact::from_bytes(&bytes)).await?;
        let artefact = artefact.map_err(|source| LifecycleError::Unusable {
            model: id.to_owned(),
            source,
        })?;
        if artefact.id().as_str() != id {
            return Err(LifecycleError::NotItself {
                model: id.to_owned(),
                found: artefact.id().to_string(),
            });
        }
        Ok(artefact)
    }

    /// Registers a model that was trained elsewhere. Whether it was new.
    ///
    /// # Errors
    /// If it cannot be kept.
    pub async fn import_model(
        &self,
        artefact: &Artefact,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<bool, LifecycleError> {
        let header = artefact.header();
        let base = header.adaptations.last().map(|step| step.base.to_string());
        let model = StoredModel {
            removed_at: None,
            id: artefact.id().to_string(),
            origin: ModelOrigin::Import,
            base,
            parent: self.store.live().await?.and_then(|live| live.model),
            feature_version: header.feature_version,
            bytes: 0,
            created_at: now,
            actor: actor.clone(),
            settings: None,
            labels: None,
            evaluation: None,
        };
        self.register(artefact, model).await.map(|(_, new)| new)
    }

    /// Keeps a model. As it is kept, and whether it was new.
    pub(super) async fn register(
        &self,
        artefact: &Artefact,
        mut model: StoredModel,
    ) -> Result<(StoredModel, bool), LifecycleError> {
        let bytes = artefact.to_bytes().map_err(LifecycleError::Artefact)?;
        model.bytes = bytes.len() as u64;
        let new = self
            .store
            .add_model(&model, &bytes, (self.new_id)())
            .await?;
        if new {
            return Ok((model, true));
        }
        let known = self.store.model(&model.id).await?;
        Ok((known.unwrap_or(model), false))
    }
}

/// The one of `known` whose name begins with `name`; `None`: it is `base`, which needs no
/// registering.
fn named(
    name: &str,
    base: &ModelId,
    mut known: Vec<StoredModel>,
) -> Result<Option<StoredModel>, LifecycleError> {
    known.retain(|model| model.id.starts_with(name));
    let is_registered = known.iter().any(|model| model.id == base.as_str());
    let may_be_base = base.as_str().starts_with(name) && !is_registered;
    match known.len() + usize::from(may_be_base) {
        0 => Err(LifecycleError::NoSuchModel(name.to_owned())),
        1 => Ok(known.pop()),
        _ => Err(LifecycleError::AmbiguousModel(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(id: &str) -> StoredModel {
        StoredModel {
            removed_at: None,
            id: id.to_owned(),
            origin: ModelOrigin::Import,
            base: None,
            parent: None,
            feature_version: 1,
            bytes: 0,
            created_at: Timestamp::UNIX_EPOCH,
            actor: Actor::Operator,
            settings: None,
            labels: None,
            evaluation: None,
        }
    }

    #[test]
    fn the_base_is_one_of_the_models_that_a_short_name_may_mean() {
        let base = Artefact::base().unwrap();
        let base = base.id();
        let (short, whole) = (&base.as_str()[..3], base.as_str());
        // Another whose name begins so, and one whose does not.
        let near = &format!("{short}!");
        let find = |name: &str, known: &[&str]| {
            let known = known.iter().map(|id| stored(id)).collect();
            named(name, base, known).map(|found| found.map(|model| model.id))
        };
        assert_eq!(find(short, &["n"]).unwrap(), None);
        assert_eq!(find(whole, &[near]).unwrap(), None);
        assert_eq!(find(near, &[near, "n"]).unwrap().as_ref(), Some(near));
        let several = find(short, &[near]).unwrap_err();
        assert!(
            matches!(several, LifecycleError::AmbiguousModel(_)),
            "{several}"
        );
        let none = find("m-!", &[near]).unwrap_err();
        assert!(matches!(none, LifecycleError::NoSuchModel(_)), "{none}");
        // Registered as well, it is still one.
        assert_eq!(find(short, &[whole]).unwrap().as_deref(), Some(whole));
    }

    #[test]
    fn a_model_is_named_by_a_word_or_its_hash() {
        for (text, model) in [
            ("live", ModelRef::Live),
            ("base", ModelRef::Base),
            ("m-0a", ModelRef::Named("m-0a".to_owned())),
        ] {
            assert_eq!(text.parse(), Ok(model.clone()));
            assert_eq!(model.to_string(), text);
        }
        for wrong in ["", "m-", "m-xyz", "m-0123456789abcdef0", "0a", "m-%"] {
            assert_eq!(wrong.parse::<ModelRef>(), Err(NotAModelRef), "{wrong}");
        }
    }
}
