//! `moderato labels`: what the model can learn from, and taking it back.

mod export;
mod import;
pub mod print;
mod query;

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::Timestamp;
use moderato::lifecycle::{Lifecycle, LifecycleError};
use moderato::server::assembly;
use moderato::store::{Actor, LabelOrder};

use crate::config::{ConfigFile, load};
use crate::exit::theirs;
use crate::on_store::on_store;
use query::Query;

/// Lists, exports, imports and retracts labels: what moderators' decisions, reports and
/// imported files say of texts.
///
/// Works on the database that the configuration names, whether a server runs or not. The log is
/// append-only: a retracted label stays in it, and nothing is learned from it any more.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    file: ConfigFile,
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// List labels, the latest first, with who said it, when, and of which comment.
    List {
        #[command(flatten)]
        query: Query,
        /// Only those that were retracted.
        #[arg(long, conflicts_with = "standing")]
        retracted: bool,
        /// Only those that were not.
        #[arg(long)]
        standing: bool,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// JSON: one object a line.
        #[arg(long)]
        json: bool,
    },
    Export(export::Arguments),
    Import(Box<import::Arguments>),
    /// List the labels that the guard holds back, and why: contradictions, bursts, civil words with a
    /// link added, one-sided imports. Nothing is learned from them until they are released; what is
    /// retracted is dropped.
    Guard {
        /// JSON: one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Let labels through that the guard holds back now. Others are left as they are, open to its
    /// suspicion later.
    Release {
        #[command(flatten)]
        query: Query,
        /// Why, for whoever reads the log.
        #[arg(long, value_name = "TEXT")]
        why: Option<String>,
    },
    /// Take labels back, by id or by what they have in common. The next model that is trained from
    /// labels is then, byte for byte, the one that never saw them.
    Retract {
        #[command(flatten)]
        query: Query,
        /// Why, for whoever reads the log.
        #[arg(long, value_name = "TEXT")]
        why: Option<String>,
        /// Only say what would be retracted.
        #[arg(long)]
        dry_run: bool,
        /// JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = load(&arguments.file.sources())?;
    on_store(&config, async |store| {
        act(&assembly::lifecycle(store), arguments.action).await
    })
}

async fn act(lifecycle: &Lifecycle, action: Action) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout();
    match action {
        Action::List {
            query,
            retracted,
            standing,
            limit,
            json,
        } => {
            let query = query.meant((retracted || standing).then_some(retracted))?;
            let order = LabelOrder::LatestFirst;
            let listed = lifecycle.each_label(&query, order, limit, |label| {
                print::label(&mut out, &label, json).map_err(LifecycleError::Output)
            });
            theirs(listed.await)?;
        }
        Action::Guard { json } => {
            for (label, why) in theirs(lifecycle.held_back().await)? {
                print::held_back(&mut out, &label, &why, json)?;
            }
        }
        Action::Release { query, why } => {
            let (query, now) = (query.meant(Some(false))?, Timestamp::now());
            let released = lifecycle.release(&query, &Actor::Operator, why, now);
            writeln!(out, "{} labels released", theirs(released.await)?)?;
        }
        Action::Export(arguments) => export::run(lifecycle, arguments)?,
        Action::Import(arguments) => import::run(lifecycle, *arguments)?,
        Action::Retract {
            query,
            why,
            dry_run,
            json,
        } => {
            let (query, now) = (query.meant(None)?, Timestamp::now());
            let retracted = lifecycle.retract(&query, &Actor::Operator, why, now, dry_run);
            let retracted = theirs(retracted.await)?;
            print::retracted(&mut out, &retracted, dry_run, json)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Says what an unfinished import left behind.
fn unfinished(batch: &str, kept: u64) -> String {
    format!(
        "{kept} labels were imported before it broke off; `moderato labels retract --batch {batch}` \
         takes them back"
    )
}

/// `outcome` of an import under way, with that said where it failed.
fn or_unfinished<T>(outcome: anyhow::Result<T>, batch: &str, kept: u64) -> anyhow::Result<T> {
    if kept == 0 {
        return outcome;
    }
    outcome.with_context(|| unfinished(batch, kept))
}
