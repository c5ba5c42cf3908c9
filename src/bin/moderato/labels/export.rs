//! `moderato labels export`.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use moderato::classifier::write_atomically;
use moderato::lifecycle::{ExportFormat, Exporter, Lifecycle};
use moderato::store::LabelOrder;

use super::query::Query;
use crate::exit::{OrWrongInput as _, theirs};
use crate::on_store::wait_for;
use crate::reading::format_parser;
use crate::target::{PRIVATE, Target};

/// Write the labels that stand, oldest first, as a file that `train` and `labels import` read.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    query: Query,
    /// Where to; standard output if not given. Only its owner may read it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// jsonl, csv or tsv; by default what the file's name says, else jsonl.
    #[arg(long, value_parser = format_parser())]
    format: Option<ExportFormat>,
}

pub fn run(lifecycle: &Lifecycle, arguments: Arguments) -> anyhow::Result<()> {
    let named = arguments.out.as_deref().and_then(ExportFormat::of_path);
    let format = arguments
        .format
        .or(named)
        .unwrap_or(ExportFormat::JsonLines);
    let query = arguments.query.meant(Some(false))?;
    let write = |out: &mut dyn Write| {
        let mut exporter = Exporter::new(out, format);
        let order = LabelOrder::OldestFirst;
        let all = lifecycle.each_label(&query, order, usize::MAX, |label| exporter.write(&label));
        theirs(wait_for(all))?;
        theirs(exporter.finish())
    };
    let Some(out) = &arguments.out else {
        write(&mut BufWriter::new(io::stdout().lock()))?;
        return Ok(());
    };
    let target = Target::find("--out", out).or_wrong_input()?;
    let labels = write_atomically(target.path(), PRIVATE, |file| {
        write(&mut BufWriter::new(file))
    })
    .with_context(|| format!("{} was not written", out.display()))?;
    eprintln!("{labels} labels written to {}", out.display());
    Ok(())
}
