//! The model a command works with.

use std::path::Path;

use anyhow::Context as _;
use moderato::classifier::Artefact;

use crate::exit::OrWrongInput as _;

/// The model in the file that `--model` names.
pub fn load(path: &Path) -> anyhow::Result<Artefact> {
    load_for("--model", path)
}

/// The model in the file that `flag` names.
pub fn load_for(flag: &str, path: &Path) -> anyhow::Result<Artefact> {
    Artefact::load(path)
        .with_context(|| format!("{flag} {}", path.display()))
        .or_wrong_input()
}
