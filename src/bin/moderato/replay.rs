//! `moderato replay`: what would change, before it does.

pub mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use moderato::config::{Config, Sources};
use moderato::lifecycle::{Judges, ModelRef, Replaying};
use moderato::pipeline::SiteTable;
use moderato::server::assembly;
use moderato::store::Period;

use crate::config::{ConfigFile, load};
use crate::exit::{OrWrongInput as _, theirs};
use crate::on_store::on_store;
use crate::progress::Progress;

/// Decide on kept history again, and count and show what would be decided otherwise.
///
/// Each comment whose text is still kept is decided on by what is in force and by what might be, and
/// held against what people decided since. Nothing is changed by it. Rate limits are left out.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    file: ConfigFile,
    /// The model that might be; by default the one that is live, for a change of policy alone.
    #[arg(long, value_name = "MODEL", required_unless_present = "policy")]
    candidate: Option<ModelRef>,
    /// The policy that might be: a configuration file, of which `[policy]`, `[rules]` and what `[sites]`
    /// say of them counts.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// How far back.
    #[arg(long, value_name = "PERIOD", default_value = "30d")]
    since: Period,
    /// Flips shown one by one, those that matter most first.
    #[arg(long, value_name = "N", default_value_t = 20)]
    flips: usize,
    /// JSON, as one object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = load(&arguments.file.sources())?;
    let base = assembly::artefact(&config).or_wrong_input()?;
    let sites = Arc::new(sites(&config)?);
    let new_sites = match &arguments.policy {
        None => Arc::clone(&sites),
        Some(file) => Arc::new(self::sites(&load(&Sources::file(file.clone()))?)?),
    };
    let candidate = arguments.candidate.unwrap_or(ModelRef::Live);
    let progress = Progress::of_bytes(None);
    progress.work();
    progress.step("replaying");
    let replayed = on_store(&config, async |store| {
        let lifecycle = assembly::lifecycle(store);
        let after = match &candidate {
            ModelRef::Live => theirs(lifecycle.serving(&base).await)?,
            named => theirs(lifecycle.artefact(named, &base).await)?,
        };
        let replaying = Replaying {
            before: Judges {
                model: theirs(lifecycle.serving(&base).await)?,
                sites,
            },
            after: Judges {
                model: after,
                sites: new_sites,
            },
            since: arguments.since.since(Timestamp::now()),
            most_flips: arguments.flips,
            only: None,
            one_thread: false,
        };
        let start = Instant::now();
        let on_progress = progress.counter("comments decided on again");
        let replay = theirs(lifecycle.replay(replaying, on_progress).await)?;
        Ok((replay, start.elapsed()))
    });
    progress.done();
    let (replay, took) = replayed?;
    table::print(&replay, took, arguments.json)?;
    Ok(ExitCode::SUCCESS)
}

/// Policy and rules of every site of a configuration.
pub fn sites(config: &Config) -> anyhow::Result<SiteTable> {
    let mut read = |path: &_| std::fs::read_to_string(path);
    assembly::sites(config, &mut read).or_wrong_input()
}
