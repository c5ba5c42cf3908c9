//! `moderato models`: candidates, what they think, and which one is live.

mod print;
mod promote;
mod remove;
mod trial;
mod why;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;
use moderato::config::Config;
use moderato::lifecycle::{Lifecycle, ModelRef};
use moderato::server::assembly;
use moderato::store::Actor;

use crate::config::{ConfigFile, load};
use crate::exit::{OrWrongInput as _, theirs};
use crate::model;
use crate::on_store::on_store;
use crate::target::Target;

/// Lists models, says what they were trained on and why they judge as they do, puts one in force.
///
/// Works on the database that the configuration names, whether a server runs or not. A model is named by
/// the hash of its content (`m-…`, or the beginning of it), or is `live` or `base`: what serves now, and
/// what serves where nothing was promoted.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    file: ConfigFile,
    /// JSON: one object a line.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// List the registered models, the latest first.
    List,
    /// Show one: on what it was trained, by whom, how it does on labels it had not seen.
    Show {
        /// The model.
        model: ModelRef,
    },
    /// Register a model that was trained elsewhere, such as by `train --out`.
    Import {
        /// Its file.
        file: PathBuf,
    },
    /// Write a model to a file.
    Export {
        /// The model.
        model: ModelRef,
        /// Where to.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    Explain(why::Explain),
    Diff(why::Diff),
    Shadow(trial::Shadow),
    Promote(promote::Promote),
    Canary(trial::Canary),
    /// Take back what was put in force last, on every replica within two seconds: a canary, or else
    /// the live model, so that the one before it is live again.
    Rollback {
        /// Why, for whoever reads the history.
        #[arg(long, value_name = "TEXT")]
        why: Option<String>,
    },
    /// List what was put in force, on trial and taken back, the latest first.
    History,
    Remove(remove::Remove),
}

/// Runs the command.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = load(&arguments.file.sources())?;
    on_store(&config, async |store| {
        let lifecycle = assembly::lifecycle(store);
        act(&lifecycle, &config, arguments.action, arguments.json).await
    })
}

async fn act(
    lifecycle: &Lifecycle,
    config: &Config,
    action: Action,
    json: bool,
) -> anyhow::Result<ExitCode> {
    // Where it cannot be read, what does without it still works, such as a rollback.
    let base = || assembly::artefact(config).or_wrong_input();
    let mut out = io::stdout();
    match action {
        Action::List => {
            let live = theirs(lifecycle.live().await)?;
            let models = theirs(lifecycle.models().await)?;
            print::list(&mut out, &models, &live, &base()?, json)?;
        }
        Action::Show { model } => {
            let (base, live) = (base()?, theirs(lifecycle.live().await)?);
            match theirs(lifecycle.model(&model, base.id()).await)? {
                Some(model) => print::model(&mut out, &model, &live, json)?,
                None => print::base(&mut out, &base, &live, json)?,
            }
        }
        Action::Import { file } => {
            let artefact = model::load_for("import", &file)?;
            let (actor, now) = (Actor::Operator, Timestamp::now());
            let added = theirs(lifecycle.import_model(&artefact, &actor, now).await)?;
            print::imported(&mut out, &artefact, added, json)?;
        }
        Action::Export { model, out } => {
            let target = Target::find("--out", &out).or_wrong_input()?;
            let artefact = theirs(lifecycle.artefact(&model, &base()?).await)?;
            artefact.save(target.path())?;
            eprintln!("{} written to {}", artefact.id(), out.display());
        }
        Action::Explain(explain) => explain.run(lifecycle, &base()?, json).await?,
        Action::Shadow(shadow) => shadow.run(lifecycle, base, config, json).await?,
        Action::Canary(canary) => canary.run(lifecycle, base, json).await?,
        Action::Remove(remove) => return remove.run(lifecycle, &base()?, json).await,
        Action::Promote(promote) => promote.run(lifecycle, base()?, config, json).await?,
        Action::Rollback { why } => promote::roll_back(lifecycle, why, json).await?,
        Action::History => promote::history(lifecycle, json).await?,
        Action::Diff(diff) => diff.run(lifecycle, &base()?, json).await?,
    }
    Ok(ExitCode::SUCCESS)
}
