//! The configuration in force, written out.

use serde::ser::Error as _;

use super::Config;
use crate::policy::{Policy, PolicySettings};
use crate::rate_limit::QuotaSettings;

impl Config {
    /// The configuration as TOML with every key that has a default, which reads back
    /// as itself; passwords are withheld, so one that holds any does not.
    ///
    /// # Errors
    /// If the thresholds contradict each other, or if a path is no Unicode text.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        let effective = Self {
            policy: filled(&self.policy)?,
            limits: self.limits.or(&QuotaSettings::built_in()),
            ..self.clone()
        };
        toml::to_string(&effective)
    }
}

/// The policy with every gap filled by its default.
fn filled(settings: &PolicySettings) -> Result<PolicySettings, toml::ser::Error> {
    let policy = Policy::resolve(&[settings]).map_err(toml::ser::Error::custom)?;
    // A resolved policy is written as the table it comes from.
    toml::Value::try_from(policy)?
        .try_into()
        .map_err(toml::ser::Error::custom)
}
