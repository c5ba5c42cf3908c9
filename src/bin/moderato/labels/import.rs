//! `moderato labels import`.

use std::io::{self, Write as _};
use std::path::PathBuf;

use jiff::Timestamp;
use moderato::lifecycle::{Lifecycle, NewImport};
use moderato::site::SiteId;
use moderato::store::Actor;
use serde_json::json;

use super::or_unfinished;
use crate::config::site_id;
use crate::exit::theirs;
use crate::on_store::wait_for;
use crate::reading::{self, ReadFlags};

/// Add labelled rows from files to the log: JSON Lines, CSV and TSV, as `train` reads them.
///
/// Each import is a batch of its own, by which it can be retracted.
#[derive(clap::Args)]
pub struct Arguments {
    /// Files or folders with labelled rows; `-` is standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The site they are for.
    #[arg(long, value_name = "ID", default_value = "default", value_parser = site_id)]
    site: SiteId,
    /// JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: ReadFlags,
}

pub fn run(lifecycle: &Lifecycle, arguments: Arguments) -> anyhow::Result<()> {
    let mut importing = lifecycle.import(NewImport {
        site: arguments.site,
        actor: Actor::Operator,
        now: Timestamp::now(),
    });
    let batch = importing.batch().to_owned();
    let mut failed = Ok(());
    let read = reading::read(&arguments.paths, &arguments.reading, |sample| {
        if failed.is_ok() {
            failed = wait_for(importing.add(sample));
        }
    });
    let kept = importing.kept();
    let read = or_unfinished(theirs(failed).and(read), &batch, kept)?;
    let finished = theirs(wait_for(importing.finish()));
    let labels = or_unfinished(finished, &batch, kept)?;
    let mut out = io::stdout().lock();
    if arguments.json {
        let bad_rows = read.bad_rows.total();
        writeln!(
            out,
            "{}",
            json!({"labels": labels, "batch": batch, "bad_rows": bad_rows})
        )?;
    } else {
        writeln!(
            out,
            "{labels} labels imported, {} bad rows; batch {batch}",
            read.bad_rows.total()
        )?;
    }
    Ok(())
}
