//! The registry: models by the hash of their content.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::{Lifecycle, LifecycleError};
use crate::classifier::Artefact;
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

    /// What is known of a model; `None`: it is the base, which needs no registering.
    ///
    /// # Errors
    /// If there is none, or more than one, of that name.
    pub async fn model(&self, model: &ModelRef) -> Result<Option<StoredModel>, LifecycleError> {
        let name = match model {
            ModelRef::Base => return Ok(None),
            ModelRef::Live => match self.store.live().await?.and_then(|live| live.model) {
                None => return Ok(None),
                Some(name) => name,
            },
            ModelRef::Named(name) => name.clone(),
        };
        let mut known = self.store.models().await?;
        known.retain(|model| model.id.starts_with(&name));
        if known.len() > 1 {
            return Err(LifecycleError::AmbiguousModel(name));
        }
        let found = known.pop();
        found.map(Some).ok_or(LifecycleError::NoSuchModel(name))
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
        if let ModelRef::Named(name) = model
            && base.id().as_str().starts_with(name)
        {
            return Ok(base.clone());
        }
        match self.model(model).await? {
            None => Ok(base.clone()),
            Some(found) => self.load(&found.id).await,
        }
    }

    /// The artefact of the model of that whole name, read and verified.
    ///
    /// # Errors
    /// As [`Lifecycle::artefact`].
    pub async fn load(&self, id: &str) -> Result<Artefact, LifecycleError> {
        let bytes = self.store.artefact(id).await?;
        let bytes = bytes.ok_or_else(|| LifecycleError::NoSuchModel(id.to_owned()))?;
        let artefact = Artefact::from_bytes(&bytes).map_err(|source| LifecycleError::Unusable {
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

#[cfg(test)]
mod tests {
    use super::*;

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
