//! What the environment asks for.

use std::env::VarError;
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::comments::{SAMPLES, Sample, TYPICAL};

/// How to load, and with what.
pub struct Settings {
    /// How often each server gets its turn.
    pub rounds: usize,
    /// How long each turn takes.
    pub round: Duration,
    /// The comment that every request holds.
    pub comment: &'static Sample,
}

impl Settings {
    /// Reads `LOAD_ROUNDS`, `LOAD_SECONDS` and `LOAD_COMMENT`.
    ///
    /// # Errors
    /// If one of them cannot be meant; says what was expected.
    pub fn from_environment() -> anyhow::Result<Self> {
        let seconds = number("LOAD_SECONDS", 3)?;
        let rounds = number("LOAD_ROUNDS", 5)?;
        Ok(Self {
            rounds: usize::try_from(rounds)?,
            round: Duration::from_secs(seconds),
            comment: comment(variable("LOAD_COMMENT")?.as_deref().unwrap_or(TYPICAL))?,
        })
    }
}

fn number(name: &str, otherwise: u64) -> anyhow::Result<u64> {
    let Some(text) = variable(name)? else {
        return Ok(otherwise);
    };
    let number = text.parse().ok().filter(|number| *number > 0);
    number.with_context(|| format!("{name}: expected a whole number above 0, found {text:?}"))
}

fn comment(name: &str) -> anyhow::Result<&'static Sample> {
    let found = SAMPLES.iter().find(|sample| sample.name == name);
    found.with_context(|| {
        let names: Vec<_> = SAMPLES.iter().map(|sample| sample.name).collect();
        format!("LOAD_COMMENT: expected one of {names:?}, found {name:?}")
    })
}

fn variable(name: &str) -> anyhow::Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => bail!("{name}: expected text, found other bytes"),
    }
}
