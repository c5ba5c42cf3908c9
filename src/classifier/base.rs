//! The base model, compiled into the program so that it judges on a bare machine.

use super::{Artefact, ArtefactError};

/// The bytes of `models/base.moderato`.
pub const BASE: &[u8] = include_bytes!("../../models/base.moderato");

impl Artefact {
    /// The base model that this build carries; `models/MODEL_CARD.md` describes it.
    ///
    /// # Errors
    /// If the committed file was not rebuilt after a change of format or features.
    pub fn base() -> Result<Self, ArtefactError> {
        Self::from_bytes(BASE)
    }
}
