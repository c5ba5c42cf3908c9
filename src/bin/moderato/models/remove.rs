//! `moderato models remove`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use jiff::Timestamp;
use moderato::classifier::Artefact;
use moderato::lifecycle::{KeptBecause, Lifecycle, ModelRef, Removal};
use moderato::store::{Actor, Period};
use serde_json::json;

use crate::exit::theirs;

/// Remove the artefacts of models that nothing needs any more; what is known of them stays.
///
/// Never of what is live, on trial, or what a rollback would put in force. Of the old ones, or of those
/// that are named; named and not removed is a failure.
#[derive(clap::Args)]
pub struct Remove {
    /// The models.
    #[arg(required_unless_present = "older_than")]
    model: Vec<ModelRef>,
    /// Only what is older; without a model, everything that is.
    #[arg(long, value_name = "PERIOD")]
    older_than: Option<Period>,
    /// Also what decided on comments whose texts are still kept.
    ///
    /// Replaying them does without it; only whether its own verdicts come out as they were cannot be
    /// looked at any more.
    #[arg(long)]
    force: bool,
}

impl Remove {
    pub async fn run(
        self,
        lifecycle: &Lifecycle,
        base: &Artefact,
        as_json: bool,
    ) -> anyhow::Result<ExitCode> {
        let now = Timestamp::now();
        let named = !self.model.is_empty();
        let removal = Removal {
            models: self.model,
            before: self.older_than.map(|period| period.since(now)),
            force: self.force,
            actor: Actor::Operator,
            now,
        };
        let outcomes = theirs(lifecycle.remove_models(&removal, base.id()).await)?;
        let mut out = io::stdout().lock();
        for outcome in &outcomes {
            match (outcome.kept, as_json) {
                (kept, true) => writeln!(
                    out,
                    "{}",
                    json!({"model": outcome.model, "removed": kept.is_none(),
                        "kept_because": kept.map(KeptBecause::name)})
                )?,
                (None, false) => writeln!(out, "{} removed", outcome.model)?,
                (Some(why), false) => writeln!(out, "{} kept: {why}", outcome.model)?,
            }
        }
        let is_kept = outcomes.iter().any(|outcome| outcome.kept.is_some());
        Ok(if named && is_kept {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }
}
